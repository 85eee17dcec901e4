//! Outlets for a job (D-C5, D-H6, D-H23, D-E6).

use super::place::Place;
use super::rank::{self, Ask, Criterion, Obstacle, Proposal, weigh};
use crate::grade::Grade;
use crate::policy::Policy;

/// An outlet that a job might go to.
#[derive(Debug, Clone, Copy, Default)]
pub struct Outlet<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its name.
    pub name: Option<&'a str>,
    /// Its level (D-H6).
    pub level: Option<&'a str>,
    /// Its standing: `authorised`, `dropped` …; `None` = none recorded (D-E6).
    pub standing: Option<&'a str>,
    /// Its region.
    pub region: Option<&'a str>,
    /// Where it is.
    pub place: Option<Place>,
    /// What inspections found, 0 to 100; `None` = never inspected (D-H23).
    pub score: Option<u32>,
    /// Its open jobs.
    pub load: u32,
    /// The best grade among its technicians; `None` = no technician of it is known.
    pub best: Option<Grade>,
}

/// Ranks outlets for a job; the order of `candidates` makes no difference.
pub fn outlets(ask: &Ask<'_>, candidates: &[Outlet<'_>], policy: &Policy) -> Vec<Proposal> {
    let mut proposals: Vec<Proposal> = candidates.iter().map(|outlet| propose(ask, outlet, policy)).collect();
    rank::sort(&mut proposals);
    proposals
}

fn propose(ask: &Ask<'_>, outlet: &Outlet<'_>, policy: &Policy) -> Proposal {
    let found = obstacles(ask, outlet, policy);
    let weighed = vec![
        rank::designated(ask.outlet, outlet.id),
        staff(ask, outlet),
        rank::region(ask, outlet.region),
        rank::load(outlet.load, "open"),
        rank::distance(ask, outlet.place, policy),
        rank::inspections(outlet.score),
    ];
    Proposal::new(outlet.id, outlet.name, found, weighed, policy)
}

/// What stands in the way of an outlet.
pub fn obstacles(ask: &Ask<'_>, outlet: &Outlet<'_>, policy: &Policy) -> Vec<(Obstacle, String)> {
    let mut found = of_itself(ask, outlet, policy);
    if let Some(named) = ask.outlet.filter(|named| *named != outlet.id) {
        found.push((Obstacle::NotDesignated, format!("the customer's contract names outlet {named}")));
    }
    found
}

/// Standing and level, whatever a contract says.
fn of_itself(ask: &Ask<'_>, outlet: &Outlet<'_>, policy: &Policy) -> Vec<(Obstacle, String)> {
    let mut found = Vec::new();
    if outlet.standing != Some("authorised") {
        let standing = outlet.standing.map_or("no standing recorded".to_owned(), |state| format!("only {state}"));
        let standing = if outlet.standing == Some("dropped") { "dropped".to_owned() } else { standing };
        found.push((Obstacle::Unauthorised, format!("outlet {} is not authorised: {standing}", outlet.id)));
    }
    if let Some((level, mode)) = outlet.level.zip(ask.mode)
        && policy.outlets.may_take(level, mode) == Some(false)
    {
        found.push((Obstacle::Mode, format!("outlet {} of level {level} does not take {mode}", outlet.id)));
    }
    found
}

/// Whether somebody there has the least grade.
fn staff(ask: &Ask<'_>, outlet: &Outlet<'_>) -> rank::Weighed {
    let (cost, why) = match outlet.best {
        Some(best) if best >= ask.need.grade => (0, format!("has grade {best}")),
        None => (1, "its technicians are not known".to_owned()),
        Some(best) => (2, format!("its best grade is {best}")),
    };
    weigh(Criterion::Grade, cost, why)
}
