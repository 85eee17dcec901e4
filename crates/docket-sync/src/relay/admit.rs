//! Taking a pushed page in. Admission is structural only: grammar, limits, a seal for every fact; who may write what is
//! judged by the fold, who may see what by scopes.

use std::collections::{BTreeMap, BTreeSet};

use docket_format::bundle::{LeafRef, join_items, read_items};
use docket_format::merkle::{Node, Span};
use docket_format::roster::Roster;
use docket_format::{Author, ChangeHash, DeviceId, DocId, Fact, TenantId, roster};

use super::Log;
use super::take::{self, Pushed, Sealed};
use crate::judge::{self, Good, Judged, Tips};
use crate::wire::{Page, Refusal};

/// A page whose seals and facts were checked: needs no log, so it is done before and beside the writing.
#[derive(Debug)]
pub struct Verdict {
    good: Vec<Good>,
    docs: Vec<(DocId, Vec<Judged>)>,
    tips: Tips,
    leaves: BTreeMap<DocId, Vec<LeafRef>>,
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
    let proven: BTreeSet<u32> = good.iter().map(|good| good.number).collect();
    let roster_doc = roster::doc(roster.tenant);
    let mut verdict = Verdict {
        good,
        docs: Vec::with_capacity(items.len()),
        tips: Tips::new(),
        leaves: BTreeMap::new(),
        changes_roster: false,
        roster_facts: judge::roster_facts(roster.tenant, &items),
        facts: 0,
    };
    for mut item in items {
        verdict.changes_roster |= item.doc == roster_doc;
        let leaves = std::mem::take(&mut item.leaves);
        verdict.leaves.insert(item.doc, leaves.into_iter().filter(|leaf| proven.contains(&leaf.seal)).collect());
        verdict.facts += item.changes.iter().map(|(_, change)| change.facts.len() as u64).sum::<u64>();
        let doc = item.doc;
        verdict.docs.push((doc, judge::judge(item, roster, &tips)));
    }
    verdict.tips = tips;
    // The roster first: it says who the others are.
    verdict.docs.sort_by_key(|(doc, _)| *doc != roster_doc);
    verdict
}

/// Takes a page in, document by document. `by` is the device that pushes.
pub fn admit<L: Log>(log: &mut L, roster: &Roster, by: DeviceId, verdict: Verdict) -> Result<Outcome, L::Error> {
    let mut outcome = Outcome::default();
    let seals = kept_seals(log, &verdict.good)?;
    let mut entered: BTreeSet<(u32, u64)> = BTreeSet::new();
    for (doc, judged) in verdict.docs {
        let leaves = verdict.leaves.get(&doc).into_iter().flatten();
        let leaves = leaves.filter_map(|leaf| {
            let seal = seals.get(&leaf.seal)?;
            let held = seal.held.contains(&leaf.index);
            let leaf = LeafRef { seal: seal.number, proof: Vec::new(), ..leaf.clone() };
            Some(Sealed { leaf, author: seal.author, held })
        });
        let leaves = leaves.collect();
        let tips = verdict.tips.get(&doc).map(Vec::as_slice).unwrap_or_default();
        entered.extend(take::document(log, roster, Pushed { by, doc, judged, leaves, tips }, &mut outcome)?);
    }
    for good in &verdict.good {
        if let Some(seal) = seals.get(&good.number) {
            keep_leaves(log, good, seal, &entered)?;
        }
    }
    Ok(outcome)
}

/// A page's seal as the log keeps it.
struct Kept {
    number: u32,
    author: Author,
    /// The page's leaves that entries hold already.
    held: BTreeSet<u64>,
}

/// The log's own numbers of a page's seals, and what it has of them, by the page's numbers.
fn kept_seals<L: Log>(log: &mut L, seals: &[Good]) -> Result<BTreeMap<u32, Kept>, L::Error> {
    let mut kept = BTreeMap::new();
    for good in seals {
        let number = log.put_seal(&good.seal)?;
        let places: Vec<u64> = good.leaves.iter().map(|placed| placed.pos).collect();
        let held = places.iter().zip(log.held(number, &places)?).filter(|(_, held)| *held);
        let held = held.map(|(place, _)| *place).collect();
        kept.insert(good.number, Kept { number, author: good.seal.body().author, held });
    }
    Ok(kept)
}

/// Keeps those of a seal's leaves that went into entries; the others are nodes that prove them.
fn keep_leaves<L: Log>(log: &mut L, good: &Good, seal: &Kept, entered: &BTreeSet<(u32, u64)>) -> Result<(), L::Error> {
    let mut given = good.given.clone();
    let mut leaves: Vec<(u64, Node)> = Vec::new();
    for placed in &good.leaves {
        let node = placed.leaf.node();
        if entered.contains(&(seal.number, placed.pos)) && !seal.held.contains(&placed.pos) {
            leaves.push((placed.pos, node));
        } else {
            given.push((Span { first: placed.pos, len: 1 }, node));
        }
    }
    if leaves.is_empty() { Ok(()) } else { log.put_nodes(seal.number, &leaves, &given) }
}

/// The facts of the roster's document in a log.
pub fn roster_facts_of<L: Log>(log: &L, tenant: TenantId) -> Result<Vec<Fact>, L::Error> {
    let Some((row, _)) = log.doc(roster::doc(tenant))? else { return Ok(Vec::new()) };
    let entries = log.entries_of(row)?;
    let mut authors = BTreeMap::new();
    for number in entries.iter().flat_map(|entry| &entry.authors) {
        authors.insert(*number, log.author(*number)?);
    }
    let joined = join_items(entries.iter().map(|entry| entry.body.as_slice()).collect::<Vec<_>>().into_iter());
    // What doesn't read was damaged since it was admitted: its facts are missing here, and devices that hold them
    // bring them back.
    let items = read_items(tenant, &|number| authors.get(&number).copied().flatten(), &joined).unwrap_or_default();
    Ok(judge::roster_facts(tenant, &items))
}
