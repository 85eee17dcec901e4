//! A technician: the grade as of the newest fact, and its whole history, so that each visit finds the grade of its day.

use docket_core::grade::{Grade, grade, history};
use docket_core::{Record, Site, UnixMs, fold_technician};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan, tz::Offset};
use rusqlite::{Connection, params};

use super::customer::newest_ms;
use super::{DocEvidence, Policies, Target};
use crate::error::StoreError;

/// How far beyond the newest fact the history is worked out: service goes on and certificates expire without a fact.
const YEARS_AHEAD: i64 = 20;

/// Projects a technician.
pub(super) fn project(sql: &Connection, policies: &mut Policies, target: &Target<'_>) -> Result<(), StoreError> {
    let policy = policies.current(sql)?;
    let evidence = DocEvidence::load(sql, target.row, target.facts)?;
    let view = fold_technician(
        &Record { doc: target.doc, facts: target.facts, evidence: &evidence, site: &Site::NOWHERE },
        &policy,
    );
    super::put_issues(sql, target, &view.registers, &view.issues)?;
    super::events::put_events(sql, target, &view.events)?;
    for table in ["p_technician", "p_grade"] {
        sql.prepare_cached(&format!("DELETE FROM {table} WHERE doc = ?1"))?.execute([target.row])?;
    }
    let Some(person) = view.str("person") else { return Ok(()) };
    let newest = UnixMs(newest_ms(target.facts).unwrap_or(0)).utc_date().unwrap_or_default();
    let now = grade(&view.credentials, newest, &policy);
    sql.prepare_cached(
        "INSERT INTO p_technician(doc, person, name, outlet, grade, missing, as_of) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        target.row,
        person,
        view.str("name"),
        view.str("outlet"),
        now.grade.as_str(),
        now.missing.join("; "),
        newest.to_string()
    ])?;
    let until = newest.checked_add(YEARS_AHEAD.years()).unwrap_or(Date::MAX);
    let mut statement =
        sql.prepare_cached("INSERT OR REPLACE INTO p_grade(doc, from_ms, person, grade) VALUES (?1, ?2, ?3, ?4)")?;
    for change in history(&view.credentials, until, &policy) {
        statement.execute(params![target.row, midnight_ms(change.on), person, change.grade.as_str()])?;
    }
    if now.grade == Grade::Ungraded && view.credentials.is_empty() {
        statement.execute(params![target.row, i64::MIN, person, Grade::Ungraded.as_str()])?;
    }
    Ok(())
}

/// The start of a day in UTC, milliseconds since 1970.
fn midnight_ms(day: Date) -> i64 {
    Offset::UTC.to_timestamp(day.at(0, 0, 0, 0)).map_or(i64::MIN, Timestamp::as_millisecond)
}
