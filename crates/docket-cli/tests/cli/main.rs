//! The command line as people and scripts meet it: the real program, one process for each command, in an environment
//! of its own.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that can't go on should stop"
)]

mod after_visit;
mod audits;
mod bad_input;
mod bundles;
mod checklists;
mod clocks;
mod company;
mod demo;
mod env;
mod goods;
mod help;
mod import_audit;
mod languages;
mod late_work;
mod office;
mod outlets;
mod people;
mod reconcile;
mod reports;
mod setup;
mod shared_device;
mod sync;
mod terminal;
mod together;
mod visit;
