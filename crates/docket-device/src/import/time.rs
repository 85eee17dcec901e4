//! Times as exports write them: a `strftime` format and, when that has no offset, a zone.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::strtime::{self, BrokenDownTime};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};

use super::target::Type;

/// Which of two instants a local time means that a clock change repeats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ambiguous {
    /// The first one (daylight saving time still runs).
    Earlier,
    /// The second one.
    Later,
    /// Neither: the row is rejected.
    Reject,
}

/// A checked format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Format {
    text: String,
    kind: Shape,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Rfc3339,
    WithOffset,
    Local,
    DateOnly,
}

/// Why a cell is not a time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotTime {
    /// It doesn't match the format.
    #[error("does not match the format `{0}`")]
    Format(String),
    /// The zone's clocks jumped over it.
    #[error("does not exist in the time zone: clocks were put forward over it")]
    Gap,
    /// The zone's clocks showed it twice, and the map says `reject`.
    #[error("is ambiguous in the time zone: clocks were put back over it")]
    Fold,
    /// Outside the years that RFC 3339 can write.
    #[error("is outside the years 1 to 9999")]
    Range,
}

impl Format {
    /// Checks a format by writing and reading back an instant with it.
    pub(super) fn parse(text: &str, kind: Type) -> Result<Self, String> {
        if text == "rfc3339" {
            return Ok(Self { text: text.to_owned(), kind: Shape::Rfc3339 });
        }
        let sample = jiff::civil::date(2020, 2, 13).at(14, 15, 16, 0).in_tz("UTC").map_err(|e| e.to_string())?;
        let written = strtime::format(text, &sample).map_err(|e| e.to_string())?;
        let read = BrokenDownTime::parse(text, &written).map_err(|e| e.to_string())?;
        let day = read.to_date().map_err(|_| "does not give a day (needs year, month and day)".to_owned())?;
        if day != sample.date() {
            return Err("reads back as another day than it writes".to_owned());
        }
        let shape = match (read.hour().is_some(), read.offset().is_some()) {
            (false, _) if kind == Type::Timestamp => return Err("does not give a time of day".to_owned()),
            (false, _) => Shape::DateOnly,
            (true, true) => Shape::WithOffset,
            (true, false) => Shape::Local,
        };
        Ok(Self { text: text.to_owned(), kind: shape })
    }

    pub(super) fn needs_zone(&self) -> bool {
        self.kind == Shape::Local
    }

    /// RFC 3339 with the offset in force then.
    pub(super) fn timestamp(
        &self,
        cell: &str,
        zone: Option<&TimeZone>,
        ambiguous: Ambiguous,
    ) -> Result<String, NotTime> {
        let (local, offset) = self.instant(cell, zone, ambiguous)?;
        rfc3339(local, offset)
    }

    /// `YYYY-MM-DD` when the cell is a day or a midnight, else as [`Format::timestamp`].
    pub(super) fn date(&self, cell: &str, zone: Option<&TimeZone>, ambiguous: Ambiguous) -> Result<String, NotTime> {
        if self.kind == Shape::DateOnly {
            let parsed = BrokenDownTime::parse(&self.text, cell).and_then(|time| time.to_date());
            return day(parsed.map_err(|_| self.mismatch())?);
        }
        // Asked before the zone is: a day may well start with an hour that clocks jump over.
        if self.kind == Shape::Local {
            let parsed = BrokenDownTime::parse(&self.text, cell).and_then(|time| time.to_datetime());
            let local = parsed.map_err(|_| self.mismatch())?;
            if local.time() == Time::midnight() {
                return day(local.date());
            }
        }
        let (local, offset) = self.instant(cell, zone, ambiguous)?;
        if local.time() == Time::midnight() { day(local.date()) } else { rfc3339(local, offset) }
    }

    fn instant(
        &self,
        cell: &str,
        zone: Option<&TimeZone>,
        ambiguous: Ambiguous,
    ) -> Result<(DateTime, Offset), NotTime> {
        if self.kind == Shape::Rfc3339 {
            // Timestamp drops the offset; reading it again as parts keeps it.
            cell.parse::<Timestamp>().map_err(|_| self.mismatch())?;
            let pieces = jiff::fmt::temporal::Pieces::parse(cell).map_err(|_| self.mismatch())?;
            let offset = pieces.to_numeric_offset().unwrap_or(Offset::UTC);
            return Ok((pieces.date().to_datetime(pieces.time().ok_or_else(|| self.mismatch())?), offset));
        }
        let parsed = BrokenDownTime::parse(&self.text, cell).map_err(|_| self.mismatch())?;
        let local = parsed.to_datetime().map_err(|_| self.mismatch())?;
        if let Some(offset) = parsed.offset() {
            return Ok((local, offset));
        }
        let zone = zone.ok_or_else(|| self.mismatch())?;
        match (zone.to_ambiguous_timestamp(local).offset(), ambiguous) {
            (AmbiguousOffset::Unambiguous { offset }, _)
            | (AmbiguousOffset::Fold { before: offset, .. }, Ambiguous::Earlier)
            | (AmbiguousOffset::Fold { after: offset, .. }, Ambiguous::Later) => Ok((local, offset)),
            (AmbiguousOffset::Gap { .. }, _) => Err(NotTime::Gap),
            (AmbiguousOffset::Fold { .. }, Ambiguous::Reject) => Err(NotTime::Fold),
        }
    }

