//! Clocks (DOMAIN.md, "Clocks in general").

use docket_format::FactId;

use crate::clock::{Judged, Times, judge};
use crate::text;
use crate::time::UnixMs;

/// The state of a clock at a time (DOMAIN.md, "Clocks in general").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockVerdict {
    /// Started, not stopped, not yet due.
    Running,
    /// Started, and waiting for the customer or a part.
    Paused,
    /// Stopped in time.
    Met,
    /// Stopped too late, or due and not stopped.
    Breached,
    /// What it depends on is in conflict or unknown.
    Undecidable,
    /// It never started, or nothing is to be judged.
    NotApplicable,
}

impl ClockVerdict {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::Running, Self::Paused, Self::Met, Self::Breached, Self::Undecidable, Self::NotApplicable];

    /// The name used in views and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Met => "met",
            Self::Breached => "breached",
            Self::Undecidable => "undecidable",
            Self::NotApplicable => "not_applicable",
        }
    }
}

/// How good the evidence for a time is (DESIGN §6), the weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeEvidence {
    /// Somebody wrote down when it happened, later.
    Stated,
    /// The device's wall clock.
    Claimed,
    /// One boot of one device saw both ends, so its wall clock does not matter.
    Elapsed,
    /// The relay's time, carried on by the uptime of a boot that saw an exchange.
    Attested,
}

impl TimeEvidence {
    /// The name used in views and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stated => "stated",
            Self::Claimed => "claimed",
            Self::Elapsed => "elapsed",
            Self::Attested => "attested",
        }
    }
}

/// One clock of one document: for the job, a visit, a part, a complaint or a call.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ClockState<'a> {
    /// The clock's id in the policy: `arrive`, `service`, `contact` …
    pub id: &'a str,
    /// The DOMAIN row.
    pub row: &'a str,
    /// What it is about, for people.
    pub title: &'a str,
    /// The visit, as an index into [`JobView::visits`](super::JobView::visits).
    pub visit: Option<usize>,
    /// The fact that it is about: a visit's first arrival, the part's request, the complaint, the call; `None` = the job.
    #[serde(serialize_with = "text::option")]
    pub scope: Option<FactId>,
    /// Its state at the time of the fold.
    pub state: ClockVerdict,
    /// When it started.
    pub start_ms: Option<UnixMs>,
    /// When it is due; while paused, when it would be if work went on at `paused_ms`.
    pub due_ms: Option<UnixMs>,
    /// When it was stopped.
    pub stop_ms: Option<UnixMs>,
    /// Since when it has been paused.
    pub paused_ms: Option<UnixMs>,
    /// Milliseconds left at the stop, the pause, or now; negative = overdue.
    pub slack_ms: Option<i64>,
    /// What the times rest on.
    pub evidence: TimeEvidence,
    /// The times contradict each other: wall clock and uptime disagree by more than a minute, weaker evidence lies outside
    /// of stronger, or it stopped before it started.
    pub suspect: bool,
    /// Why it can't be decided.
    pub why: Option<&'static str>,
    /// The same, whenever it is asked about.
    #[serde(skip)]
    pub times: Times,
}

impl ClockState<'_> {
    /// This clock as it shows at another time.
    #[must_use]
    pub fn at(mut self, at: UnixMs) -> Self {
        let Judged { state, due_ms, slack_ms } = judge(&self.times, at);
        (self.state, self.due_ms, self.slack_ms) = (state, due_ms, slack_ms);
        self
    }
}
