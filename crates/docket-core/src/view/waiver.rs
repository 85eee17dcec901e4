//! What the audit document says.

use docket_format::{DocId, FactId, PersonId};
use jiff::civil::Date;

use super::Entry;
use crate::issue::Issue;
use crate::text;
use crate::time::UnixMs;

/// The company's audit document.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct AuditView<'a> {
    /// The document.
    #[serde(serialize_with = "text::one")]
    pub doc: DocId,
    /// Its waivers, in the fold's order.
    pub waivers: Vec<WaiverState<'a>>,
    /// What a person must look at.
    pub issues: Vec<Issue>,
    /// Every fact in the fold's order, and what it did.
    pub timeline: Vec<Entry<'a>>,
}

/// Somebody answers for a finding until a day.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct WaiverState<'a> {
    /// The fact.
    #[serde(serialize_with = "text::one")]
    pub fact: FactId,
    /// The finding's id: 26 characters of Crockford base 32.
    pub finding: &'a str,
    /// The last day on which it counts, in UTC.
    pub until: Date,
    /// Why.
    pub why: &'a str,
    /// Who answers for it.
    #[serde(serialize_with = "text::option")]
    pub person: Option<PersonId>,
    /// When it was recorded, as the recording device claims.
    pub at_ms: Option<UnixMs>,
    /// The fact that took it back.
    #[serde(serialize_with = "text::option")]
    pub ended_by: Option<FactId>,
    /// Who took it back.
    #[serde(serialize_with = "text::option")]
    pub ended_person: Option<PersonId>,
}
