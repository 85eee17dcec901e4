//! Reports: score cards and tables over the documented views, for people who steer a service organisation.
//!
//! A report is data: columns with units and rows of whole numbers, the same on every device that holds the same records.
//! How it is shown (terminal, CSV, page, language) is the caller's matter.

mod card;
mod complaints;
mod managers;
mod metric;
mod models;
mod months;
mod outlets;
mod people;
mod published;

use std::cell::OnceCell;
use std::path::Path;

use metric::Figures;
use rusqlite::Connection;

use crate::error::StoreError;

/// A kind of report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Score cards of technicians (D-E7).
    Technicians,
    /// Score cards of outlets (D-E6).
    Outlets,
    /// Score cards of those who answer for outlets (D-C8).
    Managers,
    /// What may be published about technicians (D-E7).
    PublishedTechnicians,
    /// What may be published about outlets (D-E7).
    PublishedOutlets,
    /// Faults by model (D-H17).
    Models,
    /// Month by month (D-E15).
    Months,
    /// Complaints by cause (D-C4).
    Complaints,
}

/// Makes reports of one store, all from one state of it.
pub fn make(dir: &Path, kinds: &[Kind], period: Period) -> Result<Vec<Sheet>, StoreError> {
    let sql = crate::store::read_only(dir)?;
    sql.execute_batch("BEGIN")?;
    // Managers' figures are the outlets' rolled up: read once for both.
    let outlets = OnceCell::new();
    let of_outlets = || match outlets.get() {
        Some(figures) => Ok(figures),
        None => Figures::read(&sql, outlets::METRICS, period).map(|read| outlets.get_or_init(|| read)),
    };
    let make = |kind: &Kind| match kind {
        Kind::Technicians => people::technicians(&sql, period),
        Kind::Outlets => outlets::outlets(&sql, period, of_outlets()?),
        Kind::Managers => managers::managers(&sql, period, of_outlets()?),
        Kind::PublishedTechnicians => published::technicians(&sql, period),
        Kind::PublishedOutlets => published::outlets(&sql, period),
        Kind::Models => models::models(&sql, period),
        Kind::Months => months::months(&sql, period),
        Kind::Complaints => complaints::complaints(&sql, period),
    };
    kinds.iter().map(make).collect()
}

/// From when until when: milliseconds since 1970, the end not included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// The first instant.
    pub from_ms: i64,
    /// The first instant after it.
    pub until_ms: i64,
}

impl Period {
    /// The period of the same length just before this one: what a trend compares with.
    #[must_use]
    pub fn before(self) -> Self {
        Self {
            from_ms: self.from_ms.saturating_sub(self.until_ms.saturating_sub(self.from_ms)),
            until_ms: self.from_ms,
        }
    }
}

/// What a column counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Words.
    Text,
    /// A number of something.
    Count,
    /// Tenths of a per cent.
    PerMille,
    /// Tenths of a point, of 100.
    TenthsOfPoint,
    /// Minutes.
    Minutes,
    /// A difference in tenths of a point.
    Change,
}

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Column {
    /// Its key in JSON and CSV.
    pub id: &'static str,
    /// Its title in English.
    pub title: &'static str,
    /// What it counts in.
    pub unit: Unit,
}

/// What stands in a row.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(untagged)]
pub enum Cell {
    /// Words.
    Text(String),
    /// A number, in the column's unit.
    Number(i64),
    /// Nothing was recorded that would say.
    Unknown,
}

/// A table of a report.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Sheet {
    /// Its key in JSON.
    pub id: &'static str,
    /// Its title in English.
    pub title: &'static str,
    /// The rows of DOMAIN.md behind it.
    pub rows_of: &'static str,
    /// Its columns; the first names the row.
    pub columns: Vec<Column>,
    /// Its rows.
    pub rows: Vec<Vec<Cell>>,
    /// The column that a chart shows, if the table is worth one.
    pub chart: Option<&'static str>,
}

const fn column(id: &'static str, title: &'static str, unit: Unit) -> Column {
    Column { id, title, unit }
}

/// Every row of a query, as the closure reads it.
fn rows<T>(
    sql: &Connection,
    query: &str,
    period: Period,
    mut read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = sql.prepare_cached(query)?;
    for (name, value) in [(":from", period.from_ms), (":until", period.until_ms)] {
        if let Some(index) = statement.parameter_index(name)? {
            statement.raw_bind_parameter(index, value)?;
        }
    }
    let mut rows = statement.raw_query();
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        out.push(read(row)?);
    }
    Ok(out)
}
