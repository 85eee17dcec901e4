//! Taking a pushed page in. Admission is structural only: grammar, limits, a seal for every fact; who may write what is
//! judged by the fold, who may see what by scopes.

use std::collections::{BTreeMap, BTreeSet};

use docket_format::bundle::{Item, LeafRef, item_bytes, join_items, read_items};
use docket_format::change::GENESIS_MAX_OP;
use docket_format::change::{Admission, Carrier, DocState, Last, Parsed, Stored, admit as fits, genesis};
use docket_format::merkle::Node;
use docket_format::roster::Roster;
use docket_format::{ActorId, Author, ChangeHash, DeviceId, DocId, Fact, TenantId, roster, scope};

use super::{DocRow, Log, NewEntry, sight};
use crate::arrival::bytes_of;
use crate::judge::{self, Good, Judged};
use crate::wire::{Page, Refusal};

/// A page whose seals and facts were checked: needs no log, so it is done before and beside the writing.
#[derive(Debug)]
pub struct Verdict {
    good: Vec<Good>,
    docs: Vec<(DocId, Vec<Judged>)>,
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
    // The roster first: it says who the others are.
    verdict.docs.sort_by_key(|(doc, _)| *doc != roster_doc);
    verdict
}

/// Takes a page in, document by document. `by` is the device that pushes.
pub fn admit<L: Log>(log: &mut L, roster: &Roster, by: DeviceId, verdict: Verdict) -> Result<Outcome, L::Error> {
    let mut outcome = Outcome::default();
    let (numbers, mut fresh) = keep_seals(log, &verdict.good)?;
    for (doc, judged) in verdict.docs {
        let leaves = verdict.leaves.get(&doc).map(Vec::as_slice).unwrap_or_default();
        let leaves: Vec<(LeafRef, bool)> = leaves
            .iter()
            .filter_map(|leaf| {
                let new = fresh.remove(&(leaf.seal, leaf.index));
                Some((LeafRef { seal: *numbers.get(&leaf.seal)?, proof: Vec::new(), ..leaf.clone() }, new))
            })
            .collect();
        take_doc(log, roster, by, doc, judged, leaves, &mut outcome)?;
    }
    Ok(outcome)
}

/// A number in the page → the log's own.
type Numbers = BTreeMap<u32, u32>;
/// Leaves that the log had not: the page's number of the seal, and the place.
type Fresh = BTreeSet<(u32, u64)>;

fn keep_seals<L: Log>(log: &mut L, seals: &[Good]) -> Result<(Numbers, Fresh), L::Error> {
    let (mut numbers, mut fresh) = (Numbers::new(), Fresh::new());
    for good in seals {
        let number = log.put_seal(&good.seal)?;
        numbers.insert(good.number, number);
        let leaves: Vec<(u64, Node)> = good.leaves.iter().map(|placed| (placed.pos, placed.leaf.node())).collect();
        let new = log.put_nodes(number, &leaves, &good.given)?;
        fresh.extend(leaves.iter().zip(new).filter(|(_, new)| *new).map(|((place, _), _)| (good.number, *place)));
    }
    Ok((numbers, fresh))
}

/// The document as admission asks about it.
struct Work<'r> {
    row: &'r DocRow,
    genesis: ChangeHash,
    doc: DocId,
    known: BTreeMap<ChangeHash, Option<Stored>>,
}

impl DocState for Work<'_> {
    fn max_op(&self) -> u64 {
        self.row.max_op
    }

    fn last(&self, actor: ActorId) -> Last {
        self.row.actors.iter().find(|(own, _)| *own == actor).map(|(_, last)| *last).unwrap_or_default()
    }

    fn change(&self, hash: ChangeHash) -> Option<Stored> {
        if hash == self.genesis {
            return Some(Stored { actor: ActorId::of_genesis(self.doc), max_op: GENESIS_MAX_OP });
        }
        self.known.get(&hash).copied().flatten()
    }

    fn heads(&self) -> &[ChangeHash] {
        &self.row.heads
    }
}

