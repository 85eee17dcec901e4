//! Visits and how they ended.

use docket_format::{FactId, PersonId};

use crate::text;
use crate::time::UnixMs;

/// One person's arrival.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Arrival {
    /// The `arrived` fact.
    #[serde(serialize_with = "text::one")]
    pub fact: FactId,
    /// Who.
    #[serde(serialize_with = "text::option")]
    pub person: Option<PersonId>,
    /// When, as the device claims.
    pub at_ms: UnixMs,
    /// Set if the job had been taken from this person, and it is not known that they were on site before that.
    pub late_work: Option<LateWork>,
}

/// What was decided about late work (DESIGN §5). Rejected and moved visits are no visits of the job any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LateWork {
    /// Nothing yet.
    Open,
    /// It counts.
    Credited,
}

impl LateWork {
    /// The name used in views and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Credited => "credited",
        }
    }
}

/// How a visit, or a job without one, ended.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Outcome<'a> {
    /// The fact.
    #[serde(serialize_with = "text::one")]
    pub fact: FactId,
    /// `completed`, `refused` or `no_access`.
    pub kind: &'a str,
    /// The resolution of `completed`, the reason of `refused`.
    pub detail: Option<&'a str>,
    /// Who.
    #[serde(serialize_with = "text::option")]
    pub person: Option<PersonId>,
    /// When, as the device claims.
    pub at_ms: UnixMs,
}

impl Outcome<'_> {
    /// Refused because it is unsafe: unpenalised, and the seller is told (D-H14).
    pub fn is_refused_unsafe(&self) -> bool {
        self.kind == crate::kind::REFUSED && self.detail == Some("unsafe")
    }
}

/// One visit: arrivals of a crew close together.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Visit<'a> {
    /// The first arrival's fact names it.
    #[serde(serialize_with = "text::one")]
    pub id: FactId,
    /// Who arrived, first first.
    pub arrivals: Vec<Arrival>,
    /// How it ended: each device's last word, in the fold's order. Empty = not ended. Different ones are an issue.
    pub outcomes: Vec<Outcome<'a>>,
    /// Appliances worked on; while it is open, the job's `appliances`.
    pub appliances: u32,
    /// Minutes after the latest agreed time of arrival, policy's tolerance included; negative = in good time; `None` =
    /// no appointment of its own, or two of them.
    pub late_min: Option<i64>,
    /// Minutes that the policy allows for the work (D-H4); `None` = no limit.
    pub limit_min: Option<i64>,
    /// Minutes from the first arrival to the end, by the device's uptime where one boot saw both.
    pub spent_min: Option<i64>,
}

impl Visit<'_> {
    /// When the first of the crew arrived, as claimed.
    pub fn arrived_ms(&self) -> Option<UnixMs> {
        self.arrivals.first().map(|arrival| arrival.at_ms)
    }

    /// When it ended, as claimed.
    pub fn ended_ms(&self) -> Option<UnixMs> {
        self.outcomes.last().map(|outcome| outcome.at_ms)
    }

    /// The outcome to show: the last word in the fold's order.
    pub fn outcome(&self) -> Option<&Outcome<'_>> {
        self.outcomes.last()
    }
}
