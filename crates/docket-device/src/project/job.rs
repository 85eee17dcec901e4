//! A job: one row for lists, and its visits, steps, order, gates and photos for audits.

use std::collections::BTreeSet;

use docket_core::dispatch::{Demand, least_grade};
use docket_core::issue::IssueKind;
use docket_core::kind;
use docket_core::view::{Effect, JobView, LateWork, Visit};
use docket_core::{Policy, Record, UnixMs, fold_job};
use docket_format::{DocId, Fact, FactId, PersonId};
use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::Value;

use super::customer::newest_ms;
use super::{DocEvidence, Policies, Target};
use crate::error::StoreError;

/// Tables with one or more rows for a job, besides its own.
const DETAILS: [&str; 5] = ["p_visit", "p_step", "p_order_break", "p_gate", "p_photo"];

/// Projects a job.
pub(super) fn project(sql: &Connection, policies: &mut Policies, target: &Target<'_>) -> Result<(), StoreError> {
    let policy = policies.of_facts(sql, target.facts)?;
    let evidence = DocEvidence::load(sql, target.row, target.facts)?;
    // The newest fact's time stands in for "now": nothing stored here may depend on when it is stored.
    let newest = newest_ms(target.facts);
    let record = Record { doc: target.doc, facts: target.facts, evidence: &evidence };
    let view = fold_job(&record, &policy, UnixMs(newest.unwrap_or(0)));
    super::put_issues(sql, target, &view.registers, &view.issues)?;
    put_job(sql, target, &view, newest)?;
    if !target.fresh {
        for table in DETAILS {
            sql.prepare_cached(&format!("DELETE FROM {table} WHERE doc = ?1"))?.execute([target.row])?;
        }
    }
    put_visits(sql, target, &view, &policy)?;
    put_steps(sql, target.row, &view)?;
    put_order(sql, target.row, &view)?;
    put_photos(sql, target)
}

fn put_job(sql: &Connection, target: &Target<'_>, view: &JobView<'_>, newest: Option<i64>) -> Result<(), StoreError> {
    let instant = |register: &str| view.str(register).and_then(UnixMs::parse).map(|at| at.0);
    let open = |conflict: bool| {
        view.open_issues().filter(|issue| (issue.kind == IssueKind::Conflict) == conflict).count() as i64
    };
    let number = super::read::number_of(target.facts).map(|(_, number)| number);
    sql.prepare_cached(
        "INSERT OR REPLACE INTO p_job(doc, id, code, number, kind, product, status, crew, outlet, customer, channel,
            difficulty, text, ext_status, received_ms, appointment_ms, window_min, appliances, closed_ms, policy,
            conflicts, findings, updated_ms, override)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22,
            ?23, ?24)",
    )?
    .execute(params![
        target.row,
        target.doc.as_bytes(),
        target.doc.short(),
        number,
        view.kind(),
        view.str("product"),
        view.status.as_str(),
        view.crew().join(","),
        view.str("outlet"),
        customer_of(view).as_ref().map(DocId::as_bytes),
        view.str("channel"),
        view.str("difficulty"),
        view.str("text"),
        view.str("ext_status"),
        instant("received_at"),
        instant("appointment"),
        view.int("window_min"),
        view.appliances(),
        instant("closed_at"),
        view.str("policy"),
        open(true),
        open(false),
        newest.max(instant("updated_at")),
        overridden(target.facts, view)
    ])?;
    Ok(())
}

/// Why somebody below the least grade was sent all the same, as the assignments that stand say.
fn overridden(facts: &[Fact], view: &JobView<'_>) -> Option<String> {
    let live: BTreeSet<FactId> = view.registers.get("crew")?.live.iter().map(|set| set.fact).collect();
    let standing = facts.iter().filter(|fact| live.contains(&fact.id));
    // Sorted: the order in which facts came here must not show.
    let reasons: BTreeSet<&str> = standing.filter_map(|fact| fact.str("override")).collect();
    if reasons.is_empty() { None } else { Some(reasons.into_iter().collect::<Vec<_>>().join("; ")) }
}

/// Everybody whom an assignment that counts ever named, standing or not: a crew that was changed after its visit came
/// as agreed.
fn ever_assigned<'a>(facts: &'a [Fact], view: &JobView<'_>) -> BTreeSet<&'a str> {
    let applied = view.timeline.iter().filter(|entry| entry.kind == kind::ASSIGNED && entry.effect == Effect::Applied);
    let applied: BTreeSet<FactId> = applied.map(|entry| entry.fact).collect();
    let crew = |fact: &'a Fact| fact.body.get("regs")?.get("crew")?.as_array();
    let assignments = facts.iter().filter(|fact| applied.contains(&fact.id));
    assignments.filter_map(crew).flatten().filter_map(Value::as_str).collect()
}

fn customer_of(view: &JobView<'_>) -> Option<DocId> {
    view.str("customer")?.parse().ok()
}

