//! Taking in what a pushed page has of one document.

use std::collections::{BTreeMap, BTreeSet};

use docket_format::bundle::{Item, LeafRef, item_bytes};
use docket_format::change::GENESIS_MAX_OP;
use docket_format::change::{Admission, Carrier, DocState, Last, Parsed, Stored, admit as fits, genesis};
use docket_format::merkle::Leaf;
use docket_format::roster::Roster;
use docket_format::{ActorId, Author, ChangeHash, DeviceId, DocId, Fact, FactId, TenantId, roster, scope};

use super::admit::Outcome;
use super::recall::{Found, Recall};
use super::{DocRow, Log, NewEntry, sight};
use crate::arrival::{Arrival, bytes_of};
use crate::judge::{self, Judged, Objection};
use crate::wire::Refusal;

/// What a page has of one document.
pub(super) struct Pushed {
    /// Who pushes.
    pub by: DeviceId,
    pub doc: DocId,
    pub judged: Vec<Judged>,
    /// What the page's seals say of the document.
    pub leaves: Vec<Sealed>,
}

impl Pushed {
    /// The leaves as what judges wants them.
    fn tips(&self) -> Vec<(Author, Leaf)> {
        self.leaves.iter().map(|one| (one.author, one.leaf.leaf)).collect()
    }
}

/// A leaf that a page shows.
pub(super) struct Sealed {
    /// With the log's own number of the seal.
    pub leaf: LeafRef,
    /// Who sealed it.
    pub author: Author,
    /// Whether an entry holds it already.
    pub held: bool,
}

/// What becomes of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// The log has it.
    Known,
    New,
    /// For something that is not here.
    Waits,
    Refused(&'static str),
}

/// Takes them in, notes what became of each, and makes an entry of what is new; gives the leaves (seal, place) that the
/// entry holds.
pub(super) fn document<L: Log>(
    log: &mut L,
    roster: &Roster,
    pushed: Pushed,
    recall: &mut Recall,
    outcome: &mut Outcome,
) -> Result<Vec<(u32, u64)>, L::Error> {
    let doc = pushed.doc;
    let (row, before) = match log.doc(doc)? {
        Some(found) => found,
        None => (log.row(doc)?, DocRow::new(doc)),
    };
    let (fates, mut state) = sort(log, row, &before, &pushed, roster)?;
    note(log, &pushed, &fates, outcome)?;
    let leaves = worth_an_entry(log, recall, roster.tenant, row, &pushed, &fates)?;
    if state.changes == before.changes && leaves.is_empty() {
        return Ok(Vec::new());
    }
    let first = state.kind.is_none();
    let is_scope = |state: &DocRow| state.kind.as_deref() == Some("scope");
    // Only what gives a document its kind, and the steps of a scope, are read.
    let facts: Vec<Fact> = if first || is_scope(&state) {
        let new = arrivals(&pushed, &fates, Fate::is_new);
        new.iter().flat_map(|arrival| arrival.facts.iter().flatten()).cloned().collect()
    } else {
        Vec::new()
    };
    if first {
        state.kind = kind_of(roster.tenant, doc, &facts);
    }
    for (hash, stored) in state.overflow() {
        log.put_change(row, hash, stored)?;
    }
    log.put_doc(row, &state)?;
    let steps = if is_scope(&state) { leaves.clone() } else { Vec::new() };
    let places: Vec<(u32, u64)> = leaves.iter().map(|leaf| (leaf.seal, leaf.index)).collect();
    let entry = Item { doc, changes: entry(pushed, &fates, roster), leaves };
    let pos = append(log, roster.tenant, row, &entry, &places)?;
    outcome.entries = Some((outcome.entries.map_or(pos, |(first, _)| first), pos));
    if first {
        match state.kind.as_deref() {
            Some(kind) if scope::is_common(kind) => log.make_common(row, pos)?,
            Some("scope") => log.enter(row, sight::own_tag(doc), &[row], pos)?,
            _ => {}
        }
    }
    if is_scope(&state) {
        sight::take(log, roster, row, &facts, &steps, pos)?;
    }
    Ok(places)
}

/// Says what became of each change, and keeps what is refused as evidence.
fn note<L: Log>(log: &mut L, pushed: &Pushed, fates: &[Fate], outcome: &mut Outcome) -> Result<(), L::Error> {
    let doc = pushed.doc;
    for (change, fate) in pushed.judged.iter().zip(fates) {
        let hash = change.arrival.change.hash;
        match fate {
            Fate::Known => outcome.accepted.push((doc, hash)),
            Fate::New => {
                outcome.accepted.push((doc, hash));
                outcome.new += 1;
            }
            Fate::Waits => {
                outcome.want.insert(doc);
            }
            Fate::Refused(code) => {
                let bytes = bytes_of(change.arrival.carrier, &change.arrival.change).unwrap_or_default();
                log.quarantine(pushed.by, doc, code, &bytes)?;
                outcome.refused.push(Refusal { change: hash, doc, code: (*code).to_owned() });
            }
        }
    }
    Ok(())
}

