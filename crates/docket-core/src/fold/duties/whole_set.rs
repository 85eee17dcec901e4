//! Whole sets (D-H9): one report, one entry, one delivery, one dispatch with all arriving together, one visit.

use std::collections::BTreeSet;

use super::{Duty, Signs};
use crate::fold::order::Item;
use crate::kind;
use crate::time::{MINUTE_MS, UnixMs};
use crate::view::register::{crew_of, people};
use crate::view::{Status, Visit};

/// Whoever reports a sale (D-H9); everybody else enters it.
const REPORTER: &str = "salesperson";

pub(super) fn judge(duty: &Duty<'_, '_>, signs: &mut Signs) {
    if !duty.known.policy.whole_set.is_for(duty.known.site.group.as_deref(), duty.mode, duty.text("kind")) {
        return;
    }
    entries(duty, signs);
    for event in duty.of_kind("delivered").skip(1) {
        signs.about(("second_delivery", "D-H9"), event.fact.to_string(), "delivered once more", event);
    }
    dispatches(duty, signs);
    visits(duty, signs);
    vehicle(duty, signs);
}

fn entries(duty: &Duty<'_, '_>, signs: &mut Signs) {
    let created = duty.known.items.iter().filter(|item| item.is(kind::CREATED));
    let (reports, entries): (Vec<_>, Vec<_>) =
        created.partition(|item| item.who.as_ref().is_some_and(|who| who.role.as_str() == REPORTER));
    // However often a row was imported, it was entered once: there, not here.
    let imported = duty.known.items.iter().any(|item| item.is(kind::IMPORTED));
    for item in reports.into_iter().skip(1) {
        signs.at_item(("second_report", "D-H9"), item.id().to_string(), "reported once more", item);
    }
    for item in entries.into_iter().skip(usize::from(!imported)) {
        signs.at_item(("second_entry", "D-H9"), item.id().to_string(), "entered once more", item);
    }
}

fn dispatches(duty: &Duty<'_, '_>, signs: &mut Signs) {
    let crew = |item: &Item<'_>| -> BTreeSet<String> {
        people(item.fact.body.get("regs").and_then(|regs| regs.get("crew"))).map(ToOwned::to_owned).collect()
    };
    let mut sent: Option<(u32, BTreeSet<String>)> = None;
    for item in duty.known.items.iter().filter(|item| item.is(kind::ASSIGNED)) {
        let now = crew(item);
        if now.is_empty() {
            continue;
        }
        if let Some((pos, before)) = &sent
            && *before != now
            && !excused(duty, *pos, item.pos)
        {
            let detail = format!("sent out once more: {}", now.iter().cloned().collect::<Vec<_>>().join(", "));
            signs.at_item(("second_dispatch", "D-H9"), item.id().to_string(), detail, item);
        }
        sent = Some((item.pos, now));
    }
}

/// Whether between two places something happened that nobody there is to blame for.
fn excused(duty: &Duty<'_, '_>, from: u32, to: u32) -> bool {
    let between = duty.known.items.get(from as usize..to as usize).unwrap_or_default();
    between.iter().filter(|item| item.applied()).any(|item| match item.kind() {
        kind::NO_ACCESS | kind::REFUSED | kind::REOPENED | kind::CANCELLED => true,
        "part" => item.fact.str("state") == Some("requested"),
        _ => false,
    })
}

fn visits(duty: &Duty<'_, '_>, signs: &mut Signs) {
    for pair in duty.visits.windows(2) {
        let [before, after] = pair else { continue };
        let place = |visit: &Visit<'_>| duty.known.items.iter().find(|item| item.id() == visit.id);
        let Some((first, second)) = place(before).zip(place(after)) else { continue };
        if !excused(duty, first.pos, second.pos) {
            signs.at_item(("second_visit", "D-H9"), second.id().to_string(), "visited once more", second);
        }
    }
    let Some(most) = duty.known.policy.whole_set.spread_min else { return };
    for visit in duty.visits {
        let times = || visit.arrivals.iter().map(|arrival| arrival.at_ms);
        let Some((first, last)) = times().min().zip(times().max()) else { continue };
        let spread = minutes(first, last);
        if spread > most {
            let detail = format!("the crew arrived over {spread} min; {most} are allowed");
            signs.whole(("arrivals_spread", "D-H9"), visit.id.to_string(), detail);
        }
    }
}

/// Whole minutes, a begun one counted.
fn minutes(from: UnixMs, to: UnixMs) -> i64 {
    let ms = to.0.saturating_sub(from.0);
    ms.div_euclid(MINUTE_MS) + i64::from(ms.rem_euclid(MINUTE_MS) != 0)
}

fn vehicle(duty: &Duty<'_, '_>, signs: &mut Signs) {
    let sent = crew_of(duty.known.registers).next().is_some();
    let over = matches!(duty.known.status, Status::New | Status::Cancelled | Status::Closed);
    if !duty.known.policy.whole_set.vehicle || !sent || over {
        return;
    }
    let named = duty.text("vehicle").is_some_and(|vehicle| !vehicle.trim().is_empty());
    if !named && !duty.of_kind("departed").any(|event| event.str("vehicle").is_some()) {
        signs.whole(("no_vehicle", "D-H9"), "", "the dispatch names no vehicle");
    }
}
