//! Which of a bundle's facts are vouched for: every fact needs a seal of the device that it names (`by`), reached
//! through `prev` from a sealed tip; an imported fact needs a seal of any device; a roster fact proves itself.

use std::collections::{BTreeMap, BTreeSet};

use docket_format::bundle::{Bundle, Item, LeafRef};
use docket_format::fact::Origin;
use docket_format::merkle::{Leaf, Node};
use docket_format::roster::Roster;
use docket_format::seal::{BadSeal, VerifiedSeal};
use docket_format::{Author, DocId, Fact, FactId};

use crate::company::is_roster_fact;
use crate::error::StoreError;
use crate::store::{PlacedLeaf, Store};

/// A seal of the bundle that holds, with those of its leaves that it was shown to cover.
pub(super) struct Good {
    pub seal: VerifiedSeal,
    pub leaves: Vec<PlacedLeaf>,
}

/// A seal of the bundle that doesn't hold: its bytes and why.
pub(super) struct Bad {
    pub bytes: Vec<u8>,
    pub reason: BadSeal,
}

/// Checks every seal against the roster's keys and the leaves that the items name.
pub(super) fn seals(bundle: &Bundle<'_>, roster: &Roster, items: &[Item]) -> (Vec<Good>, Vec<Bad>) {
    let mut named: BTreeMap<u32, Vec<&LeafRef>> = BTreeMap::new();
    for leaf in items.iter().flat_map(|item| &item.leaves) {
        named.entry(leaf.seal).or_default().push(leaf);
    }
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for (place, entry) in bundle.seals().iter().enumerate() {
        let leaves = named.remove(&(place as u32)).unwrap_or_default();
        let checked = entry
            .seal
            .claims()
            .and_then(|body| {
                let device = body.author.device;
                let key = roster.key(device).ok_or(BadSeal::OtherDevice(device))?;
                entry.seal.clone().verify(roster.tenant, key)
            })
            .and_then(|seal| {
                let leaves = if entry.complete { all(&seal, leaves)? } else { some(&seal, &leaves)? };
                Ok(Good { seal, leaves })
            });
        match checked {
            Ok(checked) => good.push(checked),
            Err(reason) => bad.push(Bad { bytes: entry.seal.body_bytes().to_vec(), reason }),
        }
    }
    (good, bad)
}

fn all(seal: &VerifiedSeal, mut leaves: Vec<&LeafRef>) -> Result<Vec<PlacedLeaf>, BadSeal> {
    leaves.sort_unstable_by_key(|leaf| leaf.index);
    leaves.dedup_by_key(|leaf| leaf.index);
    let nodes: Vec<Node> = leaves.iter().map(|leaf| leaf.leaf.node()).collect();
    seal.covers_all(&nodes)?;
    let placed = leaves.iter().enumerate();
    Ok(placed.map(|(pos, leaf)| PlacedLeaf { pos: pos as u64, leaf: leaf.leaf, proof: None }).collect())
}

fn some(seal: &VerifiedSeal, leaves: &[&LeafRef]) -> Result<Vec<PlacedLeaf>, BadSeal> {
    leaves
        .iter()
        .map(|leaf| {
            seal.covers(&leaf.leaf, leaf.index, &leaf.proof)?;
            Ok(PlacedLeaf { pos: leaf.index, leaf: leaf.leaf, proof: Some(leaf.proof.clone()) })
        })
        .collect()
}

/// What seals vouch for, by document.
pub(super) type Tips = BTreeMap<DocId, Vec<(Author, Leaf)>>;

pub(super) fn tips(seals: &[Good]) -> Tips {
    let mut tips = Tips::new();
    for good in seals {
        for placed in &good.leaves {
            tips.entry(placed.leaf.doc).or_default().push((good.seal.body().author, placed.leaf));
        }
    }
    tips
}

/// The vouched-for facts of one document.
pub(super) struct Judge<'a> {
    facts: BTreeMap<FactId, Fact>,
    vouched: BTreeSet<FactId>,
    store: &'a Store,
    doc: DocId,
}

impl<'a> Judge<'a> {
    pub(super) fn new(store: &'a Store, roster: &Roster, doc: DocId, texts: &[(FactId, &str)], tips: &Tips) -> Self {
        let is_roster = doc == docket_format::roster::doc(roster.tenant);
        let read = texts.iter().filter_map(|(key, text)| Fact::read(doc, *key, text.as_bytes()).ok());
        let facts: BTreeMap<FactId, Fact> = read.map(|fact| (fact.id, fact)).collect();
        let mut judge = Self { facts, vouched: BTreeSet::new(), store, doc };
        for (author, leaf) in tips.get(&doc).map(Vec::as_slice).unwrap_or_default() {
            judge.walk(*author, leaf);
        }
        if is_roster {
            let own = judge.facts.values().filter(|fact| is_roster_fact(fact) && proves_itself(roster, fact));
            let own: Vec<FactId> = own.map(|fact| fact.id).collect();
            judge.vouched.extend(own);
        }
        judge
    }

    /// From a sealed tip down the author's chain, as far as it is in the bundle and genuine.
    fn walk(&mut self, author: Author, leaf: &Leaf) {
        let (mut id, mut number) = (leaf.fact, leaf.n);
        while let Some(fact) = self.facts.get(&id) {
            let fits = match &fact.header.origin {
                Origin::Import { .. } => number == 0,
                Origin::Device { author: by, n, .. } => *by == author && *n == number,
            };
            if !fits || !self.vouched.insert(id) {
                return;
            }
            let Origin::Device { prev: Some(prev), .. } = &fact.header.origin else { return };
            (id, number) = (*prev, number - 1);
        }
    }

    /// Why a change's string can't be taken in; `None` when it can.
    pub(super) fn objection(&self, key: FactId, text: &str) -> Result<Option<Objection>, StoreError> {
        if self.vouched.contains(&key) || self.store.has_fact(self.doc, key)? {
            return Ok(None);
        }
        Ok(Some(match Fact::read(self.doc, key, text.as_bytes()) {
            Err(reason) => Objection { code: "malformed", detail: format!("malformed fact: {reason}") },
            Ok(fact) => match fact.author() {
                None => {
                    Objection { code: "unsealed", detail: format!("imported fact {key}: no device vouches for it") }
                }
                Some(by) => Objection {
                    code: "unsealed",
                    detail: format!("fact {key}: no seal of device {} reaches it", by.device),
                },
            },
        }))
    }
}

/// Why a fact is not taken in.
#[derive(Debug, Clone)]
pub(super) struct Objection {
    pub code: &'static str,
    pub detail: String,
}

fn proves_itself(roster: &Roster, fact: &Fact) -> bool {
    let Some(author) = fact.author() else { return false };
    let known = roster.key(author.device);
    known.is_some_and(|key| docket_format::roster::verify_fact(roster.tenant, fact, key).is_ok())
}
