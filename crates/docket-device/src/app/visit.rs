//! What a technician records on site. Records are facts: only what makes no sense is refused, the rest is recorded
//! and answered with warnings.

use docket_core::Status;
use docket_core::checklist::Checklist;
use docket_core::policy::{StatedBy, Step, Template};
use docket_core::view::{JobView, StepStatus};
use docket_format::{Fact, FactId};
use serde_json::{Map, Value};

use super::error::AppError;
use super::job::Job;
use super::session::Session;
use super::{answers, body, record};
use crate::store::Draft;

/// What was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The new facts.
    pub facts: Vec<FactId>,
    /// For an answer, how it stands.
    pub status: Option<StepStatus>,
    /// What a person should know.
    pub warnings: Vec<String>,
    /// Nothing was written: the same record is there already.
    pub already: bool,
}

/// An answer's place.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The step, as typed.
    pub step: &'a str,
    /// The appliance from 1.
    pub appliance: u32,
}

/// How a visit ends.
#[derive(Debug, Clone, Copy)]
pub enum End<'a> {
    /// Done; with this resolution.
    Completed(&'a str),
    /// Not done, for this reason.
    Refused(&'a str),
    /// Nobody opened.
    NoAccess,
}

/// A hazard found on site (D-H14).
#[derive(Debug, Clone, Copy)]
pub struct Hazard<'a> {
    /// What kind.
    pub kind: &'a str,
    /// How far it reaches.
    pub extent: Option<&'a str>,
    /// How many households.
    pub households: Option<u32>,
    /// Who removed it.
    pub removed_by: Option<&'a str>,
}

/// Starts a visit.
pub fn arrive(session: &mut Session, job: &Job) -> Result<Recorded, AppError> {
    let view = job.view();
    let mut warnings = state_warnings(&view);
    if let Some(fact) = current_visit(session, &view) {
        return Ok(Recorded { facts: vec![fact], status: None, warnings, already: true });
    }
    let me = session.person().map(|person| person.as_str().to_owned());
    if let Some(me) = me.filter(|me| !view.crew().contains(&me.as_str())) {
        warnings.push(format!("{me} is not in this job's crew"));
    }
    if super::scope::retained(session)?.contains(&job.doc) {
        warnings.push("this job is no longer yours: the supervisor will have to decide about this record".into());
    }
    write(session, job, "arrived", Map::new(), None, warnings)
}

/// Ticks a step. `forced` is the reason for doing the core step although its gate is shut.
pub fn check(
    session: &mut Session,
    job: &Job,
    at: Place,
    typed: &str,
    forced: Option<&str>,
) -> Result<Recorded, AppError> {
    let view = job.view();
    let template = job.template(&view)?;
    let step = answers::step(template, at.step)?;
    let appliance = appliance(&view, step, at.appliance)?;
    let value = answers::answer(&view.doc.short(), step, typed)?;
    let mut entries = place(step, appliance);
    entries.push(("v", value.clone()));
    if step.core && value != Value::Bool(false) {
        check_gates(job, &view, appliance, forced)?;
    }
    if let Some(reason) = forced {
        entries.push(("why", reason.into()));
    }
    answer(session, job, &view, step, "step", entries)
}

/// Records a measured value. Out of limits is recorded too.
pub fn read(session: &mut Session, job: &Job, at: Place, value: &str, unit: &str) -> Result<Recorded, AppError> {
    let view = job.view();
    let step = answers::step(job.template(&view)?, at.step)?;
    let appliance = appliance(&view, step, at.appliance)?;
    let (value, unit) = answers::reading(&view.doc.short(), step, value, unit)?;
    let mut entries = place(step, appliance);
    entries.extend([("v", Value::from(value)), ("unit", unit.into())]);
    answer(session, job, &view, step, "reading", entries)
}

