//! A job: one row for lists, and its visits, steps, order, gates and photos for audits.

use std::collections::BTreeSet;

use docket_core::dispatch::{Demand, least_grade};
use docket_core::issue::IssueKind;
use docket_core::kind;
use docket_core::view::{Effect, JobView, LateWork, Stage, StepStatus, Visit};
use docket_core::{Policy, Record, Site, UnixMs, fold_job};
use docket_format::{DocId, Fact, FactId, PersonId};
use rusqlite::types::Value;
use rusqlite::{Connection, params};

use super::customer::newest_ms;
use super::rows::{Table, row};
use super::{Policies, Target};
use crate::error::StoreError;

const VISITS: Table = Table {
    name: "p_visit",
    columns: &[
        "pos",
        "visit",
        "person",
        "least_grade",
        "arrived_ms",
        "ended_ms",
        "outcome",
        "detail",
        "late_min",
        "limit_min",
        "spent_min",
        "appliances",
        "assigned",
        "late_work",
        "signed",
    ],
    keys: 1,
};
const STEPS: Table = Table {
    name: "p_step",
    columns: &[
        "appliance",
        "pos",
        "step",
        "group_id",
        "title",
        "required",
        "state",
        "answer",
        "unit",
        "person",
        "at_ms",
        "fact",
        "owed",
    ],
    keys: 2,
};
const BREAKS: Table =
    Table { name: "p_order_break", columns: &["pos", "appliance", "step", "before_step", "detail"], keys: 1 };
const GATES: Table =
    Table { name: "p_gate", columns: &["pos", "appliance", "gate", "passed", "core_step_fact"], keys: 1 };
const PHOTOS: Table =
    Table { name: "p_photo", columns: &["fact", "sha256", "size", "mime", "step", "appliance"], keys: 1 };

/// Projects a job.
pub(super) fn project(sql: &Connection, policies: &mut Policies, target: &Target<'_>) -> Result<(), StoreError> {
    let policy = policies.of_facts(sql, target.facts)?;
    // The newest fact's time stands in for "now": nothing stored here may depend on when it is stored.
    let newest = newest_ms(target.facts);
    let site = super::site::of_job(sql, target.facts)?;
    let record = Record { doc: target.doc, facts: target.facts, evidence: target.evidence, site: &site };
    let view = fold_job(&record, &policy, UnixMs(newest.unwrap_or(0)));
    super::put_issues(sql, target, &view.registers, &view.issues)?;
    put_job(sql, target, &view, newest)?;
    super::links::put_serials(sql, target, view.str("serial").into_iter())?;
    put_visits(sql, target, &view, &policy, &site)?;
    put_steps(sql, target, &view)?;
    put_order(sql, target, &view)?;
    super::owners::put_owners(sql, target, &view)?;
    super::events::put_events(sql, target, &view.events)?;
    super::events::put_signs(sql, target, &view.signs)?;
    super::clock::put_clocks(sql, target, &view.clocks)?;
    super::course::put_course(sql, target, &view, &policy)?;
    super::cover::put_cover(sql, target, &view, &site)?;
    put_photos(sql, target)
}

fn put_job(sql: &Connection, target: &Target<'_>, view: &JobView<'_>, newest: Option<i64>) -> Result<(), StoreError> {
    let instant = |register: &str| view.str(register).and_then(UnixMs::parse).map(|at| at.0);
    let open = |conflict: bool| {
        view.open_issues().filter(|issue| (issue.kind == IssueKind::Conflict) == conflict).count() as i64
    };
    let number = super::read::number_of(target.facts).map(|(_, number)| number);
    let customer = customer_of(view);
    let values = params![
        target.row,
        target.doc.as_bytes(),
        target.doc.short(),
        number,
        view.kind(),
        view.str("product"),
        view.status.as_str(),
        view.crew().join(","),
        view.str("outlet"),
        customer.as_ref().map(DocId::as_bytes),
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
        overridden(target.facts, view),
        view.stage.map(Stage::as_str),
        view.str("region"),
        view.str("handler"),
    ];
    // What the indexes hold rarely changes: then their pages stay as they are.
    if !target.fresh && sql.prepare_cached(UPDATE_JOB)?.execute(values)? > 0 {
        return Ok(());
    }
    sql.prepare_cached(
        "INSERT OR REPLACE INTO p_job(doc, id, code, number, kind, product, status, crew, outlet, customer, channel,
            difficulty, text, ext_status, received_ms, appointment_ms, window_min, appliances, closed_ms, policy,
            conflicts, findings, updated_ms, override, stage, region, handler)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22,
            ?23, ?24, ?25, ?26, ?27)",
    )?
    .execute(values)?;
    Ok(())
}

/// A job's row where nothing changed that an index holds; the parameters are those of the insert.
const UPDATE_JOB: &str =
    "UPDATE p_job SET number = ?4, kind = ?5, product = ?6, crew = ?8, outlet = ?9, channel = ?11, difficulty = ?12,
        text = ?13, ext_status = ?14, appointment_ms = ?16, window_min = ?17, appliances = ?18, closed_ms = ?19,
        policy = ?20, conflicts = ?21, findings = ?22, updated_ms = ?23, override = ?24, region = ?26, handler = ?27
      WHERE doc = ?1 AND id = ?2 AND code = ?3 AND status = ?7 AND stage IS ?25 AND customer IS ?10 AND received_ms IS ?15";

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
    assignments.filter_map(crew).flatten().filter_map(serde_json::Value::as_str).collect()
}

