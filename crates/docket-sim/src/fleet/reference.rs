//! Registers once more, in the fewest lines: what the domain's fold must agree with (DESIGN §2).

use std::collections::{BTreeMap, BTreeSet};

use docket_format::{Fact, FactId};
use serde_json::Value;

/// The sets of every register that no other set of the same register names, by fact.
pub fn live(facts: &[Fact]) -> BTreeMap<String, BTreeMap<FactId, Value>> {
    let mut sets: BTreeMap<String, BTreeMap<FactId, Value>> = BTreeMap::new();
    let mut named: BTreeSet<(String, FactId)> = BTreeSet::new();
    for fact in facts {
        for (register, value) in registers(fact) {
            for over in fact.fact_ids("over").into_iter().filter(|over| *over != fact.id) {
                named.insert((register.clone(), over));
            }
            sets.entry(register).or_default().insert(fact.id, value);
        }
    }
    for (register, live) in &mut sets {
        live.retain(|fact, _| !named.contains(&(register.clone(), *fact)));
    }
    sets
}

/// The registers that a fact sets.
fn registers(fact: &Fact) -> Vec<(String, Value)> {
    match fact.kind() {
        "set" | "decided" => match (fact.str("r"), fact.body.get("v")) {
            (Some(register), Some(value)) => vec![(register.to_owned(), value.clone())],
            _ => Vec::new(),
        },
        "created" | "imported" | "assigned" | "scheduled" => match fact.body.get("regs") {
            Some(Value::Object(regs)) => regs.iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// Whether live sets hold two different values.
pub fn conflict(live: &BTreeMap<FactId, Value>) -> bool {
    let mut values = live.values();
    values.next().is_some_and(|first| values.any(|value| value != first))
}
