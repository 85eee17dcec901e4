//! Duties while a job is open (D-S2, D-S3): so many contacts on each local day, or none further apart than so much.
//!
//! Both give the first lapse as the due time, so that it depends on the record alone: whoever asks later sees a clock
//! that was due then.

use super::place::{Place, start_of_day};
use crate::time::{MINUTE_MS, UnixMs};

/// What a duty comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Duty {
    /// The end of the first day (or gap) without what was due in it.
    pub due: UnixMs,
    /// Whether contact was made after that: then the lapse is past, and stays one.
    pub went_on: bool,
}

/// The end of the first whole local day after that of `start` with fewer than `each_day` contacts. `contacts` in any
/// order. `None` outside the calendar.
pub fn first_missing_day(start: UnixMs, contacts: &[UnixMs], each_day: u32, place: &Place) -> Option<Duty> {
    let mut sorted: Vec<UnixMs> = contacts.to_vec();
    sorted.sort_unstable();
    // The day of the start has its own clock: the first contact.
    let mut day = place.day(start)?.tomorrow().ok()?;
    loop {
        let next = day.tomorrow().ok()?;
        let (from, to) = (start_of_day(day, &place.zone)?, start_of_day(next, &place.zone)?);
        let before = |end: UnixMs| sorted.partition_point(|at| *at < end);
        // Ends at the latest when the contacts do: each day passed has one. A day that the zone left out has no length
        // and asks for nothing.
        if from < to && before(to).saturating_sub(before(from)) < each_day.max(1) as usize {
            return Some(Duty { due: to, went_on: before(to) < sorted.len() });
        }
        day = next;
    }
}

/// The end of the first stretch of `gap_min` minutes without a contact, from `start` on.
pub fn first_gap(start: UnixMs, contacts: &[UnixMs], gap_min: i64) -> Duty {
    let mut sorted: Vec<UnixMs> = contacts.iter().copied().filter(|at| *at >= start).collect();
    sorted.sort_unstable();
    let gap_ms = gap_min.max(1).saturating_mul(MINUTE_MS);
    let mut last = start;
    for at in sorted {
        if at.0.saturating_sub(last.0) > gap_ms {
            return Duty { due: UnixMs(last.0.saturating_add(gap_ms)), went_on: true };
        }
        last = at;
    }
    Duty { due: UnixMs(last.0.saturating_add(gap_ms)), went_on: false }
}
