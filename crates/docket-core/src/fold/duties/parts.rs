//! Spare parts (D-H15, D-K4): steps of a part's way that can't be, parts that somebody could have foreseen, customers who
//! were not told that theirs has come, and dates promised before the supplier can deliver.

use std::collections::BTreeMap;

use jiff::ToSpan as _;
use jiff::civil::Date;

use super::{Duty, Signs};
use crate::fold::order::Item;
use crate::fold::visits::Visits;
use crate::time::{self, UnixMs};
use crate::view::{Event, Visit};

/// A part's way, in its order. `returned` may follow from anywhere once it was there.
const WAY: [&str; 5] = ["requested", "ordered", "shipped", "received", "fitted"];

pub(super) fn judge(duty: &Duty<'_, '_>, signs: &mut Signs) {
    let mut parts: BTreeMap<&str, Vec<&Event<'_>>> = BTreeMap::new();
    for event in duty.of_kind("part") {
        parts.entry(event.str("part").unwrap_or_default()).or_default().push(event);
    }
    for (part, events) in &mut parts {
        // A state that was written down later counts when it came about.
        events.sort_by_key(|event| (event.at_ms, event.pos));
        sequence(part, events, signs);
        received(duty, part, events, signs);
        foreseeable(duty, part, events, signs);
        told(duty, part, events, signs);
    }
    lead_time(duty, signs);
}

fn is(event: &Event<'_>, state: &str) -> bool {
    event.str("state") == Some(state)
}

fn quantity(event: &Event<'_>) -> i64 {
    event.int("qty").unwrap_or(1)
}

/// A state before one that it can only follow. What was never recorded at all may simply not have been written down.
fn sequence(part: &str, events: &[&Event<'_>], signs: &mut Signs) {
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, event) in events.iter().enumerate() {
        first.entry(event.str("state").unwrap_or_default()).or_insert(index);
    }
    for (index, event) in events.iter().enumerate() {
        let came = |state: &str| first.get(state).is_some_and(|place| *place < index);
        if is(event, "returned") && !came("received") && !came("fitted") {
            signs.about(("part_sequence", "D-H15"), part, format!("{part}: returned, and never there"), event);
        }
        let Some(mine) = WAY.iter().position(|state| is(event, state)) else { continue };
        let missed = WAY.iter().take(mine).find(|earlier| first.get(*earlier).is_some_and(|place| *place > index));
        if let Some(missed) = missed {
            let state = event.str("state").unwrap_or_default();
            signs.about(("part_sequence", "D-H15"), part, format!("{part}: {state} before it was {missed}"), event);
        }
    }
}

/// What came through the chain was received before it was fitted. A part out of the van never went that way.
fn received(duty: &Duty<'_, '_>, part: &str, events: &[&Event<'_>], signs: &mut Signs) {
    let ordered = events.iter().any(|event| ["requested", "ordered", "shipped"].iter().any(|state| is(event, state)));
    if !duty.known.policy.parts.must_receive || !ordered {
        return;
    }
    let mut there: i64 = 0;
    for event in events {
        if is(event, "received") {
            there = there.saturating_add(quantity(event));
        } else if is(event, "fitted") {
            there = there.saturating_sub(quantity(event));
            if there < 0 {
                let detail = format!("{part}: fitted {}, and never received", quantity(event));
                signs.about(("part_not_received", "D-H15"), part, detail, event);
                there = 0;
            }
        } else if is(event, "returned") {
            there = there.saturating_sub(quantity(event)).max(0);
        }
    }
}

/// A part that was asked for on site although it could have been brought along (D-H4: one visit serves).
fn foreseeable(duty: &Duty<'_, '_>, part: &str, events: &[&Event<'_>], signs: &mut Signs) {
    let first_arrival = duty.visits.iter().filter_map(|visit| visit.arrivals.first()).map(|one| one.at_ms).min();
    let on_site = |event: &Event<'_>| first_arrival.zip(event.at_ms).is_some_and(|(arrived, at)| arrived <= at);
    let asked = events.iter().filter(|event| is(event, "requested") && event.flag("foreseeable") == Some(true));
    for event in asked.filter(|event| on_site(event)) {
        let detail = format!("{part}: asked for on site, and could have been foreseen");
        signs.about(("foreseeable_part", "D-H15"), part, detail, event);
    }
}

/// Between the day a part came and the visit with it the customer is told.
fn told(duty: &Duty<'_, '_>, part: &str, events: &[&Event<'_>], signs: &mut Signs) {
    if !duty.known.policy.parts.tell_arrival || !events.iter().any(|event| is(event, "requested")) {
        return;
    }
    for came in events.iter().filter(|event| is(event, "received")) {
        let arrivals = duty.visits.iter().filter_map(Visit::arrived_ms);
        let next = arrivals.filter(|arrived| came.at_ms.is_some_and(|came| came < *arrived)).min();
        let Some(next) = next else { continue };
        let mut contacts = duty
            .of_kind("contacted")
            .filter(|call| call.str("purpose") == Some("part_arrived") && call.flag("reached") != Some(false));
        if !contacts.any(|call| came.at_ms <= call.at_ms && call.at_ms <= Some(next)) {
            let detail = format!("{part}: it came, and the customer was not told before the visit");
            signs.about(("part_not_told", "D-K4"), part, detail, came);
        }
    }
}

/// A promise that the supplier's lead time can't keep.
fn lead_time(duty: &Duty<'_, '_>, signs: &mut Signs) {
    let Some(days) = duty.known.registers.get("lead_days").and_then(|register| register.value()?.as_i64()) else {
        return;
    };
    let day = |register: &str| {
        let text = duty.text(register)?;
        time::date(text).or_else(|| duty.day_of(UnixMs::parse(text)?))
    };
    let Some((promised, received)) = day("requested_by").zip(day("received_at")) else { return };
    let earliest: Date = received.saturating_add(days.clamp(0, 3660).days());
    if promised < earliest {
        let detail = format!("promised for {promised}; with {days} days of lead time {earliest} at the earliest");
        signs.whole(("promise_before_lead_time", "D-K4"), "", detail);
    }
}

/// Whether a part was asked for during a visit: the next one is then nobody's fault (D-H15).
pub(in crate::fold) fn asked_for_in(items: &[Item<'_>], visits: &Visits<'_, '_>, visit: usize) -> bool {
    let asked = |item: &&Item<'_>| matches!(item.fact.str("state"), Some("requested" | "ordered"));
    items.iter().filter(|item| item.is("part")).filter(asked).any(|item| visits.of_fact(item) == Some(visit))
}
