//! Visits: arrivals close together are one visit of a crew (D-H9); the same person coming again after an outcome is
//! another.

use std::collections::{BTreeMap, BTreeSet};

use docket_format::{DeviceId, FactId, PersonId};

use super::issues::{Issues, choice};
use super::order::Item;
use crate::issue::IssueKind;
use crate::kind;
use crate::policy::Policy;
use crate::time::MINUTE_MS;

/// The arrivals of one visit, first first; never empty.
pub(super) struct Group<'i, 'a> {
    pub(super) arrivals: Vec<&'i Item<'a>>,
}

impl<'i, 'a> Group<'i, 'a> {
    pub(super) fn first(&self) -> Option<&'i Item<'a>> {
        self.arrivals.first().copied()
    }
}

/// The visits of a job, and which fact belongs to which. Lookups are by map: a record full of arrivals must not make
/// the fold quadratic.
pub(super) struct Visits<'i, 'a> {
    pub(super) groups: Vec<Group<'i, 'a>>,
    by_arrival: BTreeMap<FactId, usize>,
    /// Place and visit of each arrival, of each device; in the fold's order.
    by_device: BTreeMap<Option<DeviceId>, Vec<(u32, usize)>>,
    /// Place and visit of every arrival, in the fold's order.
    all: Vec<(u32, usize)>,
    /// Visits of nobody but people whom the job had been taken from, undecided.
    late: BTreeSet<usize>,
    /// A late visit that completed the job and was credited → the place of that decision.
    credited: BTreeMap<usize, u32>,
}

/// Whether a fact of this kind says how a visit ended.
pub(super) fn is_outcome(kind: &str) -> bool {
    matches!(kind, kind::COMPLETED | kind::REFUSED | kind::NO_ACCESS)
}

impl<'i, 'a> Visits<'i, 'a> {
    pub(super) fn of(items: &'i [Item<'a>], policy: &Policy) -> Self {
        let window_ms = policy.clocks.crew_window_min * MINUTE_MS;
        let mut visits = Self {
            groups: Vec::new(),
            by_arrival: BTreeMap::new(),
            by_device: BTreeMap::new(),
            all: Vec::new(),
            late: BTreeSet::new(),
            credited: BTreeMap::new(),
        };
        let ends = Ends::of(items);
        for arrival in items.iter().filter(|item| item.is(kind::ARRIVED)) {
            let near = visits.groups.iter().rposition(|group| {
                let gap = group.first().map(|first| arrival.wall().0.saturating_sub(first.wall().0));
                gap.is_some_and(|gap| gap.saturating_abs() <= window_ms)
            });
            let joined = near.and_then(|index| visits.groups.get_mut(index).map(|group| (index, group)));
            let index = if let Some((index, group)) = joined.filter(|(_, group)| !ends.has_left(group, arrival)) {
                group.arrivals.push(arrival);
                index
            } else {
                visits.groups.push(Group { arrivals: vec![arrival] });
                visits.groups.len() - 1
            };
            visits.by_arrival.insert(arrival.id(), index);
            visits.by_device.entry(arrival.device()).or_default().push((arrival.pos, index));
            visits.all.push((arrival.pos, index));
        }
        visits
    }

    /// The visit that a fact belongs to: the one it names, else that of its device's arrival before it (or, for want
    /// of one, after it), else the latest visit before it.
    pub(super) fn of_fact(&self, item: &Item<'_>) -> Option<usize> {
        let first = self.all.first()?;
        let named = item.fact.fact_id("visit").and_then(|visit| self.by_arrival.get(&visit)).copied();
        let own = || {
            let arrivals = self.by_device.get(&item.device())?;
            last_before(arrivals, item.pos).or_else(|| arrivals.first().map(|(_, visit)| *visit))
        };
        named.or_else(own).or_else(|| last_before(&self.all, item.pos)).or(Some(first.1))
    }

    /// The visit of an arrival.
    pub(super) fn of_arrival(&self, arrival: FactId) -> Option<usize> {
        self.by_arrival.get(&arrival).copied()
    }

    /// Ranks the visits of which every arrival is `late` below all others.
    pub(super) fn put_last(&mut self, late: impl Fn(FactId) -> bool) {
        let groups = self.groups.iter().enumerate();
        self.late = groups
            .filter(|(_, group)| group.arrivals.iter().all(|one| late(one.id())))
            .map(|(index, _)| index)
            .collect();
    }

    /// Lets a visit have the last word as of the place of a decision.
    pub(super) fn credit(&mut self, visit: usize, pos: u32) {
        self.credited.insert(visit, pos);
    }

    /// Where the credit of a visit was decided.
    pub(super) fn credited_at(&self, visit: usize) -> Option<u32> {
        self.credited.get(&visit).copied()
    }

    /// Which of several visits counts: the one with the highest rank.
    pub(super) fn rank(&self, visit: Option<usize>) -> (bool, u32, Option<usize>) {
        let began = visit.and_then(|index| self.groups.get(index)?.first()).map_or(0, |first| first.pos);
        let pos = visit.and_then(|index| self.credited_at(index)).map_or(began, |decided| decided.max(began));
        (visit.is_some_and(|index| !self.late.contains(&index)), pos, visit)
    }
}

