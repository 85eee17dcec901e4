//! The domain of docket: fold, checklists, grades, clocks, policies, findings, dispatch.
//!
//! Pure: no wall clock, no randomness, no files, no SQL, no HTTP. Time, policy and what is known about authors are
//! arguments; the same record gives the same view on every device, in whatever order its facts arrived (DESIGN §2).
//!
//! The way in: [`Policy::parse`], [`fold_job`], [`fold_customer`], [`fold_technician`], [`fold_outlet`], [`grade::grade`],
//! [`dispatch::technicians`], [`checklist::Checklist::of`].

mod text;

pub mod care;
pub mod catalogue;
pub mod checklist;
pub mod clock;
pub mod coverage;
pub mod decimal;
pub mod dispatch;
pub mod fold;
pub mod grade;
pub mod issue;
pub mod kind;
pub mod money;
pub mod policy;
pub mod record;
pub mod role;
pub mod time;
pub mod unit;
pub mod value;
pub mod view;

pub use decimal::Decimal;
pub use fold::{fold_audit, fold_calls, fold_customer, fold_job, fold_outlet, fold_problem, fold_technician};
pub use grade::{Grade, Graded};
pub use issue::{Issue, IssueId, IssueKind, Severity};
pub use policy::{Policy, PolicyError};
pub use record::{AS, Evidence, RELAY_TIME, Record, Site, Standing, Who};
pub use role::Role;
pub use time::UnixMs;
pub use view::{CustomerView, JobView, OutletView, Status, TechnicianView};
