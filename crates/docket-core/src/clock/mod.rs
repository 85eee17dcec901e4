//! Clocks as pure arithmetic (DOMAIN.md, "Clocks in general"): what a clock's times say at any time, when a span ends
//! that pauses and opening hours interrupt, when the sun sets, which local day lacks its contact.
//!
//! The fold finds the facts that start and stop a clock and puts them into [`Times`], which no "now" takes part in;
//! [`judge`] adds the time of the question. All arithmetic saturates: no record makes it wrap or panic.

mod days;
mod hours;
mod place;
mod span;
mod sunset;

#[cfg(test)]
mod tests;

use crate::time::UnixMs;
use crate::view::ClockVerdict;

pub use days::{Duty, first_gap, first_missing_day};
pub use hours::Hours;
pub use place::{Place, start_of_day, zone};
pub use span::{Pause, Spent, span};
pub use sunset::{Sundown, sundown, sunset};

/// What the record alone settles about a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Settled {
    /// Stopped in time.
    Met,
    /// Stopped too late; paused after it was due; or, for a [`Settled::Quiet`] clock, something happened.
    Breached,
    /// What it depends on is in conflict or unknown.
    Undecidable,
    /// It does not apply: the work was refused, the job was cancelled in time.
    NotApplicable,
    /// Its promise is kept by nothing happening until it is due (first-time fix), and nothing has.
    Quiet,
}

impl Settled {
    /// The name used in `v_clock.verdict`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Breached => "breached",
            Self::Undecidable => "undecidable",
            Self::NotApplicable => "not_applicable",
            Self::Quiet => "quiet",
        }
    }

    /// The verdict of this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Met, Self::Breached, Self::Undecidable, Self::NotApplicable, Self::Quiet]
            .into_iter()
            .find(|settled| settled.as_str() == name)
    }
}

/// A clock's times, as the record has them: the same whenever they are asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Times {
    /// When it started.
    pub start_ms: Option<UnixMs>,
    /// When it is due; while it is paused, when it would be if it went on at `paused_ms`.
    pub due_ms: Option<UnixMs>,
    /// What stopped it.
    pub stop_ms: Option<UnixMs>,
    /// Since when it has been paused.
    pub paused_ms: Option<UnixMs>,
    /// What the record settles; `None` while time decides.
    pub settled: Option<Settled>,
}

impl Times {
    /// A clock of which the record already says what comes of it.
    #[must_use]
    pub fn settled(settled: Settled) -> Self {
        Self { settled: Some(settled), ..Self::default() }
    }

    /// Adds what the times themselves settle.
    #[must_use]
    pub fn settle(mut self) -> Self {
        if self.settled.is_none()
            && let Some(due) = self.due_ms
        {
            self.settled = match (self.stop_ms, self.paused_ms) {
                (Some(stop), _) if stop > due => Some(Settled::Breached),
                (Some(_), _) => Some(Settled::Met),
                (None, Some(paused)) if paused > due => Some(Settled::Breached),
                (None, _) => None,
            };
        }
        self
    }

    /// The times of a promise that nothing happens before `due_ms`, counted from `start_ms`; `broken` is what happened
    /// next, whenever that was (D-H4, "once is enough").
    #[must_use]
    pub fn quiet(start_ms: UnixMs, due_ms: UnixMs, broken: Option<UnixMs>) -> Self {
        let stop_ms = broken.filter(|at| *at < due_ms);
        let settled = if stop_ms.is_some() { Settled::Breached } else { Settled::Quiet };
        let (start_ms, due_ms) = (Some(start_ms), Some(due_ms));
        Self { start_ms, due_ms, stop_ms, paused_ms: None, settled: Some(settled) }
    }
}

/// What a clock shows at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judged {
    /// Its state.
    pub state: ClockVerdict,
    /// When it is due.
    pub due_ms: Option<UnixMs>,
    /// Milliseconds left at the stop, at the pause, or at the time asked about; negative = overdue.
    pub slack_ms: Option<i64>,
}

/// A clock's state at time `at`. Met and breached are final: no later `at` changes them.
pub fn judge(times: &Times, at: UnixMs) -> Judged {
    let left = |until: UnixMs| times.due_ms.map(|due| due.0.saturating_sub(until.0));
    let judged = |state, until| Judged { state, due_ms: times.due_ms, slack_ms: left(until) };
    let paused = times.paused_ms.filter(|paused| *paused <= at);
    let until = times.stop_ms.or(paused).unwrap_or(at);
    let is_late = times.due_ms.is_some_and(|due| until > due);
    match times.settled {
        Some(Settled::Met) => judged(ClockVerdict::Met, until),
        Some(Settled::Breached) => judged(ClockVerdict::Breached, until),
        Some(Settled::Quiet) if times.due_ms.is_some_and(|due| at < due) => judged(ClockVerdict::Running, at),
        Some(Settled::Quiet) => Judged { slack_ms: Some(0), ..judged(ClockVerdict::Met, at) },
        Some(Settled::Undecidable) => Judged { state: ClockVerdict::Undecidable, due_ms: times.due_ms, slack_ms: None },
        Some(Settled::NotApplicable) => {
            Judged { state: ClockVerdict::NotApplicable, due_ms: times.due_ms, slack_ms: None }
        }
        None if times.due_ms.is_none() => judged(ClockVerdict::NotApplicable, until),
        None if is_late => judged(ClockVerdict::Breached, until),
        None if times.stop_ms.is_some() => judged(ClockVerdict::Met, until),
        None if paused.is_some() => judged(ClockVerdict::Paused, until),
        None => judged(ClockVerdict::Running, until),
    }
}

/// Of several clocks the one that is due next: the earliest that still runs and is not overdue (D-K5). Promises that
/// nothing happens ([`Settled::Quiet`]) ask for nothing, and paused clocks wait for others.
pub fn next_due<'t>(clocks: impl IntoIterator<Item = &'t Times>, at: UnixMs) -> Option<&'t Times> {
    let running = clocks.into_iter().filter(|times| times.settled.is_none());
    running.filter(|times| judge(times, at).state == ClockVerdict::Running).min_by_key(|times| times.due_ms)
}
