//! Who may take a job, and why not the others (D-H3).

use docket_core::dispatch::{self, Candidate, Demand, Need, Verdict};
use docket_core::view::JobView;

use super::error::AppError;
use super::grades;
use super::job::Job;
use super::session::Session;

/// The least grade that a job needs.
pub fn need(job: &Job, view: &JobView) -> Need {
    let customer = job.customer_view();
    let group = customer.as_ref().and_then(|customer| customer.str("group"));
    dispatch::least_grade(&Demand::of(view, group), &job.policy)
}

/// The least grade, and a verdict on every technician that this store knows.
pub fn explain(session: &Session, job: &Job) -> Result<(Need, Vec<Verdict>), AppError> {
    let need = need(job, &job.view());
    let people = grades::all(session)?;
    let candidates: Vec<Candidate> = people
        .iter()
        .map(|known| Candidate { person: known.person.clone(), credentials: &known.credentials })
        .collect();
    Ok((need.clone(), dispatch::explain(&need, &candidates, session.today(), &job.policy)))
}
