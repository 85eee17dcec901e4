//! How a relay answers: acknowledgement, receipt and time; and how it ends.

use docket_format::keys::{BadSignature, PublicKey, SecretKey, Signature};
use docket_format::{ChangeHash, DeviceId, DocId, TenantId, digest};
use minicbor::bytes::{ByteArray, ByteVec};
use minicbor::{Decode, Encode};

use super::{Anchor, Cursor, Epoch, VERSION, from_cbor, to_cbor};

const RECEIPT: &str = "docket-receipt";
const BEACON: &str = "docket-beacon";

/// What a relay says of one pushed change that it can't take in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The change.
    pub change: ChangeHash,
    /// Its document.
    pub doc: DocId,
    /// A stable code.
    pub code: String,
}

/// A relay's answer to a greeting and the pages after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// Which log this is.
    pub epoch: Epoch,
    /// Its head: everything that was acknowledged lies at or below.
    pub head: Anchor,
    /// The relay's time, milliseconds since 1970.
    pub relay_ms: i64,
    /// The relay's signature over the time and the head (see [`Beacon`]).
    pub beacon: Signature,
    /// The relay's signature over what it accepted; present after a push.
    pub receipt: Option<Signature>,
    /// Changes that were new.
    pub new: u64,
    /// Changes that it can't take in.
    pub refused: Vec<Refusal>,
    /// Documents that it needs whole: something that they build on isn't there.
    pub want: Vec<DocId>,
    /// The next lease's number; present after a push.
    pub lease: Option<u64>,
    /// The pushed pages were put aside unread: this life of the device has pushed under that lease already, from
    /// another place. It must begin a new life.
    pub fork: bool,
    /// The anchor is not of this log as it stands: compare.
    pub reconcile: bool,
    /// What the device may see now; pages belong to it.
    pub view: u64,
    /// Up to where in the log some supervisor's device has pulled.
    pub seen: u64,
}

/// A relay's signed time: proves that what seals it came later. At most [`docket_format::limits::BEACON_BYTES`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beacon {
    /// The relay's key.
    pub key: PublicKey,
    /// Which log.
    pub epoch: Epoch,
    /// Its head.
    pub head: Anchor,
    /// The relay's time, milliseconds since 1970.
    pub relay_ms: i64,
    /// Over all of it and the tenant.
    pub signature: Signature,
}

#[derive(Encode, Decode)]
#[cbor(array)]
struct WireBeacon {
    #[n(0)]
    key: ByteArray<32>,
    #[n(1)]
    epoch: ByteArray<16>,
    #[n(2)]
    pos: u64,
    #[n(3)]
    digest: ByteArray<32>,
    #[n(4)]
    relay_ms: i64,
    #[n(5)]
    signature: ByteArray<64>,
}

fn beacon_parts(epoch: &Epoch, head: &Anchor, relay_ms: i64) -> Vec<u8> {
    [&epoch[..], &head.pos.to_be_bytes(), &head.digest, &relay_ms.to_be_bytes()].concat()
}

impl Beacon {
    /// Signs a relay's time.
    pub fn sign(key: &SecretKey, tenant: TenantId, epoch: Epoch, head: Anchor, relay_ms: i64) -> Signature {
        key.sign(BEACON, &[tenant.as_bytes(), &beacon_parts(&epoch, &head, relay_ms)])
    }

    /// Checks the signature.
    pub fn verify(&self, tenant: TenantId) -> Result<(), BadSignature> {
        let parts = beacon_parts(&self.epoch, &self.head, self.relay_ms);
        self.key.verify(BEACON, &[tenant.as_bytes(), &parts], &self.signature)
    }

    /// As seals carry it.
    pub fn encode(&self) -> Vec<u8> {
        to_cbor(WireBeacon {
            key: (*self.key.as_bytes()).into(),
            epoch: self.epoch.into(),
            pos: self.head.pos,
            digest: self.head.digest.into(),
            relay_ms: self.relay_ms,
            signature: (*self.signature.as_bytes()).into(),
        })
    }

