//! Which facts of a parcel (a bundle, a page) are vouched for: every fact needs a seal of the device that it names
//! (`by`), reached through `prev` from a sealed tip; an imported fact needs a seal of any device; a roster fact proves
//! itself. One function for devices and relays, so that no honest one builds on what another refuses.

use std::collections::{BTreeMap, BTreeSet};

use docket_format::bundle::{Item, LeafRef};
use docket_format::change::Carrier;
use docket_format::fact::{Malformed, Origin};
use docket_format::merkle::{Leaf, Node, Span, climb_many};
use docket_format::roster::{self, Roster};
use docket_format::seal::{BadSeal, Seal, VerifiedSeal};
use docket_format::{Author, DocId, Fact, FactId, TenantId};

use crate::arrival::Arrival;

/// One leaf of a seal, in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedLeaf {
    /// Its place under the seal.
    pub pos: u64,
    /// The leaf.
    pub leaf: Leaf,
    /// Its own proof, from the leaf upwards; `None` when other leaves and nodes of the seal prove it.
    pub proof: Option<Vec<Node>>,
}

/// A seal as a parcel shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The number by which the parcel's leaves name it.
    pub number: u32,
    /// The seal, unchecked.
    pub seal: Seal,
    /// How its leaves are proven.
    pub proof: Proof,
}

/// How a parcel proves a seal's leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// All of them are in the parcel.
    Complete,
    /// Each brings its own path.
    Each,
    /// One proof for all that are there.
    Together(Vec<Node>),
}

/// A seal that holds, with those of its leaves that it was shown to cover.
#[derive(Debug, Clone)]
pub struct Good {
    /// The number by which the parcel names it.
    pub number: u32,
    /// The seal.
    pub seal: VerifiedSeal,
    /// Its leaves here.
    pub leaves: Vec<PlacedLeaf>,
    /// Nodes of its tree that came along; kept, they let these leaves travel on.
    pub given: Vec<(Span, Node)>,
}

/// A seal that doesn't hold: its bytes and why.
#[derive(Debug, Clone)]
pub struct Bad {
    /// The seal's body.
    pub bytes: Vec<u8>,
    /// Why.
    pub reason: BadSeal,
}

/// Checks every seal against the roster's keys and the leaves that the items name.
pub fn seals<'s>(shown: impl IntoIterator<Item = &'s Shown>, roster: &Roster, items: &[Item]) -> (Vec<Good>, Vec<Bad>) {
    let mut named: BTreeMap<u32, Vec<&LeafRef>> = BTreeMap::new();
    for leaf in items.iter().flat_map(|item| &item.leaves) {
        named.entry(leaf.seal).or_default().push(leaf);
    }
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for entry in shown {
        match check(entry, roster, named.remove(&entry.number).unwrap_or_default()) {
            Ok(checked) => good.push(checked),
            Err(reason) => bad.push(Bad { bytes: entry.seal.body_bytes().to_vec(), reason }),
        }
    }
    (good, bad)
}

fn check(shown: &Shown, roster: &Roster, mut leaves: Vec<&LeafRef>) -> Result<Good, BadSeal> {
    let device = shown.seal.claims()?.author.device;
    let key = roster.key(device).ok_or(BadSeal::OtherDevice(device))?;
    let seal = shown.seal.clone().verify(roster.tenant, key)?;
    // Two leaves at one place prove nothing; only the same one twice is once.
    leaves.sort_unstable_by_key(|leaf| (leaf.index, leaf.leaf.doc, leaf.leaf.n, leaf.leaf.fact));
    let mut given = Vec::new();
    let mut own = None;
    match &shown.proof {
        Proof::Complete => {
            leaves.dedup_by_key(|leaf| (leaf.index, leaf.leaf));
            let nodes: Vec<Node> = leaves.iter().map(|leaf| leaf.leaf.node()).collect();
            seal.covers_all(&nodes)?;
        }
        Proof::Each => {
            for leaf in &leaves {
                seal.covers(&leaf.leaf, leaf.index, &leaf.proof)?;
            }
            own = Some(());
        }
        Proof::Together(proof) => {
            leaves.dedup_by_key(|leaf| (leaf.index, leaf.leaf));
            let nodes: Vec<(u64, Node)> = leaves.iter().map(|leaf| (leaf.index, leaf.leaf.node())).collect();
            let climbed = climb_many(seal.body().leaves, &nodes, proof).ok_or(BadSeal::Leaves)?;
            if climbed.root != seal.body().root {
                return Err(BadSeal::Leaves);
            }
            given = climbed.given;
        }
    }
    let placed =
        |leaf: &&LeafRef| PlacedLeaf { pos: leaf.index, leaf: leaf.leaf, proof: own.map(|()| leaf.proof.clone()) };
    Ok(Good { number: shown.number, leaves: leaves.iter().map(placed).collect(), seal, given })
}

/// What seals vouch for, by document.
pub type Tips = BTreeMap<DocId, Vec<(Author, Leaf)>>;

/// What these seals vouch for.
pub fn tips(seals: &[Good]) -> Tips {
    let mut tips = Tips::new();
    for good in seals {
        for placed in &good.leaves {
            tips.entry(placed.leaf.doc).or_default().push((good.seal.body().author, placed.leaf));
        }
    }
    tips
}

