//! How a device opens an exchange.

use docket_format::{DocId, Incarnation};
use minicbor::bytes::ByteArray;
use minicbor::{Decode, Encode};

use super::{Anchor, Cursor, Epoch, VERSION, from_cbor, to_cbor};

/// Most documents that a device can ask for whole in one exchange.
const WANT: usize = 65_536;

/// A device's right to push once: consumed by the push, renewed by the reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// Which push of this life it is, from 0.
    pub number: u64,
    /// Made before the push is sent and kept until its reply: the same for a retry.
    pub nonce: [u8; 16],
}

/// A device's greeting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hello {
    /// The device's present life.
    pub incarnation: Incarnation,
    /// The log that it last spoke to, and the highest place in it that any reply showed; `None` at first.
    pub anchor: Option<(Epoch, Anchor)>,
    /// What it may see, as the relay named it when the cursor was given, and how far it has pulled.
    pub cursor: Option<(u64, Cursor)>,
    /// Present when pages follow.
    pub lease: Option<Lease>,
    /// Documents that it needs whole.
    pub want: Vec<DocId>,
    /// Whether it wants nothing but the reply: pages that it has no room for now.
    pub push_only: bool,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct Wire {
    #[n(0)]
    version: u64,
    #[n(1)]
    incarnation: u32,
    #[n(2)]
    epoch: Option<ByteArray<16>>,
    #[n(3)]
    pos: Option<u64>,
    #[n(4)]
    digest: Option<ByteArray<32>>,
    #[n(5)]
    view: Option<u64>,
    #[n(6)]
    eff: Option<u64>,
    #[n(7)]
    at: Option<u64>,
    #[n(8)]
    lease: Option<u64>,
    #[n(9)]
    nonce: Option<ByteArray<16>>,
    #[n(10)]
    want: Option<Vec<ByteArray<16>>>,
    #[n(11)]
    push_only: Option<bool>,
}

impl Hello {
    /// Its CBOR.
    pub fn encode(&self) -> Vec<u8> {
        let (view, cursor) = self.cursor.unzip();
        to_cbor(Wire {
            version: VERSION,
            incarnation: self.incarnation.0,
            epoch: self.anchor.map(|(epoch, _)| epoch.into()),
            pos: self.anchor.map(|(_, anchor)| anchor.pos),
            digest: self.anchor.map(|(_, anchor)| anchor.digest.into()),
            view,
            eff: cursor.map(|cursor| cursor.eff),
            at: cursor.map(|cursor| cursor.pos),
            lease: self.lease.map(|lease| lease.number),
            nonce: self.lease.map(|lease| lease.nonce.into()),
            want: (!self.want.is_empty()).then(|| self.want.iter().map(|doc| (*doc.as_bytes()).into()).collect()),
            push_only: self.push_only.then_some(true),
        })
    }

    /// Reads it; `None` for anything else.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let wire: Wire = from_cbor(bytes)?;
        let want = wire.want.unwrap_or_default();
        if wire.version != VERSION || want.len() > WANT {
            return None;
        }
        let anchor = match (wire.epoch, wire.pos, wire.digest) {
            (Some(epoch), Some(pos), Some(digest)) => Some((epoch.into(), Anchor { pos, digest: digest.into() })),
            _ => None,
        };
        let cursor = match (wire.view, wire.eff, wire.at) {
            (Some(view), Some(eff), Some(pos)) => Some((view, Cursor::read(eff, pos)?)),
            _ => None,
        };
        let lease = wire.lease.zip(wire.nonce).map(|(number, nonce)| Lease { number, nonce: nonce.into() });
        Some(Self {
            incarnation: Incarnation(wire.incarnation),
            anchor,
            cursor,
            lease,
            want: want.into_iter().map(|doc| DocId::from_bytes(doc.into())).collect::<Option<_>>()?,
            push_only: wire.push_only.unwrap_or(false),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_greeting_reads_back_and_an_idle_one_is_small() {
        let idle = Hello {
            incarnation: Incarnation(1),
            anchor: Some(([7; 16], Anchor { pos: 123_456, digest: [8; 32] })),
            cursor: Some((u64::MAX, Cursor { eff: 123_456, pos: 123_456 })),
            lease: None,
            want: Vec::new(),
            push_only: false,
        };
        let bytes = idle.encode();
        assert_eq!(Hello::decode(&bytes), Some(idle.clone()));
        assert!(bytes.len() < 100, "{} bytes", bytes.len());
        let busy = Hello {
            anchor: None,
            cursor: None,
            lease: Some(Lease { number: 3, nonce: [9; 16] }),
            want: vec![DocId::new_v7(1, [1; 10])],
            push_only: true,
            ..idle.clone()
        };
        assert_eq!(Hello::decode(&busy.encode()), Some(busy));
        assert_eq!(Hello::decode(b"\xa0"), None);
        let nowhere = Hello { cursor: Some((1, Cursor { eff: 4, pos: 5 })), ..idle };
        assert_eq!(Hello::decode(&nowhere.encode()), None, "no entry takes effect before its position");
    }
}
