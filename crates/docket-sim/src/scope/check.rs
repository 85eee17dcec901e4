//! What must be true of a view beside being the same everywhere, and which branches it shows.

use std::collections::{BTreeMap, BTreeSet};

use docket_core::JobView;
use docket_core::view::Effect;
use docket_format::{Fact, FactId};

use super::Reached;
use crate::fleet::reference;

/// Every fact has its line in the timeline, and the registers are what the plain definition gives for the facts
/// that have an effect.
pub(super) fn against_reference(view: &JobView<'_>, facts: &[Fact]) -> Result<(), String> {
    let told: Vec<FactId> = view.timeline.iter().map(|entry| entry.fact).collect();
    let there: BTreeSet<FactId> = facts.iter().map(|fact| fact.id).collect();
    if told.len() != there.len() || !told.iter().all(|fact| there.contains(fact)) {
        return Err(format!("the timeline tells {told:?}, there are {there:?}"));
    }
    let applied: BTreeSet<FactId> =
        view.timeline.iter().filter(|entry| entry.effect == Effect::Applied).map(|entry| entry.fact).collect();
    let applied: Vec<Fact> = facts.iter().filter(|fact| applied.contains(&fact.id)).cloned().collect();
    let want = reference::live(&applied);
    let got: BTreeMap<String, BTreeSet<FactId>> = view
        .registers
        .iter()
        .map(|(name, register)| ((*name).to_owned(), register.live.iter().map(|set| set.fact).collect()))
        .collect();
    for (name, live) in &want {
        let live: BTreeSet<FactId> = live.keys().copied().collect();
        if got.get(name).cloned().unwrap_or_default() != live {
            return Err(format!("register {name}: the fold has {:?}, the definition {live:?}", got.get(name)));
        }
    }
    for (name, live) in &want {
        let told = view.registers.get(name.as_str()).is_some_and(|register| register.conflict);
        if told != reference::conflict(live) {
            return Err(format!("register {name}: conflict = {told}, its values are {live:?}"));
        }
    }
    Ok(())
}

/// Counts the merge branches that a view shows.
pub(super) fn count(view: &JobView<'_>, reached: &mut Reached) {
    let mut hit = |name: &'static str| *reached.entry(name).or_default() += 1;
    hit(view.status.as_str());
    for register in view.registers.values().filter(|register| register.live.len() > 1) {
        hit(if register.conflict { "register: different values" } else { "register: equal values" });
    }
    for issue in &view.issues {
        hit(issue.kind.as_str());
        if issue.decided.is_some() {
            hit("issue: decided");
        }
        if !issue.contested.is_empty() {
            hit("issue: decided differently");
        }
    }
    for entry in &view.timeline {
        hit(effect(entry.effect));
    }
    for step in view.steps.iter().filter(|step| step.answers.len() > 1) {
        let _ = step;
        hit("step: answers side by side");
    }
    for visit in view.visits.iter().filter(|visit| visit.outcomes.len() > 1) {
        let _ = visit;
        hit("visit: outcomes side by side");
    }
    if view.visits.iter().any(|visit| visit.arrivals.len() > 1) {
        hit("visit: a crew");
    }
    if !view.order_breaks.is_empty() {
        hit("order broken");
    }
}

fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::Applied => "effect: applied",
        Effect::Corrected => "effect: corrected",
        Effect::DecidedAgainst => "effect: decided against",
        Effect::Unauthorised => "effect: unauthorised",
        _ => "effect: other",
    }
}
