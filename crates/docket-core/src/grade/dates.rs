//! Dates of evidence that make no sense: refused before they are written, and without effect where another program wrote
//! them (D-H2).

use jiff::civil::Date;
use serde_json::{Map, Value};

use crate::time;

/// No technician's evidence is older than this, or lasts longer.
const YEARS: core::ops::RangeInclusive<i16> = 1950..=2100;

/// What is wrong with the dates of a piece of evidence; `None` = nothing.
pub fn date_fault(evidence: &Map<String, Value>) -> Option<String> {
    let mut days = [None; 4];
    for (name, day) in ["issued", "expires", "from", "to"].into_iter().zip(&mut days) {
        match read(evidence, name) {
            Ok(found) => *day = found,
            Err(fault) => return Some(fault),
        }
    }
    let [issued, expires, from, to] = days;
    let first = if text(evidence, "ek") == Some("service") { from.or(issued) } else { issued };
    ends_before(("issued", issued), ("expires", expires)).or_else(|| ends_before(("from", first), ("to", to)))
}

fn ends_before(begin: (&str, Option<Date>), end: (&str, Option<Date>)) -> Option<String> {
    let (from, until) = begin.1.zip(end.1)?;
    (until < from).then(|| format!("`{}` {until} is before `{}` {from}: it never counts", end.0, begin.0))
}

fn read(evidence: &Map<String, Value>, name: &str) -> Result<Option<Date>, String> {
    let Some(value) = evidence.get(name).filter(|value| !value.is_null()) else { return Ok(None) };
    let day = value.as_str().and_then(time::date);
    match day {
        Some(day) if YEARS.contains(&day.year()) => Ok(Some(day)),
        Some(day) => {
            Err(format!("`{name}` {day} is absurd: expected a year from {} to {}", YEARS.start(), YEARS.end()))
        }
        None => Err(format!("`{name}` must be a day, as in 2026-03-01")),
    }
}

fn text<'a>(evidence: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    evidence.get(name)?.as_str()
}
