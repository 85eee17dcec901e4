//! Which of a bundle's facts are vouched for: every fact needs a seal of the device that it names (`by`), reached
//! through `prev` from a sealed tip; an imported fact needs a seal of any device; a roster fact proves itself.

use std::collections::{BTreeMap, BTreeSet};

use docket_format::bundle::{Bundle, Item, LeafRef};
use docket_format::change::Carrier;
use docket_format::fact::{Malformed, Origin};
use docket_format::merkle::{Leaf, Node};
use docket_format::roster::Roster;
use docket_format::seal::{BadSeal, VerifiedSeal};
use docket_format::{Author, DocId, Fact, FactId};

use crate::company::is_roster_fact;
use crate::store::{Arrival, PlacedLeaf};

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

/// A change whose facts were judged by the bundle alone.
pub(super) struct Judged {
    pub arrival: Arrival,
    /// Where in it the facts stand that nothing in the bundle vouches for: fine only if the store holds them already.
    pub unvouched: Vec<usize>,
    /// Whoever put it together is no device of the company, or has had more lives than any device has.
    pub strange: bool,
}

/// Most lives that a device is believed to have: a restore begins one. Each stands in every header, so a hostile
/// device must not have as many as it likes.
const LIVES: u32 = 1_000;

fn is_strange(roster: &Roster, carrier: Carrier) -> bool {
    match carrier {
        Carrier::Device(author) => author.incarnation.0 > LIVES || roster.device(author.device).is_none(),
        Carrier::Import => false,
    }
}

/// Reads the facts of a document's changes and finds out which of them are vouched for.
pub(super) fn judge(item: Item, roster: &Roster, tips: &Tips) -> Vec<Judged> {
    let doc = item.doc;
    let changes = item.changes.into_iter();
    let arrivals: Vec<Arrival> = changes.map(|(carrier, change)| Arrival::of(carrier, change)).collect();
    let mut record = Record::of(&arrivals);
    for (author, leaf) in tips.get(&doc).map(Vec::as_slice).unwrap_or_default() {
        record.walk(*author, leaf);
    }
    if doc == docket_format::roster::doc(roster.tenant) {
        let own = record.facts.values().filter(|fact| is_roster_fact(fact) && proves_itself(roster, fact));
        let own: Vec<FactId> = own.map(|fact| fact.id).collect();
        record.vouched.extend(own);
    }
    // A key is not enough: another text can stand under it.
    let fine = |fact: &Result<Fact, Malformed>| fact.as_ref().is_ok_and(|fact| record.vouched.contains(&fact.id));
    let unvouched = |arrival: &Arrival| {
        let places = arrival.facts.iter().enumerate().filter(|(_, fact)| !fine(fact));
        places.map(|(place, _)| place).collect()
    };
    let unvouched: Vec<Vec<usize>> = arrivals.iter().map(unvouched).collect();
    arrivals
        .into_iter()
        .zip(unvouched)
        .map(|(arrival, unvouched)| Judged { strange: is_strange(roster, arrival.carrier), arrival, unvouched })
        .collect()
}

/// The facts that a bundle brings for one document.
struct Record<'a> {
    facts: BTreeMap<FactId, &'a Fact>,
    vouched: BTreeSet<FactId>,
}

impl<'a> Record<'a> {
    fn of(arrivals: &'a [Arrival]) -> Self {
        let facts = arrivals.iter().flat_map(|arrival| arrival.facts.iter().flatten());
        Self { facts: facts.map(|fact| (fact.id, fact)).collect(), vouched: BTreeSet::new() }
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
}

/// Why a fact is not taken in.
#[derive(Debug, Clone)]
pub(super) struct Objection {
    pub code: &'static str,
    pub detail: String,
}

impl Objection {
    pub(super) const STRANGE: &str = "unknown-carrier";

    /// What to say against a string for which nothing vouches.
    pub(super) fn to(key: FactId, fact: &Result<Fact, Malformed>) -> Self {
        let (code, detail) = match fact {
            Err(reason) => ("malformed", format!("malformed fact: {reason}")),
            Ok(fact) => match fact.author() {
                None => ("unsealed", format!("imported fact {key}: no device vouches for it")),
                Some(by) => ("unsealed", format!("fact {key}: no seal of device {} reaches it", by.device)),
            },
        };
        Self { code, detail }
    }
}

fn proves_itself(roster: &Roster, fact: &Fact) -> bool {
    let Some(author) = fact.author() else { return false };
    let known = roster.key(author.device);
    known.is_some_and(|key| docket_format::roster::verify_fact(roster.tenant, fact, key).is_ok())
}
