//! Who answers for a job, over time (D-E13).

use docket_format::{FactId, PersonId};

use crate::text;
use crate::time::UnixMs;

/// From this fact on, this outlet and this handler are responsible.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Owner<'a> {
    /// The fact that made it so.
    #[serde(serialize_with = "text::one")]
    pub fact: FactId,
    /// The outlet; `None` = nobody.
    pub outlet: Option<&'a str>,
    /// The person at that outlet; `None` = nobody named.
    pub handler: Option<&'a str>,
    /// Since when, as the device claims.
    pub since_ms: Option<UnixMs>,
    /// Who decided.
    #[serde(serialize_with = "text::option")]
    pub by: Option<PersonId>,
    /// The reason given.
    pub why: Option<&'a str>,
    /// Why an outlet that may not take it takes it all the same.
    pub overridden: Option<&'a str>,
    /// Whether somebody else was responsible before: a hand-over.
    pub handed_over: bool,
}
