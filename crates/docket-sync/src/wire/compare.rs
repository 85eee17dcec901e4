//! Comparing two records by sums: 256 buckets first, then the documents of those that differ. For accidents (a relay
//! put back, deleted, swapped) and for the daily check; malice is found by seals.

use docket_format::{ChangeHash, DocId};
use minicbor::bytes::{ByteArray, ByteVec};
use minicbor::{Decode, Encode};

use super::{Anchor, Epoch, VERSION, from_cbor, to_cbor};

/// How many buckets there are.
pub const BUCKETS: usize = 256;

/// The sum of a document: the exclusive or of the first eight bytes of its changes' hashes. Adding a change anywhere,
/// in any order, gives the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sum(pub u64);

impl Sum {
    /// Adds a change.
    pub fn add(&mut self, change: ChangeHash) {
        let mut first = [0; 8];
        for (to, from) in first.iter_mut().zip(change.as_bytes()) {
            *to = *from;
        }
        self.0 ^= u64::from_be_bytes(first);
    }
}

/// A document and its sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DocSum {
    /// The document.
    pub doc: DocId,
    /// Its sum.
    pub sum: Sum,
}

/// The bucket of a document: its id's last byte, which is random or a digest's.
pub fn bucket_of(doc: DocId) -> usize {
    doc.as_bytes().last().copied().unwrap_or_default().into()
}

/// One sum for each bucket, over documents and their sums.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Buckets(Vec<u64>);

impl Default for Buckets {
    fn default() -> Self {
        Self(vec![0; BUCKETS])
    }
}

impl Buckets {
    /// Adds a document.
    pub fn add(&mut self, doc: DocSum) {
        let mixed = docket_format::digest::labelled16("docket-sum", &[doc.doc.as_bytes(), &doc.sum.0.to_be_bytes()]);
        let mut first = [0; 8];
        for (to, from) in first.iter_mut().zip(mixed) {
            *to = from;
        }
        if let Some(bucket) = self.0.get_mut(bucket_of(doc.doc)) {
            *bucket ^= u64::from_be_bytes(first);
        }
    }

    /// The numbers of the buckets that differ.
    pub fn differing(&self, other: &Self) -> Vec<u8> {
        let pairs = self.0.iter().zip(&other.0).enumerate();
        pairs.filter(|(_, (own, theirs))| own != theirs).map(|(place, _)| place as u8).collect()
    }
}

/// What a device asks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Compare {
    /// Its buckets, in the first question.
    pub buckets: Option<Buckets>,
    /// Documents that the relay did not list: has it the same of them?
    pub docs: Vec<DocSum>,
}

