//! What all clocks of a document share.

use std::cell::OnceCell;

use docket_format::FactId;
use serde_json::Value;

use super::super::known::Known;
use super::super::order::Item;
use super::super::visits::{Group, is_outcome};
use super::pauses::Waiting;
use super::trigger::{self, Mark, elapsed};
use crate::clock::{Hours, Place, zone};
use crate::policy::{Calendar, ClockRule, Resolution, Trigger};
use crate::time::UnixMs;
use crate::view::Status;
use crate::{dispatch, kind};

/// What all clocks of a document share.
pub(super) struct Context<'n, 'i, 'a> {
    pub(super) known: &'n Known<'i, 'a>,
    place: OnceCell<Result<Place, super::Why>>,
    waiting: OnceCell<Waiting<'i, 'a>>,
}

/// Whether a rule is for this job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Applies {
    Yes,
    No,
    /// A register that decides it is in conflict.
    Unknown,
}

impl<'n, 'i, 'a> Context<'n, 'i, 'a> {
    pub(super) fn of(known: &'n Known<'i, 'a>) -> Self {
        Self { known, place: OnceCell::new(), waiting: OnceCell::new() }
    }

    /// Whether a rule is for this job; a register that the job lacks is looked for in the starting fact.
    pub(super) fn applies(&self, rule: &ClockRule, start: Option<&Mark<'i, 'a>>) -> Applies {
        let kind = self.one_of("kind", &rule.kinds, start);
        rule.when.iter().fold(kind, |so_far, (key, values)| match (so_far, self.one_of(key, values, start)) {
            (Applies::No, _) | (_, Applies::No) => Applies::No,
            (Applies::Unknown, _) | (_, Applies::Unknown) => Applies::Unknown,
            _ => Applies::Yes,
        })
    }

    fn one_of(&self, key: &str, wanted: &[String], start: Option<&Mark<'i, 'a>>) -> Applies {
        if wanted.is_empty() {
            return Applies::Yes;
        }
        let said = self.ask(key, start);
        let hits = said.iter().filter(|value| wanted.iter().any(|wanted| wanted == *value)).count();
        match hits {
            0 => Applies::No,
            hits if hits == said.len() => Applies::Yes,
            _ => Applies::Unknown,
        }
    }

    /// What a register says, or the starting fact where the job lacks it; several values if it is in conflict.
    pub(super) fn ask(&self, key: &str, start: Option<&Mark<'i, 'a>>) -> Vec<&str> {
        let site = self.known.site;
        let of_start = |field: &str| start.and_then(|start| start.item).and_then(|item| item.fact.str(field));
        let place = match key {
            "market" => Some(of_start("tier").or(site.market.as_deref())),
            "group" => Some(site.group.as_deref()),
            "level" => Some(site.level.as_deref()),
            _ => None,
        };
        if let Some(said) = place {
            return said.into_iter().collect();
        }
        match self.known.registers.get(key) {
            Some(register) => {
                let mut values: Vec<&str> = register.live.iter().filter_map(|set| set.value.as_str()).collect();
                values.dedup();
                values
            }
            None => of_start(key).into_iter().collect(),
        }
    }

    /// Whether a fact with effect is one of these.
    pub(super) fn is_any(&self, triggers: &[Trigger], item: &Item<'_>) -> bool {
        trigger::any(triggers, item, self.known.askers)
    }

