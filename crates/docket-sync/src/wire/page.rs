//! A page: some documents' changes with what vouches for them, complete in itself, so that whoever takes it in can
//! commit it alone and a cut link costs at most one.

use std::collections::{BTreeMap, BTreeSet};

use docket_format::bundle::{Item, read_items};
use docket_format::keys::Signature;
use docket_format::merkle::Node;
use docket_format::seal::Seal;
use docket_format::{Author, DeviceId, Incarnation, TenantId, limits};
use minicbor::bytes::{ByteArray, ByteVec};
use minicbor::{Decode, Encode};

use super::{Cursor, from_cbor, to_cbor};
use crate::judge::{Proof, Shown};

/// Most seals and most authors of one page.
const NAMED: usize = 65_536;

/// A page that was read: its items have the grammar by construction; nothing else of it has been checked.
#[derive(Debug, Clone)]
pub struct Page {
    /// The seals that its items' leaves name.
    pub seals: Vec<Shown>,
    /// The documents.
    pub items: Vec<Item>,
    /// How far whoever commits this page has pulled.
    pub mark: Option<Cursor>,
}

/// A page to be written.
#[derive(Debug)]
pub struct PageParts<'a> {
    /// The authors that the items name, by their numbers.
    pub authors: &'a BTreeMap<Author, u32>,
    /// The seals that the items' leaves name.
    pub seals: &'a [Shown],
    /// The items' bytes ([`docket_format::bundle::join_items`]).
    pub items: &'a [u8],
    /// How far whoever commits this page has pulled.
    pub mark: Option<Cursor>,
    /// zstd's level, 1 to 19.
    pub level: i32,
}

/// A page was refused. Nothing of it has been used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadPage {
    /// Not the CBOR of a page.
    #[error("malformed page")]
    Malformed,
    /// It would take more memory than a page may.
    #[error("a page may unpack to at most {} bytes", limits::CHUNK_BYTES)]
    TooLarge,
}

#[derive(Encode, Decode)]
#[cbor(array)]
struct Wire {
    #[n(0)]
    authors: Vec<(u32, ByteArray<16>, u32)>,
    #[n(1)]
    seals: Vec<WireSeal>,
    #[n(2)]
    mark: Option<(u64, u64)>,
    #[n(3)]
    items: ByteVec,
}

#[derive(Encode, Decode)]
#[cbor(array)]
struct WireSeal {
    #[n(0)]
    number: u32,
    #[n(1)]
    body: ByteVec,
    #[n(2)]
    signature: ByteArray<64>,
    /// Nodes, 32 bytes each; empty: every leaf is in the page.
    #[n(3)]
    proof: ByteVec,
}

impl PageParts<'_> {
    /// The page's bytes.
    pub fn encode(&self) -> Result<Vec<u8>, BadPage> {
        if self.items.len() > limits::CHUNK_BYTES {
            return Err(BadPage::TooLarge);
        }
        // Compressing in memory fails only without memory.
        let items = zstd::bulk::compress(self.items, self.level).map_err(|_| BadPage::TooLarge)?;
        let seals = self.seals.iter().map(|shown| WireSeal {
            number: shown.number,
            body: shown.seal.body_bytes().to_vec().into(),
            signature: (*shown.seal.signature().as_bytes()).into(),
            proof: match &shown.proof {
                Proof::Together(nodes) => nodes.concat().into(),
                Proof::Complete | Proof::Each => Vec::new().into(),
            },
        });
        let authors = self
            .authors
            .iter()
            .map(|(author, &number)| (number, (*author.device.as_bytes()).into(), author.incarnation.0));
        Ok(to_cbor(Wire {
            authors: authors.collect(),
            seals: seals.collect(),
            mark: self.mark.map(|mark| (mark.eff, mark.pos)),
            items: items.into(),
        }))
    }
}