    /// Reads it.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let wire: WireBeacon = from_cbor(bytes)?;
        Some(Self {
            key: PublicKey::from_bytes(wire.key.into()),
            epoch: wire.epoch.into(),
            head: Anchor { pos: wire.pos, digest: wire.digest.into() },
            relay_ms: wire.relay_ms,
            signature: Signature::from_slice(&*wire.signature)?,
        })
    }
}

/// What a receipt says: these changes of this device lie at or below this head. Signed by the relay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt<'a> {
    /// The company.
    pub tenant: TenantId,
    /// Who pushed.
    pub device: DeviceId,
    /// Which log.
    pub epoch: Epoch,
    /// Its head after the commit.
    pub head: Anchor,
    /// The relay's time, milliseconds since 1970.
    pub relay_ms: i64,
    /// [`accepted_digest`] of what was pushed and not refused.
    pub accepted: &'a [u8; 32],
}

impl Receipt<'_> {
    fn parts(&self) -> Vec<u8> {
        let rest = beacon_parts(&self.epoch, &self.head, self.relay_ms);
        [self.tenant.as_bytes().as_slice(), self.device.as_bytes(), &rest, self.accepted].concat()
    }

    /// Signs it.
    pub fn sign(&self, key: &SecretKey) -> Signature {
        key.sign(RECEIPT, &[&self.parts()])
    }

    /// Checks it.
    pub fn verify(&self, key: &PublicKey, signature: &Signature) -> Result<(), BadSignature> {
        key.verify(RECEIPT, &[&self.parts()], signature)
    }
}

/// Names a set of changes: SHA-256("docket-accepted" ‖ their hashes, sorted, each once).
pub fn accepted_digest(mut hashes: Vec<ChangeHash>) -> [u8; 32] {
    hashes.sort_unstable();
    hashes.dedup();
    let parts: Vec<&[u8]> = hashes.iter().map(|hash| hash.as_bytes().as_slice()).collect();
    digest::labelled("docket-accepted", &parts)
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct Wire {
    #[n(0)]
    version: u64,
    #[n(1)]
    epoch: ByteArray<16>,
    #[n(2)]
    pos: u64,
    #[n(3)]
    digest: ByteArray<32>,
    #[n(4)]
    relay_ms: i64,
    #[n(5)]
    beacon: ByteArray<64>,
    #[n(6)]
    receipt: Option<ByteVec>,
    #[n(7)]
    new: Option<u64>,
    #[n(8)]
    refused: Option<Vec<WireRefusal>>,
    #[n(9)]
    want: Option<Vec<ByteArray<16>>>,
    #[n(10)]
    lease: Option<u64>,
    #[n(11)]
    fork: Option<bool>,
    #[n(12)]
    reconcile: Option<bool>,
    #[n(13)]
    view: u64,
    #[n(14)]
    seen: u64,
}

#[derive(Encode, Decode)]
#[cbor(array)]
struct WireRefusal {
    #[n(0)]
    change: ByteArray<32>,
    #[n(1)]
    doc: ByteArray<16>,
    #[n(2)]
    code: String,
}

fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

impl Reply {
    /// Its CBOR.
    pub fn encode(&self) -> Vec<u8> {
        let refused = self.refused.iter().map(|refusal| WireRefusal {
            change: (*refusal.change.as_bytes()).into(),
            doc: (*refusal.doc.as_bytes()).into(),
            code: refusal.code.clone(),
        });
        to_cbor(Wire {
            version: VERSION,
            epoch: self.epoch.into(),
            pos: self.head.pos,
            digest: self.head.digest.into(),
            relay_ms: self.relay_ms,
            beacon: (*self.beacon.as_bytes()).into(),
            receipt: self.receipt.map(|signature| signature.as_bytes().to_vec().into()),
            new: (self.new > 0).then_some(self.new),
            refused: some(refused.collect()),
            want: some(self.want.iter().map(|doc| (*doc.as_bytes()).into()).collect()),
            lease: self.lease,
            fork: self.fork.then_some(true),
            reconcile: self.reconcile.then_some(true),
            view: self.view,
            seen: self.seen,
        })
    }

    /// Reads it; `None` for anything else.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let wire: Wire = from_cbor(bytes)?;
        if wire.version != VERSION {
            return None;
        }
        let refusal = |wire: WireRefusal| {
            Some(Refusal {
                change: ChangeHash::from_slice(&*wire.change)?,
                doc: DocId::from_bytes(wire.doc.into())?,
                code: wire.code,
            })
        };
        let refused = wire.refused.unwrap_or_default().into_iter().map(refusal).collect::<Option<_>>()?;
        let want = wire.want.unwrap_or_default().into_iter().map(|doc| DocId::from_bytes(doc.into()));
        Some(Self {
            epoch: wire.epoch.into(),
            head: Anchor { pos: wire.pos, digest: wire.digest.into() },
            relay_ms: wire.relay_ms,
            beacon: Signature::from_slice(&*wire.beacon)?,
            receipt: match wire.receipt {
                Some(bytes) => Some(Signature::from_slice(&bytes)?),
                None => None,
            },
            new: wire.new.unwrap_or(0),
            refused,
            want: want.collect::<Option<_>>()?,
            lease: wire.lease,
            fork: wire.fork.unwrap_or(false),
            reconcile: wire.reconcile.unwrap_or(false),
            view: wire.view,
            seen: wire.seen,
        })
    }
}

