//! Writing a chunk's items. CDDL in `docs/protocol.md`.

use std::collections::BTreeMap;

use minicbor::Encoder;

use super::chunk::{Item, LeafRef, derived_doc};
use crate::change::{Carrier, Parsed, genesis};
use crate::ids::{Author, ChangeHash, FactId, TenantId};

type Out = Encoder<Vec<u8>>;
type Written = Result<(), minicbor::encode::Error<core::convert::Infallible>>;

/// Encodes items as one CBOR array. Authors must be in the table.
pub(super) fn items(tenant: TenantId, authors: &BTreeMap<Author, u32>, items: &[Item]) -> Vec<u8> {
    let mut out = Encoder::new(Vec::with_capacity(1024 * items.len()));
    // Writing to a Vec can't fail.
    let _: Written = write_items(tenant, authors, items, &mut out);
    out.into_writer()
}

/// Encodes one item of such an array.
pub(super) fn item(tenant: TenantId, authors: &BTreeMap<Author, u32>, item: &Item) -> Vec<u8> {
    let mut out = Encoder::new(Vec::with_capacity(1024));
    // Writing to a Vec can't fail.
    let _: Written = write_item(tenant, authors, item, &mut out);
    out.into_writer()
}

/// Puts items that were encoded one by one into one array.
pub(super) fn join<'a>(count: usize, items: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut out = Encoder::new(Vec::new());
    // Writing to a Vec can't fail.
    let _: Result<_, minicbor::encode::Error<core::convert::Infallible>> = out.array(count as u64).map(|_| ());
    let mut bytes = out.into_writer();
    for item in items {
        bytes.extend_from_slice(item);
    }
    bytes
}

fn write_items(tenant: TenantId, authors: &BTreeMap<Author, u32>, items: &[Item], out: &mut Out) -> Written {
    out.array(items.len() as u64)?;
    items.iter().try_for_each(|item| write_item(tenant, authors, item, out))
}

fn write_item(tenant: TenantId, authors: &BTreeMap<Author, u32>, item: &Item, out: &mut Out) -> Written {
    out.array(3)?;
    if is_derived(tenant, item) {
        out.null()?;
    } else {
        out.bytes(item.doc.as_bytes())?;
    }
    let mut stream = Stream::new(item);
    out.array(item.changes.len() as u64)?;
    for (carrier, change) in &item.changes {
        stream.write(authors, *carrier, change, out)?;
    }
    out.array(item.leaves.len() as u64)?;
    for leaf in &item.leaves {
        stream.write_leaf(leaf, out)?;
    }
    Ok(())
}

/// Whether the id follows from the item's first fact: then it is not sent.
fn is_derived(tenant: TenantId, item: &Item) -> bool {
    let Some((Carrier::Import, change)) = item.changes.first() else { return false };
    let Some((key, text)) = change.facts.first() else { return false };
    // A string under another key is written with its key: the reader asks for a plain one.
    FactId::of(item.doc, text.as_bytes()) == *key && derived_doc(tenant, text) == Some(item.doc)
}

/// What a reader will know when it gets to the next change of the document.
struct Stream {
    genesis: ChangeHash,
    last_hash: Option<ChangeHash>,
    next_op: u64,
    last_fact: BTreeMap<Carrier, FactId>,
    places: BTreeMap<FactId, u64>,
}

impl Stream {
    fn new(item: &Item) -> Self {
        let genesis = genesis(item.doc).hash;
        let next_op = crate::change::GENESIS_MAX_OP + 1;
        Self { genesis, last_hash: None, next_op, last_fact: BTreeMap::new(), places: BTreeMap::new() }
    }

    fn write(&mut self, authors: &BTreeMap<Author, u32>, carrier: Carrier, change: &Parsed, out: &mut Out) -> Written {
        out.array(6)?;
        match carrier {
            Carrier::Import => out.u32(0)?,
            Carrier::Device(author) => out.u32(authors.get(&author).map_or(u32::MAX, |place| place + 1))?,
        };
        out.u64(change.seq)?;
        if change.start_op == self.next_op {
            out.null()?
        } else {
            out.u64(change.start_op)?
        };
        if change.deps == [self.genesis] {
            out.u8(0)?;
        } else if Some(change.deps.as_slice()) == self.last_hash.as_ref().map(core::slice::from_ref) {
            out.u8(1)?;
        } else {
            out.array(change.deps.len() as u64)?;
            for dep in &change.deps {
                out.bytes(dep.as_bytes())?;
            }
        }
        out.i64(change.time)?;
        out.array(change.facts.len() as u64)?;
        for (key, text) in &change.facts {
            self.write_fact(carrier, change, *key, text, out)?;
        }
        self.last_hash = Some(change.hash);
        self.next_op = change.max_op() + 1;
        Ok(())
    }

    fn write_fact(&mut self, carrier: Carrier, change: &Parsed, key: FactId, text: &str, out: &mut Out) -> Written {
        if FactId::of(change.doc, text.as_bytes()) != key {
            // Admissible, though the fold will call it malformed: carried as it is.
            out.array(2)?.bytes(key.as_bytes())?.str(text)?;
        } else if let Some((at, rest)) = self.without_prev(carrier, text) {
            out.array(2)?.u64(at as u64)?.str(&rest)?;
        } else {
            out.str(text)?;
        }
        self.last_fact.insert(carrier, key);
        let place = self.places.len() as u64;
        self.places.entry(key).or_insert(place);
        Ok(())
    }

    /// The text without the id of the carrier's fact before it, and where that id stood.
    fn without_prev(&self, carrier: Carrier, text: &str) -> Option<(usize, String)> {
        let prev = self.last_fact.get(&carrier)?.to_string();
        let at = text.find(&format!("\"prev\":\"{prev}\""))? + "\"prev\":\"".len();
        let (before, after) = (text.get(..at)?, text.get(at + prev.len()..)?);
        Some((at, format!("{before}{after}")))
    }

    fn write_leaf(&self, leaf: &LeafRef, out: &mut Out) -> Written {
        out.array(4)?.u32(leaf.seal)?.u64(leaf.index)?;
        match self.places.get(&leaf.leaf.fact) {
            Some(place) => out.array(2)?.u64(leaf.leaf.n)?.u64(*place)?,
            None => out.array(2)?.u64(leaf.leaf.n)?.bytes(leaf.leaf.fact.as_bytes())?,
        };
        out.array(leaf.proof.len() as u64)?;
        for node in &leaf.proof {
            out.bytes(node)?;
        }
        Ok(())
    }
}
