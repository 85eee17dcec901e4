//! Late work (DESIGN §5): visits by people whom the job was taken from meanwhile. Work is never refused for arriving
//! late; it is marked, and a supervisor credits it, rejects it or moves it to another job.
//!
//! What is late follows from the facts alone. An assignment names in `seen` the arrivals of people whom it leaves out
//! that its author knew of: these came before. Any other arrival of somebody who was in the crew once and is in none of
//! the crews that stand is late, whatever clocks claim and whenever it came in, and once decided it stays so. Assignments of older versions don't
//! have `seen`: for these the fold's order decides.
//!
//! | decision | effect |
//! |---|---|
//! | none yet | the visit counts where nobody of the crew worked; beside a visit of the crew it decides nothing |
//! | `keep` = the arrival (credit) | it counts; if it completed the job, its answers and outcome are the job's |
//! | no `keep` (reject) | its facts have no effect, and stay in the record |
//! | no `keep`, `to` = another job (move) | as rejected; the other job's record has a note |

use std::collections::{BTreeMap, BTreeSet};

use docket_format::{FactId, PersonId};
use serde_json::Value;

use super::corrections::Fixes;
use super::issues::{Issues, Settled, choice};
use super::order::Item;
use super::registers::values;
use super::visits::{Visits, is_outcome};
use crate::issue::{Choice, IssueKind};
use crate::kind;
use crate::policy::Policy;
use crate::view::{Effect, LateWork, Registers};

/// The late visits of a job, and what was decided about them. Nothing here may be quadratic in a record full of
/// arrivals.
#[derive(Default)]
pub(super) struct Late {
    visits: Vec<Visit>,
    /// What is said about each late arrival in the view.
    marks: BTreeMap<FactId, LateWork>,
    /// Facts of rejected and moved visits.
    aside: BTreeSet<FactId>,
}

/// One person's part in a visit.
struct Visit {
    /// Names it.
    first: FactId,
    options: Vec<Choice>,
    summary: String,
    /// The decision that credits it.
    credited: Option<FactId>,
}

