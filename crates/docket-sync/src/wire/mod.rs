//! What travels between a device and a relay: frames `type (1 byte) ‖ length (4 bytes) ‖ payload`, payloads CBOR with
//! integer keys. CDDL and limits stand in `docs/protocol.md`.

mod compare;
mod frame;
mod hello;
mod page;
mod reply;
mod session;

pub use compare::{BUCKETS, Buckets, Compare, Compared, DocSum, Sum, bucket_of};
pub use frame::{BadFrame, FRAME_BYTES, Frame, Frames, put_frame};
pub use hello::{Hello, Lease};
pub use page::{BadPage, Page, PageParts};
pub use reply::{Beacon, End, Receipt, Refusal, Reply, accepted_digest};
pub use session::{Challenge, Challenged, Granted, Join, Problem, Prove, auth_signature, check_auth};

/// The protocol's version: part of every path.
pub const VERSION: u64 = 1;

/// Frame: a device's greeting.
pub const HELLO: u8 = b'H';
/// Frame: a page of documents.
pub const PAGE: u8 = b'P';
/// Frame: a relay's answer to greeting and pushed pages.
pub const REPLY: u8 = b'R';
/// Frame: nothing follows.
pub const END: u8 = b'E';

/// A place in a relay's log, with the chain digest there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Anchor {
    /// Entries up to there; 0 = none.
    pub pos: u64,
    /// The log's chain digest there.
    pub digest: [u8; 32],
}

/// Names one life of a relay's log: random, new whenever the log is begun anew.
pub type Epoch = [u8; 16];

/// How far a device has pulled: everything whose (effective position, position) is at or below. An entry's effective
/// position is its own, or that at which its document came into the device's sight, whichever is higher; so everything
/// that a device is ever shown has one order, and one pair says how far it got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Cursor {
    /// Effective position.
    pub eff: u64,
    /// Position in the log.
    pub pos: u64,
}

impl Cursor {
    /// A place as it travels and is stored; `None` for one that no entry can have: none takes effect before its own position.
    pub fn read(eff: u64, pos: u64) -> Option<Self> {
        (pos <= eff).then_some(Self { eff, pos })
    }
}

pub(crate) fn to_cbor(value: impl minicbor::Encode<()>) -> Vec<u8> {
    let mut out = Vec::new();
    // Writing to a Vec can't fail.
    let _: Result<(), _> = minicbor::encode(value, &mut out);
    out
}

/// Reads all of the bytes as one value; `None` when they are anything else or more than that.
pub(crate) fn from_cbor<'b, T: minicbor::Decode<'b, ()>>(bytes: &'b [u8]) -> Option<T> {
    let mut decoder = minicbor::Decoder::new(bytes);
    let value = decoder.decode().ok()?;
    (decoder.position() == bytes.len()).then_some(value)
}