fn take_doc<L: Log>(
    log: &mut L,
    roster: &Roster,
    by: DeviceId,
    doc: DocId,
    judged: Vec<Judged>,
    leaves: Vec<(LeafRef, bool)>,
    outcome: &mut Outcome,
) -> Result<(), L::Error> {
    let (row, mut state) = match log.doc(doc)? {
        Some(found) => found,
        None => (log.row(doc)?, DocRow::new(doc)),
    };
    let genesis = genesis(doc).hash;
    let mut known = BTreeMap::new();
    let mut taken: Vec<Judged> = Vec::new();
    for change in judged {
        let parsed = &change.arrival.change;
        for hash in parsed.deps.iter().chain([&parsed.hash]).chain(&state.heads) {
            if state.changes > 0 && *hash != genesis && !known.contains_key(hash) {
                known.insert(*hash, log.change(row, *hash)?);
            }
        }
        let work = Work { row: &state, genesis, doc, known: std::mem::take(&mut known) };
        // What is here already was judged when it came.
        let held = work.change(parsed.hash).is_some();
        let objection = if held { None } else { change.objection(|_| Ok(false))? };
        let verdict = match objection {
            Some(objection) => Err(objection.code),
            None => fits(parsed, &work).map_err(|refused| refused.code()),
        };
        known = work.known;
        match verdict {
            Ok(Admission::Known) => outcome.accepted.push((doc, parsed.hash)),
            Ok(Admission::New) => {
                let stored = Stored { actor: parsed.actor, max_op: parsed.max_op() };
                log.put_change(row, parsed.hash, stored)?;
                known.insert(parsed.hash, Some(stored));
                grow(&mut state, parsed);
                outcome.accepted.push((doc, parsed.hash));
                outcome.new += 1;
                taken.push(change);
            }
            Ok(Admission::Missing(_)) => {
                outcome.want.insert(doc);
            }
            Err(code) => {
                let bytes = bytes_of(change.arrival.carrier, parsed).unwrap_or_default();
                log.quarantine(by, doc, code, &bytes)?;
                outcome.refused.push(Refusal { change: parsed.hash, doc, code: code.to_owned() });
            }
        }
    }
    // An entry is complete in itself: changes bring what vouches for them, though a page whose changes were refused or
    // waited showed those leaves before. Without changes only what is new is worth an entry.
    let alone = taken.is_empty();
    let leaves: Vec<LeafRef> = leaves.into_iter().filter(|(_, new)| *new || !alone).map(|(leaf, _)| leaf).collect();
    // What waits for something is asked for whole and brings its leaves again: without their facts they only look like
    // a gap to others.
    if alone && (leaves.is_empty() || outcome.want.contains(&doc)) {
        return Ok(());
    }
    let first = state.kind.is_none();
    if first {
        state.kind = kind_of(roster.tenant, doc, &taken);
    }
    log.put_doc(row, &state)?;
    let is_scope = state.kind.as_deref() == Some("scope");
    // Appending takes both; only a scope's steps are still needed then.
    let facts = taken.iter().filter(|_| is_scope).flat_map(|change| change.arrival.facts.iter().flatten());
    let facts: Vec<Fact> = facts.cloned().collect();
    let shown = if is_scope { leaves.clone() } else { Vec::new() };
    let pos = append(log, roster.tenant, row, doc, taken, leaves)?;
    outcome.entries = Some((outcome.entries.map_or(pos, |(first, _)| first), pos));
    if first {
        match state.kind.as_deref() {
            Some(kind) if scope::is_common(kind) => log.make_common(row, pos)?,
            Some("scope") => log.enter(row, sight::own_tag(doc), &[row], pos)?,
            _ => {}
        }
    }
    if is_scope { sight::take(log, roster, row, &facts, &shown, pos) } else { Ok(()) }
}

fn grow(state: &mut DocRow, change: &Parsed) {
    let last = Last { seq: change.seq, max_op: change.max_op() };
    state.max_op = state.max_op.max(last.max_op);
    state.heads.retain(|head| change.deps.binary_search(head).is_err());
    state.heads.push(change.hash);
    state.heads.sort_unstable();
    match state.actors.iter_mut().find(|(actor, _)| *actor == change.actor) {
        Some((_, known)) => *known = last,
        None => state.actors.push((change.actor, last)),
    }
    state.sum.add(change.hash);
    state.changes += 1;
}

fn append<L: Log>(
    log: &mut L,
    tenant: TenantId,
    row: u64,
    doc: DocId,
    taken: Vec<Judged>,
    leaves: Vec<LeafRef>,
) -> Result<u64, L::Error> {
    let mut authors: BTreeMap<Author, u32> = BTreeMap::new();
    for change in &taken {
        if let Carrier::Device(author) = change.arrival.carrier {
            authors.insert(author, log.author_number(author)?);
        }
    }
    let places: Vec<(u32, u64)> = leaves.iter().map(|leaf| (leaf.seal, leaf.index)).collect();
    let changes = taken.into_iter().map(|change| (change.arrival.carrier, change.arrival.change)).collect();
    let body = item_bytes(tenant, &authors, &Item { doc, changes, leaves });
    let numbers: Vec<u32> = authors.into_values().collect();
    log.append(&NewEntry { row, body: &body, authors: &numbers, leaves: &places })
}

/// The kind that a document's first entry gives it; of several names the one in the fact with the lowest id, as
/// devices have it. A document that calls itself a scope must be the scope of the person it names.
fn kind_of(tenant: TenantId, doc: DocId, taken: &[Judged]) -> Option<String> {
    if doc == roster::doc(tenant) {
        return Some("roster".to_owned());
    }
    let facts = taken.iter().flat_map(|change| change.arrival.facts.iter().flatten());
    let named = facts.filter(|fact| matches!(fact.kind(), "created" | "imported"));
    let named = named.filter_map(|fact| Some((fact.id, fact.str("dk").filter(|dk| dk.len() <= 40)?, fact)));
    let (_, kind, fact) = named.min_by_key(|(id, ..)| *id)?;
    let honest = kind != "scope" || scope::person_of(tenant, doc, fact).is_some();
    (honest && kind != "roster").then(|| kind.to_owned())
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
