//! Where a clock ticks: the outlet's time zone, coordinates and opening hours.

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{TimeZone, TimeZoneDatabase};

use super::hours::Hours;
use crate::time::UnixMs;

/// The time zones that come with this version: never those of the machine, which may know other rules.
static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// A time zone by its IANA name (`Asia/Shanghai`); `None` for a name that this version doesn't know.
pub fn zone(name: &str) -> Option<TimeZone> {
    ZONES.get(name).ok()
}

/// The place by which deadlines are computed.
#[derive(Debug, Clone)]
pub struct Place {
    /// Its time zone.
    pub zone: TimeZone,
    /// Latitude and longitude in degrees, north and east positive.
    pub coordinates: Option<(f64, f64)>,
    /// When it is open.
    pub hours: Hours,
}

impl Place {
    /// A place that never closes and of which nothing but the zone is known.
    pub fn in_zone(zone: TimeZone) -> Self {
        Self { zone, coordinates: None, hours: Hours::ALWAYS }
    }

    /// The local day of an instant; `None` outside the calendar.
    pub fn day(&self, at: UnixMs) -> Option<Date> {
        Some(Timestamp::from_millisecond(at.0).ok()?.to_zoned(self.zone.clone()).date())
    }
}

/// The first instant of a local day: midnight, or the first moment after clocks were put forward over it. `None`
/// outside the calendar.
pub fn start_of_day(day: Date, zone: &TimeZone) -> Option<UnixMs> {
    let zoned = day.at(0, 0, 0, 0).to_zoned(zone.clone()).ok()?;
    Some(UnixMs(zoned.timestamp().as_millisecond()))
}

/// A local time of a local day: of two such moments the first, for one that was jumped over the moment after the jump.
pub(super) fn at_time(day: Date, minute: i32, zone: &TimeZone) -> Option<UnixMs> {
    if minute >= 24 * 60 {
        return start_of_day(day.tomorrow().ok()?, zone);
    }
    let zoned = day.at((minute / 60) as i8, (minute % 60) as i8, 0, 0).to_zoned(zone.clone()).ok()?;
    Some(UnixMs(zoned.timestamp().as_millisecond()))
}
