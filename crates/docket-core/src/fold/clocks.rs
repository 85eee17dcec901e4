//! The clocks of D-H4: arrive at the agreed time, be done within the limit for each appliance, once is enough.
//!
//! Times are as the devices claim them; where one boot of one device saw both ends of a piece of work, its uptime
//! counts instead, so that a changed wall clock neither fakes nor spoils it (DESIGN §6).

use docket_format::fact::{Origin, Stamp};
use serde_json::Value;

use super::order::Item;
use super::registers::values;
use super::visits::Visits;
use crate::kind;
use crate::policy::Policy;
use crate::time::{DAY_MS, MINUTE_MS, UnixMs};
use crate::view::{ClockState, ClockVerdict, Register, Registers, Status, TimeEvidence, Visit};

const ROW: &str = "D-H4";
/// How far wall clock and uptime may drift apart before the wall clock is suspect.
const DRIFT_MS: i64 = MINUTE_MS;

/// What the clocks look at.
pub(super) struct Input<'i, 'a> {
    pub(super) items: &'i [Item<'a>],
    pub(super) registers: &'i Registers<'a>,
    pub(super) groups: &'i Visits<'i, 'a>,
    pub(super) ends: &'i [Vec<&'i Item<'a>>],
    pub(super) policy: &'i Policy,
    pub(super) status: Status,
    pub(super) now: UnixMs,
}

/// Judges every clock, and notes lateness, limit and time spent in the visits.
pub(super) fn fold(input: &Input<'_, '_>, visits: &mut [Visit<'_>]) -> Vec<ClockState> {
    let appointments = appointments(input);
    if visits.is_empty() && appointments.is_empty() {
        return Vec::new();
    }
    let mut clocks = Vec::new();
    for (index, visit) in visits.iter_mut().enumerate() {
        let Some(first) = input.groups.groups.get(index).and_then(super::visits::Group::first) else { continue };
        let arrive = arrive(input, &appointments, index, first);
        visit.late_min = lateness(&arrive);
        clocks.push(arrive);
        clocks.push(service(input, index, first, visit));
    }
    clocks.extend(expected(input, &appointments));
    clocks.extend(first_time_fix(input, visits));
    clocks
}

fn clock(id: &'static str, visit: Option<usize>, state: ClockVerdict) -> ClockState {
    ClockState {
        id,
        row: ROW,
        visit,
        state,
        start_ms: None,
        due_ms: None,
        stop_ms: None,
        slack_ms: None,
        evidence: TimeEvidence::Claimed,
        suspect: false,
    }
}

fn judged(mut clock: ClockState, now: UnixMs) -> ClockState {
    if let Some(due) = clock.due_ms {
        let slack = due.0.saturating_sub(clock.stop_ms.unwrap_or(now).0);
        clock.slack_ms = Some(slack);
        clock.state = match clock.stop_ms {
            _ if slack < 0 => ClockVerdict::Breached,
            Some(_) => ClockVerdict::Met,
            None => ClockVerdict::Running,
        };
    }
    clock
}

/// An agreed time of arrival, and the place of the fact that set it.
struct Appointment {
    pos: u32,
    start: UnixMs,
    due: UnixMs,
    live: bool,
}

/// Every agreed time that was ever set, in the fold's order, superseded ones too: a visit is measured by the one that
/// held when it happened.
fn appointments(input: &Input<'_, '_>) -> Vec<Appointment> {
    let Some(register) = input.registers.get("appointment") else { return Vec::new() };
    let window = |item: &Item<'_>| {
        let own = values(item).find(|(name, _)| *name == "window_min").map(|(_, value)| value);
        own.or_else(|| input.registers.get("window_min").and_then(Register::value)).and_then(Value::as_i64).unwrap_or(0)
    };
    let tolerance = input.policy.clocks.arrive_tolerance_min.unwrap_or(0);
    let setting = input.items.iter().filter(|item| item.applied() && kind::sets_registers(item.kind()));
    let times = setting.filter_map(|item| {
        let (_, value) = values(item).find(|(name, _)| *name == "appointment")?;
        let start = UnixMs::parse(value.as_str()?)?;
        let due = start.plus_minutes(window(item).max(0)).plus_minutes(tolerance);
        let live = register.live.iter().any(|set| set.fact == item.id());
        Some(Appointment { pos: item.pos, start, due, live })
    });
    times.collect()
}

fn arrive(input: &Input<'_, '_>, appointments: &[Appointment], index: usize, first: &Item<'_>) -> ClockState {
    let not_applicable = clock("arrive", Some(index), ClockVerdict::NotApplicable);
    if input.policy.clocks.arrive_tolerance_min.is_none() {
        return not_applicable;
    }
    let before = || appointments.iter().filter(|appointment| appointment.pos < first.pos);
    let Some(agreed) = before().last() else { return not_applicable };
    if agreed.live && before().any(|other| other.live && other.due != agreed.due) {
        return clock("arrive", Some(index), ClockVerdict::Undecidable);
    }
    let times = ClockState {
        start_ms: Some(agreed.start),
        due_ms: Some(agreed.due),
        stop_ms: Some(first.wall()),
        ..not_applicable
    };
    judged(times, input.now)
}

