//! Between visits: on the way, paused, going on.

use docket_core::view::JobView;
use serde_json::Value;

use super::body;
use super::error::AppError;
use super::job::Job;
use super::record;
use super::session::Session;
use super::visit::{Recorded, current_visit, state_warnings};

/// What a person does on a job at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doing {
    /// Nothing that is recorded.
    Nothing,
    /// On the way, since then (milliseconds since 1970).
    Travelling(i64),
    /// At the customer's.
    OnSite(i64),
    /// Waiting, and for what.
    Paused(i64, String),
}

/// Where a person is with a job, as the record says: their own last word, and pauses of anybody.
pub fn doing(session: &Session, view: &JobView<'_>) -> Doing {
    let me = session.person();
    let arrived = me.as_ref().and_then(|me| {
        let open = view.visits.iter().rev().filter(|visit| visit.outcomes.is_empty());
        let mut arrivals = open.flat_map(|visit| visit.arrivals.iter().rev());
        arrivals.find(|arrival| arrival.person.as_ref() == Some(me)).map(|arrival| arrival.at_ms.0)
    });
    if let Some((since, why)) = pause(view) {
        return Doing::Paused(since, why.to_owned());
    }
    if let Some(since) = arrived {
        return Doing::OnSite(since);
    }
    let ended = view.visits.iter().filter_map(docket_core::view::Visit::ended_ms).map(|at| at.0).max();
    let left = view.events.iter().rev().find(|event| event.kind == "departed" && event.person == me);
    match left.and_then(|event| event.at_ms) {
        Some(at) if view.status.is_open() && ended.is_none_or(|ended| ended < at.0) => Doing::Travelling(at.0),
        _ => Doing::Nothing,
    }
}

/// A pause that nobody has ended: since when, and for what.
fn pause<'a>(view: &JobView<'a>) -> Option<(i64, &'a str)> {
    let last = view.events.iter().rev().find(|event| matches!(event.kind, "paused" | "resumed"))?;
    // Whoever ended the visit ended the pause with it.
    let at = last.at_ms.map_or(0, |at| at.0);
    let over = view.visits.iter().any(|visit| visit.outcomes.iter().any(|end| end.at_ms.0 >= at));
    (last.kind == "paused" && !over && view.status.is_open()).then(|| (at, last.str("for").unwrap_or("other")))
}

/// Sets out for a job.
pub fn depart(session: &mut Session, job: &Job, vehicle: Option<&str>, km: Option<u32>) -> Result<Recorded, AppError> {
    let view = job.view();
    if let Doing::OnSite(_) = doing(session, &view) {
        let code = job.doc.short();
        return Err(AppError::refused("you are on site: the visit has not ended")
            .hint(format!("docket complete {code}   or docket pause {code} --for travel")));
    }
    let mut warnings = state_warnings(&view);
    let me = session.person().map(|person| person.as_str().to_owned());
    if let Some(me) = me.filter(|me| !view.crew().contains(&me.as_str())) {
        warnings.push(format!("{me} is not in this job's crew"));
    }
    let vehicle = vehicle.map(|vehicle| ("vehicle", Value::from(vehicle)));
    let km = km.map(|km| ("km", Value::from(km)));
    write(session, job, &view, "departed", vehicle.into_iter().chain(km), warnings)
}

/// Pauses the work on a job.
pub fn pause_for(session: &mut Session, job: &Job, why: &str) -> Result<Recorded, AppError> {
    let view = job.view();
    if let Some((_, standing)) = pause(&view) {
        let already = Recorded { facts: Vec::new(), status: None, warnings: Vec::new(), already: true };
        if standing == why {
            return Ok(already);
        }
        return Err(AppError::refused(format!("this job is paused already, for: {standing}"))
            .hint(format!("docket resume {}   ends that pause first", job.doc.short())));
    }
    write(session, job, &view, "paused", [("for", Value::from(why))], state_warnings(&view))
}

/// Goes on after a pause.
pub fn resume(session: &mut Session, job: &Job) -> Result<Recorded, AppError> {
    let view = job.view();
    if pause(&view).is_none() {
        return Err(AppError::refused("this job is not paused"));
    }
    write(session, job, &view, "resumed", [], state_warnings(&view))
}

fn write(
    session: &mut Session,
    job: &Job,
    view: &JobView<'_>,
    kind: &str,
    entries: impl IntoIterator<Item = (&'static str, Value)>,
    mut warnings: Vec<String>,
) -> Result<Recorded, AppError> {
    let visit = current_visit(session, view).map(|visit| ("visit", Value::from(visit.to_string())));
    let written = record::record(session, job.doc, "job", kind, body(entries.into_iter().chain(visit)))?;
    warnings.extend(written.warnings);
    Ok(Recorded { facts: vec![written.fact], status: None, warnings, already: false })
}
