//! Whose steps of a scope count. A step is taken when it comes, which costs nothing; only where somebody's standing is
//! in question is a scope put together anew, from all that the log holds of it. So what is in sight follows from the
//! entries and the roster alone, in whatever order they came.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use docket_format::bundle::{Item, LeafRef};
use docket_format::merkle::Leaf;
use docket_format::roster::{Roster, SealTag, State};
use docket_format::{Author, DeviceId, Fact, FactId, scope};

use super::{Log, recall};
use crate::judge::{self, Judged, Tips};

/// The tag under which a person's devices are shown their own scope: they learn from it what came and went.
pub(super) fn own_tag(scope: docket_format::DocId) -> FactId {
    FactId::of(scope, b"itself")
}

/// What of a device's steps counts.
#[derive(Debug, PartialEq, Eq)]
enum Counts<'r> {
    All,
    /// What these seals reach.
    Under(&'r BTreeSet<SealTag>),
    None,
}

fn counts(roster: &Roster, device: DeviceId) -> Counts<'_> {
    match roster.device(device).filter(|entry| scope::may_dispatch(&entry.role)).map(|entry| &entry.state) {
        Some(State::Active | State::Rotated { .. }) => Counts::All,
        Some(State::Revoked { seals, .. }) => Counts::Under(seals),
        Some(State::Contested) | None => Counts::None,
    }
}

/// Whether what a device states in scopes has to be looked at together with all that its seals reach.
fn is_disputed(roster: &Roster, device: DeviceId) -> bool {
    matches!(counts(roster, device), Counts::Under(_))
}

/// Takes the steps of an entry of a scope, which was just appended at `pos`.
pub(super) fn take<L: Log>(
    log: &mut L,
    roster: &Roster,
    scope: u64,
    taken: &[Fact],
    leaves: &[LeafRef],
    pos: u64,
) -> Result<(), L::Error> {
    let mut disputed = taken.iter().filter_map(Fact::author).any(|author| is_disputed(roster, author.device));
    for leaf in leaves {
        // A seal may show that older steps stand.
        disputed |= author_of(log, leaf.seal)?.is_some_and(|author| is_disputed(roster, author.device));
    }
    if disputed {
        return anew(log, roster, scope, pos);
    }
    let may = |fact: &&Fact| fact.author().is_some_and(|author| counts(roster, author.device) == Counts::All);
    for fact in taken.iter().filter(may) {
        match scope::step(fact) {
            Some(scope::Step::Enter(docs)) => {
                let rows = docs.into_iter().map(|doc| log.row(doc)).collect::<Result<Vec<_>, _>>()?;
                log.enter(scope, fact.id, &rows, pos)?;
            }
            Some(scope::Step::Leave(tags)) => {
                for tag in tags {
                    log.leave(scope, tag)?;
                }
            }
            None => {}
        }
    }
    Ok(())
}

/// After the roster has changed: scopes in which somebody had a say who has another standing now are put together anew.
/// What comes into sight by that comes as of the log's head, so call this in the transaction that changed the roster.
pub fn review<L: Log>(log: &mut L, before: &Roster, after: &Roster) -> Result<(), L::Error> {
    let known = before.devices().map(|(device, _)| device);
    let turned: BTreeSet<DeviceId> = known.filter(|device| counts(before, *device) != counts(after, *device)).collect();
    if turned.is_empty() {
        return Ok(());
    }
    let pos = log.head()?.pos;
    for scope in log.scopes()? {
        let item = item_of(log, after, scope)?;
        let said = item.iter().flat_map(|item| &item.changes).flat_map(|(_, change)| &change.facts);
        let said = said.filter_map(|(key, text)| Fact::read(item.as_ref()?.doc, *key, text.as_bytes()).ok());
        if said.filter_map(|fact| fact.author()).any(|author| turned.contains(&author.device)) {
            put(log, after, scope, item, pos)?;
        }
    }
    Ok(())
}

/// Puts a scope together from everything that the log holds of it.
fn anew<L: Log>(log: &mut L, roster: &Roster, scope: u64, pos: u64) -> Result<(), L::Error> {
    let item = item_of(log, roster, scope)?;
    put(log, roster, scope, item, pos)
}

fn put<L: Log>(log: &mut L, roster: &Roster, scope: u64, item: Option<Item>, pos: u64) -> Result<(), L::Error> {
    let Some(item) = item else { return Ok(()) };
    let own = own_tag(item.doc);
    let tips = standing_tips(log, roster, &item)?;
    let judged = judge::judge(item, roster, &tips);
    let (mut live, mut ended) = (BTreeMap::from([(own, vec![scope])]), BTreeSet::new());
    for fact in judged.iter().flat_map(|one| standing(roster, one)) {
        match scope::step(fact) {
            Some(scope::Step::Enter(docs)) => {
                let rows = docs.into_iter().map(|doc| log.row(doc)).collect::<Result<Vec<_>, _>>()?;
                live.insert(fact.id, rows);
            }
            Some(scope::Step::Leave(tags)) => ended.extend(tags),
            None => {}
        }
    }
    live.retain(|tag, _| !ended.contains(tag));
    log.put_scope(scope, &live, &ended, pos)
}

/// The facts of a change that count.
fn standing<'j>(roster: &Roster, judged: &'j Judged) -> impl Iterator<Item = &'j Fact> {
    let facts = judged.arrival.facts.iter().enumerate();
    facts.filter_map(|(place, fact)| {
        let fact = fact.as_ref().ok()?;
        let counts = match counts(roster, fact.author()?.device) {
            Counts::All => true,
            Counts::Under(_) => !judged.unvouched.contains(&place),
            Counts::None => false,
        };
        counts.then_some(fact)
    })
}

/// What the seals that stand vouch for, of a scope's entries.
fn standing_tips<L: Log>(log: &L, roster: &Roster, item: &Item) -> Result<Tips, L::Error> {
    let mut standing: BTreeMap<u32, Option<Author>> = BTreeMap::new();
    let mut tips: Vec<(Author, Leaf)> = Vec::new();
    for leaf in &item.leaves {
        if let Entry::Vacant(unknown) = standing.entry(leaf.seal) {
            let seal = log.seal(leaf.seal)?;
            let claims = seal.and_then(|seal| Some((seal.claims().ok()?.author, seal.id())));
            let stands = claims.filter(|(author, id)| roster.seal_stands(author.device, *id));
            unknown.insert(stands.map(|(author, _)| author));
        }
        let author = standing.get(&leaf.seal).copied().flatten();
        tips.extend(author.map(|author| (author, leaf.leaf)));
    }
    Ok(Tips::from([(item.doc, tips)]))
}

fn author_of<L: Log>(log: &L, seal: u32) -> Result<Option<Author>, L::Error> {
    Ok(log.seal(seal)?.and_then(|seal| Some(seal.claims().ok()?.author)))
}

/// All that the log holds of a document, in one item; `None` if nothing is there or it can't be read any more.
fn item_of<L: Log>(log: &L, roster: &Roster, row: u64) -> Result<Option<Item>, L::Error> {
    Ok(judge::whole(recall::all_of(log, roster.tenant, row)?).into_iter().next())
}