/// What the relay answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// Which log.
    pub epoch: Epoch,
    /// Its head: what lies above was not compared.
    pub head: Anchor,
    /// The view that was compared.
    pub view: u64,
    /// Every document in the device's sight, of the buckets that differ.
    pub docs: Vec<DocSum>,
    /// Which buckets differ.
    pub buckets: Vec<u8>,
    /// Of the documents asked for: those of which the relay has something else, or nothing.
    pub differing: Vec<DocId>,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct WireAsk {
    #[n(0)]
    version: u64,
    #[n(1)]
    buckets: Option<ByteVec>,
    #[n(2)]
    docs: Option<ByteVec>,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct WireAnswer {
    #[n(0)]
    version: u64,
    #[n(1)]
    epoch: ByteArray<16>,
    #[n(2)]
    pos: u64,
    #[n(3)]
    digest: ByteArray<32>,
    #[n(4)]
    view: u64,
    #[n(5)]
    docs: ByteVec,
    #[n(6)]
    buckets: ByteVec,
    #[n(7)]
    differing: ByteVec,
}

fn pack(docs: &[DocSum]) -> ByteVec {
    docs.iter()
        .flat_map(|doc| doc.doc.as_bytes().iter().copied().chain(doc.sum.0.to_be_bytes()))
        .collect::<Vec<_>>()
        .into()
}

fn unpack(bytes: &[u8]) -> Option<Vec<DocSum>> {
    let (docs, rest) = bytes.as_chunks::<24>();
    let doc = |bytes: &[u8; 24]| {
        let (doc, sum) = bytes.split_at_checked(16)?;
        Some(DocSum { doc: DocId::from_slice(doc)?, sum: Sum(u64::from_be_bytes(sum.try_into().ok()?)) })
    };
    if rest.is_empty() { docs.iter().map(doc).collect() } else { None }
}

impl Compare {
    /// Its CBOR.
    pub fn encode(&self) -> Vec<u8> {
        let bytes = |buckets: &Buckets| buckets.0.iter().flat_map(|sum| sum.to_be_bytes()).collect::<Vec<_>>().into();
        to_cbor(WireAsk {
            version: VERSION,
            buckets: self.buckets.as_ref().map(bytes),
            docs: (!self.docs.is_empty()).then(|| pack(&self.docs)),
        })
    }

    /// Reads it.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let wire: WireAsk = from_cbor(bytes)?;
        let buckets = match wire.buckets {
            None => None,
            Some(bytes) => {
                let (sums, rest) = bytes.as_chunks::<8>();
                if sums.len() != BUCKETS || !rest.is_empty() {
                    return None;
                }
                Some(Buckets(sums.iter().map(|sum| u64::from_be_bytes(*sum)).collect()))
            }
        };
        (wire.version == VERSION).then_some(())?;
        Some(Self { buckets, docs: wire.docs.map_or(Some(Vec::new()), |docs| unpack(&docs))? })
    }
}

impl Compared {
    /// Its CBOR.
    pub fn encode(&self) -> Vec<u8> {
        to_cbor(WireAnswer {
            version: VERSION,
            epoch: self.epoch.into(),
            pos: self.head.pos,
            digest: self.head.digest.into(),
            view: self.view,
            docs: pack(&self.docs),
            buckets: self.buckets.clone().into(),
            differing: self.differing.iter().flat_map(|doc| *doc.as_bytes()).collect::<Vec<_>>().into(),
        })
    }

    /// Reads it.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let wire: WireAnswer = from_cbor(bytes)?;
        let (differing, rest) = wire.differing.as_chunks::<16>();
        (wire.version == VERSION && rest.is_empty()).then_some(())?;
        Some(Self {
            epoch: wire.epoch.into(),
            head: Anchor { pos: wire.pos, digest: wire.digest.into() },
            view: wire.view,
            docs: unpack(&wire.docs)?,
            buckets: wire.buckets.into(),
            differing: differing.iter().map(|doc| DocId::from_bytes(*doc)).collect::<Option<_>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(n: u8) -> DocSum {
        DocSum { doc: DocId::new_v7(u64::from(n), [n; 10]), sum: Sum(u64::from(n) * 7) }
    }

    #[test]
    fn equal_records_have_equal_buckets_in_any_order_and_one_change_shows() {
        let (mut one, mut other) = (Buckets::default(), Buckets::default());
        for n in 0..100 {
            one.add(sums(n));
            other.add(sums(99 - n));
        }
        assert_eq!(one.differing(&other), Vec::<u8>::new());
        other.add(sums(200));
        assert_eq!(one.differing(&other), vec![bucket_of(sums(200).doc) as u8]);
    }

    #[test]
    fn questions_and_answers_read_back() {
        let mut buckets = Buckets::default();
        buckets.add(sums(1));
        let ask = Compare { buckets: Some(buckets), docs: vec![sums(2), sums(3)] };
        assert_eq!(Compare::decode(&ask.encode()), Some(ask));
        let answer = Compared {
            epoch: [1; 16],
            head: Anchor { pos: 2, digest: [3; 32] },
            view: 4,
            docs: vec![sums(5)],
            buckets: vec![6],
            differing: vec![sums(7).doc],
        };
        assert_eq!(Compared::decode(&answer.encode()), Some(answer));
        assert_eq!(Compare::decode(b"\xa1\x00\x01\xff"), None);
    }
}
