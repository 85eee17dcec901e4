//! Multi-value registers: a value stands until a set names it (DESIGN §2).

use std::collections::BTreeSet;

use docket_format::FactId;
use serde_json::Value;

use super::admit::regs;
use super::issues::Issues;
use super::order::Item;
use crate::issue::{Choice, IssueKind};
use crate::kind;
use crate::view::{LiveSet, Register, Registers};

/// The registers that facts with effect give.
pub(super) fn fold<'a>(items: &[Item<'a>], issues: &mut Issues) -> Registers<'a> {
    let mut registers = Registers::new();
    let mut named: BTreeSet<(&'a str, FactId)> = BTreeSet::new();
    for item in items.iter().filter(|item| item.applied() && kind::sets_registers(item.kind())) {
        let over = item.fact.fact_ids("over");
        for (name, value) in values(item) {
            let register = registers.entry(name).or_insert_with(|| Register { live: Vec::new(), conflict: false });
            register.live.push(LiveSet { fact: item.id(), value, person: item.person(), at_ms: item.at() });
            // A set can't name itself, whatever it says.
            named.extend(over.iter().filter(|id| **id != item.id()).map(|id| (name, *id)));
        }
    }
    registers.retain(|name, register| {
        if !named.is_empty() {
            register.live.retain(|set| !named.contains(&(*name, set.fact)));
        }
        register.conflict = register.live.windows(2).any(|pair| matches!(pair, [a, b] if a.value != b.value));
        if register.conflict {
            raise(name, &register.live, issues);
        }
        !register.live.is_empty()
    });
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

fn raise(name: &str, live: &[LiveSet<'_>], issues: &mut Issues) {
    let mut distinct: Vec<String> = live.iter().map(|set| shown(set.value)).collect();
    distinct.sort_unstable();
    distinct.dedup();
    let facts = live.iter().map(|set| set.fact).collect();
    let options = live.iter().map(|set| Choice {
        fact: set.fact,
        value: set.value.clone(),
        person: set.person.clone(),
        at_ms: set.at_ms,
    });
    let options = options.collect();
    issues.raise(IssueKind::Conflict, name, facts, options, format!("{name}: {}", distinct.join(" ≠ ")));
}

/// Whether a value says nothing.
pub(super) fn is_blank(value: &Value) -> bool {
    value.is_null() || value.as_str() == Some("")
}

/// A value on one line, shortened.
pub(super) fn shown(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
    if text.chars().count() <= 60 { text } else { text.chars().take(59).chain(['…']).collect() }
}