/// Writes a note.
pub fn note(session: &mut Session, job: &Job, text: &str) -> Result<Recorded, AppError> {
    if text.trim().is_empty() {
        return Err(AppError::refused("an empty note says nothing"));
    }
    let view = job.view();
    let visit = current_visit(session, &view);
    write(session, job, "noted", body([("text", text.into())]), visit, Vec::new())
}

/// Keeps a photo: the file in the store's blobs, its digest in the record.
pub fn photo(session: &mut Session, job: &Job, file: &[u8], at: Option<Place>) -> Result<Recorded, AppError> {
    let view = job.view();
    let mut entries = match at {
        Some(at) => {
            let step = answers::step(job.template(&view)?, at.step)?;
            place(step, appliance(&view, step, at.appliance)?)
        }
        None => Vec::new(),
    };
    let (digest, mime) = session.keep_blob(file)?;
    entries.extend([("sha256", Value::from(digest)), ("size", (file.len() as i64).into()), ("mime", mime.into())]);
    let visit = current_visit(session, &view);
    write(session, job, "photo", body(entries), visit, Vec::new())
}

/// Signs the answers as they now stand.
pub fn sign(
    session: &mut Session,
    job: &Job,
    role: &str,
    name: &str,
    image: Option<&[u8]>,
) -> Result<Recorded, AppError> {
    if name.trim().is_empty() {
        return Err(AppError::refused("a signature needs a name"));
    }
    let view = job.view();
    let answers = view.answers_digest().to_string();
    let mut entries = vec![("role", Value::from(role)), ("name", name.into()), ("answers", answers.into())];
    if let Some(image) = image {
        entries.push(("sha256", session.keep_blob(image)?.0.into()));
    }
    let visit = current_visit(session, &view);
    write(session, job, "signed", body(entries), visit, missing(&view))
}

/// Corrects a record: replaces it by `value`, or voids it.
pub fn correct(
    session: &mut Session,
    job: &Job,
    typed: &str,
    value: Option<(&str, Option<&str>)>,
    why: &str,
) -> Result<Recorded, AppError> {
    let fact = job.fact(typed)?.clone();
    let Some((value, unit)) = value else {
        let entries = [("fixes", Value::from(fact.id.to_string())), ("why", why.into())];
        return write(session, job, "corrected", body(entries), None, Vec::new());
    };
    let view = job.view();
    let (Some(name), true) = (fact.str("step"), matches!(fact.kind(), "step" | "reading")) else {
        return Err(AppError::refused(format!("a `{}` record has no value to replace", fact.kind()))
            .hint("leave --value out to withdraw it, or change a field with `docket set`"));
    };
    let step = answers::step(job.template(&view)?, name)?;
    let code = view.doc.short();
    let mut entries = copied(&fact);
    if fact.kind() == "reading" {
        let unit = unit.or(fact.str("unit")).unwrap_or_default().to_owned();
        let (value, unit) = answers::reading(&code, step, value, &unit)?;
        entries.extend([("v", Value::from(value)), ("unit", unit.into())]);
    } else {
        entries.push(("v", answers::answer(&code, step, value)?));
    }
    entries.extend([("fixes", Value::from(fact.id.to_string())), ("why", why.into())]);
    let entries = body(entries);
    let status = step.answer.judge(entries.get("v"), entries.get("unit").and_then(Value::as_str));
    let warnings = judged(step, status).into_iter().collect();
    let visit = fact.fact_id("visit").or_else(|| current_visit(session, &view));
    let recorded = write(session, job, fact.kind(), entries, visit, warnings)?;
    Ok(Recorded { status: Some(status), ..recorded })
}

