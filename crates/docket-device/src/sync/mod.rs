//! Keeping this device's record and a relay's in step (DESIGN §4): one request in the normal case, everything else only
//! when the relay asks for it. The protocol's frames and judging are [`docket_sync`]'s; what is sent and what becomes
//! of the answers is decided here without sockets ([`exchange`]); [`Transport`] carries bytes.

mod acknowledged;
mod apply;
mod error;
mod exchange;
mod fork;
mod http;
mod job;
mod join;
mod lease;
mod listen;
mod opening;
mod push;
mod receipt;
mod reconcile;
mod run;
mod session;
mod transport;
mod wait;

pub use error::SyncError;
pub use http::HttpTransport;
pub use join::{Enrolled, enrol};
pub use run::{Check, Options, Progress, SyncReport, sync};
pub use transport::{Answer, Body, Pieces, Request, Transport, TransportError};
pub use wait::{Waited, Waiter};

/// Frame: a device proves who it is.
const PROVE: u8 = b'S';
/// Frame: somebody with an invitation asks for the roster.
const JOIN: u8 = b'J';

/// A day: the two records are compared when the last comparison is older.
const CHECK_MS: i64 = 24 * 3_600_000;
