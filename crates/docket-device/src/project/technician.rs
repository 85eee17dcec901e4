//! A technician: the grade as of the newest fact, and its whole history, so that each visit finds the grade of its day.

use docket_core::grade::{Grade, grade, history, missing_courses, ready_on};
use docket_core::view::{Register, TechnicianView};
use docket_core::{Policy, Record, Site, UnixMs, fold_technician};
use docket_format::DocId;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan, tz::Offset};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::customer::newest_ms;
use super::{Policies, Target};
use crate::error::StoreError;

/// How far beyond the newest fact the history is worked out: service goes on and certificates expire without a fact.
const YEARS_AHEAD: i64 = 20;
/// The post of somebody of whom nothing else is recorded.
const POST: &str = "technician";

/// Projects a technician; returns the jobs about which the person asked a customer, if they now belong to another outlet.
pub(super) fn project(
    sql: &Connection,
    policies: &mut Policies,
    target: &Target<'_>,
) -> Result<Vec<DocId>, StoreError> {
    let policy = policies.current(sql)?;
    let view = fold_technician(
        &Record { doc: target.doc, facts: target.facts, evidence: target.evidence, site: &Site::NOWHERE },
        &policy,
    );
    super::put_issues(sql, target, &view.registers, &view.issues)?;
    super::events::put_events(sql, target, &view.events)?;
    let before = outlet_of(sql, target)?;
    for table in ["p_technician", "p_grade", "p_unready"] {
        sql.prepare_cached(&format!("DELETE FROM {table} WHERE doc = ?1"))?.execute([target.row])?;
    }
    let Some(person) = view.str("person") else { return Ok(Vec::new()) };
    let newest = UnixMs(newest_ms(target.facts).unwrap_or(0)).utc_date().unwrap_or_default();
    let now = grade(&view.credentials, newest, &policy);
    sql.prepare_cached(
        "INSERT INTO p_technician(doc, person, name, outlet, grade, missing, as_of, post, skills, lat, lon)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?
    .execute(params![
        target.row,
        person,
        view.str("name"),
        view.str("outlet"),
        now.grade.as_str(),
        now.missing.join("; "),
        newest.to_string(),
        view.str("post"),
        skills(&view),
        view.str("lat"),
        view.str("lon")
    ])?;
    put_unready(sql, target, &view, &policy)?;
    let until = newest.checked_add(YEARS_AHEAD.years()).unwrap_or(Date::MAX);
    let mut statement =
        sql.prepare_cached("INSERT OR REPLACE INTO p_grade(doc, from_ms, person, grade) VALUES (?1, ?2, ?3, ?4)")?;
    for change in history(&view.credentials, until, &policy) {
        statement.execute(params![target.row, midnight_ms(change.on), person, change.grade.as_str()])?;
    }
    if now.grade == Grade::Ungraded && view.credentials.is_empty() {
        statement.execute(params![target.row, i64::MIN, person, Grade::Ungraded.as_str()])?;
    }
    if before.as_deref() == view.str("outlet") { Ok(Vec::new()) } else { asked_by(sql, person) }
}

fn outlet_of(sql: &Connection, target: &Target<'_>) -> Result<Option<String>, StoreError> {
    if target.fresh {
        return Ok(None);
    }
    let mut statement = sql.prepare_cached("SELECT outlet FROM p_technician WHERE doc = ?1")?;
    Ok(statement.query_row([target.row], |row| row.get(0)).optional()?.flatten())
}

/// The jobs about which a person asked the customer: whether that counts hangs on the person's outlet (D-C2).
fn asked_by(sql: &Connection, person: &str) -> Result<Vec<DocId>, StoreError> {
    let mut jobs = sql.prepare_cached(
        "SELECT DISTINCT j.id FROM p_event e JOIN p_job j ON j.doc = e.doc WHERE e.kind = 'called_back' AND e.person = ?1",
    )?;
    let jobs = jobs.query_map([person], |row| row.get::<_, [u8; 16]>(0))?;
    Ok(jobs.filter_map(|id| id.map(DocId::from_bytes).transpose()).collect::<Result<_, _>>()?)
}

/// The products that somebody knows, as a comma list.
fn skills(view: &TechnicianView<'_>) -> String {
    let value = view.registers.get("skills").and_then(Register::value);
    match value {
        Some(serde_json::Value::Array(skills)) => {
            skills.iter().filter_map(|skill| skill.as_str()).collect::<Vec<_>>().join(",")
        }
        Some(serde_json::Value::String(skills)) => skills.clone(),
        _ => String::new(),
    }
}

/// When courses of the post are missing (D-E14): the times between those in which all of them count.
fn put_unready(
    sql: &Connection,
    target: &Target<'_>,
    view: &TechnicianView<'_>,
    policy: &Policy,
) -> Result<(), StoreError> {
    let courses = policy.training.courses(view.str("post").unwrap_or(POST));
    if courses.is_empty() {
        return Ok(());
    }
    let mut insert = sql.prepare_cached(
        "INSERT OR REPLACE INTO p_unready(doc, from_ms, until_ms, person, missing) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    let mut from = (i64::MIN, Date::MIN);
    let mut ready = ready_on(&view.courses, courses);
    // The last time in which something is missing never ends.
    ready.push((Date::MAX, None));
    for (begin, end) in ready {
        let until_ms = if begin == Date::MAX { i64::MAX } else { midnight_ms(begin) };
        if from.0 < until_ms {
            let missing = missing_courses(&view.courses, courses, from.1).join(",");
            insert.execute(params![target.row, from.0, until_ms, view.str("person"), missing])?;
        }
        let Some(next) = end.and_then(|end| end.tomorrow().ok()) else { break };
        from = (midnight_ms(next), next);
    }
    Ok(())
}

/// The start of a day in UTC, milliseconds since 1970.
fn midnight_ms(day: Date) -> i64 {
    Offset::UTC.to_timestamp(day.at(0, 0, 0, 0)).map_or(i64::MIN, Timestamp::as_millisecond)
}
