//! Scripted audits (DESIGN §8): rules are data, one SELECT each over the documented views.
//!
//! [`Pack::parse`] reads a pack, [`check`] tries its rules against a store, [`run`] runs them. Findings have stable
//! ids, and equal records with an equal [`Options::as_of_ms`] give equal bytes.

mod check;
mod compare;
mod engine;
mod finding;
mod guard;
mod message;
mod pack;
mod read;
mod sample;
mod severity;
mod shipped;
mod spent;
mod types;
mod waiver;
mod write;

pub use compare::{Compared, Difference, EARLIER_BYTES, Earlier, Known};
pub use engine::{AUDIT_BYTES, AuditError, Options, RULE_FINDINGS, RULE_TIME, check, run, run_on};
pub use finding::{Audit, Finding, FindingId, RuleRun, Values};
pub use message::Message;
pub use pack::{PACK_BYTES, PACK_RULES, Pack, PackError, Rule, Source};
pub use read::Lookup;
pub use sample::{Draw, Pick, Sample, Stratum, sample};
pub use severity::{BadSeverity, Severity};
pub use shipped::shipped_names;
pub use types::Type;
pub use waiver::{Standing, Waiver, waivers};
pub use write::Format;
