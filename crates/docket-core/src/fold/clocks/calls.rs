//! Calls that came in without a job, out of an outlet's document: a response by sundown (D-C3).

use super::super::course::Askers;
use super::super::start::{Start, start};
use super::super::visits::Visits;
use super::super::{corrections, registers};
use super::context::Context;
use super::{Input, scope};
use crate::policy::{Per, Policy};
use crate::record::{Record, Site};
use crate::time::UnixMs;
use crate::view::{ClockState, Register, Registers, Status};

/// The clocks of an outlet's calls. Where it is, is what its own registers say.
pub fn fold_calls<'a>(record: &Record<'a>, policy: &'a Policy, now: UnixMs) -> Vec<ClockState<'a>> {
    let rules = || policy.clock_rules.iter().filter(|rule| rule.per == Per::Call);
    if rules().next().is_none() {
        return Vec::new();
    }
    let Start { items, fixes, mut issues } = start(record, policy);
    corrections::resolve(&items, &fixes, &mut issues);
    let registers = registers::fold(&items, &mut issues);
    let site = here(&registers);
    let groups = Visits::of(&items, policy);
    let askers = Askers::of(&site, &groups);
    let input = Input {
        items: &items,
        registers: &registers,
        groups: &groups,
        ends: &[],
        remote: &[],
        policy,
        site: &site,
        askers: &askers,
        status: Status::New,
        now,
    };
    let cx = Context::of(&input);
    let mut clocks = Vec::new();
    for rule in rules() {
        scope::linked(&cx, rule, &mut clocks);
    }
    clocks.into_iter().map(|clock: ClockState<'a>| clock.at(now)).collect()
}

fn here(registers: &Registers<'_>) -> Site {
    let text = |name: &str| registers.get(name).and_then(Register::value)?.as_str().map(str::to_owned);
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
