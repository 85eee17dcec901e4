//! Who may be sent to a job, who best, and why not the others (D-H3, D-C5, D-E13, D-H23).
//!
//! Two questions, kept apart. *May* somebody go: [`Obstacle`]s, each of which a dispatcher may override with a reason.
//! *Who best*: [`Criterion`]s, each a whole number, the least first, compared one after the other in the policy's order.
//! No weights: a dispatcher can see which criterion decided.

mod need;
mod outlets;
mod place;
mod rank;
mod technicians;

pub use need::{Demand, Need, crew_may_go, least_grade};
pub use outlets::{Outlet, obstacles, outlets};
pub use place::{LATITUDE, LONGITUDE, Place, degrees};
pub use rank::{Ask, Criterion, Obstacle, Proposal, Weighed};
pub use technicians::{Technician, technicians};
