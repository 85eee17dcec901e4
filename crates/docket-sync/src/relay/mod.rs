//! The relay's side: one ordered log for each company, and nothing that needs a document's contents (DESIGN §4).
//!
//! Everything here works on a [`Log`] and is given the time; who serves it over which network is somebody else's
//! business. The relay never materialises a document: it preflights, checks seals, stores, indexes headers.

mod admit;
mod compare;
mod exchange;
mod lease;
mod log;
mod memory;
mod pull;
mod recall;
mod sight;
mod take;

pub use admit::{Outcome, Verdict, admit, read_page, roster_facts_of};
pub use compare::compare;
pub use exchange::{ANSWER_BYTES, Exchange};
pub use lease::{Leased, lease};
pub use log::{DocRow, EntryRow, LeaseRow, Log, NewEntry, View};
pub use memory::{MemoryLog, Never, first_digest, next_digest};
pub use pull::{next_page, whole_pages};
pub use sight::review;

pub use crate::prover::Prover;
