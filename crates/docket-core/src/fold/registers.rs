//! Multi-value registers: a value stands until a set names it (DESIGN §2).

use std::collections::{BTreeMap, BTreeSet};

use docket_format::FactId;
use serde_json::Value;

use super::admit::regs;
use super::issues::{Issues, choice};
use super::order::Item;
use crate::issue::IssueKind;
use crate::kind;
use crate::view::{LiveSet, Register, Registers};

/// The registers that facts with effect give.
pub(super) fn fold<'a>(items: &[Item<'a>], issues: &mut Issues) -> Registers<'a> {
    let mut sets: BTreeMap<&'a str, Vec<(&Item<'a>, &'a Value)>> = BTreeMap::new();
    let mut named: BTreeSet<(&'a str, FactId)> = BTreeSet::new();
    for item in items.iter().filter(|item| item.applied() && kind::sets_registers(item.kind())) {
        let over = item.fact.fact_ids("over");
        for (register, value) in values(item) {
            sets.entry(register).or_default().push((item, value));
            // A set can't name itself, whatever it says.
            named.extend(over.iter().filter(|id| **id != item.id()).map(|id| (register, *id)));
        }
    }
    let mut registers = Registers::new();
    for (name, mut sets) in sets {
        if !named.is_empty() {
            sets.retain(|(item, _)| !named.contains(&(name, item.id())));
        }
        let Some((_, first)) = sets.first() else { continue };
        let conflict = sets.iter().any(|(_, value)| value != first);
        if conflict {
            raise(name, &sets, issues);
        }
        let live = sets.into_iter().map(|(item, value)| LiveSet {
            fact: item.id(),
            value,
            person: item.person(),
            at_ms: item.at(),
        });
        registers.insert(name, Register { live: live.collect(), conflict });
    }
    registers
}

/// The registers that a fact sets: `regs`, or `r` and `v`.
pub(super) fn values<'a>(item: &Item<'a>) -> impl Iterator<Item = (&'a str, &'a Value)> {
    let fact = item.fact;
    let single = match item.kind() {
        kind::SET | kind::DECIDED => fact.str("r").zip(fact.body.get("v")),
        _ => None,
    };
    let many = if single.is_none() { Some(regs(fact)) } else { None };
    single.into_iter().chain(many.into_iter().flatten())
}

fn raise(name: &str, sets: &[(&Item<'_>, &Value)], issues: &mut Issues) {
    let mut distinct: Vec<String> = sets.iter().map(|(_, value)| shown(value)).collect();
    distinct.sort_unstable();
    distinct.dedup();
    let facts = sets.iter().map(|(item, _)| item.id()).collect();
    let options = sets.iter().map(|(item, value)| choice(item, (*value).clone())).collect();
    issues.raise(IssueKind::Conflict, name, facts, options, format!("{name}: {}", distinct.join(" ≠ ")));
}

/// A value on one line, shortened.
fn shown(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
    if text.chars().count() <= 60 { text } else { text.chars().take(59).chain(['…']).collect() }
}
