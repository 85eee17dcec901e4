//! The company's audit document: waivers.

use docket_core::{Record, Site, fold_audit};
use docket_format::{DocId, PersonId, TenantId};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _, tz::Offset};
use rusqlite::Connection;
use rusqlite::types::Value;

use super::rows::{Table, put, row};
use super::{Policies, Target};
use crate::error::StoreError;

const WAIVERS: Table = Table {
    name: "p_waiver",
    columns: &["fact", "finding", "until", "until_ms", "why", "person", "at_ms", "ended_by", "ended_person"],
    keys: 1,
};

/// The one audit document of a company. Its id says what it is: every device finds it without a first fact.
pub(crate) fn doc(tenant: TenantId) -> DocId {
    DocId::derived(tenant, "audit", "docket", "waivers")
}

pub(super) fn project(sql: &Connection, policies: &mut Policies, target: &Target<'_>) -> Result<(), StoreError> {
    let policy = policies.current(sql)?;
    let record = Record { doc: target.doc, facts: target.facts, evidence: target.evidence, site: &Site::NOWHERE };
    let view = fold_audit(&record, &policy);
    super::put_issues(sql, target, &docket_core::view::Registers::default(), &view.issues)?;
    let rows = view.waivers.iter().map(|waiver| -> Vec<Value> {
        let text = |person: &Option<PersonId>| person.as_ref().map(PersonId::to_string);
        row![
            waiver.fact.to_string(),
            waiver.finding.to_owned(),
            waiver.until.to_string(),
            end_of(waiver.until),
            waiver.why.to_owned(),
            text(&waiver.person),
            waiver.at_ms.map(|at| at.0),
            waiver.ended_by.map(|fact| fact.to_string()),
            text(&waiver.ended_person),
        ]
    });
    put(sql, &WAIVERS, target, rows.collect())
}

/// The first instant after a day, UTC, milliseconds since 1970.
fn end_of(day: Date) -> i64 {
    let next = day.checked_add(1.day()).unwrap_or(Date::MAX);
    Offset::UTC.to_timestamp(next.at(0, 0, 0, 0)).map_or(i64::MAX, Timestamp::as_millisecond)
}