/// The end of a relay's answer: it came whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End {
    /// How far the device has pulled, once it has committed every page.
    pub cursor: Cursor,
    /// There is more than fits one answer: ask again.
    pub more: bool,
}

impl End {
    /// Its CBOR.
    pub fn encode(&self) -> Vec<u8> {
        to_cbor((self.cursor.eff, self.cursor.pos, self.more))
    }

    /// Reads it.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (eff, pos, more) = from_cbor(bytes)?;
        Some(Self { cursor: Cursor::read(eff, pos)?, more })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_and_beacons_read_back_and_an_idle_reply_is_small() {
        let key = SecretKey::from_seed(&[3; 32]);
        let tenant = TenantId::from_bytes([1; 32]);
        let head = Anchor { pos: 4_000_000, digest: [5; 32] };
        let beacon = Beacon::sign(&key, tenant, [6; 16], head, 1_790_000_000_000);
        let idle = Reply {
            epoch: [6; 16],
            head,
            relay_ms: 1_790_000_000_000,
            beacon,
            receipt: None,
            new: 0,
            refused: Vec::new(),
            want: Vec::new(),
            lease: None,
            fork: false,
            reconcile: false,
            view: u64::MAX,
            seen: 4_000_000,
        };
        assert_eq!(Reply::decode(&idle.encode()), Some(idle.clone()));
        assert!(idle.encode().len() < 170, "{} bytes", idle.encode().len());
        let busy = Reply {
            receipt: Some(beacon),
            new: 7,
            refused: vec![Refusal {
                change: ChangeHash::from_slice(&[4; 32]).unwrap(),
                doc: DocId::new_v7(1, [2; 10]),
                code: "seq-reused".into(),
            }],
            want: vec![DocId::new_v7(1, [1; 10])],
            lease: Some(9),
            fork: true,
            reconcile: true,
            ..idle
        };
        assert_eq!(Reply::decode(&busy.encode()), Some(busy));
        let beacon = Beacon { key: key.public(), epoch: [6; 16], head, relay_ms: 1_790_000_000_000, signature: beacon };
        assert!(beacon.verify(tenant).is_ok() && beacon.verify(TenantId::from_bytes([2; 32])).is_err());
        assert!(beacon.encode().len() <= docket_format::limits::BEACON_BYTES);
        assert_eq!(Beacon::decode(&beacon.encode()), Some(beacon));
    }
}