/// The leaves that go into the entry. Changes bring what vouches for them, though an entry may hold those leaves
/// already; without changes only what none holds is worth one. A leaf of a fact that is not in the log has no place in
/// it: to whoever is sent it, it looks like a gap. Whoever brings the fact brings what vouches for it again.
fn worth_an_entry<L: Log>(
    log: &L,
    recall: &mut Recall,
    tenant: TenantId,
    row: u64,
    pushed: &Pushed,
    fates: &[Fate],
) -> Result<Vec<LeafRef>, L::Error> {
    let grown = fates.iter().any(|fate| fate.is_new());
    let here = arrivals(pushed, fates, Fate::stays);
    let here = here.iter().flat_map(|arrival| arrival.facts.iter().flatten());
    let here: BTreeMap<FactId, &Fact> = here.map(|fact| (fact.id, fact)).collect();
    let bare = pushed.leaves.iter().filter(|one| !one.held).map(|one| one.leaf.leaf.fact);
    let bare: BTreeSet<FactId> = bare.filter(|fact| !here.contains_key(fact)).collect();
    let found = if bare.is_empty() { Found::default() } else { recall.find(log, tenant, row, bare)? };
    let worth = |one: &&Sealed| {
        let leaf = &one.leaf.leaf;
        match here.get(&leaf.fact).copied().or_else(|| found.facts.get(&leaf.fact)) {
            _ if one.held => grown,
            Some(fact) => judge::fits(fact, one.author, leaf.n),
            // Better one too many than one that nobody offers again.
            None => !found.whole,
        }
    };
    Ok(pushed.leaves.iter().filter(worth).map(|one| one.leaf.clone()).collect())
}

/// What becomes of each change, and the document as it is then.
///
/// A page is judged as a whole, so a fact of one change may be vouched for by way of another. Where that other one is
/// not taken in, nothing would vouch for the fact any more: it shares its fate.
fn sort<L: Log>(
    log: &L,
    row: u64,
    before: &DocRow,
    pushed: &Pushed,
    roster: &Roster,
) -> Result<(Vec<Fate>, DocRow), L::Error> {
    let mut orphans: BTreeMap<ChangeHash, Fate> = BTreeMap::new();
    loop {
        let (fates, state) = admitted(log, row, before, pushed, &orphans)?;
        if fates.iter().all(|fate| fate.stays()) {
            return Ok((fates, state));
        }
        let vouched = judge::vouched(pushed.doc, &arrivals(pushed, &fates, Fate::stays), roster, &pushed.tips());
        let new = arrivals(pushed, &fates, Fate::is_new).into_iter().map(|arrival| &arrival.change);
        let lost = new.filter(|change| !all_in(change, &vouched));
        let lost: Vec<ChangeHash> = lost.map(|change| change.hash).collect();
        if lost.is_empty() {
            return Ok((fates, state));
        }
        // What waits is asked for whole: they come with it.
        let fate = if fates.contains(&Fate::Waits) { Fate::Waits } else { Fate::Refused(Objection::UNSEALED) };
        orphans.extend(lost.into_iter().map(|hash| (hash, fate)));
    }
}

fn all_in(change: &Parsed, vouched: &BTreeSet<FactId>) -> bool {
    change.facts.iter().all(|(key, _)| vouched.contains(key))
}

impl Fate {
    const fn is_new(self) -> bool {
        matches!(self, Self::New)
    }

    const fn stays(self) -> bool {
        matches!(self, Self::Known | Self::New)
    }
}

/// The changes with such a fate.
fn arrivals<'p>(pushed: &'p Pushed, fates: &[Fate], which: impl Fn(Fate) -> bool) -> Vec<&'p Arrival> {
    let changes = pushed.judged.iter().zip(fates).filter(|(_, fate)| which(**fate));
    changes.map(|(change, _)| &change.arrival).collect()
}

/// What the log would take of the changes, one after the other, if these orphans had the fates that they have.
fn admitted<L: Log>(
    log: &L,
    row: u64,
    before: &DocRow,
    pushed: &Pushed,
    orphans: &BTreeMap<ChangeHash, Fate>,
) -> Result<(Vec<Fate>, DocRow), L::Error> {
    let doc = pushed.doc;
    let mut work = Work::of(doc, before);
    let mut fates = Vec::with_capacity(pushed.judged.len());
    for change in &pushed.judged {
        let parsed = &change.arrival.change;
        work.look_up(log, row, parsed)?;
        // What is here already was judged when it came.
        let held = work.change(parsed.hash).is_some();
        let objection = if held { None } else { change.objection(|_| Ok(false))? };
        let verdict = match objection {
            Some(objection) => Err(objection.code),
            None => fits(parsed, &work).map_err(|refused| refused.code()),
        };
        fates.push(match (verdict, orphans.get(&parsed.hash)) {
            (Ok(Admission::New), Some(fate)) => *fate,
            (Ok(Admission::New), None) => {
                work.take(parsed);
                Fate::New
            }
            (Ok(Admission::Known), _) => Fate::Known,
            (Ok(Admission::Missing(_)), _) => Fate::Waits,
            (Err(code), _) => Fate::Refused(code),
        });
    }
    Ok((fates, work.row))
}

