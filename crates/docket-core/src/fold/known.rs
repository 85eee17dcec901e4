//! What is known about a document once its visits and outcomes are: what clocks, duties and the course look at.

use super::course::Askers;
use super::order::Item;
use super::outcomes::Outcomes;
use super::visits::Visits;
use crate::policy::Policy;
use crate::record::Site;
use crate::view::{Event, Registers, Status};

pub(super) struct Known<'i, 'a> {
    /// Every fact, also those without effect.
    pub(super) items: &'i [Item<'a>],
    /// Catalogued facts with effect.
    pub(super) events: &'i [Event<'a>],
    pub(super) registers: &'i Registers<'a>,
    pub(super) visits: &'i Visits<'i, 'a>,
    pub(super) outcomes: &'i Outcomes<'i, 'a>,
    pub(super) policy: &'a Policy,
    pub(super) site: &'i Site,
    pub(super) askers: &'i Askers<'i>,
    pub(super) status: Status,
}
