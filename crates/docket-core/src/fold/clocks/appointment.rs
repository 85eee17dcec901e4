//! Arrive at the agreed time (D-H4).

use serde_json::Value;

use super::super::moment::Moment;
use super::super::order::Item;
use super::super::registers::values;
use super::context::{Applies, Context};
use super::{STRADDLES, clock, undecidable};
use crate::clock::{Settled, Times, judge};
use crate::kind;
use crate::policy::ClockRule;
use crate::time::{MINUTE_MS, UnixMs};
use crate::view::{ClockState, Register, Status, TimeEvidence, Visit};

const TWO_TIMES: super::Why = "the agreed time is in conflict";

/// An agreed time of arrival, and the place of the fact that set it.
struct Appointment {
    pos: u32,
    start: UnixMs,
    due: UnixMs,
    live: bool,
}

/// The arrival of each visit against the time agreed then, and the arrival that is still to come.
pub(super) fn fold<'a>(
    cx: &Context<'_, '_, 'a>,
    rule: &'a ClockRule,
    tolerance_min: i64,
    visits: &mut [Visit<'a>],
    clocks: &mut Vec<ClockState<'a>>,
) {
    let agreed = appointments(cx, tolerance_min);
    if visits.is_empty() && agreed.is_empty() || cx.applies(rule, None) == Applies::No {
        return;
    }
    for (index, visit) in visits.iter_mut().enumerate() {
        let Some(first) = cx.arrival(index) else { continue };
        let arrive = arrive(cx, rule, &agreed, (index, first));
        visit.late_min = lateness(&arrive);
        clocks.push(ClockState { visit: Some(index), ..arrive });
    }
    clocks.extend(expected(cx, rule, &agreed));
}

/// Every agreed time that was ever set, in the fold's order, superseded ones too: a visit is measured by the one that
/// held when it happened, if no visit before it has used that.
fn appointments(cx: &Context<'_, '_, '_>, tolerance_min: i64) -> Vec<Appointment> {
    let known = cx.known;
    let Some(register) = known.registers.get("appointment") else { return Vec::new() };
    let window = |item: &Item<'_>| {
        let own = values(item).find(|(name, _)| *name == "window_min").map(|(_, value)| value);
        own.or_else(|| known.registers.get("window_min").and_then(Register::value)).and_then(Value::as_i64).unwrap_or(0)
    };
    let setting = known.items.iter().filter(|item| item.applied() && kind::sets_registers(item.kind()));
    let times = setting.filter_map(|item| {
        let (_, value) = values(item).find(|(name, _)| *name == "appointment")?;
        let start = UnixMs::parse(value.as_str()?)?;
        let due = start.plus_minutes(window(item).max(0)).plus_minutes(tolerance_min);
        let live = register.live.iter().any(|set| set.fact == item.id());
        Some(Appointment { pos: item.pos, start, due, live })
    });
    times.collect()
}

fn arrive<'a>(
    cx: &Context<'_, '_, 'a>,
    rule: &'a ClockRule,
    agreed: &[Appointment],
    (index, first): (usize, &Item<'a>),
) -> ClockState<'a> {
    let scope = Some(first.id());
    let before = || agreed.iter().filter(|agreed| agreed.pos < first.pos);
    // Who comes back while the agreed time is not over still comes as agreed.
    let at = first.moment.map_or(first.wall(), |moment| moment.at);
    let holds = |agreed: &Appointment| at <= agreed.due || !is_used(cx, agreed, index);
    let Some(held) = before().last() else {
        return clock(rule, scope, Times::settled(Settled::NotApplicable));
    };
    let other = before().find(|other| held.live && other.live && other.due != held.due);
    if other.is_some_and(|other| holds(other) || holds(held)) {
        return undecidable(rule, scope, None, TWO_TIMES);
    }
    // Nobody agreed on this visit.
    if !holds(held) {
        return clock(rule, scope, Times::settled(Settled::NotApplicable));
    }
    let came = first.moment.unwrap_or(Moment::exact(first.wall(), TimeEvidence::Claimed));
    let (evidence, suspect) = (came.evidence, came.suspect);
    let state = if came.straddles(held.due) {
        undecidable(rule, scope, None, STRADDLES)
    } else {
        let (start_ms, due_ms) = (Some(held.start), Some(held.due));
        clock(rule, scope, Times { start_ms, due_ms, stop_ms: Some(came.at), ..Times::default() })
    };
    ClockState { evidence, suspect, ..state }
}

/// Whether one of the first `visits` visits took place as agreed there, whatever came of it: then a later one needs an
/// appointment of its own. Who came on an earlier day did not come for it.
fn is_used(cx: &Context<'_, '_, '_>, agreed: &Appointment, visits: usize) -> bool {
    let came = (0..visits).filter_map(|index| cx.arrival(index)).filter(|first| first.pos > agreed.pos);
    came.into_iter().any(|first| first.wall() >= agreed.start || cx.is_same_day(first.wall(), agreed.start))
}

/// Minutes past the due time; negative = before it.
fn lateness(arrive: &ClockState<'_>) -> Option<i64> {
    let slack = judge(&arrive.times, arrive.times.stop_ms?).slack_ms?;
    // Rounded up: half a minute late is late.
    Some(slack.saturating_neg().div_euclid(MINUTE_MS) + i64::from(slack.rem_euclid(MINUTE_MS) != 0))
}

/// The arrival that is still to come: an open job whose agreed time no visit has used.
fn expected<'a>(cx: &Context<'_, '_, 'a>, rule: &'a ClockRule, agreed: &[Appointment]) -> Option<ClockState<'a>> {
    if !matches!(cx.known.status, Status::New | Status::Assigned | Status::NoAccess) {
        return None;
    }
    let visits = cx.known.visits.groups.len();
    let mut live = agreed.iter().filter(|agreed| agreed.live && !is_used(cx, agreed, visits));
    let first = live.next()?;
    if live.any(|other| other.due != first.due) {
        return Some(undecidable(rule, None, None, TWO_TIMES));
    }
    let (start_ms, due_ms) = (Some(first.start), Some(first.due));
    Some(clock(rule, None, Times { start_ms, due_ms, ..Times::default() }))
}
