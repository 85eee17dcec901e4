//! When a started clock is due.

use jiff::tz::TimeZone;

use super::super::order::Item;
use super::context::Context;
use super::trigger::{Elapsed, Mark, first_after};
use super::{STRADDLES, Why, clock, undecidable};
use crate::clock::{Place, Settled, Times, span, sundown};
use crate::policy::{Calendar, ClockRule, Deadline};
use crate::time::{MINUTE_MS, UnixMs};
use crate::view::{ClockState, TimeEvidence};

/// When it is due.
enum Due {
    At {
        due: UnixMs,
        paused: Option<UnixMs>,
    },
    /// The tier has no limit: there is no clock.
    None,
}

/// What a span is measured by besides its rule.
pub(super) struct Measure<'m, 'i, 'a> {
    pub(super) rule: &'a ClockRule,
    pub(super) start: &'m Mark<'i, 'a>,
    /// The fact that the clock is about.
    pub(super) about: Option<&'i Item<'a>>,
    pub(super) appliances: u32,
    /// Only waiting that was recorded before this place counts.
    pub(super) before: Option<u32>,
    /// Whether calling the job off ends it.
    pub(super) cancels: bool,
}

/// A clock that `start` started and the first of `stops` stopped; `None` if the rule has no limit for it.
pub(super) fn judge<'i, 'a>(
    cx: &Context<'_, 'i, 'a>,
    measure: &Measure<'_, 'i, 'a>,
    stops: impl IntoIterator<Item = Mark<'i, 'a>>,
) -> Option<ClockState<'a>> {
    let Measure { rule, start, .. } = measure;
    let scope = measure.about.map(Item::id);
    let stop = first_after(start, stops).map(|(mark, seen)| seen_from(rule, mark, seen));
    let (due, paused) = match find(cx, measure, stop.map(|stop| stop.at)) {
        Ok(Due::At { due, paused }) => (due, paused),
        Ok(Due::None) => return None,
        Err(why) => return Some(undecidable(rule, scope, Some(start), why)),
    };
    let mut times = Times {
        start_ms: Some(start.at),
        due_ms: Some(due),
        stop_ms: stop.map(|stop| stop.at),
        paused_ms: paused.filter(|_| stop.is_none()),
        settled: None,
    };
    if let Some(cancelled) = cx.cancelled().filter(|_| stop.is_none() && measure.cancels) {
        times = called_off(times, cancelled);
    }
    let mut state = match stop {
        Some(stop) if stop.straddles(due) => undecidable(rule, scope, Some(start), STRADDLES),
        _ => clock(rule, scope, times),
    };
    state.evidence = stop.map_or(start.evidence(), |stop: Elapsed| stop.evidence);
    state.suspect = stop.map_or(start.moment.suspect, |stop| stop.suspect);
    Some(state)
}

/// Against sundown only the stop's own time counts: however well the time since the start is known.
fn seen_from(rule: &ClockRule, stop: Mark<'_, '_>, seen: Elapsed) -> Elapsed {
    if !matches!(rule.deadline, Deadline::Sunset(_)) || seen.evidence < TimeEvidence::Attested {
        return seen;
    }
    Elapsed { at: stop.at, evidence: stop.evidence(), off_ms: stop.moment.off_ms, ..seen }
}

/// Calling the job off in time ends the clock; too late, it stays missed.
fn called_off(times: Times, cancelled: UnixMs) -> Times {
    let was_over =
        times.due_ms.is_some_and(|due| times.paused_ms.map_or(cancelled, |paused| paused.min(cancelled)) > due);
    if was_over {
        Times { stop_ms: Some(cancelled), paused_ms: None, settled: Some(Settled::Breached), ..times }
    } else {
        Times { paused_ms: None, settled: Some(Settled::NotApplicable), ..times }
    }
}

fn find<'i, 'a>(cx: &Context<'_, 'i, 'a>, measure: &Measure<'_, 'i, 'a>, stop: Option<UnixMs>) -> Result<Due, Why> {
    let Measure { rule, start, .. } = measure;
    let minutes = match &rule.deadline {
        Deadline::Sunset(sunset) => {
            let due = sundown(sunset, &cx.place(rule)?, start.at).ok_or("where the outlet is is not known")?;
            return Ok(Due::At { due, paused: None });
        }
        _ => match limit_min(cx, rule, Some(start))? {
            Some(minutes) => minutes,
            None => return Ok(Due::None),
        },
    };
    let times = if rule.per_appliance { i64::from(measure.appliances.max(1)) } else { 1 };
    let need = minutes.saturating_mul(times).saturating_mul(MINUTE_MS);
    let pauses =
        if rule.pauses.is_empty() { Vec::new() } else { cx.waiting().pauses(start, &rule.pauses, measure.before) };
    // Plain minutes need no place: nothing about the outlet can make them undecidable.
    if rule.calendar == Calendar::Always && pauses.is_empty() {
        return Ok(Due::At { due: UnixMs(start.at.0.saturating_add(need)), paused: None });
    }
    let place = match &rule.calendar {
        Calendar::Always => Place::in_zone(TimeZone::UTC),
        _ => cx.place(rule)?,
    };
    let spent = span(start.at, need, &pauses, stop, &place).ok_or("it is due beyond all calendars")?;
    Ok(Due::At { due: spent.due, paused: spent.paused })
}

/// The minutes that a rule gives for one appliance; `None` = it has no limit for this job.
pub(super) fn limit_min<'i, 'a>(
    cx: &Context<'_, 'i, 'a>,
    rule: &ClockRule,
    start: Option<&Mark<'i, 'a>>,
) -> Result<Option<i64>, Why> {
    let (by, tiers) = match &rule.deadline {
        Deadline::Minutes(minutes) => return Ok(Some(*minutes)),
        Deadline::Tiers { by, minutes } => (by, minutes),
        _ => return Ok(None),
    };
    let limit = |value: &&str| tiers.iter().find(|(name, _)| name == value).map(|(_, minutes)| *minutes);
    match cx.ask(by, start).as_slice() {
        [] if by == "market" => Err("the outlet's market is not known"),
        [] => Ok(None),
        [first, others @ ..] if others.iter().all(|other| limit(other) == limit(first)) => Ok(limit(first)),
        _ => Err("what its limit depends on is in conflict"),
    }
}
