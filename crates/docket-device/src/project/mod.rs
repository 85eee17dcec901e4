//! Projections: what the documented views show, made from a document's facts after every write. Dropping them loses
//! nothing. A projection is a function of the record alone: no clock takes part, so a rebuild gives the same rows.

pub(crate) mod audit;
mod clock;
mod course;
pub(crate) mod cover;
mod customer;
mod events;
pub(crate) mod evidence;
mod job;
mod links;
mod outlet;
mod owners;
pub(crate) mod policy;
mod problem;
mod rebuild;
mod roster;
mod rows;
pub(crate) mod site;
mod technician;
mod views;

use std::collections::BTreeSet;

use docket_core::Issue;
use docket_core::view::Registers;
use docket_format::{DocId, Fact, PersonId, TenantId};
use rusqlite::Connection;

use crate::error::StoreError;
use crate::store::Warm;
use crate::store::docs::DocWork;
use crate::store::read;
use evidence::DocEvidence;
use policy::Policies;
use rows::{Blank, Table, row};

pub(crate) use links::standing as links;
pub(crate) use rebuild::{TABLES, fill, rebuild, remake_views};
pub(crate) use rows::Shelf;

/// Version of the code that fills the projections: a store with another one has them made anew when it is opened for
/// writing.
pub(crate) const VERSION: i64 = 6;

/// A document to be projected.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target<'a> {
    pub tenant: TenantId,
    pub doc: DocId,
    pub row: i64,
    /// No projection of it exists yet, so nothing needs to be deleted.
    pub fresh: bool,
    /// All of its facts, each once.
    pub facts: &'a [Fact],
    /// What is known about their authors; nothing for a roster, whose facts are signed one by one.
    pub evidence: &'a DocEvidence,
    /// Where its rows are noted for the next time.
    pub shelf: Option<&'a Shelf>,
    /// Where it has no rows yet.
    pub blank: Blank,
}

/// Makes the projections' tables and views.
pub(crate) fn make_tables(sql: &Connection) -> rusqlite::Result<()> {
    sql.execute_batch(include_str!("../store/projections.sql"))?;
    sql.execute_batch(&views::sql())
}

/// Documents that others are judged by come first.
pub(crate) fn order(kind: Option<&str>) -> u8 {
    match kind {
        Some("roster") => 0,
        Some("policy") => 1,
        Some("technician") => 2,
        Some("customer" | "outlet") => 3,
        _ => 4,
    }
}

/// The place of a document of this kind among others that are sent: what all jobs are judged by comes first, or each
/// job that came before it would be judged anew. Customers are not in it: a seal's leaves lie by document, and to prove
/// every other one of them takes far more bytes than to prove all.
pub(crate) fn place_in_line(kind: Option<&str>) -> u8 {
    match kind {
        Some("customer") => order(None),
        kind => order(kind),
    }
}

/// Projects documents; returns others that must be projected because of it.
pub(crate) fn run(
    sql: &Connection,
    tenant: TenantId,
    policies: &mut Policies,
    works: &mut [&mut DocWork],
) -> Result<BTreeSet<DocId>, StoreError> {
    for work in works.iter_mut().filter(|work| work.kind.is_none() || !work.fresh.is_empty()) {
        name(sql, tenant, work)?;
    }
    works.sort_by_key(|work| (order(work.kind.as_deref()), work.row));
    let mut again = BTreeSet::new();
    // A visit's ticks write to the same few documents; what an import or a page brings is not written to again soon.
    let few = works.len() <= Warm::DOCS;
    for work in works {
        work.gather(sql)?;
        let facts = work.held.as_deref().unwrap_or_default();
        let evidence = DocEvidence::of(sql, work.kind.as_deref(), work.row, facts)?;
        let shelf = few.then_some(&work.shelf);
        let (tenant, doc, row, fresh) = (tenant, work.doc, work.row, !work.projected);
        let unknown = !fresh && work.kind.as_deref() == Some("job") && work.shelf.is_empty();
        let blank = if unknown { Blank::of_job(sql, row)? } else { Blank::default() };
        let target = Target { tenant, doc, row, fresh, facts, evidence: &evidence, shelf, blank };
        again.extend(one(sql, policies, work.kind.as_deref(), &target)?);
        work.projected = true;
        if !few {
            work.let_go();
        }
    }
    Ok(again)
}

/// Finds out a document's kind and number. Only first facts say them, so documents that got none are left alone.
fn name(sql: &Connection, tenant: TenantId, work: &mut DocWork) -> Result<(), StoreError> {
    let doc = work.doc;
    if work.named {
        return Ok(());
    }
    let says = |fact: &Fact| fact.author().is_none() || matches!(fact.kind(), "created" | "imported" | "founded");
    if !work.fresh.iter().any(says) && work.doc != audit::doc(tenant) {
        return Ok(());
    }
    let facts = work.gather(sql)?;
    let (kind, number) = (read::kind_of(tenant, doc, facts), read::number_of(facts));
    read::put_kind(sql, work.row, kind.as_deref(), number.as_ref())?;
    work.kind = kind;
    Ok(())
}

/// Projects one document of a known kind.
pub(crate) fn one(
    sql: &Connection,
    policies: &mut Policies,
    kind: Option<&str>,
    target: &Target<'_>,
) -> Result<Vec<DocId>, StoreError> {
    evidence::project(sql, target)?;
    if kind == Some("outlet") {
        clock::of_outlet(sql, policies, target)?;
    }
    match kind {
        Some("audit") => audit::project(sql, policies, target).map(|()| Vec::new()),
        Some("job") => job::project(sql, policies, target).map(|()| Vec::new()),
        Some("customer") => customer::project(sql, policies, target),
        Some("outlet") => outlet::project(sql, policies, target),
        Some("technician") => technician::project(sql, policies, target),
        Some("policy") => policy::project(sql, policies, target),
        Some("problem") => problem::project(sql, policies, target).map(|()| Vec::new()),
        Some("roster") => roster::project(sql, target),
        _ => Ok(Vec::new()),
    }
}

/// Stores a document's conflicts and issues.
fn put_issues(
    sql: &Connection,
    target: &Target<'_>,
    registers: &Registers<'_>,
    issues: &[Issue],
) -> Result<(), StoreError> {
    let mut conflicts = Vec::new();
    for (name, register) in registers.iter().filter(|(_, register)| register.conflict) {
        for live in &register.live {
            let person = live.person.as_ref().map(PersonId::to_string);
            let at_ms = live.at_ms.map(|at| at.0);
            conflicts.push(row![name.to_string(), live.fact.to_string(), shown(live.value), person, at_ms]);
        }
    }
    rows::put(sql, &CONFLICTS, target, conflicts)?;
    let issue = |issue: &Issue| {
        let (kind, severity) = (issue.kind.as_str().to_owned(), issue.severity.as_str().to_owned());
        row![issue.id.to_string(), kind, severity, issue.summary.clone(), !issue.is_open()]
    };
    rows::put(sql, &ISSUES, target, issues.iter().map(issue).collect())
}

const CONFLICTS: Table =
    Table { name: "p_conflict", columns: &["register", "fact", "value", "person", "at_ms"], keys: 2 };
const ISSUES: Table = Table { name: "p_issue", columns: &["id", "kind", "severity", "summary", "decided"], keys: 1 };

/// A value as text: strings bare, everything else as JSON.
fn shown(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
