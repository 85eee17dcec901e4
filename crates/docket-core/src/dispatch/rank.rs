//! What proposals are made of, and their order.

use crate::grade::Grade;
use crate::policy::Policy;

use super::need::Need;
use super::place::Place;

/// What proposals are ranked by; less is better in each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Criterion {
    /// A contract names the outlet or technician (D-H10).
    Designated,
    /// The least sufficient grade: a harder job may come later (D-H3).
    Grade,
    /// Knows the product.
    Skills,
    /// The job's own region first; others may help (D-E13).
    Region,
    /// A technician's jobs of that day, an outlet's open ones.
    Load,
    /// How far away.
    Distance,
    /// What inspections found at the outlet (D-H23).
    Inspections,
}

impl Criterion {
    /// Every criterion, in the order that holds where the policy names none.
    pub const ALL: [Self; 7] =
        [Self::Designated, Self::Grade, Self::Skills, Self::Region, Self::Load, Self::Distance, Self::Inspections];

    /// The name used in policies, views and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Designated => "designated",
            Self::Grade => "grade",
            Self::Skills => "skills",
            Self::Region => "region",
            Self::Load => "load",
            Self::Distance => "distance",
            Self::Inspections => "inspections",
        }
    }
}

/// Why somebody may not be sent without a reason that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Obstacle {
    /// Below the least grade (D-H3).
    BelowGrade,
    /// Ungraded: may ride along, never alone (D-H2).
    Ungraded,
    /// The outlet is not authorised (D-E6).
    Unauthorised,
    /// An outlet of this level does not take this mode of service (D-H6).
    Mode,
    /// The customer's contract names somebody else (D-H10).
    NotDesignated,
    /// Lacks a course that the post asks for (D-E14).
    Untrained,
}

impl Obstacle {
    /// The name used in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BelowGrade => "below_grade",
            Self::Ungraded => "ungraded",
            Self::Unauthorised => "unauthorised",
            Self::Mode => "mode",
            Self::NotDesignated => "not_designated",
            Self::Untrained => "untrained",
        }
    }

    /// The row of DOMAIN.md that asks for it.
    pub const fn row(self) -> &'static str {
        match self {
            Self::BelowGrade => "D-H3",
            Self::Ungraded => "D-H2",
            Self::Unauthorised => "D-E6",
            Self::Mode => "D-H6",
            Self::NotDesignated => "D-H10",
            Self::Untrained => "D-E14",
        }
    }
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// The least grade.
    pub need: &'a Need,
    /// The product.
    pub product: Option<&'a str>,
    /// The mode of service (D-H5).
    pub mode: Option<&'a str>,
    /// The job's region.
    pub region: Option<&'a str>,
    /// Where the work is.
    pub place: Option<Place>,
    /// The outlet that a contract names (D-H10).
    pub outlet: Option<&'a str>,
    /// The technician whom a contract names, by staff number (D-H10).
    pub technician: Option<&'a str>,
}

/// One criterion's part in a place in the ranking.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Weighed {
    /// Which.
    pub criterion: Criterion,
    /// Less is better. Only compared with others of the same criterion.
    pub cost: i64,
    /// For people.
    pub why: String,
}

/// Somebody, or an outlet, in the ranking.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Proposal {
    /// The staff number, or the outlet's id.
    pub id: String,
    /// The name, if known.
    pub name: Option<String>,
    /// Whether nothing stands in the way.
    pub may: bool,
    /// What stands in the way, and in words.
    pub obstacles: Vec<(Obstacle, String)>,
    /// The criteria, in the order in which they decide.
    pub weighed: Vec<Weighed>,
    /// The grade, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grade: Option<Grade>,
}

impl Proposal {
    /// Makes one out of what was found; puts the criteria in the policy's order.
    pub(super) fn new(
        id: &str,
        name: Option<&str>,
        mut obstacles: Vec<(Obstacle, String)>,
        mut weighed: Vec<Weighed>,
        policy: &Policy,
    ) -> Self {
        obstacles.sort();
        let order = &policy.dispatch.order;
        weighed.sort_by_key(|one| order.iter().position(|criterion| *criterion == one.criterion));
        let may = obstacles.is_empty();
        Self { id: id.to_owned(), name: name.map(str::to_owned), may, obstacles, weighed, grade: None }
    }

    /// One line for people: what stands in the way, else what speaks for and against.
    pub fn why(&self) -> String {
        let obstacles: Vec<&str> = self.obstacles.iter().map(|(_, why)| why.as_str()).collect();
        let reasons = self.weighed.iter().map(|one| one.why.as_str()).filter(|why| !why.is_empty());
        if self.may { reasons.collect::<Vec<_>>().join("; ") } else { obstacles.join("; ") }
    }
}

/// Those who may go first; then by the criteria; then by id, so that the order hangs on nothing else.
pub(super) fn sort(proposals: &mut [Proposal]) {
    proposals.sort_by(|a, b| {
        let place = |one: &Proposal| (!one.may, one.obstacles.len());
        let costs = |one: &Proposal| one.weighed.iter().map(|weighed| weighed.cost).collect::<Vec<_>>();
        place(a).cmp(&place(b)).then_with(|| costs(a).cmp(&costs(b))).then_with(|| a.id.cmp(&b.id))
    });
}

pub(super) fn weigh(criterion: Criterion, cost: i64, why: impl Into<String>) -> Weighed {
    Weighed { criterion, cost, why: why.into() }
}

/// Whom the contract names, before everybody else.
pub(super) fn designated(named: Option<&str>, id: &str) -> Weighed {
    let is_named = named == Some(id);
    let why = if is_named { "named by the customer's contract" } else { "" };
    weigh(Criterion::Designated, i64::from(named.is_some() && !is_named), why)
}

/// Own region, not known, another one.
pub(super) fn region(ask: &Ask<'_>, own: Option<&str>) -> Weighed {
    let (cost, why) = match (ask.region, own) {
        (None, _) => (0, String::new()),
        (Some(wanted), Some(own)) if wanted == own => (0, "own region".to_owned()),
        (Some(_), None) => (1, "region not recorded".to_owned()),
        (Some(_), Some(own)) => (2, format!("from region {own}")),
    };
    weigh(Criterion::Region, cost, why)
}

/// Steps of the policy's width; unknown distances after known ones.
pub(super) fn distance(ask: &Ask<'_>, from: Option<Place>, policy: &Policy) -> Weighed {
    let (cost, why) = match (ask.place, from) {
        (None, _) => (0, String::new()),
        (Some(_), None) => (i64::MAX, "distance not known".to_owned()),
        (Some(to), Some(from)) => {
            let hundred_m = from.hundred_m(to);
            let step = policy.dispatch.step_km.max(1).saturating_mul(10);
            (i64::from(hundred_m / step), format!("{}.{} km", hundred_m / 10, hundred_m % 10))
        }
    };
    weigh(Criterion::Distance, cost, why)
}

/// Jobs that are there already; `which` says which are counted.
pub(super) fn load(jobs: u32, which: &str) -> Weighed {
    let why = match jobs {
        0 => format!("no job {which}"),
        1 => format!("1 job {which}"),
        jobs => format!("{jobs} jobs {which}"),
    };
    weigh(Criterion::Load, i64::from(jobs), why)
}

/// What inspections say: an outlet that nobody inspected stands between good and bad ones.
pub(super) fn inspections(score: Option<u32>) -> Weighed {
    let (cost, why) = match score {
        None => (50, "never inspected".to_owned()),
        Some(score) => (100 - i64::from(score.min(100)), format!("inspections {} of 100", score.min(100))),
    };
    weigh(Criterion::Inspections, cost, why)
}
