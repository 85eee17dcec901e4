//! Multi-value registers (DESIGN §2).

use std::collections::BTreeMap;

use docket_format::{FactId, PersonId};
use serde_json::Value;

use crate::text;
use crate::time::UnixMs;

/// One value of a register that no later set names.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct LiveSet<'a> {
    /// The fact that set it: what a later set names in `over`.
    #[serde(serialize_with = "text::one")]
    pub fact: FactId,
    /// The value.
    pub value: &'a Value,
    /// Who; `None` for an imported fact.
    #[serde(serialize_with = "text::option")]
    pub person: Option<PersonId>,
    /// When, as the device claims.
    pub at_ms: Option<UnixMs>,
}

/// A multi-value register (DESIGN §2).
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Register<'a> {
    /// The live sets, in the fold's order; never empty.
    pub live: Vec<LiveSet<'a>>,
    /// Two live sets have different values.
    pub conflict: bool,
}

impl<'a> Register<'a> {
    /// The value to show: the last live one in the fold's order. See [`Register::conflict`].
    pub fn value(&self) -> Option<&'a Value> {
        self.live.last().map(|set| set.value)
    }

    /// The value, unless there are two.
    pub fn agreed(&self) -> Option<&'a Value> {
        if self.conflict { None } else { self.value() }
    }

    /// What a new set must name in `over`: every live set that the user was shown.
    pub fn over(&self) -> Vec<FactId> {
        self.live.iter().map(|set| set.fact).collect()
    }
}

/// A document's registers by name.
pub type Registers<'a> = BTreeMap<&'a str, Register<'a>>;

/// A text register's value to show.
pub(crate) fn str_of<'a>(registers: &Registers<'a>, name: &str) -> Option<&'a str> {
    registers.get(name)?.value()?.as_str()
}

/// The people assigned, in the order given.
pub(crate) fn crew_of<'a>(registers: &Registers<'a>) -> impl Iterator<Item = &'a str> {
    people(registers.get("crew").and_then(Register::value))
}

/// The people whom a `crew` names.
pub(crate) fn people(crew: Option<&Value>) -> impl Iterator<Item = &str> {
    crew.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}
