//! A bundle's header: from whom, to whom, and what the sender already holds.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use crate::ids::{Author, DeviceId, Incarnation, TenantId};
use crate::keys::{PublicKey, Signature};
use crate::seal::Seal;

/// The format version that this code writes and reads.
pub(crate) const VERSION: u64 = 1;

/// What stands at the front of a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The company.
    pub tenant: TenantId,
    /// Who made the bundle.
    pub from: Author,
    /// The maker's key: it signs the trailer, and must be `from`'s.
    pub key: PublicKey,
    /// For which device it was made; `None` for anyone of the company.
    pub to: Option<DeviceId>,
    /// When, by the maker's wall clock, milliseconds since 1970.
    pub made_ms: i64,
    /// Authors that the chunks name by number.
    pub authors: Vec<Author>,
    /// Hand-over receipts: of these authors the maker holds every leaf of the seals counted from–to (both included).
    pub held: Vec<Held>,
    /// Documents in the bundle.
    pub documents: u64,
    /// Changes in the bundle.
    pub changes: u64,
}

/// A run of seals that somebody holds with every leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Held {
    /// Whose seals.
    pub author: Author,
    /// First count of the run.
    pub first: u64,
    /// Last count of the run.
    pub last: u64,
}

/// A seal in a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealEntry {
    /// The seal, unchecked.
    pub seal: Seal,
    /// Whether every leaf of it is in this bundle, so that no proofs are needed.
    pub complete: bool,
}

/// CDDL `header`; key 6 names the encryption scheme: 0 = none, the only one so far.
#[derive(Encode, Decode)]
#[cbor(map)]
pub(super) struct WireHeader {
    #[n(0)]
    pub(super) version: u64,
    #[cbor(n(1), with = "minicbor::bytes")]
    tenant: [u8; 32],
    #[n(2)]
    from: WireAuthor,
    #[cbor(n(3), with = "minicbor::bytes")]
    key: [u8; 32],
    #[n(4)]
    to: Option<ByteVec>,
    #[n(5)]
    made_ms: i64,
    #[n(6)]
    pub(super) encryption: u64,
    #[n(7)]
    authors: Vec<WireAuthor>,
    #[n(8)]
    held: Vec<(WireAuthor, u64, u64)>,
    #[n(9)]
    documents: u64,
    #[n(10)]
    changes: u64,
}

#[derive(Encode, Decode, Clone, Copy)]
#[cbor(array)]
struct WireAuthor {
    #[cbor(n(0), with = "minicbor::bytes")]
    device: [u8; 16],
    #[n(1)]
    incarnation: u32,
}

/// CDDL `seal-entry`.
#[derive(Encode, Decode)]
#[cbor(array)]
pub(super) struct WireSeal {
    #[n(0)]
    body: ByteVec,
    #[n(1)]
    signature: ByteVec,
    #[n(2)]
    complete: bool,
}

impl From<Author> for WireAuthor {
    fn from(author: Author) -> Self {
        Self { device: *author.device.as_bytes(), incarnation: author.incarnation.0 }
    }
}

impl From<WireAuthor> for Author {
    fn from(wire: WireAuthor) -> Self {
        Self { device: DeviceId::from_bytes(wire.device), incarnation: Incarnation(wire.incarnation) }
    }
}

impl From<&Header> for WireHeader {
    fn from(header: &Header) -> Self {
        Self {
            version: VERSION,
            tenant: *header.tenant.as_bytes(),
            from: header.from.into(),
            key: *header.key.as_bytes(),
            to: header.to.map(|device| device.as_bytes().to_vec().into()),
            made_ms: header.made_ms,
            encryption: 0,
            authors: header.authors.iter().map(|&author| author.into()).collect(),
            held: header.held.iter().map(|held| (held.author.into(), held.first, held.last)).collect(),
            documents: header.documents,
            changes: header.changes,
        }
    }
}

impl WireHeader {
    /// `None` when a field holds what can't be (a device id of another length).
    pub(super) fn into_header(self) -> Option<Header> {
        let to = match self.to {
            None => None,
            Some(bytes) => Some(DeviceId::from_slice(&bytes)?),
        };
        let held = self.held.into_iter().map(|(author, first, last)| Held { author: author.into(), first, last });
        let held = held.collect();
        Some(Header {
            tenant: TenantId::from_bytes(self.tenant),
            from: self.from.into(),
            key: PublicKey::from_bytes(self.key),
            to,
            made_ms: self.made_ms,
            authors: self.authors.into_iter().map(Author::from).collect(),
            held,
            documents: self.documents,
            changes: self.changes,
        })
    }
}

impl From<&SealEntry> for WireSeal {
    fn from(entry: &SealEntry) -> Self {
        Self {
            body: entry.seal.body_bytes().to_vec().into(),
            signature: entry.seal.signature().as_bytes().to_vec().into(),
            complete: entry.complete,
        }
    }
}

impl WireSeal {
    pub(super) fn into_entry(self) -> Option<SealEntry> {
        let signature = Signature::from_slice(&self.signature)?;
        Some(SealEntry { seal: Seal::from_parts(self.body.into(), signature), complete: self.complete })
    }
}
