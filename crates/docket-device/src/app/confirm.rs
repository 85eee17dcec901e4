//! The customer's own word on the five (D-H13), kept apart from what the technician recorded. A letter that the customer
//! misses is a complaint, which names it.

use docket_core::policy::Group;
use docket_core::view::{Event, JobView};
use docket_format::FactId;
use serde_json::{Map, Value};

use super::error::AppError;
use super::job::Job;
use super::session::Session;
use super::visit::{Recorded, current_visit};
use super::{after, body, record};
use crate::store::Draft;

/// What complaints about a service that was left out are counted by.
const CAUSE: &str = "one of the five services was left out";

/// Records what the customer says was done: a yes or no to each letter of the five, and a complaint about each no.
///
/// A letter that was complained about already, at this visit or by a complaint that nobody has answered yet, is not
/// complained about again. Word and complaints are written together or not at all.
pub fn confirm(session: &mut Session, job: &Job, said: &[(&str, bool)], name: &str) -> Result<Recorded, AppError> {
    let open: Vec<&str> =
        letters().into_iter().filter(|letter| said.iter().all(|(named, _)| named != letter)).collect();
    if !open.is_empty() {
        return Err(AppError::refused(format!("the customer was not asked about {}", open.join(", ")))
            .hint("--all-yes, or --a yes --b no … for all five"));
    }
    if name.trim().is_empty() {
        return Err(AppError::refused("a confirmation needs the customer's name"));
    }
    let view = job.view();
    let five: Map<String, Value> = said.iter().map(|(letter, yes)| ((*letter).to_owned(), (*yes).into())).collect();
    let mut entries = body([("five", Value::Object(five)), ("name", name.into())]);
    let visit = current_visit(session, &view);
    if let Some(visit) = visit {
        entries.insert("visit".into(), visit.to_string().into());
    }
    let mut warnings = Vec::new();
    let mut drafts = vec![record::checked(session, "job", "confirmed", entries, &mut warnings)?];
    let visit = visit.or_else(|| after::last_visit(&view));
    for (letter, _) in said.iter().filter(|(_, yes)| !yes) {
        if is_complained(&view, letter, visit) {
            warnings.push(format!("the customer misses {letter}: complained about already"));
            continue;
        }
        warnings.push(format!("the customer misses {letter}: recorded as a complaint"));
        drafts.push(complaint(session, letter, visit, &mut warnings)?);
    }
    let facts = session.write(job.doc, &drafts)?;
    Ok(Recorded { facts, status: None, warnings, already: false })
}

fn complaint(
    session: &Session,
    letter: &str,
    visit: Option<FactId>,
    warnings: &mut Vec<String>,
) -> Result<Draft, AppError> {
    let entries = [
        ("cause", Some(CAUSE.into())),
        ("about", Some("quality".into())),
        ("step", Some(letter.into())),
        ("visit", visit.map(|visit| visit.to_string().into())),
    ];
    record::checked(session, "job", "complained", after::filled(entries), warnings)
}

/// Whether the letter was complained about at this visit, or by a complaint that waits for its answer.
fn is_complained(view: &JobView, letter: &str, visit: Option<FactId>) -> bool {
    let visit = visit.map(|visit| visit.to_string());
    let is_answered = |made: &Event<'_>| {
        let id = made.fact.to_string();
        view.events.iter().any(|event| event.kind == "answered" && event.str("complaint") == Some(&id))
    };
    let mut made = view.events.iter().filter(|event| event.kind == "complained" && event.str("step") == Some(letter));
    made.any(|made| made.str("visit") == visit.as_deref() && visit.is_some() || !is_answered(made))
}

/// The letters of the five.
pub fn letters() -> [&'static str; 5] {
    Group::FIVE.map(Group::as_str)
}
