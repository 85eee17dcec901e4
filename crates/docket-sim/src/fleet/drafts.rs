//! What people do next on a job, as far as they can see it.

use docket_faultvfs::Rng;
use docket_format::{Fact, FactId};
use serde_json::{Map, Value, json};

use super::device::Draft;
use super::reference;

const STEPS: [&str; 6] = ["A1", "A2", "A3", "B1", "C1", "D1"];

/// A new job.
pub(crate) fn create(rng: &mut Rng) -> Draft {
    let kind = if rng.chance(1, 2) { "installation" } else { "repair" };
    let regs = json!({"kind": kind, "product": "water_heater", "appliances": 1 + rng.below(2), "text": number(rng)});
    draft("created", json!({"dk": "job", "regs": regs}))
}

/// One more thing on a job with these facts.
pub(crate) fn next(facts: &[Fact], rng: &mut Rng) -> Draft {
    match rng.below(20) {
        0..=4 => set(facts, rng),
        5 => assign(facts, rng),
        6 => draft("arrived", json!({})),
        7..=11 => {
            let step = rng.pick(&STEPS).copied().unwrap_or("A1");
            draft("step", json!({"step": step, "v": rng.chance(3, 4)}))
        }
        12 => {
            let ohms = format!("0.{:02}", rng.below(100));
            draft("reading", json!({"step": "A2", "v": ohms, "unit": "ohm"}))
        }
        13 => fix(facts, rng),
        14 => correct(facts, rng),
        15 => draft("noted", json!({"text": number(rng)})),
        16 => draft("completed", json!({"resolution": rng.pick(&["installed", "repaired"]).copied()})),
        17 => draft("refused", json!({"reason": "unsafe"})),
        18 => draft("cancelled", json!({"why": "customer called"})),
        _ => draft("reopened", json!({"why": "customer called again"})),
    }
}

fn number(rng: &mut Rng) -> String {
    format!("{:06}", rng.below(1_000_000))
}

fn draft(kind: &'static str, body: Value) -> Draft {
    let body = match body {
        Value::Object(body) => body,
        _ => Map::new(),
    };
    Draft { kind, body }
}

/// Sets a register, or settles it when it is in conflict. One form in five was opened before anything was known.
fn set(facts: &[Fact], rng: &mut Rng) -> Draft {
    let register = rng.pick(&["phone", "appointment", "text"]).copied().unwrap_or("phone");
    let live = reference::live(facts).remove(register).unwrap_or_default();
    let over: Vec<FactId> = if rng.chance(1, 5) { Vec::new() } else { live.keys().copied().collect() };
    // Few values, so that equal ones meet too.
    let value = format!("v{}", rng.below(4));
    if reference::conflict(&live) && !over.is_empty() {
        return draft("decided", json!({"r": register, "v": value, "over": ids(&over), "why": "called the customer"}));
    }
    draft("set", json!({"r": register, "v": value, "over": ids(&over)}))
}

fn assign(facts: &[Fact], rng: &mut Rng) -> Draft {
    let live = reference::live(facts).remove("crew").unwrap_or_default();
    let over: Vec<FactId> = live.keys().copied().collect();
    draft("assigned", json!({"regs": {"crew": [format!("T-{:03}", rng.below(5))]}, "over": ids(&over)}))
}

fn fix(facts: &[Fact], rng: &mut Rng) -> Draft {
    let steps: Vec<&Fact> = facts.iter().filter(|fact| fact.kind() == "step").collect();
    match rng.pick(&steps) {
        Some(fact) => {
            let fixes = fact.id.to_string();
            let step = fact.str("step").unwrap_or("A1");
            draft("step", json!({"step": step, "v": rng.chance(1, 2), "fixes": fixes, "why": "mis-tap"}))
        }
        None => draft("step", json!({"step": "A1", "v": true})),
    }
}

fn correct(facts: &[Fact], rng: &mut Rng) -> Draft {
    let worked: Vec<&Fact> =
        facts.iter().filter(|fact| matches!(fact.kind(), "step" | "arrived" | "completed" | "noted")).collect();
    match rng.pick(&worked) {
        Some(fact) => draft("corrected", json!({"fixes": fact.id.to_string(), "why": "wrong job"})),
        None => draft("noted", json!({"text": "nothing to correct"})),
    }
}

fn ids(facts: &[FactId]) -> Vec<String> {
    facts.iter().map(FactId::to_string).collect()
}