impl Late {
    /// Finds the late visits among facts whose corrections are settled.
    pub(super) fn find(
        items: &[Item<'_>],
        fixes: &Fixes,
        registers: &Registers<'_>,
        policy: &Policy,
        issues: &Issues,
    ) -> Self {
        let mut late = Self::default();
        if !registers.contains_key("crew") || !items.iter().any(|item| item.is(kind::ARRIVED)) {
            return late;
        }
        let crews = Crews::of(items, registers);
        let left_out = items.iter().any(|item| item.is(kind::ARRIVED) && crews.left_out(item));
        if !left_out && !issues.any_decided() {
            return late;
        }
        let visits = Visits::of(items, policy);
        let mut parts: BTreeMap<(usize, PersonId), Part<'_, '_>> = BTreeMap::new();
        for item in items.iter().filter(|item| of_a_visit(item.kind()) && crews.ever_sent(item)) {
            let visit = visits.of_arrival(item.id()).or_else(|| visits.of_fact(item));
            if let Some(key) = visit.zip(item.person()) {
                let part = parts.entry(key).or_default();
                part.facts.push(item);
                if item.is(kind::ARRIVED) {
                    part.arrivals.push(item);
                }
            }
        }
        // What was decided stays so, whoever is sent later. Somebody whose arrival was known was on site already: the
        // rest of that visit is no surprise.
        parts.retain(|_, part| {
            let Some(first) = part.arrivals.first() else { return false };
            issues.is_decided(IssueKind::LateWork, "", &[first.id()])
                || (crews.left_out(first) && !part.arrivals.iter().any(|arrival| crews.knew(arrival)))
        });
        let (mut places, mut rejected) = (BTreeSet::new(), BTreeSet::new());
        for part in parts.values() {
            let Some(first) = part.arrivals.first() else { continue };
            let (settled, decision) = issues.settled(IssueKind::LateWork, "", &[first.id()]);
            let ids = part.arrivals.iter().map(|arrival| arrival.id());
            let credited = decision.filter(|_| settled.keeps(first));
            if settled == Settled::KeepNone {
                rejected.extend(ids);
                places.extend(part.facts.iter().filter(|item| counts(item.kind())).map(|item| item.pos));
            } else {
                let mark = if credited.is_some() { LateWork::Credited } else { LateWork::Open };
                late.marks.extend(ids.map(|id| (id, mark)));
            }
            late.visits.push(Visit {
                first: first.id(),
                options: vec![choice(first, "the late work counts".into())],
                summary: summary(first, part.facts.len(), &crews),
                credited,
            });
        }
        late.aside = effective(items, fixes, places, &rejected);
        late
    }

    /// Whether facts lose their effect: then the record is folded without them.
    pub(super) fn sets_aside(&self) -> bool {
        !self.aside.is_empty()
    }

    /// Takes the effect from the facts of rejected and moved visits.
    pub(super) fn set_aside(&self, items: &[Item<'_>]) {
        for item in items.iter().filter(|item| item.applied() && self.aside.contains(&item.id())) {
            item.effect.set(Effect::Rejected);
        }
    }

    /// Raises an issue for each late visit.
    pub(super) fn report(&self, issues: &mut Issues) {
        for visit in &self.visits {
            issues.raise(IssueKind::LateWork, "", vec![visit.first], visit.options.clone(), visit.summary.clone());
        }
    }

    /// Says which visits decide where the job stands. `ends` are the visits' outcomes.
    pub(super) fn rank(&self, items: &[Item<'_>], ends: &[Vec<&Item<'_>>], visits: &mut Visits<'_, '_>) {
        if self.visits.is_empty() {
            return;
        }
        visits.put_last(|arrival| self.mark(arrival) == Some(LateWork::Open));
        let places: BTreeMap<FactId, u32> =
            items.iter().filter(|item| item.is(kind::DECIDED)).map(|item| (item.id(), item.pos)).collect();
        for visit in &self.visits {
            let decided = visit.credited.and_then(|decision| places.get(&decision));
            let (Some(&decided), Some(index)) = (decided, visits.of_arrival(visit.first)) else { continue };
            // A visit that came to nothing may be credited too, and the job is still to be done.
            let done = ends.get(index).is_some_and(|ends| ends.iter().any(|end| end.kind() == kind::COMPLETED));
            if done {
                visits.credit(index, decided);
            }
        }
    }

    /// What is said about an arrival in the view.
    pub(super) fn mark(&self, arrival: FactId) -> Option<LateWork> {
        self.marks.get(&arrival).copied()
    }
}

/// Keeps a rejected visit whole: voiding its arrival must not turn the rest of it into work outside any visit.
pub(super) fn hold(items: &[Item<'_>], fixes: &Fixes, issues: &Issues) {
    if !issues.any_decided() {
        return;
    }
    for (&by, &target) in fixes {
        let (Some(by), Some(target)) = (items.get(by as usize), items.get(target as usize)) else { continue };
        let rejected = || issues.settled(IssueKind::LateWork, "", &[target.id()]).0 == Settled::KeepNone;
        if by.applied() && target.kind() == kind::ARRIVED && rejected() {
            by.effect.set(Effect::Rejected);
        }
    }
}

/// What one person recorded in one visit.
#[derive(Default)]
struct Part<'i, 'a> {
    arrivals: Vec<&'i Item<'a>>,
    facts: Vec<&'i Item<'a>>,
}

/// The facts that give rejected visits their effect: the person's own (at `places`), what others said about the visit
/// by name, and whatever corrects one of these.
fn effective(
    items: &[Item<'_>],
    fixes: &Fixes,
    mut places: BTreeSet<u32>,
    arrivals: &BTreeSet<FactId>,
) -> BTreeSet<FactId> {
    if places.is_empty() {
        return BTreeSet::new();
    }
    let named = items.iter().filter(|item| item.fact.fact_id("visit").is_some_and(|visit| arrivals.contains(&visit)));
    places.extend(named.filter(|item| counts(item.kind())).map(|item| item.pos));
    let mut corrections_of: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (&fixer, &target) in fixes {
        corrections_of.entry(target).or_default().push(fixer);
    }
    let mut waiting: Vec<u32> = places.iter().copied().collect();
    while let Some(place) = waiting.pop() {
        let more = corrections_of.get(&place).into_iter().flatten().copied();
        waiting.extend(more.filter(|fixer| places.insert(*fixer)).collect::<Vec<_>>());
    }
    places.into_iter().filter_map(|pos| items.get(pos as usize)).map(Item::id).collect()
}

/// Kinds that say something about the job's status, answers or outcome.
fn counts(kind: &str) -> bool {
    is_outcome(kind) || matches!(kind, kind::ARRIVED | kind::STEP | kind::READING | kind::PHOTO | kind::SIGNED)
}

/// Kinds that are recorded on site.
fn of_a_visit(kind: &str) -> bool {
    counts(kind) || matches!(kind, kind::NOTED | kind::HAZARD | kind::CORRECTED)
}

fn summary(first: &Item<'_>, facts: usize, crews: &Crews<'_>) -> String {
    let who = first.person().map(|person| person.to_string()).unwrap_or_default();
    let when = first.wall().rfc3339().unwrap_or_else(|| "an impossible time".into());
    let to: Vec<&str> = crews.standing.iter().copied().collect();
    let to = if to.is_empty() { "nobody".to_owned() } else { to.join(", ") };
    let records = if facts == 1 { "1 record".to_owned() } else { format!("{facts} records") };
    format!("{who} was on site at {when} ({records}), but the job had been reassigned to {to}")
}

/// Who was ever sent, who is sent now, and what those who changed that had seen.
struct Crews<'a> {
    /// Everybody in a crew that stands.
    standing: BTreeSet<&'a str>,
    /// Everybody who was ever in a crew.
    ever: BTreeSet<&'a str>,
    /// An arrival → the crews set by people who knew of it.
    seen: BTreeMap<FactId, Vec<BTreeSet<&'a str>>>,
    /// The place of the last crew that stands whose fact doesn't say what its author had seen.
    silent: Option<u32>,
}

impl<'a> Crews<'a> {
    fn of(items: &[Item<'a>], registers: &Registers<'a>) -> Self {
        let mut crews = Self { standing: BTreeSet::new(), ever: BTreeSet::new(), seen: BTreeMap::new(), silent: None };
        let live: BTreeSet<FactId> =
            registers.get("crew").into_iter().flat_map(|crew| &crew.live).map(|set| set.fact).collect();
        for item in items.iter().filter(|item| item.applied() && kind::sets_registers(item.kind())) {
            let Some((_, crew)) = values(item).find(|(name, _)| *name == "crew") else { continue };
            let people: BTreeSet<&str> = crew.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            crews.ever.extend(&people);
            if live.contains(&item.id()) {
                crews.standing.extend(&people);
                if !item.fact.body.contains_key("seen") {
                    crews.silent = crews.silent.max(Some(item.pos));
                }
            }
            for arrival in item.fact.fact_ids("seen") {
                crews.seen.entry(arrival).or_default().push(people.clone());
            }
        }
        crews
    }

    /// Whether who wrote this was ever sent.
    fn ever_sent(&self, item: &Item<'_>) -> bool {
        item.who.as_ref().is_some_and(|who| self.ever.contains(who.person.as_str()))
    }

    /// Whether who wrote this was sent once and is no longer.
    fn left_out(&self, item: &Item<'_>) -> bool {
        self.ever_sent(item) && item.who.as_ref().is_some_and(|who| !self.standing.contains(who.person.as_str()))
    }

    /// Whether the job was taken from the person by somebody who knew of this arrival.
    fn knew(&self, arrival: &Item<'_>) -> bool {
        let Some(who) = &arrival.who else { return false };
        let named = self.seen.get(&arrival.id());
        named.into_iter().flatten().any(|people| !people.contains(who.person.as_str()))
            || self.silent.is_some_and(|pos| arrival.pos < pos)
    }
}
