//! What happened beside the visit itself: catalogued facts with effect, and what the fold thinks of them.

use docket_format::{FactId, PersonId};
use serde_json::{Map, Value};

use crate::role::Role;
use crate::text;
use crate::time::UnixMs;

/// A catalogued fact with effect ([`crate::catalogue`]).
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Event<'a> {
    /// The fact.
    #[serde(serialize_with = "text::one")]
    pub fact: FactId,
    /// Its kind.
    pub kind: &'a str,
    /// Who; `None` for an imported fact.
    #[serde(serialize_with = "text::option")]
    pub person: Option<PersonId>,
    /// Their role; `None` for an imported fact.
    pub role: Option<Role>,
    /// When it happened: as stated (`when`), else as the device claims.
    pub at_ms: Option<UnixMs>,
    /// The time is what somebody wrote down later: the weakest evidence (DESIGN §6).
    pub stated: bool,
    /// Its place in the fold's order.
    pub pos: u32,
    /// The fact's fields.
    pub body: &'a Map<String, Value>,
}

impl<'a> Event<'a> {
    /// A text field.
    pub fn str(&self, field: &str) -> Option<&'a str> {
        self.body.get(field)?.as_str()
    }

    /// A whole number.
    pub fn int(&self, field: &str) -> Option<i64> {
        self.body.get(field)?.as_i64()
    }

    /// Yes or no.
    pub fn flag(&self, field: &str) -> Option<bool> {
        self.body.get(field)?.as_bool()
    }
}

/// A breach of duty that needs the policy, or several facts, to be seen. Audit rules turn signs into findings: a company
/// decides which matter to it, and how much.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Sign {
    /// Which breach.
    pub sign: &'static str,
    /// The DOMAIN row.
    pub row: &'static str,
    /// Tells apart several of one kind in one document (a part, a step, a charge); may be empty.
    pub key: String,
    /// One line for people.
    pub detail: String,
    /// The fact that shows it, if it is one.
    #[serde(serialize_with = "text::option")]
    pub fact: Option<FactId>,
    /// Who stated that fact.
    #[serde(serialize_with = "text::option")]
    pub person: Option<PersonId>,
    /// When.
    pub at_ms: Option<UnixMs>,
}
