//! What was charged on a job (D-E9).

use std::collections::BTreeMap;

use docket_format::{FactId, PersonId};

use crate::text;
use crate::time::UnixMs;

/// One charge.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Charge {
    /// The fact.
    #[serde(serialize_with = "text::one")]
    pub fact: FactId,
    /// What for, as the price list names it.
    pub item: String,
    /// How much for all of them, in the currency's minor units.
    pub minor: i64,
    /// The currency.
    pub currency: String,
    /// How many.
    pub qty: i64,
    /// Who.
    #[serde(serialize_with = "text::option")]
    pub person: Option<PersonId>,
    /// When.
    pub at_ms: Option<UnixMs>,
}

/// Everything that was charged on a job.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Charges {
    /// The charges, in the fold's order.
    pub lines: Vec<Charge>,
    /// The sum for each currency, in minor units.
    pub total: BTreeMap<String, i64>,
}
