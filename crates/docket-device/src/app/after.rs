//! After the visit: the call-back that closes a job (D-H16, D-C2), surveys (D-C8), complaints and their answers (D-C4).

use docket_core::view::{Event, JobView};
use docket_core::{Status, catalogue};
use docket_format::FactId;
use rusqlite::OptionalExtension as _;
use serde_json::{Map, Value, json};

use super::error::AppError;
use super::job::{Job, one_fact};
use super::record;
use super::session::Session;
use super::visit::Recorded;
use crate::error::StoreError;

/// What the customer said when asked afterwards.
#[derive(Debug, Clone, Default)]
pub struct CallBack {
    /// Somebody answered.
    pub reached: bool,
    /// Satisfied with the service.
    pub satisfied: Option<bool>,
    /// 0 to 100 (D-H18).
    pub score: Option<i64>,
    /// The fault is gone.
    pub solved: Option<bool>,
    /// Which of the five services the customer says were left out; `None` = not asked (D-H13).
    pub left_out: Option<Vec<String>>,
    /// `call`, `visit`, `letter` or `app`.
    pub channel: Option<String>,
    /// In words.
    pub text: Option<String>,
    /// When it was, if it is written down later: RFC 3339.
    pub when: Option<String>,
}

/// Records that the customer was asked.
pub fn call_back(session: &mut Session, job: &Job, said: &CallBack) -> Result<Recorded, AppError> {
    let answered = said.satisfied.is_some() || said.score.is_some() || said.solved.is_some() || said.left_out.is_some();
    if !said.reached && answered {
        return Err(
            AppError::refused("nobody was reached, so nobody answered").hint("--reached yes, or leave the answers out")
        );
    }
    let view = job.view();
    let mut warnings = Vec::new();
    if !matches!(view.status, Status::Done | Status::Closed | Status::Refused) {
        let status = view.status.as_str().replace('_', " ");
        warnings.push(format!("this job is {status}: a call-back comes after the work"));
    }
    if let Some(serving) = serving(session, &view)? {
        warnings.push(serving);
    }
    let entries = [
        ("reached", Some(Value::from(said.reached))),
        ("satisfied", said.satisfied.map(Value::from)),
        ("score", said.score.map(Value::from)),
        ("solved", said.solved.map(Value::from)),
        ("five", said.left_out.as_deref().map(five).transpose()?),
        ("channel", text(said.channel.as_deref())),
        ("text", text(said.text.as_deref())),
        ("when", text(said.when.as_deref())),
        ("visit", last_visit(&view).map(|visit| visit.to_string().into())),
    ];
    put(session, job, "called_back", filled(entries), warnings)
}

/// The five services, without those left out.
fn five(left_out: &[String]) -> Result<Value, AppError> {
    let mut five = Map::new();
    for part in catalogue::FIVE {
        five.insert(part.to_owned(), Value::from(!left_out.iter().any(|gone| gone.eq_ignore_ascii_case(part))));
    }
    let known = |gone: &&String| catalogue::FIVE.iter().any(|part| gone.eq_ignore_ascii_case(part));
    match left_out.iter().find(|gone| !known(gone)) {
        None => Ok(Value::Object(five)),
        Some(odd) => Err(AppError::refused(format!("`{odd}` is none of the five services"))
            .hint(format!("any of {}", catalogue::FIVE.join(", ")))),
    }
}

/// Why this device's person should not ask (D-C2): they were on site, or belong to the outlet that served.
fn serving(session: &Session, view: &JobView) -> Result<Option<String>, AppError> {
    let Some(me) = session.person() else { return Ok(None) };
    let mut arrivals = view.visits.iter().flat_map(|visit| &visit.arrivals);
    if arrivals.any(|arrival| arrival.person.as_ref() == Some(&me)) {
        return Ok(Some(format!("{me} was on site: somebody else should ask, and the audit will say so")));
    }
    let query = "SELECT outlet FROM p_technician WHERE person = ?1 AND outlet IS NOT NULL";
    let outlet = session.store().conn().query_row(query, [me.as_str()], |row| row.get::<_, String>(0)).optional();
    let outlet = outlet.map_err(StoreError::from)?;
    let same = outlet.filter(|outlet| view.str("outlet") == Some(outlet));
    Ok(same.map(|outlet| format!("{me} belongs to {outlet}, which served: the centre should ask")))
}

/// The visit that an answer is about: the last one that ended.
pub(super) fn last_visit(view: &JobView) -> Option<FactId> {
    view.visits.iter().rev().find(|visit| !visit.outcomes.is_empty()).map(|visit| visit.id)
}

/// A survey's result (D-C8).
#[derive(Debug, Clone)]
pub struct Survey {
    /// 0 to 100.
    pub score: i64,
    /// Interview, questionnaire, call …
    pub channel: String,
    /// A third party asked.
    pub third_party: bool,
    /// In words.
    pub text: Option<String>,
}

/// Records a survey.
pub fn survey(session: &mut Session, job: &Job, survey: &Survey) -> Result<Recorded, AppError> {
    let relation = if survey.third_party { "third_party" } else { "own" };
    let entries = [
        ("score", Some(Value::from(survey.score))),
        ("channel", text(Some(&survey.channel))),
        ("relation", text(Some(relation))),
        ("text", text(survey.text.as_deref())),
        ("visit", last_visit(&job.view()).map(|visit| visit.to_string().into())),
    ];
    put(session, job, "surveyed", filled(entries), Vec::new())
}

