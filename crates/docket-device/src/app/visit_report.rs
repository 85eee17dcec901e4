//! The visit report: what was done on site, over which answers the customer signed, and what has changed since.

use std::collections::BTreeSet;

use docket_core::kind;
use docket_core::view::{Answer, Charges, JobView, StepState, StepStatus};
use docket_core::{Record, UnixMs, fold_job};
use docket_format::{Fact, FactId};
use serde_json::Value;

use super::error::AppError;
use super::job::Job;
use super::session::Session;

/// One step of the checklist.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Line {
    /// The step's id.
    pub step: String,
    /// The part of the visit (`A`, `1` …).
    pub group: String,
    /// The appliance from 1; 0 = the whole visit.
    pub appliance: u32,
    /// What it says.
    pub title: String,
    /// How it stands.
    pub state: &'static str,
    /// The answer with its unit.
    pub answer: Option<String>,
    /// Who answered.
    pub person: Option<String>,
    /// What the answer was when the customer signed, if it is another now.
    pub signed_as: Option<String>,
}

/// A signature over the answers.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Signature {
    /// The `signed` fact.
    pub fact: String,
    /// As whom.
    pub role: String,
    /// The name given.
    pub name: String,
    /// When, as the device claims, milliseconds since 1970.
    pub at_ms: Option<i64>,
    /// What it covers: a digest of the answers as they stood.
    pub answers: String,
    /// The answers are others now.
    pub stale: bool,
    /// The signature's image by digest.
    pub image: Option<String>,
}

/// A visit report.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct VisitReport {
    /// The job's code.
    pub code: String,
    /// The source's number.
    pub number: Option<String>,
    /// The kind of job.
    pub kind: Option<String>,
    /// What it is about.
    pub product: Option<String>,
    /// Model and serial number, where recorded.
    pub serial: Option<String>,
    /// The customer's name and address.
    pub customer: Option<String>,
    /// Where.
    pub address: Option<String>,
    /// Where the job stands.
    pub status: &'static str,
    /// How it ended.
    pub resolution: Option<String>,
    /// Who came when: person, arrival, end, milliseconds since 1970.
    pub visits: Vec<(Option<String>, i64, Option<i64>)>,
    /// The checklist.
    pub lines: Vec<Line>,
    /// The signatures, in the order given.
    pub signatures: Vec<Signature>,
    /// The digest of the answers as they are now.
    pub answers: String,
    /// What was charged, with the total for each currency (D-E9).
    pub charges: Charges,
}

/// Puts a job's report together; needs no network.
pub fn visit_report(session: &Session, job: &Job) -> Result<VisitReport, AppError> {
    let view = job.view();
    if view.visits.is_empty() && view.steps.is_empty() {
        return Err(AppError::refused("nobody has been there yet: there is nothing to report")
            .hint(format!("docket arrive {}   starts the visit", view.doc.short())));
    }
    let signatures = signatures(job, &view);
    let stale = signatures.iter().rev().find(|one| one.stale);
    let before = stale.and_then(|one| one.fact.parse::<FactId>().ok()).map(|id| facts_until(job, &view, id));
    let evidence = session.evidence(job.doc, &job.facts)?;
    let then = before.as_ref().map(|facts| {
        let record = Record { doc: job.doc, facts, evidence: &evidence, site: &job.site };
        answers(&fold_job(&record, &job.policy, UnixMs(0)))
    });
    let customer = job.customer_view();
    let text = |register: &str| view.str(register).map(str::to_owned);
    Ok(VisitReport {
        code: view.doc.short(),
        number: text("number"),
        kind: text("kind"),
        product: text("product"),
        serial: text("serial"),
        customer: customer.as_ref().and_then(|customer| customer.str("name")).map(str::to_owned),
        address: customer.as_ref().and_then(|customer| customer.str("address")).map(str::to_owned),
        status: view.status.as_str(),
        resolution: view.course.resolution.as_ref().map(|resolution| resolution.id.to_owned()),
        visits: view
            .visits
            .iter()
            .flat_map(|visit| visit.arrivals.iter().map(move |arrival| (arrival, visit.ended_ms())))
            .map(|(arrival, ended)| {
                (arrival.person.as_ref().map(ToString::to_string), arrival.at_ms.0, ended.map(|at| at.0))
            })
            .collect(),
        lines: lines(&view, then.as_deref()),
        signatures,
        answers: view.answers_digest().to_string(),
        charges: view.charges.clone(),
    })
}

/// The facts up to a signature, in the fold's order.
fn facts_until(job: &Job, view: &JobView<'_>, signed: FactId) -> Vec<Fact> {
    let before = view.timeline.iter().take_while(|entry| entry.fact != signed).map(|entry| entry.fact);
    let before: BTreeSet<FactId> = before.collect();
    job.facts.iter().filter(|fact| before.contains(&fact.id)).cloned().collect()
}

/// Step, appliance, answer.
type Said = (String, u32, Option<String>);

fn answers(view: &JobView<'_>) -> Vec<Said> {
    view.steps.iter().map(|state| (state.step.to_owned(), state.appliance, state.answer().and_then(said))).collect()
}

fn lines(view: &JobView<'_>, then: Option<&[Said]>) -> Vec<Line> {
    let line = |state: &StepState<'_>| {
        let answer = state.answer();
        let now = answer.and_then(said);
        let was = then.and_then(|then| {
            let same = |one: &&Said| one.0 == state.step && one.1 == state.appliance;
            then.iter().find(same).filter(|one| one.2 != now)
        });
        Line {
            step: state.step.to_owned(),
            group: state.group.to_string(),
            appliance: state.appliance,
            title: state.title.to_owned(),
            state: state.status.as_str(),
            answer: now,
            person: answer.and_then(|answer| answer.person.as_ref()).map(ToString::to_string),
            signed_as: was.map(|one| one.2.clone().unwrap_or_else(|| "–".into())),
        }
    };
    let asked = |state: &&StepState<'_>| state.required || state.status != StepStatus::Missing;
    view.steps.iter().filter(asked).map(line).collect()
}

/// An answer as people read it; `None` for a photo or a signature.
fn said(answer: &Answer<'_>) -> Option<String> {
    let value = match answer.value? {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        other => other.to_string(),
    };
    Some(answer.unit.map_or(value.clone(), |unit| format!("{value} {unit}")))
}

fn signatures(job: &Job, view: &JobView<'_>) -> Vec<Signature> {
    let today = view.answers_digest().to_string();
    let applied = view.timeline.iter().filter(|entry| entry.kind == kind::SIGNED);
    let applied = applied.filter(|entry| entry.effect == docket_core::view::Effect::Applied);
    let facts = applied.filter_map(|entry| job.fact_by_id(entry.fact));
    let text = |fact: &Fact, field: &str| fact.str(field).unwrap_or_default().to_owned();
    let read = |fact: &Fact| Signature {
        fact: fact.id.to_string(),
        role: text(fact, "role"),
        name: text(fact, "name"),
        at_ms: fact.wall_ms(),
        answers: text(fact, "answers"),
        stale: text(fact, "answers") != today,
        image: fact.str("sha256").map(str::to_owned),
    };
    facts.map(read).collect()
}
