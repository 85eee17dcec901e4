//! What can go wrong, one thing at a time: each defect changes a good story so that exactly its rules find it.

mod calls;
mod clocks;
mod goods;
mod intake;
mod money;
mod people;
mod visit;

use docket_format::PersonId;
use serde_json::Value;

use super::flaw::Flaw;
use super::job::Setting;
use super::script::Script;

/// A defect.
#[derive(Debug, Clone, Copy)]
pub(super) struct Defect {
    /// The audit rules that must find it: mostly one; some breaches are, in themselves, others too.
    pub(super) rules: &'static [&'static str],
    /// What the job must be like.
    pub(super) job: Wanted,
    pub(super) plant: fn(&mut Script, &Setting<'_>),
}

/// What a defect needs the job to be.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::struct_excessive_bools, reason = "each is something else that a job may need to be")]
pub(super) struct Wanted {
    pub(super) kind: Option<&'static str>,
    pub(super) group: &'static str,
    /// The customer's appliance was bought lately, and so is covered.
    pub(super) covered: bool,
    /// The customer has an owner of their own.
    pub(super) owner: bool,
    /// The customer's contract names another outlet.
    pub(super) contract: bool,
    /// Whoever is sent has a file with this flaw.
    pub(super) flaw: Option<Flaw>,
    /// Another job of the customer's was entered before and is open.
    pub(super) again: bool,
}

/// Any job.
const ANY: Wanted =
    Wanted { kind: None, group: "urban", covered: true, owner: false, contract: false, flaw: None, again: false };
const INSTALLATION: Wanted = Wanted { kind: Some("installation"), ..ANY };
const REPAIR: Wanted = Wanted { kind: Some("repair"), ..ANY };
const WHOLE_SET: Wanted = Wanted { group: "whole_set", ..INSTALLATION };
const ENGINEERING: Wanted = Wanted { group: "engineering", ..INSTALLATION };

const VIP: Wanted = Wanted { group: "vip", ..ANY };

const fn of(rules: &'static [&'static str], job: Wanted, plant: fn(&mut Script, &Setting<'_>)) -> Defect {
    Defect { rules, job, plant }
}

impl Defect {
    /// Every defect.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        let all = [
            visit::DEFECTS,
            people::DEFECTS,
            goods::DEFECTS,
            money::DEFECTS,
            intake::DEFECTS,
            calls::DEFECTS,
            clocks::DEFECTS,
        ];
        all.into_iter().flatten().copied()
    }

    /// Each in turn, so that a company with enough of them has every one.
    pub(super) fn of_turn(turn: usize) -> Option<Self> {
        Self::all().nth(turn % Self::all().count().max(1))
    }
}

/// Changes a field of an act.
fn set(script: &mut Script, label: &str, field: &str, value: Value) {
    if let Some(body) = script.change(label).and_then(|act| act.body.as_object_mut()) {
        body.insert(field.to_owned(), value);
    }
}

/// Changes a register that an act sets; `None` takes it out.
fn register(script: &mut Script, label: &str, name: &str, value: Option<Value>) {
    let regs = script.change(label).and_then(|act| act.body.get_mut("regs")).and_then(Value::as_object_mut);
    match (regs, value) {
        (Some(regs), Some(value)) => drop(regs.insert(name.to_owned(), value)),
        (Some(regs), None) => drop(regs.remove(name)),
        (None, _) => {}
    }
}

fn time(script: &Script, label: &str) -> i64 {
    script.get(label).map_or(0, |act| act.at_ms)
}

/// Somebody else does all that the technician did.
fn by_another(script: &mut Script, at: &Setting<'_>, who: usize) {
    for act in script.acts.iter_mut().filter(|act| act.who == at.technician) {
        act.who = who;
    }
}

fn staff(at: &Setting<'_>, who: usize) -> String {
    let id = at.cast.people.get(who).map(|person| person.id.clone()).unwrap_or_default();
    debug_assert!(id.parse::<PersonId>().is_ok());
    id
}
