//! Times as people type and read them.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::errors::CliError;

/// Reads RFC 3339, `2026-01-31 14:30` or `2026-01-31`, the last two in `zone`.
pub(crate) fn parse(text: &str, zone: &TimeZone) -> Result<Timestamp, CliError> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(time);
    }
    let civil = text.parse::<DateTime>().or_else(|_| text.parse::<Date>().map(|date| date.at(0, 0, 0, 0)));
    civil.and_then(|civil| civil.to_zoned(zone.clone())).map(|zoned| zoned.timestamp()).map_err(|_| {
        CliError::usage(format!("`{text}` is not a time"))
            .hint("write `2026-01-31`, `2026-01-31 14:30` or `2026-01-31T14:30:00+01:00`")
    })
}

/// Reads a time zone's name.
pub(crate) fn zone(text: &str) -> Result<TimeZone, String> {
    TimeZone::get(text).map_err(|_| "expected a time zone as in Asia/Shanghai or UTC".to_owned())
}

/// Checks a date, `2026-01-31`.
pub(crate) fn date(text: &str) -> Result<String, String> {
    text.parse::<Date>().map(|date| date.to_string()).map_err(|_| "expected a date as in 2026-01-31".to_owned())
}

/// Reads `7d`, `12h`, `30m`.
pub(crate) fn duration(text: &str) -> Result<SignedDuration, String> {
    let bad = || "expected days, hours or minutes as in 7d, 12h, 30m".to_owned();
    let unit = text.chars().last().ok_or_else(bad)?;
    let count: i64 = text.strip_suffix(unit).and_then(|count| count.parse().ok()).filter(|&n| n > 0).ok_or_else(bad)?;
    let seconds = match unit {
        'd' => 86_400,
        'h' => 3_600,
        'm' => 60,
        _ => return Err(bad()),
    };
    // A hundred years is more than any of these is meant for, and keeps the arithmetic far from its ends.
    count.checked_mul(seconds).filter(|&s| s <= 100 * 366 * 86_400).map(SignedDuration::from_secs).ok_or_else(bad)
}

/// Milliseconds since 1970 as `2026-01-31 14:30 +01:00` in `zone`; the number itself when no calendar holds it.
pub(crate) fn show(unix_ms: i64, zone: &TimeZone) -> String {
    match Timestamp::from_millisecond(unix_ms) {
        Ok(time) => time.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M %:z").to_string(),
        Err(_) => format!("{unix_ms} ms"),
    }
}

/// Milliseconds since 1970 as the hour and minute in `zone`, where the day is clear.
pub(crate) fn hour(unix_ms: i64, zone: &TimeZone) -> String {
    match Timestamp::from_millisecond(unix_ms) {
        Ok(time) => time.to_zoned(zone.clone()).strftime("%H:%M").to_string(),
        Err(_) => format!("{unix_ms} ms"),
    }
}

/// Milliseconds since 1970 as the day in `zone`, for lists.
pub(crate) fn day(unix_ms: i64, zone: &TimeZone) -> String {
    match Timestamp::from_millisecond(unix_ms) {
        Ok(time) => time.to_zoned(zone.clone()).strftime("%Y-%m-%d").to_string(),
        Err(_) => format!("{unix_ms} ms"),
    }
}

/// Time left as people say it; negative = over.
pub(crate) fn left(slack_ms: i64) -> String {
    let sign = if slack_ms < 0 { "-" } else { "" };
    let minutes = slack_ms.unsigned_abs() / 60_000;
    match (minutes / 1440, minutes / 60 % 24, minutes % 60) {
        (0, 0, minutes) => format!("{sign}{minutes} min"),
        (0, hours, minutes) => format!("{sign}{hours} h {minutes} min"),
        (days, hours, _) => format!("{sign}{days} d {hours} h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_the_zone_given_and_shown_with_its_offset() {
        let zone = TimeZone::get("America/Los_Angeles").unwrap();
        for text in ["2020-01-31", "2020-01-31 00:00", "2020-01-31T00:00:00-08:00"] {
            assert_eq!(show(parse(text, &zone).unwrap().as_millisecond(), &zone), "2020-01-31 00:00 -08:00");
        }
        assert!(parse("31.1.2020", &zone).is_err());
    }

    #[test]
    fn durations_have_a_unit_and_an_end() {
        assert_eq!(duration("7d"), Ok(SignedDuration::from_hours(7 * 24)));
        for bad in ["", "7", "d", "-1d", "0h", "7w", "99999999999999999999d", "9999999d", "7é"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }
}