impl Page {
    /// Reads a page. What it unpacks to is bounded before it is unpacked.
    pub fn decode(tenant: TenantId, bytes: &[u8]) -> Result<Self, BadPage> {
        let wire: Wire = from_cbor(bytes).ok_or(BadPage::Malformed)?;
        if wire.authors.len() > NAMED || wire.seals.len() > NAMED {
            return Err(BadPage::TooLarge);
        }
        let authors: BTreeMap<u32, Author> = wire
            .authors
            .into_iter()
            .map(|(number, device, incarnation)| {
                let device = DeviceId::from_bytes(device.into());
                (number, Author { device, incarnation: Incarnation(incarnation) })
            })
            .collect();
        let plain = inflate(&wire.items)?;
        // Items name the first author by 1: 0 is an import.
        let items = read_items(tenant, &|number| authors.get(&number).copied(), &plain);
        let items = items.map_err(|_| BadPage::Malformed)?;
        // Leaves name their seal by its number: two of one would be taken for each other.
        let mut numbers = BTreeSet::new();
        if !wire.seals.iter().all(|seal| numbers.insert(seal.number)) {
            return Err(BadPage::Malformed);
        }
        let seals =
            wire.seals.into_iter().map(WireSeal::into_shown).collect::<Option<_>>().ok_or(BadPage::Malformed)?;
        let mark = wire.mark.map(|(eff, pos)| Cursor::read(eff, pos).ok_or(BadPage::Malformed)).transpose()?;
        Ok(Self { seals, items, mark })
    }
}

impl WireSeal {
    fn into_shown(self) -> Option<Shown> {
        let (nodes, rest): (&[Node], _) = self.proof.as_chunks();
        if !rest.is_empty() {
            return None;
        }
        let proof = if nodes.is_empty() { Proof::Complete } else { Proof::Together(nodes.to_vec()) };
        let signature = Signature::from_slice(&*self.signature)?;
        Some(Shown { number: self.number, seal: Seal::from_parts(self.body.into(), signature), proof })
    }
}

/// Inflates at most [`limits::CHUNK_BYTES`], whatever the frame claims: the claim is the size of the buffer.
fn inflate(packed: &[u8]) -> Result<Vec<u8>, BadPage> {
    let claimed = zstd::zstd_safe::get_frame_content_size(packed).ok().flatten().ok_or(BadPage::Malformed)?;
    if claimed > limits::CHUNK_BYTES as u64 {
        return Err(BadPage::TooLarge);
    }
    zstd::bulk::decompress(packed, claimed as usize).map_err(|_| BadPage::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use docket_format::bundle::join_items;
    use docket_format::keys::SecretKey;
    use docket_format::merkle::Leaf;
    use docket_format::{DocId, FactId};

    #[test]
    fn a_number_names_one_seal() {
        let (key, tenant) = (SecretKey::from_seed(&[2; 32]), TenantId::from_bytes([1; 32]));
        let shown = |number: u32, n: u64| {
            let mut leaves = vec![Leaf { doc: DocId::new_v7(1, [1; 10]), n, fact: FactId::from_bytes([7; 16]) }];
            let seal = Seal::sign(&key, tenant, Incarnation(1), n, 7, &mut leaves).unwrap();
            Shown { number, seal: seal.raw().clone(), proof: Proof::Complete }
        };
        let page = |seals: &[Shown]| {
            let (authors, items) = (BTreeMap::new(), join_items([].into_iter()));
            let bytes = PageParts { authors: &authors, seals, items: &items, mark: None, level: 3 }.encode().unwrap();
            Page::decode(tenant, &bytes).map(|page| page.seals.len())
        };
        assert_eq!(page(&[shown(0, 1), shown(1, 2)]), Ok(2));
        assert_eq!(page(&[shown(0, 1), shown(0, 2)]), Err(BadPage::Malformed));
        assert_eq!(page(&[shown(0, 1), shown(0, 1)]), Err(BadPage::Malformed));
    }
}
