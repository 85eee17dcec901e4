//! The clocks of a job: one engine for every `[[clock]]` of the policy (D-H4, D-H15, D-C1 to D-C4, D-E4, D-S1 to D-S4,
//! D-K1, D-K4, each judged alone: D-K5).
//!
//! Times are as the devices claim them; where one boot of one device saw both ends, its uptime counts instead, so that
//! a changed wall clock neither fakes nor spoils (DESIGN §6). A fact that says `when` it happened is weaker than that,
//! and the clock says so. The relay's time, where a device knew it, and what its signatures prove come before the wall
//! clock (`fold/moment.rs`); where they leave open on which side of a deadline something was, nothing is decided.

mod appointment;
mod calls;
mod context;
mod deadline;
mod duty;
mod pauses;
mod quiet;
mod scope;
mod trigger;

use docket_format::FactId;

use super::known::Known;
use crate::clock::{Settled, Times};
use crate::policy::{ClockRule, Deadline, Per};
use crate::time::{MINUTE_MS, UnixMs};
use crate::view::{ClockState, ClockVerdict, TimeEvidence, Visit};

pub use calls::fold_calls;

use context::Context;
use trigger::Mark;

/// Judges every clock, and notes lateness, limit and time spent in the visits.
pub(super) fn fold<'a>(known: &Known<'_, 'a>, visits: &mut [Visit<'a>], now: UnixMs) -> Vec<ClockState<'a>> {
    let cx = Context::of(known);
    for (index, visit) in visits.iter_mut().enumerate() {
        visit.spent_min = cx.spent_ms(index).map(|ms| ms.div_euclid(MINUTE_MS));
    }
    let mut clocks = Vec::new();
    for rule in &known.policy.clock_rules {
        match &rule.deadline {
            Deadline::Appointment { tolerance_min } => {
                appointment::fold(&cx, rule, *tolerance_min, visits, &mut clocks);
            }
            Deadline::Quiet { days } => clocks.extend(quiet::fold(&cx, rule, *days, visits)),
            Deadline::Daily(_) | Deadline::Gap(_) => clocks.extend(duty::fold(&cx, rule)),
            Deadline::Minutes(_) | Deadline::Tiers { .. } | Deadline::Sunset(_) => match rule.per {
                Per::Job => scope::job(&cx, rule, &mut clocks),
                Per::Visit => scope::visits(&cx, rule, visits, &mut clocks),
                Per::Part | Per::Complaint => scope::linked(&cx, rule, &mut clocks),
                Per::Call => {} // on the outlet's document
            },
        }
    }
    clocks.into_iter().map(|clock: ClockState<'a>| clock.at(now)).collect()
}

/// A clock that is not judged yet.
fn clock(rule: &ClockRule, scope: Option<FactId>, times: Times) -> ClockState<'_> {
    let times = times.settle();
    ClockState {
        id: &rule.id,
        row: &rule.row,
        title: &rule.title,
        visit: None,
        scope,
        state: ClockVerdict::NotApplicable,
        start_ms: times.start_ms,
        due_ms: times.due_ms,
        stop_ms: times.stop_ms,
        paused_ms: times.paused_ms,
        slack_ms: None,
        evidence: TimeEvidence::Claimed,
        suspect: false,
        why: None,
        times,
    }
}

/// A clock that can't be decided, and why.
fn undecidable<'a>(
    rule: &'a ClockRule,
    scope: Option<FactId>,
    start: Option<&Mark<'_, '_>>,
    why: Why,
) -> ClockState<'a> {
    let start_ms = start.map(|start| start.at);
    let times = Times { start_ms, ..Times::settled(Settled::Undecidable) };
    ClockState { why: Some(why), ..clock(rule, scope, times) }
}

/// On which side of the deadline it stopped, the evidence leaves open.
const STRADDLES: Why = "the evidence for its times lies on both sides of the deadline";

/// Two values decide whether, or by what, it is judged.
const IN_CONFLICT: Why = "what it depends on is in conflict";

/// Why a clock can't be decided.
type Why = &'static str;