/// Ends a visit; a hazard found goes with it.
pub fn end(
    session: &mut Session,
    job: &Job,
    end: End,
    text: Option<&str>,
    hazard: Option<Hazard>,
) -> Result<Recorded, AppError> {
    let view = job.view();
    let mut warnings = state_warnings(&view);
    let visit = current_visit(session, &view);
    if visit.is_none() {
        warnings.push("no arrival of yours is recorded for this visit".into());
    }
    let text = text.map(|text| ("text", Value::from(text)));
    let (kind, entries) = match end {
        End::Completed(resolution) => {
            check_resolution(job, resolution)?;
            warnings.extend(missing(&view));
            ("completed", vec![("resolution", Value::from(resolution))])
        }
        End::Refused(reason) => ("refused", vec![("reason", Value::from(reason))]),
        End::NoAccess => ("no_access", Vec::new()),
    };
    let mut drafts: Vec<Draft> = hazard.map(|found| draft("hazard", hazard_body(&found), visit)).into_iter().collect();
    drafts.push(draft(kind, body(entries.into_iter().chain(text)), visit));
    let facts = session.write(job.doc, &drafts)?;
    Ok(Recorded { facts, status: None, warnings, already: false })
}

/// Records a hazard by itself (D-H14).
pub fn hazard(session: &mut Session, job: &Job, found: Hazard) -> Result<Recorded, AppError> {
    let visit = current_visit(session, &job.view());
    write(session, job, "hazard", hazard_body(&found), visit, Vec::new())
}

/// Records that a hazard is removed: `typed` names the record of it.
pub fn hazard_removed(session: &mut Session, job: &Job, typed: &str) -> Result<Recorded, AppError> {
    let fact = job.fact(typed)?;
    if fact.kind() != "hazard" {
        return Err(AppError::refused(format!("a `{}` record is no hazard", fact.kind())));
    }
    stated(session, job, "hazard_removed", body([("hazard", fact.id.to_string().into())]))
}

/// Records that the seller was told of a refusal (D-H14).
pub fn told_seller(session: &mut Session, job: &Job, text: Option<&str>) -> Result<Recorded, AppError> {
    stated(session, job, "told_seller", body(text.map(|text| ("text", text.into()))))
}

fn stated(session: &mut Session, job: &Job, kind: &str, entries: Map<String, Value>) -> Result<Recorded, AppError> {
    let written = record::record(session, job.doc, "job", kind, entries)?;
    Ok(Recorded { facts: vec![written.fact], status: None, warnings: Vec::new(), already: false })
}

fn hazard_body(found: &Hazard) -> Map<String, Value> {
    let optional = [("extent", found.extent), ("removed_by", found.removed_by)];
    let optional = optional.into_iter().filter_map(|(key, value)| Some((key, Value::from(value?))));
    let households = found.households.map(|count| ("households", Value::from(count)));
    body([("hk", Value::from(found.kind))].into_iter().chain(optional).chain(households))
}

/// A job ends as its policy knows (D-C6); a policy that lists no resolutions takes any.
fn check_resolution(job: &Job, resolution: &str) -> Result<(), AppError> {
    let known = &job.policy.resolutions;
    match job.policy.resolution(resolution).map(|known| known.by) {
        Some(StatedBy::Completed) => Ok(()),
        None if known.is_empty() => Ok(()),
        other => {
            let completing = known.iter().filter(|known| known.by == StatedBy::Completed);
            let names: Vec<&str> = completing.map(|known| known.id.as_str()).collect();
            let shown: String = resolution.chars().take(60).collect();
            let code = job.doc.short();
            let refused = AppError::refused(format!("`{shown}` is no resolution that completes a job"));
            Err(match other {
                Some(StatedBy::Refused) => refused.hint(format!("docket refuse {code} --reason unsafe")),
                Some(StatedBy::Cancelled) => refused.hint(format!("docket job cancel {code} --reason WHY")),
                Some(StatedBy::NoAccess) => refused.hint(format!("docket no-access {code}")),
                _ => refused.hint(format!("one of: {}", names.join(", "))),
            })
        }
    }
}

