//! How a job went as a whole: from the request to the call-back.

use docket_format::{FactId, PersonId};

use crate::text;
use crate::time::UnixMs;

/// How a job ended, and what follows from it by the policy (D-C6).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Resolved<'a> {
    /// The resolution's id.
    pub id: &'a str,
    /// The customer is asked afterwards.
    pub call_back: bool,
    /// It counts for the first-time-fix rate.
    pub first_time_fix: bool,
    /// Nobody is blamed for it.
    pub unpenalised: bool,
    /// The fact that says so.
    #[serde(serialize_with = "text::one")]
    pub fact: FactId,
    /// Who.
    #[serde(serialize_with = "text::option")]
    pub person: Option<PersonId>,
    /// When, as the device claims.
    pub at_ms: Option<UnixMs>,
}

/// Why somebody had to come again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Repeat {
    /// For a part that was asked for at an earlier visit: not the technician's fault (D-H15).
    Part,
    /// To go on with what an earlier visit had not ended (D-H9).
    Unfinished,
    /// For what an earlier visit had completed.
    Fault,
    /// Nobody came again, but the customer says that it is not solved.
    Unsolved,
}

impl Repeat {
    /// The name used in views and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Part => "part",
            Self::Unfinished => "unfinished",
            Self::Fault => "fault",
            Self::Unsolved => "unsolved",
        }
    }
}

/// How a job went as a whole.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Course<'a> {
    /// How it ended; `None` = it has not.
    pub resolution: Option<Resolved<'a>>,
    /// The call-back that reached the customer after the job had ended, the last one (D-H16). Nobody who served counts as
    /// asking (D-C2).
    #[serde(serialize_with = "text::option")]
    pub called_back: Option<FactId>,
    /// When the request was written down; against `received_at` (D-H7).
    pub recorded_ms: Option<UnixMs>,
    /// Per cent of the registers that the policy asks of a complete job; `None` = it asks for none (D-E2).
    pub completeness: Option<u32>,
    /// How often what the request said was corrected (D-H7).
    pub intake_corrections: u32,
    /// How often it was classed anew (D-E2).
    pub reclassified: u32,
    /// Visits at which somebody worked: locked doors and refusals are none (D-K2).
    pub work_visits: u32,
    /// Whether once was enough (D-H4); `None` = not asked, or not ended.
    pub first_time_fix: Option<bool>,
    /// Why once was not enough.
    pub repeat: Option<Repeat>,
    /// What the cause was, as found on site: defect, misuse, none, installation, wear (D-E5).
    pub cause: Option<&'a str>,
}
