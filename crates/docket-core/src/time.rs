//! Instants and days as the domain uses them. Nothing here reads a clock.

use jiff::Timestamp;
use jiff::civil::Date;

/// Milliseconds in a minute.
pub const MINUTE_MS: i64 = 60_000;
/// Milliseconds in a day of 24 hours.
pub const DAY_MS: i64 = 24 * 60 * MINUTE_MS;
/// How far a device's uptime may drift: so many milliseconds in a million (DESIGN §6).
pub const DRIFT_PPM: i64 = 200;

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct UnixMs(pub i64);

impl UnixMs {
    /// Reads an RFC 3339 instant (`2020-01-01T09:00:00-08:00`); `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse::<Timestamp>().ok().map(|t| Self(t.as_millisecond()))
    }

    /// RFC 3339 in UTC with whole seconds or milliseconds; `None` outside the years -9999 to 9999.
    pub fn rfc3339(self) -> Option<String> {
        Timestamp::from_millisecond(self.0).ok().map(|t| t.to_string())
    }

    /// The day in UTC; `None` outside the years -9999 to 9999.
    pub fn utc_date(self) -> Option<Date> {
        let stamp = Timestamp::from_millisecond(self.0).ok()?;
        Some(jiff::tz::Offset::UTC.to_datetime(stamp).date())
    }

    /// This instant and `minutes` more, never wrapping.
    #[must_use]
    pub fn plus_minutes(self, minutes: i64) -> Self {
        Self(self.0.saturating_add(minutes.saturating_mul(MINUTE_MS)))
    }
}

/// Reads a day written `YYYY-MM-DD` (RFC 3339 full-date); `None` for anything else.
pub fn date(text: &str) -> Option<Date> {
    if text.len() != 10 {
        return None;
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_and_days_are_read_strictly() {
        assert_eq!(UnixMs::parse("1970-01-01T01:00:00+01:00"), Some(UnixMs(0)));
        assert_eq!(UnixMs::parse("1970-01-01 01:00"), None);
        assert_eq!(UnixMs(0).rfc3339().as_deref(), Some("1970-01-01T00:00:00Z"));
        assert_eq!(UnixMs(-1).utc_date(), date("1969-12-31"));
        for bad in ["2020-1-1", "20200101", "2020-02-30", "2020-01-01T00:00:00Z"] {
            assert_eq!(date(bad), None, "{bad}");
        }
    }

    #[test]
    fn adding_minutes_never_wraps() {
        assert_eq!(UnixMs(i64::MAX).plus_minutes(i64::MAX), UnixMs(i64::MAX));
    }
}