/// A complaint.
#[derive(Debug, Clone, Default)]
pub struct Complaint {
    /// Its cause: what complaints are counted by.
    pub cause: String,
    /// quality, packaging, attitude, price, time or other.
    pub about: Option<String>,
    /// The step of the 1 + 5 that was left out (D-H13).
    pub step: Option<String>,
    /// How it came in.
    pub channel: Option<String>,
    /// In words.
    pub text: Option<String>,
    /// When it was made, if it is written down later: RFC 3339.
    pub when: Option<String>,
}

/// Records a complaint. Its fact names it.
pub fn complain(session: &mut Session, job: &Job, complaint: &Complaint) -> Result<Recorded, AppError> {
    let entries = [
        ("cause", text(Some(&complaint.cause))),
        ("about", text(complaint.about.as_deref())),
        ("step", text(complaint.step.as_deref())),
        ("channel", text(complaint.channel.as_deref())),
        ("text", text(complaint.text.as_deref())),
        ("when", text(complaint.when.as_deref())),
    ];
    put(session, job, "complained", filled(entries), Vec::new())
}

/// Records what came of a complaint.
pub fn handle(session: &mut Session, job: &Job, typed: Option<&str>, result: &str) -> Result<Recorded, AppError> {
    let view = job.view();
    let complaint = complaint(job, &view, typed, "handled")?;
    let warnings = owner_warning(session, job, &view);
    let body = filled([("complaint", Some(complaint.to_string().into())), ("result", text(Some(result)))]);
    put(session, job, "handled", body, warnings)
}

/// Records that the complainant was told the result (D-C4).
pub fn answer(session: &mut Session, job: &Job, typed: Option<&str>, said: Option<&str>) -> Result<Recorded, AppError> {
    let view = job.view();
    let complaint = complaint(job, &view, typed, "answered")?;
    let id = complaint.to_string();
    let mut warnings = Vec::new();
    if !view.events.iter().any(|event| event.kind == "handled" && event.str("complaint") == Some(&id)) {
        warnings.push("this complaint has no result yet: what was the complainant told?".into());
    }
    put(session, job, "answered", filled([("complaint", Some(id.into())), ("text", text(said))]), warnings)
}

/// The complaint that is meant; with nothing typed, the only one that is still to be handled or answered.
fn complaint(job: &Job, view: &JobView, typed: Option<&str>, next: &str) -> Result<FactId, AppError> {
    let made: Vec<&Event<'_>> = view.events.iter().filter(|event| event.kind == "complained").collect();
    if let Some(typed) = typed {
        let facts = job.facts.iter().filter(|fact| made.iter().any(|event| event.fact == fact.id));
        return Ok(one_fact(facts, typed, &job.doc.short())?.id);
    }
    let is_done = |made: &Event<'_>| {
        let id = made.fact.to_string();
        view.events.iter().any(|event| event.kind == next && event.str("complaint") == Some(&id))
    };
    let open: Vec<&&Event<'_>> = made.iter().filter(|made| !is_done(made)).collect();
    match open.as_slice() {
        [one] => Ok(one.fact),
        [] => Err(AppError::refused(format!("no complaint of this job is still to be {next}"))
            .hint(format!("docket complaint new {} --cause …", job.doc.short()))),
        many => {
            let shown = many.iter().map(|event| format!("{}  {}", event.fact, event.str("cause").unwrap_or_default()));
            Err(AppError::refused("which complaint?").details(shown).hint("name it by the start of its id"))
        }
    }
}

/// That somebody else should decide: the customer's owner (D-K1).
pub(super) fn owner_warning(session: &Session, job: &Job, view: &JobView) -> Vec<String> {
    let customer = job.customer_view();
    let owner = customer.as_ref().and_then(|customer| customer.str("owner"));
    let (Some(owner), Some(me)) = (owner, session.person()) else { return Vec::new() };
    let reasoned = view.events.iter().any(|event| event.kind == "overruled" && event.person.as_ref() == Some(&me));
    if owner == me.as_str() || reasoned {
        return Vec::new();
    }
    vec![format!("this customer's owner is {owner}: say why with `docket overrule {} --reason WHY`", job.doc.short())]
}

/// Records why somebody other than the customer's owner decides (D-K1).
pub fn overrule(session: &mut Session, job: &Job, why: &str) -> Result<Recorded, AppError> {
    put(session, job, "overruled", filled([("why", text(Some(why)))]), Vec::new())
}

/// Writes a catalogued fact into a job. A role that may not state it is told when the record is shown.
pub(super) fn put(
    session: &mut Session,
    job: &Job,
    kind: &str,
    body: Map<String, Value>,
    warnings: Vec<String>,
) -> Result<Recorded, AppError> {
    let written = record::record(session, job.doc, "job", kind, body)?;
    Ok(Recorded { facts: vec![written.fact], status: None, warnings, already: false })
}

/// The entries that have a value.
pub(super) fn filled(entries: impl IntoIterator<Item = (&'static str, Option<Value>)>) -> Map<String, Value> {
    entries.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
}

pub(super) fn text(value: Option<&str>) -> Option<Value> {
    value.map(|value| json!(value))
}
