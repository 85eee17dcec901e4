//! The fold: a document's facts, a policy and a time → a view. A pure function of the *set* of facts (DESIGN §2):
//! order of arrival, duplicates and who carried what make no difference.
//!
//! Stages, each in its file: order → admission (device known, payload sound, role entitled, claims accepted) →
//! corrections → registers → late work → visits → outcomes → answers → steps, order, gates → status → clocks. A stage
//! only takes effect away from facts; what is contradictory becomes an issue, and decisions in the record settle issues.
//! Where late work was rejected, the stages before it run again without that work.

mod admit;
mod answers;
mod asking;
mod clocks;
mod corrections;
mod course;
mod customer;
mod duties;
mod events;
mod gates;
mod intake;
mod issues;
mod job;
mod known;
mod late;
mod moment;
mod order;
mod order_breaks;
mod outcomes;
mod outlet;
mod owners;
mod payload;
mod problem;
mod registers;
mod stage;
mod start;
mod status;
mod steps;
mod technician;
mod training;
mod visits;
mod waivers;

use serde_json::Value;

use crate::view::{Register, Registers};

pub use clocks::fold_calls;
pub use customer::fold_customer;
pub use job::fold_job;
pub use outlet::fold_outlet;
pub use problem::fold_problem;
pub use technician::fold_technician;
pub use waivers::fold_audit;

/// Most appliances that a checklist is laid out for (D-H9 has 16): a mistyped count must not fill the memory.
pub const MAX_APPLIANCES: u32 = 200;

/// A job's `appliances` register: at least 1, at most [`MAX_APPLIANCES`].
pub(crate) fn appliances(registers: &Registers<'_>) -> u32 {
    let count = registers.get("appliances").and_then(Register::value).and_then(Value::as_i64).unwrap_or(1);
    count.clamp(1, i64::from(MAX_APPLIANCES)) as u32
}
