//! Hold points of project work (D-H19): the plan is approved before the core step, concealed works are witnessed by
//! somebody other than the doer, and somebody who did none of the work accepts it.

use std::collections::BTreeSet;

use docket_format::PersonId;
use serde_json::Value;

use super::{Duty, Signs};
use crate::fold::order::Item;
use crate::kind;
use crate::view::Event;

pub(super) fn judge(duty: &Duty<'_, '_>, signs: &mut Signs) {
    if !applies(duty) {
        return;
    }
    let rules = &duty.known.policy.hold;
    if rules.plan {
        plan(duty, signs);
    }
    let doers = doers(duty);
    let completed = duty.visits.iter().flat_map(|visit| &visit.outcomes).any(|end| end.kind == kind::COMPLETED);
    if rules.witness {
        let seen: Vec<&Event<'_>> = duty.of_kind("works_witnessed").collect();
        if completed && seen.is_empty() {
            let detail = "completed, and nobody witnessed the concealed works";
            signs.whole(("works_not_witnessed", "D-H19"), "", detail);
        }
        if seen.iter().all(|event| did(&doers, event)) {
            for event in seen {
                signs.about(("witness_is_doer", "D-H19"), "", "witnessed by somebody who did the work", event);
            }
        }
    }
    if rules.acceptance {
        if completed && duty.of_kind("works_accepted").next().is_none() {
            signs.whole(("works_not_accepted", "D-H19"), "", "completed, and nobody accepted the work on site");
        }
        for event in duty.of_kind("works_accepted").filter(|event| did(&doers, event)) {
            signs.about(("acceptor_is_doer", "D-H19"), "", "accepted by somebody who did the work", event);
        }
    }
}

/// Whether this job is project work with hold points.
fn applies(duty: &Duty<'_, '_>) -> bool {
    let rules = &duty.known.policy.hold;
    let named = |set: &BTreeSet<String>, name: Option<&str>| name.is_some_and(|name| set.contains(name));
    let project = named(&rules.groups, duty.known.site.group.as_deref()) || named(&rules.groups, duty.mode);
    project && (rules.kinds.is_empty() || named(&rules.kinds, duty.text("kind")))
}

fn plan(duty: &Duty<'_, '_>, signs: &mut Signs) {
    let submitters: BTreeSet<&PersonId> =
        duty.of_kind("plan_submitted").filter_map(|event| event.person.as_ref()).collect();
    for event in duty.of_kind("plan_approved") {
        if event.person.as_ref().is_some_and(|person| submitters.contains(person)) {
            signs.about(("plan_self_approved", "D-H19"), "", "approved by somebody who submitted it", event);
        }
    }
    let Some(core) = first_core_step(duty) else { return };
    if !duty.of_kind("plan_approved").any(|event| event.pos < core.pos) {
        signs.at_item(("core_before_plan", "D-H19"), "", "the core step was done before the plan was approved", core);
    }
}

fn first_core_step<'i, 'a>(duty: &Duty<'i, 'a>) -> Option<&'i Item<'a>> {
    let template = duty.known.policy.template(duty.text("kind")?, duty.text("template"))?;
    let core = |step: &str| template.steps.iter().any(|known| known.core && known.id == step);
    duty.known.items.iter().find(|item| {
        (item.is(kind::STEP) || item.is(kind::READING))
            && item.fact.str("step").is_some_and(core)
            && item.fact.body.get("v") != Some(&Value::Bool(false))
    })
}

/// Whoever answered a step or came to the place as a technician.
fn doers(duty: &Duty<'_, '_>) -> BTreeSet<PersonId> {
    let work = duty.known.items.iter().filter(|item| {
        item.applied() && matches!(item.kind(), kind::ARRIVED | kind::STEP | kind::READING | kind::COMPLETED)
    });
    work.filter_map(Item::person).collect()
}

fn did(doers: &BTreeSet<PersonId>, event: &Event<'_>) -> bool {
    event.person.as_ref().is_some_and(|person| doers.contains(person))
}
