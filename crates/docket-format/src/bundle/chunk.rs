//! What a chunk holds: documents with their changes in causal order, and the leaves of the seals over them.

use serde::Deserialize;

use crate::change::{Carrier, Parsed};
use crate::ids::{DocId, TenantId};
use crate::merkle::{Leaf, Node};

/// One document's share of a chunk. A document may come in several items; their order matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The document.
    pub doc: DocId,
    /// Changes, each after what it builds on.
    pub changes: Vec<(Carrier, Parsed)>,
    /// What the bundle's seals vouch for in this document.
    pub leaves: Vec<LeafRef>,
}

/// A leaf of one of the bundle's seals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeafRef {
    /// Which seal: its place in the bundle's list.
    pub seal: u32,
    /// The leaf's place under the seal.
    pub index: u64,
    /// The leaf.
    pub leaf: Leaf,
    /// Its proof; empty for a seal that is complete in the bundle (or has one leaf).
    pub proof: Vec<Node>,
}

/// Limits within one chunk: a chunk's bytes bound them already, these bound what is built from those bytes.
pub(super) const ITEMS: u64 = 65_536;
pub(super) const CHANGES: u64 = 65_536;
pub(super) const FACTS: u64 = 131_072;
pub(super) const PROOF: u64 = 64;

/// The names inside an imported fact from which its document's id follows.
#[derive(Deserialize)]
pub(super) struct ImportNames<'a> {
    #[serde(borrow)]
    dk: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    no: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    src: std::borrow::Cow<'a, str>,
}

/// The document id that follows from an imported fact's own names.
pub(super) fn derived_doc(tenant: TenantId, text: &str) -> Option<DocId> {
    let names: ImportNames<'_> = serde_json::from_str(text).ok()?;
    Some(DocId::derived(tenant, &names.dk, &names.src, &names.no))
}
