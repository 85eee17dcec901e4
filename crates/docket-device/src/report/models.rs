//! Faults by model: what flows back to design and production (D-H17, D-E5, D-E11, D-E15).

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;

use super::metric::{Figures, How, Metric, Source, Values, figure};
use super::{Cell, Column, Period, Sheet, Unit, column, rows};
use crate::error::StoreError;

/// Product and model in one key; without a model, or a product, what is known of the other.
const KEY: &str = "coalesce(product, '') || char(31) || coalesce(model, '')";
const BETWEEN: char = '\u{1f}';

const REQUEST: Source = Source::of("v_job", KEY, "received_ms");
const FAULT: Source = Source::of("v_fault", KEY, "at_ms");
/// D-E11: the first two months after the sale are the peak.
const AGE: Source = Source::of("v_age", KEY, "received_ms");

const METRICS: &[Metric] = &[
    figure("jobs", "Jobs", How::Count, REQUEST, "1", "1"),
    figure("repairs", "Repairs", How::Count, REQUEST, "kind = 'repair'", "1"),
    figure("repeats", "Repeat repairs", How::Share, REQUEST, "kind = 'repair'", "repeat = 'fault'"),
    figure("faults", "Faults found", How::Count, FAULT, "1", "1"),
    figure("no_fault", "No fault found", How::Share, FAULT, "1", "no_fault"),
    figure("misuse", "Misuse", How::Share, FAULT, "1", "misuse"),
    figure("early", "In the first 60 days", How::Share, AGE, "1", "age_days < 60"),
];

/// The models (without one, the product), most repairs first.
pub(super) fn models(sql: &Connection, period: Period) -> Result<Sheet, StoreError> {
    let figures = Figures::read(sql, METRICS, period)?;
    let top = top_faults(sql, period)?;
    let keys: BTreeSet<&String> = figures.now.iter().flat_map(BTreeMap::keys).collect();
    let mut keys: Vec<&String> = keys.into_iter().collect();
    let repairs = METRICS.iter().position(|metric| metric.id == "repairs").and_then(|at| figures.now.get(at));
    keys.sort_by_key(|key| Reverse(repairs.and_then(|repairs| repairs.get(*key)).map_or(0, |(_, count)| *count)));
    Ok(Sheet {
        id: "models",
        title: "Models",
        rows_of: "D-H17 D-E5 D-E11 D-E15",
        columns: columns(),
        rows: keys.into_iter().map(|key| row(key, &figures.now, top.get(key))).collect(),
        chart: Some("repairs"),
    })
}

fn columns() -> Vec<Column> {
    let mut columns = vec![column("model", "Model", Unit::Text), column("product", "Product", Unit::Text)];
    columns.extend(METRICS.iter().map(Metric::column));
    columns.push(column("top_fault", "Most frequent fault", Unit::Text));
    columns
}

fn row(key: &str, now: &[Values], top: Option<&(i64, String)>) -> Vec<Cell> {
    let (product, model) = key.split_once(BETWEEN).unwrap_or((key, ""));
    let name = if model.is_empty() { product } else { model };
    let mut row = vec![Cell::Text(name.to_owned()), Cell::Text(product.to_owned())];
    row.extend(METRICS.iter().zip(now).map(|(metric, values)| metric.cell(values, key)));
    row.push(top.map_or(Cell::Unknown, |(count, fault)| Cell::Text(format!("{fault} ({count})"))));
    row
}

/// Each model's most frequent fault; of equally frequent ones the first by name.
fn top_faults(sql: &Connection, period: Period) -> Result<BTreeMap<String, (i64, String)>, StoreError> {
    let query = format!(
        "SELECT {KEY}, found, count(*) FROM v_fault
          WHERE at_ms >= :from AND at_ms < :until AND found IS NOT NULL GROUP BY 1, 2 ORDER BY 3, 2 DESC"
    );
    // The last of a model stays.
    let found = rows(sql, &query, period, |row| Ok((row.get(0)?, (row.get(2)?, row.get(1)?))))?;
    Ok(found.into_iter().collect())
}