/// The document as admission asks about it.
struct Work {
    row: DocRow,
    genesis: ChangeHash,
    doc: DocId,
    known: BTreeMap<ChangeHash, Option<Stored>>,
    /// Every change of the document is in its row.
    all_known: bool,
}

impl Work {
    fn of(doc: DocId, before: &DocRow) -> Self {
        let known = before.newest.iter().map(|(hash, stored)| (*hash, Some(*stored))).collect();
        let all_known = before.newest.len() as u64 == before.changes;
        Self { row: before.clone(), genesis: genesis(doc).hash, doc, known, all_known }
    }

    /// What admission will ask about a change.
    fn look_up<L: Log>(&mut self, log: &L, row: u64, change: &Parsed) -> Result<(), L::Error> {
        for hash in change.deps.iter().chain([&change.hash]).chain(&self.row.heads) {
            if !self.all_known && *hash != self.genesis && !self.known.contains_key(hash) {
                self.known.insert(*hash, log.change(row, *hash)?);
            }
        }
        Ok(())
    }

    fn take(&mut self, change: &Parsed) {
        let stored = Stored { actor: change.actor, max_op: change.max_op() };
        self.known.insert(change.hash, Some(stored));
        grow(&mut self.row, change, stored);
    }
}

impl DocState for Work {
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

/// What goes into the entry: the new changes, and of the known ones those by way of which the seals reach the new
/// ones' facts. An entry is complete in itself: whoever is sent it may have nothing else.
fn entry(pushed: Pushed, fates: &[Fate], roster: &Roster) -> Vec<(Carrier, Parsed)> {
    let mut bridges: BTreeSet<Author> = BTreeSet::new();
    if fates.contains(&Fate::Known) {
        let new = arrivals(&pushed, fates, Fate::is_new);
        let vouched = judge::vouched(pushed.doc, &new, roster, &pushed.tips());
        let facts = new.iter().flat_map(|arrival| arrival.facts.iter().flatten());
        bridges = facts.filter(|fact| !vouched.contains(&fact.id)).filter_map(Fact::author).collect();
    }
    let is_bridge = |arrival: &Arrival| {
        arrival.facts.iter().flatten().filter_map(Fact::author).any(|author| bridges.contains(&author))
    };
    let changes = pushed.judged.into_iter().zip(fates);
    let wanted = changes.filter(|(change, fate)| match fate {
        Fate::New => true,
        Fate::Known => is_bridge(&change.arrival),
        Fate::Waits | Fate::Refused(_) => false,
    });
    wanted.map(|(change, _)| (change.arrival.carrier, change.arrival.change)).collect()
}

fn grow(state: &mut DocRow, change: &Parsed, stored: Stored) {
    let last = Last { seq: change.seq, max_op: stored.max_op };
    state.max_op = state.max_op.max(last.max_op);
    state.heads.retain(|head| change.deps.binary_search(head).is_err());
    state.heads.push(change.hash);
    state.heads.sort_unstable();
    match state.actors.iter_mut().find(|(actor, _)| *actor == change.actor) {
        Some((_, known)) => *known = last,
        None => state.actors.push((change.actor, last)),
    }
    state.newest.push((change.hash, stored));
    state.sum.add(change.hash);
    state.changes += 1;
}

fn append<L: Log>(
    log: &mut L,
    tenant: TenantId,
    row: u64,
    entry: &Item,
    leaves: &[(u32, u64)],
) -> Result<u64, L::Error> {
    let mut authors: BTreeMap<Author, u32> = BTreeMap::new();
    for (carrier, _) in &entry.changes {
        if let Carrier::Device(author) = carrier {
            authors.insert(*author, log.author_number(*author)?);
        }
    }
    let body = item_bytes(tenant, &authors, entry);
    let numbers: Vec<u32> = authors.into_values().collect();
    log.append(&NewEntry { row, body: &body, authors: &numbers, leaves })
}

/// The kind that a document's first entry gives it; of several names the one in the fact with the lowest id, as
/// devices have it. A document that calls itself a scope must be the scope of the person it names.
fn kind_of(tenant: TenantId, doc: DocId, facts: &[Fact]) -> Option<String> {
    if doc == roster::doc(tenant) {
        return Some("roster".to_owned());
    }
    let named = facts.iter().filter(|fact| matches!(fact.kind(), "created" | "imported"));
    let named = named.filter_map(|fact| Some((fact.id, fact.str("dk").filter(|dk| dk.len() <= 40)?, fact)));
    let (_, kind, fact) = named.min_by_key(|(id, ..)| *id)?;
    let honest = kind != "scope" || scope::person_of(tenant, doc, fact).is_some();
    (honest && kind != "roster").then(|| kind.to_owned())
}
