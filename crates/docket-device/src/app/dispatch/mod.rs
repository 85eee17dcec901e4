//! Who may take a job, who best, and why not the others (D-H3, D-C5).

mod gather;

use docket_core::dispatch::{self, Ask, Demand, Need, Obstacle, Outlet, Place, Proposal};
use docket_core::view::JobView;
use docket_format::PersonId;

use super::error::AppError;
use super::job::Job;
use super::session::Session;
use gather::{Day, Staff};

/// The least grade that a job needs.
pub fn need(job: &Job, view: &JobView) -> Need {
    let customer = job.customer_view();
    let group = customer.as_ref().and_then(|customer| customer.str("group"));
    dispatch::least_grade(&Demand::of(view, group), &job.policy)
}

/// Everybody who might take a job, in order.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Considered {
    /// The least grade, and what asks for it.
    pub need: Need,
    /// The day that grades and loads are of.
    pub day: String,
    /// Whom the customer's contract names.
    pub designated_outlet: Option<String>,
    /// As above.
    pub designated_technician: Option<String>,
    /// Technicians, best first; those whom something stands in the way of last.
    pub technicians: Vec<Proposal>,
    /// Outlets, likewise.
    pub outlets: Vec<Proposal>,
}

/// What is asked of a job, apart from who is sent.
struct Question {
    need: Need,
    day: Day,
    product: Option<String>,
    mode: Option<String>,
    region: Option<String>,
    place: Option<Place>,
    outlet: Option<String>,
    technician: Option<String>,
}

impl Question {
    fn of(session: &Session, job: &Job, view: &JobView<'_>) -> Self {
        let day = Day::of(job.doc, view.str("appointment"), session.today());
        let customer = job.customer_view();
        let named = job.site.holding().designated(view.str("product"), view.str("serial"), day.date);
        let text = |register: &str| view.str(register).map(str::to_owned);
        let place = customer.as_ref().and_then(|customer| Place::of(customer.str("lat"), customer.str("lon")));
        Self {
            need: need(job, view),
            product: text("product"),
            mode: view.mode.map(str::to_owned),
            region: text("region").or_else(|| job.site.region.clone()),
            place,
            outlet: named.and_then(|contract| contract.outlet.clone()),
            technician: named.and_then(|contract| contract.technician.clone()),
            day,
        }
    }

    fn ask(&self) -> Ask<'_> {
        Ask {
            need: &self.need,
            product: self.product.as_deref(),
            mode: self.mode.as_deref(),
            region: self.region.as_deref(),
            place: self.place,
            outlet: self.outlet.as_deref(),
            technician: self.technician.as_deref(),
        }
    }
}

/// Ranks every technician and outlet that this store knows. `whole` also says what each technician's next grade needs,
/// which takes everybody's documents.
pub fn consider(session: &Session, job: &Job, whole: bool) -> Result<Considered, AppError> {
    let view = job.view();
    let question = Question::of(session, job, &view);
    let places = gather::outlets(session, Some(job.doc))?;
    let staff = gather::staff(session, &question.day, whole, None)?;
    let outlets: Vec<Outlet<'_>> = places.values().map(|place| place.with_staff(&staff)).collect();
    let ask = question.ask();
    let technicians: Vec<_> = staff.iter().map(|one| one.candidate(&places)).collect();
    Ok(Considered {
        technicians: dispatch::technicians(&ask, &technicians, &job.policy),
        outlets: dispatch::outlets(&ask, &outlets, &job.policy),
        day: question.day.date.to_string(),
        designated_outlet: question.outlet.clone(),
        designated_technician: question.technician.clone(),
        need: question.need,
    })
}

/// What stands in the way of an outlet; `None` where no such outlet is known here.
pub(super) fn obstacles_of_outlet(
    session: &Session,
    job: &Job,
    view: &JobView<'_>,
    outlet: &str,
) -> Result<Option<Vec<(Obstacle, String)>>, AppError> {
    let question = Question::of(session, job, view);
    let places = gather::outlets(session, Some(job.doc))?;
    let Some(place) = places.get(outlet) else { return Ok(None) };
    Ok(Some(dispatch::obstacles(&question.ask(), &place.with_staff(&[]), &job.policy)))
}

/// What stands in the way of a new job's outlet.
pub(super) fn obstacles_at_intake(
    session: &Session,
    outlet: &str,
    mode: Option<&str>,
) -> Result<Option<Vec<(Obstacle, String)>>, AppError> {
    let policy = session.policy()?;
    let need = dispatch::least_grade(&Demand::default(), &policy);
    let ask = Ask { need: &need, product: None, mode, region: None, place: None, outlet: None, technician: None };
    let places = gather::outlets(session, None)?;
    let Some(place) = places.get(outlet) else { return Ok(None) };
    Ok(Some(dispatch::obstacles(&ask, &place.with_staff(&[]), &policy)))
}

/// What stands in the way of a crew, besides its grades: the job's outlet, the contract, training.
pub(super) fn obstacles_of_crew(
    session: &Session,
    job: &Job,
    view: &JobView<'_>,
    crew: &[PersonId],
) -> Result<Vec<(Obstacle, String)>, AppError> {
    let question = Question::of(session, job, view);
    let mut found = Vec::new();
    if let Some(outlet) = view.str("outlet").filter(|outlet| !outlet.is_empty()) {
        found.extend(obstacles_of_outlet(session, job, view, outlet)?.unwrap_or_default());
    }
    if let Some(named) = question.technician.as_deref().filter(|named| crew.iter().all(|one| one.as_str() != *named)) {
        found.push((Obstacle::NotDesignated, format!("the customer's contract names {named}")));
    }
    let staff = gather::staff(session, &question.day, false, Some(crew))?;
    let untrained = staff.iter().filter(|one: &&Staff| !one.untrained.is_empty());
    found.extend(
        untrained
            .map(|one| (Obstacle::Untrained, format!("{} lacks training: {}", one.person, one.untrained.join(", ")))),
    );
    Ok(found)
}
