//! Taking a pushed page in. Admission is structural only: grammar, limits, a seal for every fact; who may write what is
//! judged by the fold, who may see what by scopes.

use std::collections::{BTreeMap, BTreeSet};

use docket_format::bundle::LeafRef;
use docket_format::merkle::{Known, Node, climb_many};
use docket_format::roster::Roster;
use docket_format::{Author, ChangeHash, DeviceId, DocId, Fact, TenantId, roster};

use super::Log;
use super::recall::{self, Recall};
use super::take::{self, Pushed, Sealed};
use crate::judge::{self, Good, Judged, PlacedLeaf};
use crate::wire::{Page, Refusal};

/// A page whose seals and facts were checked: needs no log, so it is done before and beside the writing.
#[derive(Debug)]
pub struct Verdict {
    good: Vec<Good>,
    docs: Vec<(DocId, Vec<Judged>)>,
    /// The leaves that the seals were shown to cover, by document; the place of their seal in `good`.
    leaves: BTreeMap<DocId, Vec<(usize, PlacedLeaf)>>,
    /// Whether the roster's document is in it.
    pub changes_roster: bool,
    /// The roster's facts in it: each proves itself, so they may be read before they are taken in.
    pub roster_facts: Vec<Fact>,
    /// Facts in it.
    pub facts: u64,
}

/// What became of a page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// Changes that were new.
    pub new: u64,
    /// Changes that are in the log now, new or not, with their documents.
    pub accepted: Vec<(DocId, ChangeHash)>,
    /// Changes that can't be taken in.
    pub refused: Vec<Refusal>,
    /// Documents that build on something that is not here.
    pub want: BTreeSet<DocId>,
    /// The first and last entry that it made: one writer writes at a time, so they are neighbours.
    pub entries: Option<(u64, u64)>,
}

/// Checks a page against a roster that holds the roster facts of the page too.
pub fn read_page(page: Page, roster: &Roster) -> Verdict {
    let items = judge::whole(page.items);
    let (good, _bad) = judge::seals(&page.seals, roster, &items);
    let tips = judge::tips(&good);
    let mut leaves: BTreeMap<DocId, Vec<(usize, PlacedLeaf)>> = BTreeMap::new();
    for (place, good) in good.iter().enumerate() {
        for placed in &good.leaves {
            leaves.entry(placed.leaf.doc).or_default().push((place, placed.clone()));
        }
    }
    let roster_doc = roster::doc(roster.tenant);
    let mut verdict = Verdict {
        good,
        docs: Vec::with_capacity(items.len()),
        leaves,
        changes_roster: false,
        roster_facts: judge::roster_facts(roster.tenant, &items),
        facts: 0,
    };
    for item in items {
        verdict.changes_roster |= item.doc == roster_doc;
        verdict.facts += item.changes.iter().map(|(_, change)| change.facts.len() as u64).sum::<u64>();
        let doc = item.doc;
        verdict.docs.push((doc, judge::judge(item, roster, &tips)));
    }
    // The roster first: it says who the others are.
    verdict.docs.sort_by_key(|(doc, _)| *doc != roster_doc);
    verdict
}

/// Takes a page in, document by document. `by` is the device that pushes.
pub fn admit<L: Log>(log: &mut L, roster: &Roster, by: DeviceId, verdict: Verdict) -> Result<Outcome, L::Error> {
    let mut outcome = Outcome::default();
    let seals = verdict.good.iter().map(|good| Kept::of(log, good)).collect::<Result<Vec<_>, _>>()?;
    let mut entered: BTreeSet<(u32, u64)> = BTreeSet::new();
    let mut recall = Recall::default();
    for (doc, judged) in verdict.docs {
        let leaves = verdict.leaves.get(&doc).into_iter().flatten();
        let leaves = leaves.filter_map(|(place, placed)| {
            let seal = seals.get(*place)?;
            let held = seal.held.contains(&placed.pos);
            let leaf = LeafRef { seal: seal.number, index: placed.pos, leaf: placed.leaf, proof: Vec::new() };
            Some(Sealed { leaf, author: seal.author, held })
        });
        let leaves = leaves.collect();
        let pushed = Pushed { by, doc, judged, leaves };
        entered.extend(take::document(log, roster, pushed, &mut recall, &mut outcome)?);
    }
    for (good, seal) in verdict.good.iter().zip(&seals) {
        keep_leaves(log, good, seal, &entered)?;
    }
    Ok(outcome)
}

/// A page's seal as the log keeps it.
struct Kept {
    /// The log's own number.
    number: u32,
    author: Author,
    /// The page's leaves that entries hold already.
    held: BTreeSet<u64>,
}

impl Kept {
    fn of<L: Log>(log: &mut L, good: &Good) -> Result<Self, L::Error> {
        let number = log.put_seal(&good.seal)?;
        let places: Vec<u64> = good.leaves.iter().map(|placed| placed.pos).collect();
        let held = places.iter().zip(log.held(number, &places)?).filter(|(_, held)| *held);
        let held = held.map(|(place, _)| *place).collect();
        Ok(Self { number, author: good.seal.body().author, held })
    }
}

/// Keeps those of a seal's leaves that went into entries, and of the tree what proves them.
fn keep_leaves<L: Log>(log: &mut L, good: &Good, seal: &Kept, entered: &BTreeSet<(u32, u64)>) -> Result<(), L::Error> {
    let is_new = |pos: u64| entered.contains(&(seal.number, pos)) && !seal.held.contains(&pos);
    let leaves: Vec<(u64, Node)> = good.leaves.iter().map(|placed| (placed.pos, placed.leaf.node())).collect();
    let new: Vec<(u64, Node)> = leaves.iter().filter(|(pos, _)| is_new(*pos)).copied().collect();
    if new.is_empty() {
        return Ok(());
    }
    if new.len() == leaves.len() {
        return log.put_nodes(seal.number, &new, &good.given);
    }
    // The nodes of what was left out are needed only as far as they prove the rest.
    let size = good.seal.body().leaves;
    let mut known = Known::new(size);
    for (pos, node) in &leaves {
        known.leaf(*pos, *node);
    }
    for (span, node) in &good.given {
        known.node(*span, *node);
    }
    let picked: Vec<u64> = new.iter().map(|(pos, _)| *pos).collect();
    let climbed = known.prove(&picked).and_then(|proof| climb_many(size, &new, &proof));
    log.put_nodes(seal.number, &new, &climbed.map(|climbed| climbed.given).unwrap_or_default())
}

/// The facts of the roster's document in a log.
pub fn roster_facts_of<L: Log>(log: &L, tenant: TenantId) -> Result<Vec<Fact>, L::Error> {
    let Some((row, _)) = log.doc(roster::doc(tenant))? else { return Ok(Vec::new()) };
    Ok(judge::roster_facts(tenant, &recall::all_of(log, tenant, row)?))
}