    fn mismatch(&self) -> NotTime {
        NotTime::Format(self.text.clone())
    }
}

fn day(date: Date) -> Result<String, NotTime> {
    if date.year() < 1 { Err(NotTime::Range) } else { Ok(date.to_string()) }
}

fn rfc3339(local: DateTime, offset: Offset) -> Result<String, NotTime> {
    let instant = offset.to_timestamp(local).map_err(|_| NotTime::Range)?;
    if local.year() < 1 {
        return Err(NotTime::Range);
    }
    // Offsets with seconds (local mean time of the 19th century) have no RFC 3339 spelling: those go in UTC.
    if offset.seconds() % 60 != 0 || offset == Offset::UTC {
        return Ok(instant.to_string());
    }
    let minutes = offset.seconds() / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    Ok(format!("{local}{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCAL: &str = "%Y-%m-%d %H:%M:%S";

    fn zone() -> TimeZone {
        jiff::tz::TimeZoneDatabase::bundled().get("America/Los_Angeles").unwrap()
    }

    fn check(cell: &str, ambiguous: Ambiguous, expect: Result<&str, NotTime>) {
        let format = Format::parse(LOCAL, Type::Timestamp).unwrap();
        assert_eq!(format.timestamp(cell, Some(&zone()), ambiguous), expect.map(str::to_owned), "{cell}");
    }

    #[test]
    fn local_times_get_the_offset_of_their_day() {
        check("2020-01-01 00:05:00", Ambiguous::Earlier, Ok("2020-01-01T00:05:00-08:00"));
        check("2020-07-01 00:05:00", Ambiguous::Earlier, Ok("2020-07-01T00:05:00-07:00"));
    }

    #[test]
    fn the_hour_that_is_missing_is_refused_and_the_hour_that_comes_twice_is_chosen() {
        check("2020-03-08 02:30:00", Ambiguous::Earlier, Err(NotTime::Gap));
        check("2020-11-01 01:30:00", Ambiguous::Earlier, Ok("2020-11-01T01:30:00-07:00"));
        check("2020-11-01 01:30:00", Ambiguous::Later, Ok("2020-11-01T01:30:00-08:00"));
        check("2020-11-01 01:30:00", Ambiguous::Reject, Err(NotTime::Fold));
    }

    #[test]
    fn a_midnight_is_a_day_and_any_other_time_is_kept() {
        let format = Format::parse(LOCAL, Type::Date).unwrap();
        let date = |cell| format.date(cell, Some(&zone()), Ambiguous::Earlier).unwrap();
        assert_eq!(date("2020-01-02 00:00:00"), "2020-01-02");
        assert_eq!(date("2020-01-02 09:30:00"), "2020-01-02T09:30:00-08:00");
        let days = Format::parse("%d.%m.%Y", Type::Date).unwrap();
        assert_eq!(days.date("31.12.2019", None, Ambiguous::Earlier).unwrap(), "2019-12-31");
        assert!(days.date("31.02.2019", None, Ambiguous::Earlier).is_err());
    }

    #[test]
    fn offsets_in_the_cell_win_over_the_zone() {
        let format = Format::parse("%Y-%m-%dT%H:%M:%S%:z", Type::Timestamp).unwrap();
        assert!(!format.needs_zone());
        let read = |format: &Format, cell| format.timestamp(cell, None, Ambiguous::Reject);
        assert_eq!(read(&format, "2020-01-01T10:00:00+05:30").unwrap(), "2020-01-01T10:00:00+05:30");
        let rfc = Format::parse("rfc3339", Type::Timestamp).unwrap();
        assert_eq!(read(&rfc, "2020-01-01T10:00:00.5+05:30").unwrap(), "2020-01-01T10:00:00.5+05:30");
        assert_eq!(read(&rfc, "2020-01-01T10:00:00Z").unwrap(), "2020-01-01T10:00:00Z");
        assert!(read(&rfc, "2020-01-01T10:00:00").is_err());
    }

    #[test]
    fn formats_that_cannot_give_a_day_or_time_are_refused_when_the_map_is_read() {
        for bad in ["%H:%M", "%Y-%m", "%Y-%m-%d", "%Q", "%"] {
            assert!(Format::parse(bad, Type::Timestamp).is_err(), "{bad}");
        }
        assert!(Format::parse("%Y-%m-%d", Type::Date).is_ok());
    }
}
