//! Clocks (DOMAIN.md, "Clocks in general").

use crate::time::UnixMs;

/// The state of a clock (DOMAIN.md, "Clocks in general").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockVerdict {
    /// Started, not stopped, not yet due.
    Running,
    /// Stopped in time.
    Met,
    /// Stopped too late, or due and not stopped.
    Breached,
    /// What it depends on is in conflict.
    Undecidable,
    /// It never started.
    NotApplicable,
}

impl ClockVerdict {
    /// The name used in views and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Met => "met",
            Self::Breached => "breached",
            Self::Undecidable => "undecidable",
            Self::NotApplicable => "not_applicable",
        }
    }
}

/// How good the evidence for a time is (DESIGN §6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeEvidence {
    /// The device's wall clock.
    Claimed,
    /// One boot of one device saw both ends, so its wall clock does not matter.
    Elapsed,
}

/// One clock of one job, for one visit or for the job.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ClockState {
    /// The clock's id: `arrive`, `service`, `first_time_fix`.
    pub id: &'static str,
    /// The DOMAIN row.
    pub row: &'static str,
    /// The visit, as an index into [`JobView::visits`].
    pub visit: Option<usize>,
    /// Its state.
    pub state: ClockVerdict,
    /// When it started.
    pub start_ms: Option<UnixMs>,
    /// When it is due.
    pub due_ms: Option<UnixMs>,
    /// When it was stopped.
    pub stop_ms: Option<UnixMs>,
    /// Milliseconds left at the stop, or now; negative = overdue.
    pub slack_ms: Option<i64>,
    /// What the times rest on.
    pub evidence: TimeEvidence,
    /// Wall clock and uptime disagree by more than a minute: the wall clock was changed in between.
    pub suspect: bool,
}
