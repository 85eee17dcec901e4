//! Technicians for a job (D-H2, D-H3, D-C5, D-E13, D-E14).

use super::outlets::{self, Outlet};
use super::place::Place;
use super::rank::{self, Ask, Criterion, Obstacle, Proposal, weigh};
use crate::grade::{Grade, Graded};
use crate::policy::Policy;

/// Somebody who might be sent.
#[derive(Debug, Clone)]
pub struct Technician<'a> {
    /// The staff number.
    pub person: &'a str,
    /// The name.
    pub name: Option<&'a str>,
    /// The grade on that day.
    pub graded: Graded,
    /// Products that they know; empty = not recorded.
    pub skills: &'a [String],
    /// Courses of their post that they lack on that day (D-E14).
    pub untrained: Vec<String>,
    /// Where they start; their outlet's place where this is not known.
    pub place: Option<Place>,
    /// Open jobs on that day.
    pub load: u32,
    /// Their outlet, where it is known.
    pub outlet: Option<Outlet<'a>>,
}

/// Ranks technicians for a job; the order of `candidates` makes no difference.
pub fn technicians(ask: &Ask<'_>, candidates: &[Technician<'_>], policy: &Policy) -> Vec<Proposal> {
    let mut proposals: Vec<Proposal> = candidates.iter().map(|technician| propose(ask, technician, policy)).collect();
    rank::sort(&mut proposals);
    proposals
}

fn propose(ask: &Ask<'_>, technician: &Technician<'_>, policy: &Policy) -> Proposal {
    let outlet = technician.outlet.as_ref();
    let place = technician.place.or_else(|| outlet?.place);
    let weighed = vec![
        rank::designated(ask.technician, technician.person),
        grade(ask, &technician.graded),
        skills(ask, technician.skills),
        rank::region(ask, outlet.and_then(|outlet| outlet.region)),
        rank::load(technician.load, "that day"),
        rank::distance(ask, place, policy),
        rank::inspections(outlet.and_then(|outlet| outlet.score)),
    ];
    let obstacles = obstacles(ask, technician, policy);
    let mut proposal = Proposal::new(technician.person, technician.name, obstacles, weighed, policy);
    proposal.grade = Some(technician.graded.grade);
    proposal
}

fn obstacles(ask: &Ask<'_>, technician: &Technician<'_>, policy: &Policy) -> Vec<(Obstacle, String)> {
    let mut found = Vec::new();
    found.extend(below(ask, &technician.graded));
    if !technician.untrained.is_empty() {
        found.push((Obstacle::Untrained, format!("lacks training: {}", technician.untrained.join(", "))));
    }
    if let Some(named) = ask.technician.filter(|named| *named != technician.person) {
        found.push((Obstacle::NotDesignated, format!("the customer's contract names {named}")));
    }
    if let Some(outlet) = &technician.outlet {
        found.extend(outlets::obstacles(ask, outlet, policy));
    }
    found
}

fn below(ask: &Ask<'_>, graded: &Graded) -> Option<(Obstacle, String)> {
    let need = ask.need.grade;
    if graded.grade >= need {
        return None;
    }
    let missing = match graded.next {
        Some(next) if !graded.missing.is_empty() => format!("; for {next}: {}", graded.missing.join(", ")),
        _ => String::new(),
    };
    Some(match graded.grade {
        Grade::Ungraded => {
            (Obstacle::Ungraded, format!("ungraded: may ride along, never alone; {need} needed{missing}"))
        }
        grade => (Obstacle::BelowGrade, format!("grade {grade} is below {need}{missing}")),
    })
}

/// The least sufficient grade first; among those that do not suffice, the highest.
fn grade(ask: &Ask<'_>, graded: &Graded) -> rank::Weighed {
    let above = graded.grade as i64 - ask.need.grade as i64;
    let cost = if above >= 0 { above } else { Grade::ALL.len() as i64 - above };
    weigh(Criterion::Grade, cost, format!("grade {}, {} needed", graded.grade, ask.need.grade))
}

fn skills(ask: &Ask<'_>, skills: &[String]) -> rank::Weighed {
    let (cost, why) = match ask.product {
        None => (0, String::new()),
        Some(product) if skills.iter().any(|skill| skill == product) => (0, format!("knows {product}")),
        Some(_) if skills.is_empty() => (1, "skills not recorded".to_owned()),
        Some(product) => (2, format!("not known for {product}")),
    };
    weigh(Criterion::Skills, cost, why)
}
