//! Once is enough (D-H4): no other visit within the window after the first completed one.

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
    let visit = visits.get(index)?;
    let end = visit.ended_ms()?;
    let due = UnixMs(end.0.saturating_add(days.saturating_mul(DAY_MS)));
    let again = visits.get(index + 1).and_then(Visit::arrived_ms);
    let state = clock(rule, Some(visit.id), Times::quiet(end, due, again));
    Some(ClockState { visit: Some(index), ..state })
}
