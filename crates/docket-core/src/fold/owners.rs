//! Who answered for a job at which time: the history of its `outlet` and `handler` (D-E13).

use serde_json::Value;

use super::order::Item;
use super::registers::values;
use crate::kind;
use crate::view::Owner;

/// Every change of who is responsible, in the fold's order.
pub(super) fn of<'a>(items: &[Item<'a>]) -> Vec<Owner<'a>> {
    let mut owners: Vec<Owner<'a>> = Vec::new();
    let (mut outlet, mut handler) = (None, None);
    for item in items.iter().filter(|item| item.applied() && kind::sets_registers(item.kind())) {
        let before = (outlet, handler);
        for (name, value) in values(item) {
            match name {
                "outlet" => outlet = named(value),
                "handler" => handler = named(value),
                _ => {}
            }
        }
        if (outlet, handler) == before {
            continue;
        }
        owners.push(Owner {
            fact: item.id(),
            outlet,
            handler,
            since_ms: item.at(),
            by: item.person(),
            why: item.fact.str("why"),
            // A crew's override says nothing about the outlet that stands.
            overridden: item.fact.str("override").filter(|_| before.0 != outlet),
            handed_over: (before.0.is_some() && before.0 != outlet) || (before.1.is_some() && before.1 != handler),
        });
    }
    owners
}

fn named(value: &Value) -> Option<&str> {
    value.as_str().map(str::trim).filter(|name| !name.is_empty())
}