fn answer(
    session: &mut Session,
    job: &Job,
    view: &JobView,
    step: &Step,
    kind: &str,
    entries: Vec<(&'static str, Value)>,
) -> Result<Recorded, AppError> {
    let entries = body(entries);
    let (value, unit) = (entries.get("v"), entries.get("unit").and_then(Value::as_str));
    let status = step.answer.judge(value, unit);
    let mut warnings = state_warnings(view);
    let visit = current_visit(session, view);
    if visit.is_none() {
        warnings
            .push(format!("no arrival of yours is recorded: `docket arrive {}` starts the visit", view.doc.short()));
    }
    if let Some(earlier) = earlier(session, job, view, step, &entries, visit) {
        if earlier.body.get("v") == value && earlier.str("unit") == unit {
            return Ok(Recorded { facts: vec![earlier.id], status: Some(status), warnings, already: true });
        }
        let shown: String = earlier.id.to_string().chars().take(8).collect();
        return Err(AppError::refused(format!("you have answered step {} of this visit already", step.id))
            .hint(format!("put a mis-tap right: docket correct {} {shown} --value … --reason …", view.doc.short())));
    }
    let asked = Checklist::of(view, &job.policy).steps.iter().any(|state| state.step == step.id);
    // What hangs on an answer comes up with it; anything else that is not in the list is not asked here.
    if asked || step.when.answer.is_some() && step.when.fits(&view.setting()) {
        warnings.extend(judged(step, status));
    } else {
        warnings.push(format!("recorded, though step {} is not asked here", step.id));
    }
    let recorded = write(session, job, kind, entries, visit, warnings)?;
    Ok(Recorded { status: Some(status), ..recorded })
}

/// This device's own live answer to the same step of the same visit.
fn earlier<'j>(
    session: &Session,
    job: &'j Job,
    view: &JobView,
    step: &Step,
    entries: &Map<String, Value>,
    visit: Option<FactId>,
) -> Option<&'j Fact> {
    let at = entries.get("appliance").and_then(Value::as_u64).unwrap_or(0);
    let state = view.steps.iter().find(|state| state.step == step.id && u64::from(state.appliance) == at)?;
    let facts = state.answers.iter().filter_map(|answer| job.facts.iter().find(|fact| fact.id == answer.fact));
    let mut own = facts.filter(|fact| fact.author().is_some_and(|author| author.device == session.device()));
    own.find(|fact| fact.fact_id("visit") == visit)
}

fn check_gates(job: &Job, view: &JobView, appliance: Option<u32>, forced: Option<&str>) -> Result<(), AppError> {
    let kind = view.kind().unwrap_or_default();
    let steps = Checklist::of(view, &job.policy).steps;
    for gate in job.policy.gates_of(kind) {
        // A step that is not asked here needs not be passed.
        let passed = |need: &&String| {
            let here = |at: u32| at == 0 || appliance.is_none_or(|appliance| at == appliance);
            let mut states = steps.iter().filter(|state| state.step == need.as_str() && here(state.appliance));
            states.all(|state| matches!(state.status, StepStatus::Ok | StepStatus::NotAsked))
        };
        let lacking: Vec<&str> = gate.needs.iter().filter(|need| !passed(need)).map(String::as_str).collect();
        if !lacking.is_empty() && forced.is_none() {
            return Err(AppError::refused(format!("not safe to go on: the {} test is not passed", gate.id))
                .details(lacking.iter().map(|step| describe(job, view, step)))
                .hint(format!("if the place is not safe: docket refuse {} --reason unsafe", view.doc.short()))
                .hint("if the work is done all the same: --force --reason WHY; the audit will report it"));
        }
    }
    Ok(())
}

fn describe(job: &Job, view: &JobView, step: &str) -> String {
    let title = job.template(view).ok().and_then(|template| template.step(step)).map_or("", |step| step.title.as_str());
    let states = view.steps.iter().filter(|state| state.step == step);
    let worst = states.map(|state| state.status).max().unwrap_or(StepStatus::Missing);
    format!("{step:<6} {title}: {}", worst.as_str().replace('_', " "))
}