/// Minutes past the due time; negative = before it.
fn lateness(arrive: &ClockState) -> Option<i64> {
    // Rounded up: half a minute late is late.
    arrive
        .slack_ms
        .map(|slack| slack.saturating_neg().div_euclid(MINUTE_MS) + i64::from(slack.rem_euclid(MINUTE_MS) != 0))
}

/// The arrival that is still to come: an open job whose agreed time was set after its last visit.
fn expected(input: &Input<'_, '_>, appointments: &[Appointment]) -> Option<ClockState> {
    let last_visit = input.groups.groups.last().and_then(super::visits::Group::first).map(|first| first.pos);
    let waiting = matches!(input.status, Status::New | Status::Assigned | Status::NoAccess);
    if !waiting || input.policy.clocks.arrive_tolerance_min.is_none() {
        return None;
    }
    let mut live = appointments.iter().filter(|agreed| agreed.live && last_visit.is_none_or(|pos| agreed.pos > pos));
    let agreed = live.next()?;
    if live.any(|other| other.due != agreed.due) {
        return Some(clock("arrive", None, ClockVerdict::Undecidable));
    }
    let start_ms = Some(agreed.start);
    let running = clock("arrive", None, ClockVerdict::Running);
    Some(judged(ClockState { start_ms, due_ms: Some(agreed.due), ..running }, input.now))
}

fn service(input: &Input<'_, '_>, index: usize, first: &Item<'_>, visit: &mut Visit<'_>) -> ClockState {
    let end = input.ends.get(index).and_then(|ends| ends.iter().max_by_key(|end| (end.wall(), end.pos))).copied();
    let elapsed = end.map(|end| elapsed(first, end));
    visit.spent_min = elapsed.as_ref().map(|elapsed| elapsed.ms.div_euclid(MINUTE_MS));
    let kind = input.registers.get("kind").and_then(Register::value).and_then(Value::as_str);
    let limit = kind.and_then(|kind| input.policy.clocks.limit_min(kind));
    let appliances = if input.policy.clocks.per_appliance { i64::from(visit.appliances) } else { 1 };
    visit.limit_min = limit.map(|limit| limit.saturating_mul(appliances));
    let unpenalised = end.is_some_and(|end| end.kind() != kind::COMPLETED);
    let Some(limit) = visit.limit_min.filter(|_| !unpenalised) else {
        return clock("service", Some(index), ClockVerdict::NotApplicable);
    };
    let start = first.wall();
    let mut state = clock("service", Some(index), ClockVerdict::Running);
    state.start_ms = Some(start);
    state.due_ms = Some(start.plus_minutes(limit));
    if let Some(elapsed) = elapsed {
        state.stop_ms = Some(UnixMs(start.0.saturating_add(elapsed.ms)));
        state.evidence = elapsed.evidence;
        state.suspect = elapsed.suspect;
    }
    judged(state, input.now)
}

struct Elapsed {
    ms: i64,
    evidence: TimeEvidence,
    suspect: bool,
}

/// The time between two facts: by uptime where one boot saw both, else by the wall clocks.
fn elapsed(from: &Item<'_>, to: &Item<'_>) -> Elapsed {
    let by_wall = to.wall().0.saturating_sub(from.wall().0);
    let same_boot = stamp(from).zip(stamp(to)).filter(|(a, b)| from.device() == to.device() && a.boot == b.boot);
    match same_boot {
        None => Elapsed { ms: by_wall, evidence: TimeEvidence::Claimed, suspect: by_wall < 0 },
        Some((a, b)) => {
            let ms = b.up_ms.saturating_sub(a.up_ms);
            let suspect = ms < 0 || ms.saturating_sub(by_wall).saturating_abs() > DRIFT_MS;
            Elapsed { ms, evidence: TimeEvidence::Elapsed, suspect }
        }
    }
}

fn stamp<'i>(item: &'i Item<'_>) -> Option<&'i Stamp> {
    match &item.fact.header.origin {
        Origin::Device { at, .. } => Some(at),
        Origin::Import { .. } => None,
    }
}

/// Once is enough: no other visit within the window after the first completed one.
fn first_time_fix(input: &Input<'_, '_>, visits: &[Visit<'_>]) -> Option<ClockState> {
    let days = input.policy.clocks.first_time_fix_days?;
    let completed = |visit: &Visit<'_>| visit.outcomes.iter().any(|outcome| outcome.kind == kind::COMPLETED);
    let index = visits.iter().position(completed)?;
    let end = visits.get(index).and_then(Visit::ended_ms)?;
    let due = UnixMs(end.0.saturating_add(days.saturating_mul(DAY_MS)));
    // D-H15: a second visit for a part isn't the technician's fault.
    let next = visits.get(index + 1).filter(|_| !super::duties::parts::asked_for_in(input.items, input.groups, index));
    let again = next.and_then(Visit::arrived_ms).filter(|again| *again < due);
    let mut state = clock("first_time_fix", Some(index), ClockVerdict::Running);
    (state.start_ms, state.due_ms, state.stop_ms) = (Some(end), Some(due), again);
    // This clock runs the other way: what stops it before it is due breaks the promise.
    state.state = match again {
        Some(_) => ClockVerdict::Breached,
        None if input.now < due => ClockVerdict::Running,
        None => ClockVerdict::Met,
    };
    state.slack_ms = Some(due.0.saturating_sub(again.unwrap_or(input.now).0));
    Some(state)
}
