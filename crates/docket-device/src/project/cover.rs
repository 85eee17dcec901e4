//! What a customer bought and is covered for, read back from the customer's events; and for each job what of it is
//! covered, and how old the appliance is (D-E10, D-E11).

use docket_core::coverage::{Holding, Told};
use docket_core::view::JobView;
use docket_core::{Site, UnixMs};
use docket_format::FactId;
use rusqlite::Connection;
use serde_json::Value;

use super::Target;
use super::rows::{Table, put, row};
use crate::error::StoreError;

const COVER: Table = Table { name: "p_cover", columns: &["need", "covered", "until", "why"], keys: 1 };
const AGE: Table = Table { name: "p_age", columns: &["bought", "age_days", "paid"], keys: 1 };

/// What the events of a customer's document say; group and birthday are not in it.
pub(crate) fn of_customer(sql: &Connection, customer: i64) -> Result<Holding, StoreError> {
    let query = "SELECT fact, kind, at_ms, body FROM p_event
                  WHERE doc = ?1 AND kind IN ('bought', 'coverage', 'ended', 'cared') ORDER BY pos";
    let mut statement = sql.prepare_cached(query)?;
    let mut rows = statement.query([customer])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (fact, body): (String, String) = (row.get(0)?, row.get(3)?);
        // The projection wrote both: what can't be read is damage, which `doctor` finds.
        let Ok(fact) = fact.parse::<FactId>() else { continue };
        let Ok(Value::Object(body)) = serde_json::from_str::<Value>(&body) else { continue };
        found.push((fact, row.get::<_, String>(1)?, row.get::<_, Option<i64>>(2)?.map(UnixMs), body));
    }
    Ok(Holding::of(found.iter().map(|(fact, kind, at_ms, body)| Told { fact: *fact, kind, at_ms: *at_ms, body })))
}

/// Stores what of a job is covered. Where nothing is known about the customer nothing is stored: ten thousand imported
/// jobs need no rows that say so.
pub(super) fn put_cover(
    sql: &Connection,
    target: &Target<'_>,
    view: &JobView<'_>,
    site: &Site,
) -> Result<(), StoreError> {
    let known = view.bought.is_some() || !site.holding().coverages.is_empty();
    let lines = view.cover.lines.iter().filter(|line| known || line.covered);
    let cover = lines.map(|line| {
        let until = line.until.map(|until| until.to_string());
        row![line.need.clone(), line.covered, until, line.why.clone()]
    });
    put(sql, &COVER, target, cover.collect())?;
    let age = view.bought.map(|bought| row![bought.to_string(), view.age_days, view.cover.paid.as_str().to_owned()]);
    put(sql, &AGE, target, age.into_iter().collect())
}
