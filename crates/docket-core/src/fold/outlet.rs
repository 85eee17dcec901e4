//! Folds an outlet: registers, standing, inspections, calls (D-H6, D-E6, D-H23, D-C3).

use docket_format::FactId;

use super::start::{Plain, plain};
use super::{events, order, training};
use crate::policy::Policy;
use crate::record::Record;
use crate::view::register::str_of;
use crate::view::{Call, Event, Inspection, OutletView, Sign, StandingSince};

/// Folds an outlet's record.
pub fn fold_outlet<'a>(record: &Record<'a>, policy: &'a Policy) -> OutletView<'a> {
    let Plain { items, registers, issues } = plain(record, policy);
    let events = events::of(&items);
    let standings = standings(&events);
    let outlet = str_of(&registers, "outlet").unwrap_or("an outlet");
    let mut signs = skipped(outlet, &standings);
    signs.sort();
    OutletView {
        doc: record.doc,
        registers,
        inspections: events.iter().filter_map(inspection).collect(),
        calls: calls(&events),
        courses: training::courses(&events),
        standings,
        events,
        signs,
        issues: issues.finish(),
        timeline: items.iter().map(order::Item::entry).collect(),
    }
}

fn standings<'a>(events: &[Event<'a>]) -> Vec<StandingSince<'a>> {
    let said = events.iter().filter(|event| event.kind == "standing").filter_map(|event| {
        Some(StandingSince {
            fact: event.fact,
            state: event.str("state")?,
            since_ms: event.at_ms,
            why: event.str("why"),
            person: event.person.clone(),
        })
    });
    let mut standings: Vec<StandingSince<'a>> = said.collect();
    // Stable: what has no time of its own keeps its place in the fold's order.
    standings.sort_by_key(|standing| standing.since_ms);
    standings.dedup_by(|later, earlier| later.state == earlier.state);
    standings
}

/// Assessed, then contracted, then authorised; dropped from anywhere, and from there only by a new assessment (D-E6).
fn skipped(outlet: &str, standings: &[StandingSince<'_>]) -> Vec<Sign> {
    let before = core::iter::once(None).chain(standings.iter().map(|standing| Some(standing.state)));
    let steps = before.zip(standings).filter(|(before, now)| !follows(*before, now.state));
    let sign = |(before, now): (Option<&str>, &StandingSince<'_>)| Sign {
        sign: "standing_skipped",
        row: "D-E6",
        key: now.fact.to_string(),
        detail: format!("{outlet}: {} straight after {}", now.state, before.unwrap_or("nothing")),
        fact: Some(now.fact),
        person: now.person.clone(),
        at_ms: now.since_ms,
    };
    steps.map(sign).collect()
}

fn follows(before: Option<&str>, now: &str) -> bool {
    matches!(
        (before, now),
        (None | Some("dropped"), "assessed")
            | (Some("assessed"), "contracted")
            | (Some("contracted"), "authorised")
            | (_, "dropped")
    )
}

fn inspection<'a>(event: &Event<'a>) -> Option<Inspection<'a>> {
    if event.kind != "inspected" {
        return None;
    }
    Some(Inspection {
        fact: event.fact,
        how: event.str("how")?,
        passed: event.flag("passed")?,
        score: event.int("score").map(|score| score.clamp(0, 100) as u32),
        item: event.str("item"),
        at_ms: event.at_ms,
    })
}

fn calls<'a>(events: &[Event<'a>]) -> Vec<Call<'a>> {
    let calls = events.iter().filter(|event| event.kind == "called_in");
    let calls = calls.filter_map(|event| {
        let answers = events.iter().filter(|other| other.kind == "responded" && names(other, event.fact));
        let first = answers.min_by_key(|answer| (answer.at_ms, answer.pos));
        Some(Call {
            fact: event.fact,
            from: event.str("from")?,
            at_ms: event.at_ms,
            responded_ms: first.and_then(|answer| answer.at_ms),
            response: first.map(|answer| answer.fact),
        })
    });
    calls.collect()
}

fn names(event: &Event<'_>, fact: FactId) -> bool {
    event.str("to").and_then(|id| FactId::parse_strict(id).ok()) == Some(fact)
}
