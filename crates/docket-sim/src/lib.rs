//! Deterministic simulation, fault injection, generators and benchmarks for docket.
//!
//! Everything here is driven by a seed: the same seed gives the same run on every machine. Time and randomness are
//! passed in; no test reads the clock.

pub mod bench;
pub mod company;
pub mod fleet;
pub mod powercut;
pub mod relayed;
pub mod scope;

pub use docket_faultvfs::Rng;
