//! The customer's own word on the five (D-H13), kept apart from what the technician recorded.

use docket_core::policy::Group;
use serde_json::{Map, Value};

use super::error::AppError;
use super::job::Job;
use super::session::Session;
use super::visit::{Recorded, current_visit};
use super::{body, record};

/// Records what the customer says was done: a yes or no to each letter of the five.
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
    if let Some(visit) = current_visit(session, &view) {
        entries.insert("visit".into(), visit.to_string().into());
    }
    let written = record::record(session, job.doc, "job", "confirmed", entries)?;
    let mut warnings = Vec::new();
    let no: Vec<&str> = said.iter().filter(|(_, yes)| !yes).map(|(letter, _)| *letter).collect();
    if !no.is_empty() {
        warnings.push(format!("the customer misses {}: a complaint about it names the letter", no.join(", ")));
    }
    Ok(Recorded { facts: vec![written.fact], status: None, warnings, already: false })
}

/// The letters of the five.
pub fn letters() -> [&'static str; 5] {
    Group::FIVE.map(Group::as_str)
}