fn customer_of(view: &JobView<'_>) -> Option<DocId> {
    view.str("customer")?.parse().ok()
}

fn put_visits(
    sql: &Connection,
    target: &Target<'_>,
    view: &JobView<'_>,
    policy: &Policy,
    site: &Site,
) -> Result<(), StoreError> {
    if view.visits.is_empty() {
        return super::rows::put(sql, &VISITS, target, Vec::new());
    }
    let least = least_grade(&Demand::of(view, site.group.as_deref()), policy).grade;
    let assigned = ever_assigned(target.facts, view);
    let signed = view.timeline.iter().any(|entry| entry.kind == kind::SIGNED && entry.effect == Effect::Applied);
    let mut rows = Vec::new();
    for visit in &view.visits {
        for arrival in &visit.arrivals {
            let person = arrival.person.as_ref().map(PersonId::as_str);
            let came = Came {
                person,
                at_ms: arrival.at_ms.0,
                assigned: person.map(|person| assigned.contains(person)),
                late_work: arrival.late_work.map(LateWork::as_str),
                signed,
            };
            rows.push(visit_row(rows.len() as i64, visit, &came, least.as_str()));
        }
    }
    super::rows::put(sql, &VISITS, target, rows)
}

/// Who arrived, and when.
struct Came<'a> {
    person: Option<&'a str>,
    at_ms: i64,
    assigned: Option<bool>,
    late_work: Option<&'static str>,
    /// Whether anybody signed for the job.
    signed: bool,
}

/// One row for each person who arrived.
fn visit_row(pos: i64, visit: &Visit<'_>, came: &Came<'_>, least: &str) -> Vec<Value> {
    let outcome = visit.outcome();
    row![
        pos,
        visit.id.to_string(),
        came.person.map(str::to_owned),
        least.to_owned(),
        came.at_ms,
        visit.ended_ms().map(|at| at.0),
        outcome.map(|outcome| outcome.kind.to_owned()),
        outcome.and_then(|outcome| outcome.detail.map(str::to_owned)),
        visit.late_min,
        visit.limit_min,
        visit.spent_min,
        visit.appliances,
        came.assigned,
        came.late_work.map(str::to_owned),
        came.signed,
    ]
}

fn put_steps(sql: &Connection, target: &Target<'_>, view: &JobView<'_>) -> Result<(), StoreError> {
    let mut rows = Vec::with_capacity(view.steps.len());
    let done = |visit: &Visit<'_>| visit.outcome().is_some_and(|outcome| outcome.kind == kind::COMPLETED);
    let completed = view.visits.iter().any(done);
    for (pos, step) in view.steps.iter().enumerate() {
        let answer = step.answer();
        rows.push(row![
            step.appliance,
            pos as i64,
            step.step.to_string(),
            step.group.as_str().to_owned(),
            step.title.to_string(),
            step.required,
            step.status.as_str().to_owned(),
            answer.and_then(|answer| answer.value).map(super::shown),
            answer.and_then(|answer| answer.unit.map(str::to_owned)),
            answer.and_then(|answer| answer.person.as_ref()).map(PersonId::to_string),
            answer.map(|answer| answer.at_ms.0),
            answer.map(|answer| answer.fact.to_string()),
            completed && step.required && step.status == StepStatus::Missing,
        ]);
    }
    super::rows::put(sql, &STEPS, target, rows)
}

fn put_order(sql: &Connection, target: &Target<'_>, view: &JobView<'_>) -> Result<(), StoreError> {
    let mut breaks = Vec::with_capacity(view.order_breaks.len());
    for (pos, wrong) in view.order_breaks.iter().enumerate() {
        let how = if wrong.certain { "" } else { ", as two clocks claim" };
        let detail = format!("{} was done after {}{how}", wrong.step, wrong.before_step);
        breaks.push(row![pos as i64, wrong.appliance, wrong.step.to_string(), wrong.before_step.to_string(), detail]);
    }
    super::rows::put(sql, &BREAKS, target, breaks)?;
    let mut gates = Vec::with_capacity(view.gates.len());
    for (pos, gate) in view.gates.iter().enumerate() {
        let core = gate.core_fact.map(|fact| fact.to_string());
        gates.push(row![pos as i64, gate.appliance, gate.gate.to_string(), gate.passed, core]);
    }
    super::rows::put(sql, &GATES, target, gates)
}

/// Photos and signature images, whatever the fold thinks of their facts: their bytes are kept all the same.
fn put_photos(sql: &Connection, target: &Target<'_>) -> Result<(), StoreError> {
    let images = target.facts.iter().filter(|fact| matches!(fact.kind(), "photo" | "signed"));
    let text = |fact: &Fact, name: &str| fact.str(name).map(str::to_owned);
    let rows = images.filter_map(|fact| {
        let digest = text(fact, "sha256")?;
        let (size, mime, step) = (fact.int("size"), text(fact, "mime"), text(fact, "step"));
        Some(row![fact.id.as_bytes().to_vec(), digest, size, mime, step, fact.int("appliance")])
    });
    super::rows::put(sql, &PHOTOS, target, rows.collect())
}
