//! `[[care]]`: what a customer is cared for with, and when (D-H5, D-H11, D-E11).

use super::error::PolicyError;
use super::read::{At, Table};

/// What a care event's day is counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CareBasis {
    /// The day of each purchase: with `repeat_months = 12`, an appliance's birthday.
    Bought,
    /// The customer's own birthday, every year.
    Birthday,
    /// The last day of each coverage, implied ones included.
    CoverageEnd,
    /// The first day of each coverage that has planned inspections, every `inspect_months` (D-H10).
    Inspection,
    /// Days of the year.
    Season,
}

impl CareBasis {
    const ALL: [(&'static str, Self); 5] = [
        ("bought", Self::Bought),
        ("birthday", Self::Birthday),
        ("coverage_end", Self::CoverageEnd),
        ("inspection", Self::Inspection),
        ("season", Self::Season),
    ];
}

/// A care event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CareRule {
    /// Its id, as `cared` facts have it.
    pub event: String,
    /// What it says.
    pub title: String,
    /// What its day is counted from.
    pub basis: CareBasis,
    /// Whole months from there.
    pub after_months: i64,
    /// Days from there; negative = before it.
    pub after_days: i64,
    /// Months between one and the next; `None` = once.
    pub repeat_months: Option<i64>,
    /// How many there are at most.
    pub most: Option<i64>,
    /// Month and day, for the season.
    pub dates: Vec<(i8, i8)>,
    /// Customer groups that get it; empty = all.
    pub groups: Vec<String>,
    /// Products that it is about; empty = all.
    pub products: Vec<String>,
    /// Coverages whose end it is about; empty = all.
    pub coverages: Vec<String>,
    /// The kind of job that it becomes; `None` = a call.
    pub job: Option<String>,
}

/// Days and months that an event may lie from its basis.
const MOST_DAYS: i64 = 3660;
const MOST_MONTHS: i64 = 1200;

pub(super) fn read(root: &Table<'_>) -> Result<Vec<CareRule>, PolicyError> {
    let tables = root.catalogue("care", "event", "care event")?;
    tables.iter().map(read_rule).collect()
}

fn read_rule(table: &Table<'_>) -> Result<CareRule, PolicyError> {
    table.only(&[
        "event",
        "title",
        "basis",
        "after_months",
        "after_days",
        "repeat_months",
        "most",
        "dates",
        "groups",
        "products",
        "coverages",
        "job",
    ])?;
    let event = table.text("event")?.value.to_owned();
    let basis = basis(table)?;
    let dates = table.texts("dates")?.iter().map(|text| day_of_year(table, text)).collect::<Result<Vec<_>, _>>()?;
    if (basis == CareBasis::Season) == dates.is_empty() {
        return Err(table.error("a season has `dates`, and nothing else has", "as in dates = [\"04-15\", \"10-15\"]"));
    }
    Ok(CareRule {
        title: table.opt_text("title")?.map_or_else(|| event.replace('_', " "), |text| text.value.to_owned()),
        event,
        basis,
        after_months: table.opt_int("after_months", 0..=MOST_MONTHS)?.unwrap_or(0),
        after_days: table.opt_int("after_days", -MOST_DAYS..=MOST_DAYS)?.unwrap_or(0),
        repeat_months: table.opt_int("repeat_months", 1..=MOST_MONTHS)?,
        most: table.opt_int("most", 1..=MOST_MONTHS)?,
        dates,
        groups: table.names("groups")?,
        products: table.names("products")?,
        coverages: table.names("coverages")?,
        job: table.opt_text("job")?.map(|text| text.value.to_owned()),
    })
}

fn basis(table: &Table<'_>) -> Result<CareBasis, PolicyError> {
    let text = table.text("basis")?;
    let found = CareBasis::ALL.iter().find(|(name, _)| *name == text.value);
    found.map(|(_, basis)| *basis).ok_or_else(|| {
        let names: Vec<&str> = CareBasis::ALL.iter().map(|(name, _)| *name).collect();
        let what = format!("unknown basis \"{}\"", text.value);
        table.source.error(&text.span, what, format!("expected one of: {}", names.join(", ")))
    })
}

/// `04-15`. A leap year is asked, so that 29 February is a day; in other years it falls on the 28th.
fn day_of_year(table: &Table<'_>, text: &At<&str>) -> Result<(i8, i8), PolicyError> {
    let day = crate::time::date(&format!("2024-{}", text.value));
    let bad = || table.source.error(&text.span, format!("`{}` is no day of the year", text.value), "write it as MM-DD");
    day.map(|day| (day.month(), day.day())).ok_or_else(bad)
}
