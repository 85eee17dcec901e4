//! The protocol between a device and a relay (DESIGN §4), without sockets, clocks or SQL.
//!
//! * [`wire`] is what travels: frames of CBOR, bounded before they are read (`docs/protocol.md`);
//! * [`judge`] decides which facts of a parcel are vouched for: the same function at a device and at a relay;
//! * [`relay`] is the relay's side: admission, the log, scopes, leases, pages, comparison, over a [`relay::Log`].

pub mod arrival;
pub mod judge;
mod prover;
pub mod relay;
#[cfg(any(test, feature = "testkit"))]
pub mod testkit;
pub mod wire;

pub use arrival::{Arrival, bytes_of};
pub use prover::Prover;
