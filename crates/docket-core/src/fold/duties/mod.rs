//! Duties: what operators promise beside the checklist, each judged in its own file from the facts, the policy and the
//! job's surroundings. A duty that was broken gives a [`Sign`]; audit packs make findings of signs.

mod call_back;
mod complaint;
mod ending;
mod five;
mod goods;
mod hold;
mod intake;
pub(super) mod money;
mod outlet;
mod owner;
pub(super) mod parts;
mod resolution;
mod responsible;
mod seller;
mod whole_set;

use std::cell::OnceCell;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::known::Known;
use super::order::Item;
use crate::clock::{Place, zone};
use crate::time::UnixMs;
use crate::view::register::str_of;
use crate::view::{Event, Owner, Sign, StepState, Visit};

/// What duties look at.
pub(super) struct Duty<'i, 'a> {
    pub(super) known: &'i Known<'i, 'a>,
    /// Who answered for the job, over time.
    pub(super) owners: &'i [Owner<'a>],
    pub(super) visits: &'i [Visit<'a>],
    /// The checklist of the visits that count.
    pub(super) steps: &'i [StepState<'a>],
    /// The service mode, chosen or given by the policy (D-H5).
    pub(super) mode: Option<&'a str>,
    /// What is asked of the customer's coverages.
    pub(super) asked: OnceCell<Option<money::Asked<'a>>>,
}

impl<'i, 'a> Duty<'i, 'a> {
    /// The events of one kind, in the fold's order.
    pub(super) fn of_kind(&self, kind: &'static str) -> impl Iterator<Item = &'i Event<'a>> + use<'i, 'a> {
        self.known.events.iter().filter(move |event| event.kind == kind)
    }

    /// The day of an instant where the job takes place; in UTC where nobody says where that is.
    pub(super) fn day_of(&self, at: UnixMs) -> Option<Date> {
        let zone = self.known.site.zone.as_deref().and_then(zone).unwrap_or(TimeZone::UTC);
        Place::in_zone(zone).day(at)
    }

    /// A text register's value.
    pub(super) fn text(&self, register: &str) -> Option<&'a str> {
        str_of(self.known.registers, register)
    }
}

/// Collects signs.
#[derive(Default)]
pub(super) struct Signs(Vec<Sign>);

impl Signs {
    /// A sign about a fact.
    pub(super) fn about(
        &mut self,
        (sign, row): (&'static str, &'static str),
        key: impl Into<String>,
        detail: impl Into<String>,
        event: &Event<'_>,
    ) {
        self.0.push(Sign {
            sign,
            row,
            key: key.into(),
            detail: detail.into(),
            fact: Some(event.fact),
            person: event.person.clone(),
            at_ms: event.at_ms,
        });
    }

    /// A sign about a fact that is no event: a step, an assignment, an arrival.
    pub(super) fn at_item(
        &mut self,
        (sign, row): (&'static str, &'static str),
        key: impl Into<String>,
        detail: impl Into<String>,
        item: &Item<'_>,
    ) {
        let (key, detail) = (key.into(), detail.into());
        let (fact, at_ms) = (Some(item.id()), item.at());
        self.0.push(Sign { sign, row, key, detail, fact, person: item.person(), at_ms });
    }

    /// A sign about the document as a whole.
    pub(super) fn whole(
        &mut self,
        (sign, row): (&'static str, &'static str),
        key: impl Into<String>,
        detail: impl Into<String>,
    ) {
        let (key, detail) = (key.into(), detail.into());
        self.0.push(Sign { sign, row, key, detail, fact: None, person: None, at_ms: None });
    }
}

/// Judges every duty of a job. Signs come in a fixed order.
pub(super) fn judge(duty: &Duty<'_, '_>) -> Vec<Sign> {
    let mut signs = Signs::default();
    ending::judge(duty, &mut signs);
    five::judge(duty, &mut signs);
    outlet::judge(duty, &mut signs);
    responsible::judge(duty, &mut signs);
    goods::judge(duty, &mut signs);
    hold::judge(duty, &mut signs);
    money::judge(duty, &mut signs);
    parts::judge(duty, &mut signs);
    seller::judge(duty, &mut signs);
    intake::judge(duty, &mut signs);
    resolution::judge(duty, &mut signs);
    call_back::judge(duty, &mut signs);
    complaint::judge(duty, &mut signs);
    owner::judge(duty, &mut signs);
    whole_set::judge(duty, &mut signs);
    signs.0.sort();
    signs.0
}
