//! When a clock is due: `deadline = { … }` of a `[[clock]]`, exactly one rule of those below.

use jiff::civil::Time;

use super::error::PolicyError;
use super::read::Table;
use crate::clock::Sundown;

/// When a clock is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deadline {
    /// So many minutes after the start.
    Minutes(i64),
    /// Minutes after the start by what a register (or `market`) says; a value that isn't listed has no clock.
    Tiers {
        /// What decides: `market`, `kind`, `severity`, …
        by: String,
        /// Values and minutes, in the file's order.
        minutes: Vec<(String, i64)>,
    },
    /// The agreed time of arrival and the window after it (D-H4).
    Appointment {
        /// Minutes after it that still count as on time.
        tolerance_min: i64,
    },
    /// Sunset at the outlet (D-C3).
    Sunset(Sundown),
    /// At least so many of what stops it on each local day, while the job is open (D-S2).
    Daily(u32),
    /// What stops it never further apart than so many minutes, while the job is open (D-S3).
    Gap(i64),
    /// What stops it must *not* happen within so many days (D-H4, "once is enough").
    Quiet {
        /// The days.
        days: i64,
    },
}

impl Deadline {
    /// Whether it is a span of time, that pauses and opening hours can stretch.
    pub const fn is_span(&self) -> bool {
        matches!(self, Self::Minutes(_) | Self::Tiers { .. })
    }
}

const MOST_MINUTES: i64 = 60 * 24 * 366;
/// One key of these names the rule.
const RULES: [&str; 7] = ["minutes", "tiers", "appointment", "sunset", "daily", "gap_min", "quiet_days"];

pub(super) fn read(table: &Table<'_>) -> Result<Deadline, PolicyError> {
    let hint = format!("expected one of: {}", RULES.join(", "));
    let found: Vec<&str> = RULES.into_iter().filter(|rule| table.get(rule).is_some()).collect();
    match found.as_slice() {
        ["tiers"] => read_tiers(table),
        ["appointment"] => {
            table.only(&["appointment", "tolerance_min"])?;
            is_true(table, "appointment")?;
            let tolerance_min = table.opt_int("tolerance_min", 0..=MOST_MINUTES)?.unwrap_or(0);
            Ok(Deadline::Appointment { tolerance_min })
        }
        ["sunset"] => read_sunset(table),
        [rule @ ("minutes" | "gap_min" | "daily" | "quiet_days")] => {
            table.only(&[rule])?;
            let most = match *rule {
                "daily" => 48,
                "quiet_days" => 3_660,
                _ => MOST_MINUTES,
            };
            let number = table.need(rule)?.int(1..=most)?;
            Ok(match *rule {
                "minutes" => Deadline::Minutes(number),
                "gap_min" => Deadline::Gap(number),
                "daily" => Deadline::Daily(number as u32),
                _ => Deadline::Quiet { days: number },
            })
        }
        [] => Err(table.error("the deadline has no rule", hint)),
        _ => Err(table.error(format!("the deadline has several rules: {}", found.join(", ")), hint)),
    }
}

fn read_tiers(table: &Table<'_>) -> Result<Deadline, PolicyError> {
    table.only(&["tiers", "by"])?;
    let tiers = table.need("tiers")?.table()?;
    let minutes = tiers.entries().map(|(name, value)| Ok((name.value.to_owned(), value.int(1..=MOST_MINUTES)?)));
    let minutes = minutes.collect::<Result<Vec<_>, PolicyError>>()?;
    if minutes.is_empty() {
        return Err(tiers.error("no tier", "as in tiers = { first = 360, second = 1440 }"));
    }
    let by = table.text("by")?;
    super::clock::known_question(table, &by)?;
    Ok(Deadline::Tiers { by: by.value.to_owned(), minutes })
}

fn read_sunset(table: &Table<'_>) -> Result<Deadline, PolicyError> {
    table.only(&["sunset", "after", "fallback", "never_after", "without_place"])?;
    is_true(table, "sunset")?;
    let choice = |key: &'static str, first: &str, second: &str| match table.opt_text(key)? {
        None => Ok(true),
        Some(text) if text.value == first => Ok(true),
        Some(text) if text.value == second => Ok(false),
        Some(text) => {
            let what = format!("`{key}` can't be \"{}\"", text.value);
            Err(table.source.error(&text.span, what, format!("expected \"{first}\" or \"{second}\"")))
        }
    };
    // Where the sun does not set there must be an answer all the same.
    let fallback = time(table, "fallback")?.ok_or_else(|| {
        table.error("`sunset` needs a `fallback`", "the local time where the sun does not set, as in \"18:00\"")
    })?;
    Ok(Deadline::Sunset(Sundown {
        fallback,
        never_after: time(table, "never_after")?,
        without_place: !choice("without_place", "undecidable", "fallback")?,
        next: choice("after", "next", "end_of_day")?,
    }))
}

fn is_true(table: &Table<'_>, key: &'static str) -> Result<(), PolicyError> {
    let value = table.need(key)?;
    if value.flag()? { Ok(()) } else { Err(value.error(format!("`{key}` can only be true"), "name another rule")) }
}

/// A local time, `HH:MM`.
fn time(table: &Table<'_>, key: &'static str) -> Result<Option<Time>, PolicyError> {
    let Some(text) = table.opt_text(key)? else { return Ok(None) };
    let read = if text.value.len() == 5 { text.value.parse::<Time>().ok() } else { None };
    match read {
        Some(time) => Ok(Some(time)),
        None => Err(table.source.error(&text.span, format!("\"{}\" is no time of day", text.value), "write HH:MM")),
    }
}
