//! Devices and a relay over a network that nobody would want: the real device code (stores on disks that lose power, the
//! real synchronisation) and the real relay state machine, with clocks that jump, devices that are put back, copied,
//! thrown away and revoked, and a relay that is put back and deleted.
//!
//! One thread, virtual time, one seed: the same [`Config`] gives the same [`Report`], its trace digest included. What
//! must be true is in `oracle.rs`; it can fail, which planted bugs show ([`Plant`]).

mod closing;
mod device;
mod events;
mod network;
mod oracle;
mod room;
mod work;
mod world;

use std::collections::BTreeMap;

pub use world::run;

/// What to simulate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Config {
    /// Decides everything.
    pub seed: u64,
    /// How many operations.
    pub ops: usize,
    /// How many devices: an admin's, two of the office, the rest technicians'.
    pub devices: usize,
    /// Operations in 1,000 that are accidents of some kind.
    pub rough: usize,
    /// The worst network: requests in 1,000 to which something happens.
    pub loss: usize,
    /// How many operations a company lives before it is judged and another begins, with the next seed.
    pub season: usize,
    /// A bug to be found.
    pub plant: Option<Plant>,
    /// Writes every event to standard error.
    pub log: bool,
}

impl Config {
    /// A usual mixture.
    pub const fn new(seed: u64, devices: usize, ops: usize) -> Self {
        Self { seed, ops, devices, rough: 40, loss: 300, season: 10_000, plant: None, log: false }
    }
}

/// A bug that is put in on purpose, to see the oracle fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plant {
    /// The relay acknowledges pushes that it then forgets.
    AcksBeforeTaking,
    /// Some page of an answer is missing though the answer says that it is whole.
    DropsPages,
    /// Devices don't keep the nonce of a push whose reply was lost.
    ForgetsNonces,
    /// Disks say that they flushed and did not.
    DisksLie,
    /// What a device shows of a job depends on the device.
    ShowsItsOwn,
}

/// What happened. Equal for equal configurations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Digest over every event in order.
    pub trace: String,
    /// Digest over the common state at the end.
    pub state: String,
    /// Companies that were judged.
    pub seasons: usize,
    /// Facts acknowledged.
    pub facts: usize,
    /// Of those, lost because nothing that held them survived.
    pub lost: usize,
    /// Documents at the end.
    pub docs: usize,
    /// Numbers that two copies of one device used for different facts before they were told apart.
    pub equivocations: usize,
    /// Documents with more than one head at the end.
    pub heads: usize,
    /// Everything else that happened, by name.
    pub tally: BTreeMap<&'static str, u64>,
}
