//! Once is enough (D-H4): no other visit within the window after the first completed one.

use super::super::duties::parts::asked_for_in;
use super::clock;
use super::context::{Applies, Context};
use crate::clock::Times;
use crate::kind;
use crate::policy::ClockRule;
use crate::time::{DAY_MS, UnixMs};
use crate::view::{ClockState, Visit};

pub(super) fn fold<'a>(
    cx: &Context<'_, '_, 'a>,
    rule: &'a ClockRule,
    days: i64,
    visits: &[Visit<'a>],
) -> Option<ClockState<'a>> {
    if cx.applies(rule, None) == Applies::No {
        return None;
    }
    let completed = |visit: &Visit<'_>| visit.outcomes.iter().any(|outcome| outcome.kind == kind::COMPLETED);
    let index = visits.iter().position(completed)?;
    // D-C6: some ways to end a job don't count.
    if cx.end(index).and_then(|end| cx.resolution(end)).is_some_and(|resolution| !resolution.first_time_fix) {
        return None;
    }
    let visit = visits.get(index)?;
    let end = visit.ended_ms()?;
    let due = UnixMs(end.0.saturating_add(days.saturating_mul(DAY_MS)));
    // D-H15: a second visit for a part isn't the technician's fault.
    let next = visits.get(index + 1).filter(|_| !asked_for_in(cx.known.items, cx.known.visits, index));
    let again = next.and_then(Visit::arrived_ms);
    let state = clock(rule, Some(visit.id), Times::quiet(end, due, again));
    Some(ClockState { visit: Some(index), ..state })
}
