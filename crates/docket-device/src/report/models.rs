//! Faults by model: what flows back to design and production (D-H17, D-E5, D-E11).

use std::collections::BTreeMap;

use rusqlite::Connection;

use super::metric::rounded;
use super::{Cell, Period, Sheet, Unit, column, rows};
use crate::error::StoreError;

/// Days after the sale in which requests are most frequent (D-E11: the first two months).
const FIRST_DAYS: i64 = 60;

#[derive(Default)]
struct Model {
    jobs: i64,
    repairs: i64,
    repeats: i64,
    found: i64,
    no_fault: i64,
    misuse: i64,
    aged: i64,
    early: i64,
    faults: BTreeMap<String, i64>,
}

/// The models (without one, the product), most repairs first.
pub(super) fn models(sql: &Connection, period: Period) -> Result<Sheet, StoreError> {
    let mut models: BTreeMap<(String, String), Model> = BTreeMap::new();
    let key = |row: &rusqlite::Row<'_>| -> rusqlite::Result<(String, String)> {
        let text = |index: usize| row.get::<_, Option<String>>(index).map(Option::unwrap_or_default);
        Ok((text(0)?, text(1)?))
    };
    let counted = rows(sql, JOBS, period, |row| Ok((key(row)?, row.get(2)?, row.get(3)?, row.get(4)?)))?;
    for (key, jobs, repairs, repeats) in counted {
        let model = models.entry(key).or_default();
        (model.jobs, model.repairs, model.repeats) = (jobs, repairs, repeats);
    }
    let found = rows(sql, FAULTS, period, |row| {
        Ok((
            key(row)?,
            row.get::<_, Option<String>>(2)?,
            row.get::<_, i64>(3)?,
            row.get::<_, i64>(4)?,
            row.get::<_, i64>(5)?,
        ))
    })?;
    for (key, fault, count, no_fault, misuse) in found {
        let model = models.entry(key).or_default();
        model.found += count;
        model.no_fault += no_fault;
        model.misuse += misuse;
        if let Some(fault) = fault {
            *model.faults.entry(fault).or_default() += count;
        }
    }
    for (key, aged, early) in rows(sql, AGES, period, |row| Ok((key(row)?, row.get(2)?, row.get(3)?)))? {
        let model = models.entry(key).or_default();
        (model.aged, model.early) = (aged, early);
    }
    let mut models: Vec<_> = models.into_iter().collect();
    models.sort_by(|a, b| b.1.repairs.cmp(&a.1.repairs).then_with(|| a.0.cmp(&b.0)));
    Ok(Sheet {
        id: "models",
        title: "Models",
        rows_of: "D-H17 D-E5 D-E11 D-E15",
        columns: COLUMNS.to_vec(),
        rows: models.into_iter().map(|((product, model), counts)| row(product, model, &counts)).collect(),
        chart: Some("repairs"),
    })
}

const COLUMNS: [super::Column; 10] = [
    column("model", "Model", Unit::Text),
    column("product", "Product", Unit::Text),
    column("jobs", "Jobs", Unit::Count),
    column("repairs", "Repairs", Unit::Count),
    column("repeats", "Repeat repairs", Unit::PerMille),
    column("faults", "Faults found", Unit::Count),
    column("no_fault", "No fault found", Unit::PerMille),
    column("misuse", "Misuse", Unit::PerMille),
    column("early", "In the first 60 days", Unit::PerMille),
    column("top_fault", "Most frequent fault", Unit::Text),
];

const JOBS: &str = "SELECT j.product, coalesce(c.model, ''), count(*), sum(j.kind = 'repair'),
                           coalesce(sum(c.repeat = 'fault'), 0)
                      FROM v_job j LEFT JOIN v_course c USING (job)
                     WHERE j.received_ms >= :from AND j.received_ms < :until GROUP BY 1, 2";
const FAULTS: &str = "SELECT f.product, coalesce(c.model, ''), f.found, count(*), sum(f.no_fault), sum(f.misuse)
                        FROM v_fault f LEFT JOIN v_course c USING (job)
                       WHERE f.at_ms >= :from AND f.at_ms < :until GROUP BY 1, 2, 3";
const AGES: &str = "SELECT a.product, coalesce(c.model, ''), count(*), sum(a.age_days < 60)
                      FROM v_age a LEFT JOIN v_course c USING (job)
                     WHERE a.received_ms >= :from AND a.received_ms < :until GROUP BY 1, 2";

fn row(product: String, model: String, counts: &Model) -> Vec<Cell> {
    debug_assert!(AGES.contains(&FIRST_DAYS.to_string()));
    let share = |value: i64, of: i64| if of > 0 { Cell::Number(rounded(value * 1_000, of)) } else { Cell::Unknown };
    let top = counts.faults.iter().max_by_key(|(name, count)| (**count, std::cmp::Reverse(*name)));
    let name = if model.is_empty() { product.clone() } else { model };
    vec![
        Cell::Text(name),
        Cell::Text(product),
        Cell::Number(counts.jobs),
        Cell::Number(counts.repairs),
        share(counts.repeats, counts.repairs),
        Cell::Number(counts.found),
        share(counts.no_fault, counts.found),
        share(counts.misuse, counts.found),
        share(counts.early, counts.aged),
        top.map_or(Cell::Unknown, |(name, count)| Cell::Text(format!("{name} ({count})"))),
    ]
}
