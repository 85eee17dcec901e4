//! Devices in memory that write real facts, changes, seals and rosters, and the suite that every [`crate::relay::Log`]
//! must pass.
#![allow(clippy::unwrap_used, clippy::missing_panics_doc, reason = "test support: a failure here is a failed test")]

pub mod conformance;
mod desk;
mod door;
mod pen;

pub use desk::{Desk, Refused};
pub use door::Answered;
pub use pen::{Company, Pen, item_of};