    /// What the policy says about the way in which a completed visit ended, if it says anything (D-C6).
    pub(super) fn resolution(&self, end: &Item<'_>) -> Option<&'a Resolution> {
        end.fact.str("resolution").and_then(|id| self.known.policy.resolution(id))
    }

    /// When the demand came in; `Err` when that is in conflict, `None` when nobody knows.
    pub(super) fn received(&self) -> Result<Option<Mark<'i, 'a>>, super::Why> {
        let Some(register) = self.known.registers.get("received_at") else {
            let first = self.known.items.iter().find(|item| item.is(kind::CREATED));
            return Ok(first.and_then(Mark::of).map(|mark| Mark { item: None, ..mark }));
        };
        if register.conflict {
            return Err("when the demand came in is in conflict");
        }
        let at = register.value().and_then(Value::as_str).and_then(UnixMs::parse);
        Ok(at.map(Mark::stated))
    }

    /// Where the deadline is computed.
    pub(super) fn place(&self, rule: &ClockRule) -> Result<Place, super::Why> {
        let mut place = self.place.get_or_init(|| self.find_place()).clone()?;
        place.hours = match &rule.calendar {
            Calendar::Always => Hours::ALWAYS,
            Calendar::Hours(hours) => hours.clone(),
            Calendar::Outlet => match self.known.site.hours.as_deref() {
                None => Hours::ALWAYS,
                Some(text) => Hours::parse(text).ok_or("the outlet's opening hours can't be read")?,
            },
        };
        Ok(place)
    }

    fn find_place(&self) -> Result<Place, super::Why> {
        let (site, policy) = (self.known.site, self.known.policy);
        // A job's outlet, or what the outlet's own document says about itself.
        let in_conflict = |name: &&str| self.known.registers.get(*name).is_some_and(|register| register.conflict);
        if ["outlet", "zone", "lat", "lon"].iter().any(in_conflict) {
            return Err("where the outlet is is in conflict");
        }
        let zone = match site.zone.as_deref().or(policy.zone.as_deref()) {
            None => jiff::tz::TimeZone::UTC,
            Some(name) => zone(name).ok_or("the outlet's time zone is not known")?,
        };
        let point = dispatch::Place::of(site.lat.as_deref(), site.lon.as_deref());
        Ok(Place { coordinates: point.map(dispatch::Place::coordinates), ..Place::in_zone(zone) })
    }

    /// Whether two instants are of one day where the outlet is; in UTC where nobody says where that is.
    pub(super) fn is_same_day(&self, a: UnixMs, b: UnixMs) -> bool {
        let place = self.place.get_or_init(|| self.find_place());
        let day = |at: UnixMs| match place {
            Ok(place) => place.day(at),
            Err(_) => at.utc_date(),
        };
        day(a).is_some_and(|one| day(b) == Some(one))
    }

    /// When the job waited, for what.
    pub(super) fn waiting(&self) -> &Waiting<'i, 'a> {
        self.waiting.get_or_init(|| Waiting::of(self.known.items))
    }

    /// When the job was called off, if it is.
    pub(super) fn cancelled(&self) -> Option<UnixMs> {
        if self.known.status != Status::Cancelled {
            return None;
        }
        self.known.items.iter().rfind(|item| item.is(kind::CANCELLED)).and_then(Mark::of).map(|mark| mark.at)
    }

    /// When the job was over, if it is: completed, refused or cancelled for good.
    pub(super) fn over(&self) -> Option<UnixMs> {
        let is_over = matches!(self.known.status, Status::Done | Status::Closed | Status::Refused | Status::Cancelled);
        let ends = |item: &&Item<'_>| {
            item.applied() && (matches!(item.kind(), kind::COMPLETED | kind::REFUSED | kind::CANCELLED))
        };
        let last = self.known.items.iter().rfind(ends).filter(|_| is_over)?;
        Mark::of(last).map(|mark| mark.at)
    }

    /// Whether the job is over and only a file says so: of such a job nobody recorded what stopped its clocks.
    pub(super) fn is_told_over(&self) -> bool {
        matches!(self.known.status, Status::Done | Status::Closed)
            && self.known.visits.groups.is_empty()
            && self.known.outcomes.remote.is_empty()
    }

    /// The first arrival of a visit.
    pub(super) fn arrival(&self, index: usize) -> Option<&'i Item<'a>> {
        self.known.visits.groups.get(index).and_then(Group::first)
    }

    /// How a visit ended: of several words the latest.
    pub(super) fn end(&self, index: usize) -> Option<&'i Item<'a>> {
        let ends = self.known.outcomes.of_visit.get(index)?;
        ends.iter().max_by_key(|end| (end.wall(), end.pos)).copied()
    }

    /// Milliseconds from a visit's first arrival to its end.
    pub(super) fn spent_ms(&self, index: usize) -> Option<i64> {
        let (first, end) = (Mark::of(self.arrival(index)?)?, Mark::of(self.end(index)?)?);
        Some(elapsed(&first, &end).at.0.saturating_sub(first.at.0))
    }

    /// The visit that a fact names, if it names one.
    pub(super) fn named_visit(&self, item: &Item<'_>) -> Option<usize> {
        let visit: FactId = item.fact.fact_id("visit")?;
        self.known.visits.of_arrival(visit)
    }
}

/// Whether a fact says how a visit ended, and well.
pub(super) fn is_completed(item: &Item<'_>) -> bool {
    is_outcome(item.kind()) && item.kind() == kind::COMPLETED
}
