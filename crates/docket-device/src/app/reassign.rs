//! Many jobs from one person to another, at once: all of them or none.

use std::collections::BTreeMap;

use docket_format::{DocId, PersonId};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::Value;

use super::error::AppError;
use super::job::Job;
use super::jobs::{self, Assignment};
use super::lists::{self, JobRow};
use super::session::Session;
use crate::store::Draft;

/// Which jobs go from whom to whom.
#[derive(Debug, Clone)]
pub struct Move {
    /// Who has them.
    pub from: PersonId,
    /// Who gets them.
    pub to: PersonId,
    /// Only jobs of this outlet.
    pub outlet: Option<String>,
    /// Only jobs with an appointment on this day in this zone.
    pub on: Option<(Date, TimeZone)>,
    /// Only jobs in these states.
    pub status: Vec<String>,
    /// Why.
    pub why: String,
    /// Why also those that need a higher grade; without it they are left.
    pub overridden: Option<String>,
}

/// What a move does, or would do.
#[derive(Debug, Clone, Serialize)]
pub struct Moved {
    /// The jobs that go over.
    pub moved: Vec<JobRow>,
    /// The jobs that stay, each with the reason.
    pub left: Vec<Left>,
    /// What the author should know.
    pub warnings: Vec<String>,
}

/// A job that stays where it is.
#[derive(Debug, Clone, Serialize)]
pub struct Left {
    /// The job.
    pub job: JobRow,
    /// Why it stays.
    pub why: String,
}

/// Moves jobs, in one transaction: a failure moves none, and asking again moves what is left. `rehearse` only says what
/// would be done.
pub fn run(session: &mut Session, what: &Move, rehearse: bool) -> Result<Moved, AppError> {
    check(session, what)?;
    let mut done = Moved { moved: Vec::new(), left: Vec::new(), warnings: Vec::new() };
    let mut writes: Vec<(DocId, Vec<Draft>)> = Vec::new();
    let mut scopes: BTreeMap<DocId, Vec<Draft>> = BTreeMap::new();
    for row in candidates(session, what)? {
        let doc = row.doc.parse::<DocId>().map_err(|error| AppError::refused(error.to_string()))?;
        let job = Job::load(session, doc)?;
        let crew = swapped(&job.view().crew(), what);
        let to = Assignment { crew, overridden: what.overridden.clone(), ..Assignment::default() };
        match jobs::plan(session, &job, &to, [("why", Value::from(what.why.as_str()))]) {
            Ok(plan) => {
                writes.push((doc, plan.drafts));
                for (scope, drafts) in plan.scopes {
                    merge(scopes.entry(scope).or_default(), drafts);
                }
                done.warnings.extend(plan.warnings.into_iter().map(|warning| format!("{}: {warning}", row.code)));
                done.moved.push(row);
            }
            Err(AppError::Refused(refusal)) => done.left.push(Left { job: row, why: refusal.what }),
            Err(failed) => return Err(failed),
        }
    }
    if !rehearse && let Some(((first, drafts), rest)) = writes.split_first() {
        let also: Vec<(DocId, Vec<Draft>)> = rest.iter().cloned().chain(scopes).collect();
        session.write_all(*first, drafts, &also)?;
    }
    Ok(done)
}

fn check(session: &Session, what: &Move) -> Result<(), AppError> {
    if what.from == what.to {
        return Err(AppError::refused(format!("{} has them already", what.to)));
    }
    if what.why.trim().is_empty() {
        return Err(AppError::refused("an empty reason says nothing"));
    }
    if !session.technicians()?.contains(&what.to) {
        return Err(AppError::refused(format!("nobody here goes by `{}`", what.to))
            .hint("docket roster show   lists the people; docket invite adds one"));
    }
    Ok(())
}

fn candidates(session: &Session, what: &Move) -> Result<Vec<JobRow>, AppError> {
    let filter = lists::Filter {
        status: what.status.clone(),
        person: Some(what.from.clone()),
        outlet: what.outlet.clone(),
        by_appointment: true,
        ..lists::Filter::default()
    };
    let (mut rows, _) = lists::jobs(session, &filter)?;
    if let Some((day, zone)) = &what.on {
        let on_day =
            |ms: i64| jiff::Timestamp::from_millisecond(ms).is_ok_and(|at| at.to_zoned(zone.clone()).date() == *day);
        rows.retain(|row| row.appointment_ms.is_some_and(on_day));
    }
    Ok(rows)
}

/// The crew with one person in another's place, everybody once.
fn swapped(crew: &[&str], what: &Move) -> Vec<PersonId> {
    let mut people: Vec<PersonId> = Vec::new();
    for person in crew.iter().filter_map(|person| person.parse::<PersonId>().ok()) {
        let person = if person == what.from { what.to.clone() } else { person };
        if !people.contains(&person) {
            people.push(person);
        }
    }
    people
}

/// What several jobs write into one person's scope. The document is made once.
fn merge(into: &mut Vec<Draft>, more: Vec<Draft>) {
    let made = into.iter().any(|draft| draft.kind == "created");
    into.extend(more.into_iter().filter(|draft| !(made && draft.kind == "created")));
}