/// A change whose facts were judged by its parcel alone.
#[derive(Debug, Clone)]
pub struct Judged {
    /// The change.
    pub arrival: Arrival,
    /// Where in it the facts stand that nothing in the parcel vouches for: fine only if the reader holds them already.
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
pub fn judge(item: Item, roster: &Roster, tips: &Tips) -> Vec<Judged> {
    let doc = item.doc;
    let changes = item.changes.into_iter();
    let arrivals: Vec<Arrival> = changes.map(|(carrier, change)| Arrival::of(carrier, change)).collect();
    let all: Vec<&Arrival> = arrivals.iter().collect();
    let vouched = vouched(doc, &all, roster, tips.get(&doc).map(Vec::as_slice).unwrap_or_default());
    // A key is not enough: another text can stand under it.
    let fine = |fact: &Result<Fact, Malformed>| fact.as_ref().is_ok_and(|fact| vouched.contains(&fact.id));
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

/// The facts of a document that something among these changes vouches for: a seal, by way of the author's later facts
/// among them, or, in the roster's document, the fact itself.
pub fn vouched(doc: DocId, changes: &[&Arrival], roster: &Roster, tips: &[(Author, Leaf)]) -> BTreeSet<FactId> {
    let facts = changes.iter().flat_map(|arrival| arrival.facts.iter().flatten());
    let facts: BTreeMap<FactId, &Fact> = facts.map(|fact| (fact.id, fact)).collect();
    let mut vouched = BTreeSet::new();
    for (author, leaf) in tips {
        cover(&facts, *author, leaf, &mut vouched);
    }
    if doc == roster::doc(roster.tenant) {
        let own = facts.values().filter(|fact| roster::is_kind(fact.kind()) && proves_itself(roster, fact));
        vouched.extend(own.map(|fact| fact.id));
    }
    vouched
}

/// Goes from a sealed tip down its author's chain, as far as it is among these facts and genuine, and adds what it
/// meets to `covered`; stops at what is in it. Whether it added anything.
pub fn cover(facts: &BTreeMap<FactId, &Fact>, author: Author, leaf: &Leaf, covered: &mut BTreeSet<FactId>) -> bool {
    let (mut id, mut number, mut new) = (leaf.fact, leaf.n, false);
    while let Some(fact) = facts.get(&id) {
        if !fits(fact, author, number) || !covered.insert(id) {
            break;
        }
        new = true;
        let Origin::Device { prev: Some(prev), .. } = &fact.header.origin else { break };
        (id, number) = (*prev, number - 1);
    }
    new
}

/// Whether a leaf with this number under that author's seal, which names the fact, vouches for it.
pub(crate) fn fits(fact: &Fact, author: Author, number: u64) -> bool {
    match &fact.header.origin {
        Origin::Import { .. } => number == 0,
        Origin::Device { author: by, n, .. } => *by == author && *n == number,
    }
}

/// Each document once: what vouches for a fact may stand in another item of the parcel.
pub fn whole(items: Vec<Item>) -> Vec<Item> {
    let mut whole: Vec<Item> = Vec::with_capacity(items.len());
    let mut places: BTreeMap<DocId, usize> = BTreeMap::new();
    for item in items {
        let place = *places.entry(item.doc).or_insert(whole.len());
        match whole.get_mut(place) {
            Some(first) => {
                first.changes.extend(item.changes);
                first.leaves.extend(item.leaves);
            }
            None => whole.push(item),
        }
    }
    whole
}

/// The roster facts among a parcel's items: they prove themselves.
pub fn roster_facts(tenant: TenantId, items: &[Item]) -> Vec<Fact> {
    let doc = roster::doc(tenant);
    let items = items.iter().filter(|item| item.doc == doc);
    let texts = items.flat_map(|item| &item.changes).flat_map(|(_, change)| &change.facts);
    texts.filter_map(|(key, text)| Fact::read(doc, *key, text.as_bytes()).ok()).collect()
}

/// Why a fact is not taken in.
#[derive(Debug, Clone)]
pub struct Objection {
    /// Stable code.
    pub code: &'static str,
    /// For people.
    pub detail: String,
}

impl Objection {
    /// The code for a carrier that the roster doesn't know.
    pub const STRANGE: &str = "unknown-carrier";
    /// The code for a fact that no seal reaches.
    pub const UNSEALED: &str = "unsealed";

    /// What to say against a string for which nothing vouches.
    pub fn to(key: FactId, fact: &Result<Fact, Malformed>) -> Self {
        let (code, detail) = match fact {
            Err(reason) => ("malformed", format!("malformed fact: {reason}")),
            Ok(fact) => match fact.author() {
                None => (Self::UNSEALED, format!("imported fact {key}: no device vouches for it")),
                Some(by) => (Self::UNSEALED, format!("fact {key}: no seal of device {} reaches it", by.device)),
            },
        };
        Self { code, detail }
    }
}

impl Judged {
    /// Why the change can't be taken in; `holds` says whether the reader has a fact already.
    pub fn objection<E>(&self, mut holds: impl FnMut(FactId) -> Result<bool, E>) -> Result<Option<Objection>, E> {
        for &place in &self.unvouched {
            if let (Some((key, _)), Some(fact)) = (self.arrival.change.facts.get(place), self.arrival.facts.get(place))
                && (fact.is_err() || !holds(*key)?)
            {
                return Ok(Some(Objection::to(*key, fact)));
            }
        }
        if self.strange {
            let detail = "put together by a device that the roster does not know".to_owned();
            return Ok(Some(Objection { code: Objection::STRANGE, detail }));
        }
        Ok(None)
    }
}

fn proves_itself(roster: &Roster, fact: &Fact) -> bool {
    let Some(author) = fact.author() else { return false };
    let known = roster.key(author.device);
    known.is_some_and(|key| roster::verify_fact(roster.tenant, fact, key).is_ok())
}