fn place(step: &Step, appliance: Option<u32>) -> Vec<(&'static str, Value)> {
    let appliance = appliance.map(|appliance| ("appliance", Value::from(appliance)));
    [("step", Value::from(step.id.as_str()))].into_iter().chain(appliance).collect()
}

fn copied(fact: &Fact) -> Vec<(&'static str, Value)> {
    let copy = |key: &'static str| Some((key, fact.body.get(key)?.clone()));
    [copy("step"), copy("appliance")].into_iter().flatten().collect()
}

fn appliance(view: &JobView, step: &Step, appliance: u32) -> Result<Option<u32>, AppError> {
    let count = view.appliances();
    if appliance == 0 || appliance > count {
        let plural = if count == 1 { "appliance" } else { "appliances" };
        return Err(AppError::refused(format!("no appliance {appliance}: this job has {count} {plural}")));
    }
    Ok(step.per_appliance.then_some(appliance))
}

/// The arrival of this device's person in a visit that has not ended.
pub(super) fn current_visit(session: &Session, view: &JobView) -> Option<FactId> {
    let me = session.person()?;
    let open = view.visits.iter().rev().filter(|visit| visit.outcomes.is_empty());
    let mut arrivals = open.flat_map(|visit| visit.arrivals.iter().rev());
    arrivals.find(|arrival| arrival.person.as_ref() == Some(&me)).map(|arrival| arrival.fact)
}

pub(super) fn state_warnings(view: &JobView) -> Vec<String> {
    match view.status {
        Status::Cancelled => vec!["this job is cancelled: the supervisor will have to decide about this record".into()],
        Status::Closed => vec!["this job is closed".into()],
        _ => Vec::new(),
    }
}

fn missing(view: &JobView) -> Vec<String> {
    let open = view.steps.iter().filter(|state| state.required && state.status == StepStatus::Missing);
    let names: Vec<String> = open
        .map(|state| match state.appliance {
            0 => state.step.to_owned(),
            appliance => format!("{} (appliance {appliance})", state.step),
        })
        .collect();
    if names.is_empty() { Vec::new() } else { vec![format!("steps without an answer: {}", names.join(", "))] }
}

fn judged(step: &Step, status: StepStatus) -> Option<String> {
    match status {
        StepStatus::OutOfLimits => Some(format!("recorded, and out of limits: {} {}", step.id, limits(step))),
        StepStatus::Failed => Some(format!("recorded as failed: {} {}", step.id, step.title)),
        _ => None,
    }
}

fn limits(step: &Step) -> String {
    let docket_core::policy::AnswerType::Reading { unit, min, max } = &step.answer else { return String::new() };
    match (min, max) {
        (Some(min), Some(max)) => format!("must lie from {min} to {max} {unit}"),
        (Some(min), None) => format!("must be at least {min} {unit}"),
        (None, Some(max)) => format!("must be at most {max} {unit}"),
        (None, None) => String::new(),
    }
}

fn draft(kind: &str, mut body: Map<String, Value>, visit: Option<FactId>) -> Draft {
    if let Some(visit) = visit {
        body.insert("visit".into(), visit.to_string().into());
    }
    Draft { kind: kind.to_owned(), body }
}

fn write(
    session: &mut Session,
    job: &Job,
    kind: &str,
    body: Map<String, Value>,
    visit: Option<FactId>,
    warnings: Vec<String>,
) -> Result<Recorded, AppError> {
    let facts = session.write(job.doc, &[draft(kind, body, visit)])?;
    Ok(Recorded { facts, status: None, warnings, already: false })
}

/// The template of a job, or why there is none.
pub(super) fn template<'p>(job: &'p Job, view: &JobView) -> Result<&'p Template, AppError> {
    let kind = view.kind().unwrap_or("unknown");
    job.policy.template(kind, view.str("template")).ok_or_else(|| {
        AppError::refused(format!("policy {} has no checklist for jobs of kind `{kind}`", job.policy.name))
            .hint("`docket note` and `docket complete` work without one")
    })
}
