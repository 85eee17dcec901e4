//! A person's day: the jobs in order, where each stands, what is next.

use docket_core::checklist::Checklist;
use docket_core::view::StepStatus;
use docket_format::{DocId, PersonId};
use jiff::tz::TimeZone;
use serde::Serialize;

use super::error::AppError;
use super::job::Job;
use super::lists::{self, JobRow, Retained};
use super::session::Session;
use super::travel::{self, Doing};
use super::{dispatch, scope};
use crate::error::StoreError;

/// When a job is due, seen from a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Due {
    /// Today, earlier, or at no agreed time.
    Today,
    /// Tomorrow or after.
    Later,
    /// Finished today.
    Done,
}

/// One job of a day.
#[derive(Debug, Clone, Serialize)]
pub struct DayJob {
    /// As lists show it.
    pub job: JobRow,
    /// When it is due.
    pub due: Due,
    /// `waiting`, `travelling`, `on_site`, `paused`, or how it ended.
    pub state: String,
    /// Since when, milliseconds since 1970; `None` while waiting.
    pub since_ms: Option<i64>,
    /// What a pause waits for.
    pub paused_for: Option<String>,
    /// What is next: `arrive`, a step, `complete`, `resume`; nothing once it ended.
    pub next: Option<String>,
    /// The step that is next, by its id; a job has several appliances.
    pub step: Option<(String, u32)>,
    /// The least grade that it needs (D-H3).
    pub least_grade: String,
    /// Required steps with an answer that passes.
    pub steps_done: usize,
    /// Required steps.
    pub steps: usize,
}

/// The jobs of a person's day in `zone`, those in hand first, then by appointment; what was finished today last.
pub fn day(session: &Session, person: &PersonId, zone: &TimeZone) -> Result<Vec<DayJob>, AppError> {
    let filter = lists::Filter {
        status: ["assigned", "on_site", "no_access"].map(str::to_owned).to_vec(),
        person: Some(person.clone()),
        by_appointment: true,
        retained: Retained::Hide,
        ..lists::Filter::default()
    };
    let (begins, ends) = bounds(session, zone);
    let (open, _) = lists::jobs(session, &filter)?;
    let mut jobs = Vec::new();
    for row in open {
        let later = row.appointment_ms.is_some_and(|at| at >= ends);
        jobs.push(lay_out(session, row, if later { Due::Later } else { Due::Today })?);
    }
    for row in finished(session, person, begins)? {
        jobs.retain(|job: &DayJob| job.job.doc != row.doc || job.state != row.status);
        if !jobs.iter().any(|job| job.job.doc == row.doc) {
            jobs.push(lay_out(session, row, Due::Done)?);
        }
    }
    let rank = |job: &DayJob| match job.state.as_str() {
        "on_site" | "travelling" => 0,
        "paused" => 1,
        _ => 2,
    };
    jobs.sort_by_key(|job| (job.due, rank(job)));
    Ok(jobs)
}

/// The day's first instant and the next day's, milliseconds since 1970.
fn bounds(session: &Session, zone: &TimeZone) -> (i64, i64) {
    let now = session.now_ms().0;
    let start =
        jiff::Timestamp::from_millisecond(now).ok().and_then(|at| at.to_zoned(zone.clone()).start_of_day().ok());
    let next = start.as_ref().and_then(|start| start.tomorrow().ok()).and_then(|day| day.start_of_day().ok());
    let ms = |at: &Option<jiff::Zoned>| at.as_ref().map(|at| at.timestamp().as_millisecond());
    (ms(&start).unwrap_or(now), ms(&next).unwrap_or(i64::MAX))
}

/// Jobs in which the person ended a visit since then.
fn finished(session: &Session, person: &PersonId, since_ms: i64) -> Result<Vec<JobRow>, AppError> {
    let run = || -> rusqlite::Result<Vec<[u8; 16]>> {
        let mut found = session.store().conn().prepare(
            "SELECT DISTINCT j.id FROM p_visit v JOIN p_job j ON j.doc = v.doc
              WHERE v.person = ?1 AND v.ended_ms >= ?2 AND j.status NOT IN ('new', 'assigned', 'on_site')",
        )?;
        found.query_map((person.as_str(), since_ms), |row| row.get(0))?.collect()
    };
    let docs: Vec<DocId> = run().map_err(StoreError::from)?.into_iter().filter_map(DocId::from_bytes).collect();
    let gone = scope::retained(session)?;
    lists::rows(session, docs.into_iter().filter(|doc| !gone.contains(doc)))
}

fn lay_out(session: &Session, row: JobRow, due: Due) -> Result<DayJob, AppError> {
    let doc = row.doc.parse::<DocId>().map_err(|error| AppError::refused(error.to_string()))?;
    let job = Job::load(session, doc)?;
    let view = job.view();
    let checklist = Checklist::of(&view, &job.policy);
    let required = || checklist.steps.iter().filter(|step| step.required);
    let step = checklist.next().map(|step| (step.step.to_owned(), step.appliance, step.title));
    let doing = travel::doing(session, &view);
    let (state, since_ms, paused_for) = match &doing {
        Doing::Nothing if row.status == "assigned" => ("waiting".to_owned(), None, None),
        Doing::Nothing => {
            (row.status.clone(), view.visits.last().and_then(docket_core::view::Visit::ended_ms).map(|at| at.0), None)
        }
        Doing::Travelling(since) => ("travelling".to_owned(), Some(*since), None),
        Doing::OnSite(since) => ("on_site".to_owned(), Some(*since), None),
        Doing::Paused(since, why) => ("paused".to_owned(), Some(*since), Some(why.clone())),
    };
    let next = match &doing {
        _ if !view.status.is_open() => None,
        Doing::Paused(..) => Some("resume".to_owned()),
        Doing::OnSite(_) => Some(step.as_ref().map_or_else(
            || "complete".to_owned(),
            |(step, appliance, title)| match appliance {
                0 => format!("{step} {title}"),
                appliance => format!("{step} {title} (appliance {appliance})"),
            },
        )),
        Doing::Nothing | Doing::Travelling(_) => Some("arrive".to_owned()),
    };
    let on_site = matches!(doing, Doing::OnSite(_));
    Ok(DayJob {
        due,
        state,
        since_ms,
        paused_for,
        next,
        step: step.filter(|_| on_site).map(|(step, appliance, _)| (step, appliance)),
        least_grade: dispatch::need(&job, &view).grade.as_str().to_owned(),
        steps_done: required().filter(|step| step.status == StepStatus::Ok).count(),
        steps: required().count(),
        job: row,
    })
}
