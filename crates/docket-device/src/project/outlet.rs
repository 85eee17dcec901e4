//! An outlet: one row for lists, rankings and the jobs that it serves, and its standing over time (D-H6, D-E6).

use docket_core::view::OutletView;
use docket_core::{Record, Site, fold_outlet};
use docket_format::{DocId, PersonId};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::rows::{Table, row};
use super::{Policies, Target};
use crate::error::StoreError;

const STANDINGS: Table = Table {
    name: "p_standing",
    columns: &["pos", "outlet", "state", "from_ms", "until_ms", "why", "person", "fact"],
    keys: 1,
};

/// Registers whose change is a change of the jobs' surroundings.
const AROUND: &str = "outlet, level, zone, lat, lon, region, market, hours";

/// Projects an outlet; returns the jobs that it is or was responsible for, if their surroundings changed.
pub(super) fn project(
    sql: &Connection,
    policies: &mut Policies,
    target: &Target<'_>,
) -> Result<Vec<DocId>, StoreError> {
    let policy = policies.current(sql)?;
    let record = Record { doc: target.doc, facts: target.facts, evidence: target.evidence, site: &Site::NOWHERE };
    let view = fold_outlet(&record, &policy);
    super::put_issues(sql, target, &view.registers, &view.issues)?;
    super::events::put_events(sql, target, &view.events)?;
    super::events::put_signs(sql, target, &view.signs)?;
    let before = around(sql, target)?;
    put_outlet(sql, target, &view)?;
    put_standings(sql, target, &view)?;
    let after = around(sql, target)?;
    if before == after {
        return Ok(Vec::new());
    }
    let names = [&before, &after].into_iter().filter_map(|row| row.first()?.clone());
    let mut jobs = Vec::new();
    for name in names {
        jobs.extend(served(sql, &name)?);
    }
    jobs.sort_unstable();
    jobs.dedup();
    Ok(jobs)
}

fn around(sql: &Connection, target: &Target<'_>) -> Result<Vec<Option<String>>, StoreError> {
    let mut statement = sql.prepare_cached(&format!("SELECT {AROUND} FROM p_outlet WHERE doc = ?1"))?;
    let count = statement.column_count();
    let read = |row: &rusqlite::Row<'_>| (0..count).map(|column| row.get(column)).collect();
    let found: Option<Vec<Option<String>>> = statement.query_row([target.row], read).optional()?;
    Ok(found.unwrap_or_default())
}

fn put_outlet(sql: &Connection, target: &Target<'_>, view: &OutletView<'_>) -> Result<(), StoreError> {
    let Some(outlet) = view.str("outlet") else {
        sql.prepare_cached("DELETE FROM p_outlet WHERE doc = ?1")?.execute([target.row])?;
        return Ok(());
    };
    let standing = view.standing();
    sql.prepare_cached(
        "INSERT OR REPLACE INTO p_outlet(doc, id, outlet, name, level, zone, lat, lon, region, market, hours,
            supervised_by, contact, standing, standing_ms, inspections, passed, score, calls, unanswered)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)",
    )?
    .execute(params![
        target.row,
        target.doc.as_bytes(),
        outlet,
        view.str("name"),
        view.str("level"),
        view.str("zone"),
        view.str("lat"),
        view.str("lon"),
        view.str("region"),
        view.str("market"),
        view.str("hours"),
        view.str("supervised_by"),
        view.str("contact"),
        standing.map(|standing| standing.state),
        standing.and_then(|standing| standing.since_ms).map(|at| at.0),
        view.inspections.len() as i64,
        view.inspections.iter().filter(|inspection| inspection.passed).count() as i64,
        view.inspection_score(),
        view.calls.len() as i64,
        view.calls.iter().filter(|call| call.response.is_none()).count() as i64,
    ])?;
    Ok(())
}

/// One row for each time between two changes of standing; before the first the state is `none`.
fn put_standings(sql: &Connection, target: &Target<'_>, view: &OutletView<'_>) -> Result<(), StoreError> {
    let Some(outlet) = view.str("outlet") else {
        return super::rows::put(sql, &STANDINGS, target, Vec::new());
    };
    let first = view.standings.first().and_then(|standing| standing.since_ms).map_or(i64::MAX, |at| at.0);
    let mut rows = Vec::with_capacity(view.standings.len() + 1);
    let nothing: Option<String> = None;
    rows.push(row![
        0_i64,
        outlet.to_owned(),
        "none".to_owned(),
        i64::MIN,
        first,
        nothing.clone(),
        nothing.clone(),
        nothing
    ]);
    for (index, standing) in view.standings.iter().enumerate() {
        let until = view.standings.get(index + 1).and_then(|next| next.since_ms).map_or(i64::MAX, |at| at.0);
        rows.push(row![
            index as i64 + 1,
            outlet.to_owned(),
            standing.state.to_owned(),
            standing.since_ms.map_or(i64::MIN, |at| at.0),
            until,
            standing.why.map(str::to_owned),
            standing.person.as_ref().map(PersonId::to_string),
            standing.fact.to_string(),
        ]);
    }
    super::rows::put(sql, &STANDINGS, target, rows)
}

fn served(sql: &Connection, outlet: &str) -> Result<Vec<DocId>, StoreError> {
    let mut jobs =
        sql.prepare_cached("SELECT j.id FROM p_owner o JOIN p_job j ON j.doc = o.doc WHERE o.outlet = ?1")?;
    let jobs = jobs.query_map([outlet], |row| row.get::<_, [u8; 16]>(0))?;
    Ok(jobs.filter_map(|id| id.map(DocId::from_bytes).transpose()).collect::<Result<_, _>>()?)
}