fn last_before(arrivals: &[(u32, usize)], pos: u32) -> Option<usize> {
    let count = arrivals.partition_point(|(arrival, _)| *arrival < pos);
    arrivals.get(count.checked_sub(1)?).map(|(_, visit)| *visit)
}

/// Where each person ended a visit.
struct Ends(BTreeMap<PersonId, Vec<u32>>);

impl Ends {
    fn of(items: &[Item<'_>]) -> Self {
        let mut ends: BTreeMap<PersonId, Vec<u32>> = BTreeMap::new();
        for item in items.iter().filter(|item| item.applied() && is_outcome(item.kind())) {
            if let Some(person) = item.person() {
                ends.entry(person).or_default().push(item.pos);
            }
        }
        Self(ends)
    }

    /// Whether the person arriving was in this visit and has ended it: then this is another one. Arriving twice
    /// without that is a double tap.
    fn has_left(&self, group: &Group<'_, '_>, arrival: &Item<'_>) -> bool {
        let before = group.arrivals.iter().rev().find(|earlier| earlier.same_person(arrival));
        let ends = arrival.who.as_ref().and_then(|who| self.0.get(&who.person));
        before.zip(ends).is_some_and(|(before, ends)| ends.iter().any(|end| (before.pos..arrival.pos).contains(end)))
    }
}

/// Raises an issue for each visit after one that nothing excuses (D-H9): the one before was completed or never ended,
/// and the job was not reopened in between.
pub(super) fn report(items: &[Item<'_>], visits: &Visits<'_, '_>, ends: &[Vec<&Item<'_>>], issues: &mut Issues) {
    for (index, pair) in visits.groups.windows(2).enumerate() {
        let [before, after] = pair else { continue };
        let (Some(first), Some(second)) = (before.first(), after.first()) else { continue };
        let ends = ends.get(index).map(Vec::as_slice).unwrap_or_default();
        let excused = ends.iter().any(|end| matches!(end.kind(), kind::REFUSED | kind::NO_ACCESS));
        let between = items.get(first.pos as usize..second.pos as usize).unwrap_or_default();
        // D-H15: a second visit for a part isn't the technician's fault.
        let for_a_part = || super::duties::parts::asked_for_in(items, visits, index);
        if excused || between.iter().any(|item| item.is(kind::REOPENED)) || for_a_part() {
            continue;
        }
        let facts: Vec<FactId> = vec![first.id(), second.id()];
        let options = vec![choice(first, "the first visit".into()), choice(second, "the second visit".into())];
        let how = if ends.is_empty() { "that was not ended" } else { "that was completed" };
        issues.raise(IssueKind::TwoVisits, "", facts, options, format!("a second visit after one {how}"));
    }
}
