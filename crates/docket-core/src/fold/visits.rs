//! Visits: arrivals close together are one visit of a crew (D-H9); the same person coming again after an outcome is
//! another.

use docket_format::FactId;

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

/// The visits of a job, and which fact belongs to which.
pub(super) struct Visits<'i, 'a> {
    pub(super) groups: Vec<Group<'i, 'a>>,
}

/// Whether a fact of this kind says how a visit ended.
pub(super) fn is_outcome(kind: &str) -> bool {
    matches!(kind, kind::COMPLETED | kind::REFUSED | kind::NO_ACCESS)
}

impl<'i, 'a> Visits<'i, 'a> {
    pub(super) fn of(items: &'i [Item<'a>], policy: &Policy) -> Self {
        let window_ms = policy.clocks.crew_window_min * MINUTE_MS;
        let mut groups: Vec<Group<'i, 'a>> = Vec::new();
        for arrival in items.iter().filter(|item| item.is(kind::ARRIVED)) {
            let mut near = groups.iter_mut().rev().filter(|group| {
                let gap = group.first().map(|first| arrival.wall().0.saturating_sub(first.wall().0));
                gap.is_some_and(|gap| gap.saturating_abs() <= window_ms)
            });
            match near.find(|group| !has_left(items, group, arrival)) {
                Some(group) => group.arrivals.push(arrival),
                None => groups.push(Group { arrivals: vec![arrival] }),
            }
        }
        Self { groups }
    }

    /// The visit that a fact belongs to: the one it names, else that of its device's arrival before it (or, for want
    /// of one, after it), else the latest visit before it.
    pub(super) fn of_fact(&self, item: &Item<'_>) -> Option<usize> {
        if self.groups.is_empty() {
            return None;
        }
        let named = item.fact.fact_id("visit");
        if let Some(index) = named.and_then(|visit| self.position(|arrival| arrival.id() == visit)) {
            return Some(index);
        }
        let own = |arrival: &Item<'_>| arrival.device() == item.device();
        self.last_position(|arrival| own(arrival) && arrival.pos < item.pos)
            .or_else(|| self.position(own))
            .or_else(|| self.last_position(|arrival| arrival.pos < item.pos))
            .or(Some(0))
    }

    fn position(&self, test: impl Fn(&Item<'_>) -> bool) -> Option<usize> {
        self.groups.iter().position(|group| group.arrivals.iter().any(|arrival| test(arrival)))
    }

    fn last_position(&self, test: impl Fn(&Item<'_>) -> bool) -> Option<usize> {
        self.groups.iter().rposition(|group| group.arrivals.iter().any(|arrival| test(arrival)))
    }
}

/// Whether the person arriving was in this visit and has ended it: then this is another one. Arriving twice without
/// that is a double tap.
fn has_left(items: &[Item<'_>], group: &Group<'_, '_>, arrival: &Item<'_>) -> bool {
    let Some(before) = group.arrivals.iter().rev().find(|earlier| earlier.same_person(arrival)) else { return false };
    let between = items.get(before.pos as usize..arrival.pos as usize).unwrap_or_default();
    between.iter().any(|item| item.applied() && is_outcome(item.kind()) && item.same_person(arrival))
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
        if excused || between.iter().any(|item| item.is(kind::REOPENED)) {
            continue;
        }
        let facts: Vec<FactId> = vec![first.id(), second.id()];
        let options = vec![choice(first, "the first visit".into()), choice(second, "the second visit".into())];
        let how = if ends.is_empty() { "that was not ended" } else { "that was completed" };
        issues.raise(IssueKind::TwoVisits, "", facts, options, format!("a second visit after one {how}"));
    }
}
