//! Calls that came in without a job, out of an outlet's document: a response by sundown (D-C3).

use super::super::course::Askers;
use super::super::known::Known;
use super::super::outcomes::Outcomes;
use super::super::start::{Plain, plain};
use super::super::visits::Visits;
use super::context::Context;
use super::scope;
use crate::policy::{Per, Policy};
use crate::record::{Record, Site};
use crate::time::UnixMs;
use crate::view::register::str_of;
use crate::view::{ClockState, Registers, Status};

/// The clocks of an outlet's calls. Where it is, is what its own registers say.
pub fn fold_calls<'a>(record: &Record<'a>, policy: &'a Policy, now: UnixMs) -> Vec<ClockState<'a>> {
    let rules = || policy.clock_rules.iter().filter(|rule| rule.per == Per::Call);
    if rules().next().is_none() {
        return Vec::new();
    }
    let Plain { items, registers, .. } = plain(record, policy);
    let site = here(&registers);
    let visits = Visits::of(&items, policy);
    let askers = Askers::of(&site, &visits);
    let outcomes = Outcomes { of_visit: Vec::new(), remote: Vec::new() };
    let known = Known {
        items: &items,
        events: &[],
        registers: &registers,
        visits: &visits,
        outcomes: &outcomes,
        policy,
        site: &site,
        askers: &askers,
        status: Status::New,
    };
    let cx = Context::of(&known);
    let mut clocks = Vec::new();
    for rule in rules() {
        scope::linked(&cx, rule, &mut clocks);
    }
    clocks.into_iter().map(|clock: ClockState<'a>| clock.at(now)).collect()
}

fn here(registers: &Registers<'_>) -> Site {
    let text = |name: &str| str_of(registers, name).map(str::to_owned);
    Site {
        zone: text("zone"),
        lat: text("lat"),
        lon: text("lon"),
        level: text("level"),
        market: text("market"),
        region: text("region"),
        hours: text("hours"),
        ..Site::NOWHERE
    }
}
