//! `[clocks]`: what counts as one visit. What must happen within what time stands in `[[clock]]`.

use super::clock::ClockRule;
use super::clock_deadline::Deadline;
use super::error::PolicyError;
use super::read::Table;

/// Times that other parts of the fold ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clocks {
    /// Minutes within which arrivals of different people are one visit.
    pub crew_window_min: i64,
    /// Days after a completed visit within which no other may be needed: those of the `quiet_days` clock (D-H4).
    pub first_time_fix_days: Option<i64>,
}

pub(super) fn read(root: &Table<'_>, rules: &[ClockRule]) -> Result<Clocks, PolicyError> {
    let window = match root.opt_table("clocks")? {
        None => None,
        Some(table) => {
            table.only(&["crew_window_min"])?;
            table.opt_int("crew_window_min", 0..=1440)?
        }
    };
    let quiet = rules.iter().find_map(|rule| match rule.deadline {
        Deadline::Quiet { days } => Some(days),
        _ => None,
    });
    Ok(Clocks { crew_window_min: window.unwrap_or(120), first_time_fix_days: quiet })
}
