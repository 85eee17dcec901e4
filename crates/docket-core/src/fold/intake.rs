//! What was changed of what a request said when it came in (D-H7, D-E2). Filling in what was left open is no change.

use std::collections::BTreeMap;

use serde_json::Value;

use super::order::Item;
use super::registers::{is_blank, values};
use crate::kind;
use crate::policy::Policy;
use crate::view::{Register, Registers};

/// The registers by which requests are classed: another value is a classification error (D-E2).
pub(super) const CLASSES: [&str; 2] = ["nature", "region"];

/// The registers that a request brings with it. What dispatch decides (crew, outlet, appointment) is not among them.
const INTAKE: [&str; 18] = [
    "kind",
    "product",
    "model",
    "serial",
    "brand",
    "industry",
    "appliances",
    "customer",
    "channel",
    "received_at",
    "requested_by",
    "requester",
    "site_contact",
    "text",
    "mode",
    "purchased_on",
    "contract",
    "own_initiative",
];

/// Another value in the place of one that a request came with.
pub(super) struct Change<'i, 'a> {
    pub(super) item: &'i Item<'a>,
    pub(super) register: &'a str,
    pub(super) before: &'a Value,
    pub(super) now: &'a Value,
}

/// The changes, in the fold's order.
pub(super) fn changes<'i, 'a>(items: &'i [Item<'a>]) -> Vec<Change<'i, 'a>> {
    let mut known: BTreeMap<&'a str, &'a Value> = BTreeMap::new();
    let mut changes = Vec::new();
    for item in items.iter().filter(|item| item.applied() && kind::sets_registers(item.kind())) {
        for (register, now) in values(item) {
            if !INTAKE.contains(&register) && !CLASSES.contains(&register) {
                continue;
            }
            // An import's later rows are the same request told anew by its source.
            let told = matches!(item.kind(), kind::CREATED | kind::IMPORTED);
            match known.insert(register, now) {
                Some(before) if !told && before != now && !is_blank(before) => {
                    changes.push(Change { item, register, before, now });
                }
                _ => {}
            }
        }
    }
    changes
}

/// The share of the registers that the policy asks of a complete job, in per cent; `None` = it asks for none.
pub(super) fn completeness(registers: &Registers<'_>, policy: &Policy) -> Option<u32> {
    let asked = &policy.intake.complete;
    let has =
        |name: &&String| registers.get(name.as_str()).and_then(Register::value).is_some_and(|value| !is_blank(value));
    let filled = asked.iter().filter(has).count() as u32;
    (filled * 100).checked_div(asked.len() as u32)
}
