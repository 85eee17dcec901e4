//! Sundown (D-C3): the deadline is the sunset of the local day at the outlet.

use jiff::civil::{Date, Time};
use solar_positioning::time::JulianDate;
use solar_positioning::{Horizon, Location, SolarEvents, delta_t};

use super::place::{Place, at_time, start_of_day};
use crate::time::{DAY_MS, UnixMs};

/// The Julian date of 1970-01-01T00:00:00Z.
const EPOCH: f64 = 2_440_587.5;

/// When the sun sets on a local day at a place, to the whole second: the upper limb at the sea's horizon, as almanacs
/// have it. `None` in polar day and night, without coordinates, or with impossible ones.
pub fn sunset(place: &Place, day: Date) -> Option<UnixMs> {
    let (latitude, longitude) = place.coordinates?;
    let from = start_of_day(day, &place.zone)?;
    let to = start_of_day(day.tomorrow().ok()?, &place.zone)?;
    // TT - UT1; seconds matter to nobody here, but the library wants it said.
    let delta_t = delta_t::estimate_from_date(i32::from(day.year()), u32::from(day.month().unsigned_abs())).ok()?;
    let julian = |at: UnixMs| Some(JulianDate::new(at.0 as f64 / DAY_MS as f64 + EPOCH, delta_t).ok()?.julian_date());
    let location = Location { latitude, longitude };
    let sun = SolarEvents::new();
    let set = sun.next_set_from_julian(julian(from)?, julian(to)?, location, delta_t, Horizon::SunriseSunset);
    let seconds = ((set.ok()?? - EPOCH) * (DAY_MS as f64 / 1000.0)).floor();
    Some(UnixMs((seconds as i64).saturating_mul(1000)))
}

/// A sundown rule, as policy states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sundown {
    /// The local time that stands for sunset where the sun doesn't set.
    pub fallback: Time,
    /// The sun may set later than people work: never later than this local time.
    pub never_after: Option<Time>,
    /// Where the outlet's coordinates are unknown the fallback counts; else the clock is undecidable.
    pub without_place: bool,
    /// What comes in after sunset is due by the next one; else by the end of the day.
    pub next: bool,
}

/// When a response is due to what came in at `start`: by sundown of that local day. `None`: undecidable.
pub fn sundown(rule: &Sundown, place: &Place, start: UnixMs) -> Option<UnixMs> {
    if place.coordinates.is_none() && !rule.without_place {
        return None;
    }
    let today = place.day(start)?;
    let due = sundown_of(rule, place, today)?;
    if start <= due {
        return Some(due);
    }
    let tomorrow = today.tomorrow().ok()?;
    if rule.next { sundown_of(rule, place, tomorrow) } else { start_of_day(tomorrow, &place.zone) }
}

fn sundown_of(rule: &Sundown, place: &Place, day: Date) -> Option<UnixMs> {
    let at = |time: Time| at_time(day, minute_of(time), &place.zone);
    let set = match sunset(place, day) {
        Some(set) => set,
        None => at(rule.fallback)?,
    };
    match rule.never_after {
        Some(time) => Some(set.min(at(time)?)),
        None => Some(set),
    }
}

fn minute_of(time: Time) -> i32 {
    i32::from(time.hour()) * 60 + i32::from(time.minute())
}