fn put_visits(sql: &Connection, target: &Target<'_>, view: &JobView<'_>, policy: &Policy) -> Result<(), StoreError> {
    if view.visits.is_empty() {
        return Ok(());
    }
    let group: Option<String> = match customer_of(view) {
        Some(customer) => sql
            .prepare_cached("SELECT grp FROM p_customer WHERE id = ?1")?
            .query_row([customer.as_bytes()], |row| row.get(0))
            .optional()?
            .flatten(),
        None => None,
    };
    let least = least_grade(&Demand::of(view, group.as_deref()), policy).grade;
    let assigned = ever_assigned(target.facts, view);
    let mut pos = 0;
    for visit in &view.visits {
        for arrival in &visit.arrivals {
            let person = arrival.person.as_ref().map(PersonId::as_str);
            let came = Came {
                person,
                at_ms: arrival.at_ms.0,
                assigned: person.map(|person| assigned.contains(person)),
                late_work: arrival.late_work.map(LateWork::as_str),
            };
            put_visit(sql, (target.row, pos), visit, &came, least.as_str())?;
            pos += 1;
        }
    }
    Ok(())
}

/// Who arrived, and when.
struct Came<'a> {
    person: Option<&'a str>,
    at_ms: i64,
    assigned: Option<bool>,
    late_work: Option<&'static str>,
}

/// One row for each person who arrived.
fn put_visit(
    sql: &Connection,
    (row, pos): (i64, i64),
    visit: &Visit<'_>,
    came: &Came<'_>,
    least: &str,
) -> Result<(), StoreError> {
    let outcome = visit.outcome();
    sql.prepare_cached(
        "INSERT INTO p_visit(doc, pos, visit, person, least_grade, arrived_ms, ended_ms, outcome, detail, late_min,
            limit_min, spent_min, appliances, assigned, late_work)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
    )?
    .execute(params![
        row,
        pos,
        visit.id.to_string(),
        came.person,
        least,
        came.at_ms,
        visit.ended_ms().map(|at| at.0),
        outcome.map(|outcome| outcome.kind),
        outcome.and_then(|outcome| outcome.detail),
        visit.late_min,
        visit.limit_min,
        visit.spent_min,
        visit.appliances,
        came.assigned,
        came.late_work
    ])?;
    Ok(())
}

fn put_steps(sql: &Connection, row: i64, view: &JobView<'_>) -> Result<(), StoreError> {
    for (pos, step) in view.steps.iter().enumerate() {
        let answer = step.answer();
        sql.prepare_cached(
            "INSERT INTO p_step(doc, appliance, pos, step, group_id, title, required, state, answer, unit, person,
                at_ms, fact)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        )?
        .execute(params![
            row,
            step.appliance,
            pos as i64,
            step.step,
            step.group.as_str(),
            step.title,
            step.required,
            step.status.as_str(),
            answer.and_then(|answer| answer.value).map(super::shown),
            answer.and_then(|answer| answer.unit),
            answer.and_then(|answer| answer.person.as_ref()).map(PersonId::as_str),
            answer.map(|answer| answer.at_ms.0),
            answer.map(|answer| answer.fact.to_string())
        ])?;
    }
    Ok(())
}

fn put_order(sql: &Connection, row: i64, view: &JobView<'_>) -> Result<(), StoreError> {
    for (pos, wrong) in view.order_breaks.iter().enumerate() {
        let how = if wrong.certain { "" } else { ", as two clocks claim" };
        sql.prepare_cached(
            "INSERT INTO p_order_break(doc, pos, appliance, step, before_step, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            row,
            pos as i64,
            wrong.appliance,
            wrong.step,
            wrong.before_step,
            format!("{} was done after {}{how}", wrong.step, wrong.before_step)
        ])?;
    }
    for (pos, gate) in view.gates.iter().enumerate() {
        sql.prepare_cached(
            "INSERT INTO p_gate(doc, pos, appliance, gate, passed, core_step_fact) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            row,
            pos as i64,
            gate.appliance,
            gate.gate,
            gate.passed,
            gate.core_fact.map(|fact| fact.to_string())
        ])?;
    }
    Ok(())
}

/// Photos and signature images, whatever the fold thinks of their facts: their bytes are kept all the same.
fn put_photos(sql: &Connection, target: &Target<'_>) -> Result<(), StoreError> {
    let images = target.facts.iter().filter(|fact| matches!(fact.kind(), "photo" | "signed"));
    for (fact, digest) in images.filter_map(|fact: &Fact| Some((fact, fact.str("sha256")?))) {
        sql.prepare_cached(
            "INSERT OR IGNORE INTO p_photo(doc, fact, sha256, size, mime, step, appliance)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            target.row,
            fact.id.as_bytes(),
            digest,
            fact.int("size"),
            fact.str("mime"),
            fact.str("step"),
            fact.int("appliance")
        ])?;
    }
    Ok(())
}
