//! Reads the jobs written by hand, writes them into a store, and compares what comes of them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a fixture that can't be read is a test that fails"
)]

pub(crate) mod expect;
pub(crate) mod play;
pub(crate) mod script;
