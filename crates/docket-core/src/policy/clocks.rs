//! `[clocks]`: what counts as one visit, and which evidence for a time counts. What must happen within what time stands in `[[clock]]`.

use super::clock::ClockRule;
use super::clock_deadline::Deadline;
use super::error::PolicyError;
use super::read::Table;
use crate::view::TimeEvidence;

/// Times that other parts of the fold ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clocks {
    /// Minutes within which arrivals of different people are one visit.
    pub crew_window_min: i64,
    /// Days after a completed visit within which no other may be needed: those of the `quiet_days` clock (D-H4).
    pub first_time_fix_days: Option<i64>,
    /// The best evidence for a time that counts (DESIGN §6): `Claimed` or `Attested`. Where nothing is attested, what is
    /// claimed decides, and the clock says so.
    pub evidence: TimeEvidence,
}

/// What `evidence` may say.
const GRADES: [TimeEvidence; 2] = [TimeEvidence::Claimed, TimeEvidence::Attested];

pub(super) fn read(root: &Table<'_>, rules: &[ClockRule]) -> Result<Clocks, PolicyError> {
    let (mut window, mut evidence) = (None, TimeEvidence::Attested);
    if let Some(table) = root.opt_table("clocks")? {
        table.only(&["crew_window_min", "evidence"])?;
        window = table.opt_int("crew_window_min", 0..=1440)?;
        if let Some(text) = table.opt_text("evidence")? {
            evidence = GRADES.into_iter().find(|grade| grade.as_str() == text.value).ok_or_else(|| {
                let known: Vec<&str> = GRADES.iter().map(|grade| grade.as_str()).collect();
                let what = format!("unknown evidence \"{}\"", text.value);
                table.source.error(&text.span, what, format!("expected one of: {}", known.join(", ")))
            })?;
        }
    }
    let quiet = rules.iter().find_map(|rule| match rule.deadline {
        Deadline::Quiet { days } => Some(days),
        _ => None,
    });
    Ok(Clocks { crew_window_min: window.unwrap_or(120), first_time_fix_days: quiet, evidence })
}
