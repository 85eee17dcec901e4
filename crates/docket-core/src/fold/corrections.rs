//! Corrections: a fact that `fixes` another takes its place, or voids it. Chains work from the end: a correction that
//! is itself corrected no longer corrects. Two devices correcting one fact differently is an issue.

use std::collections::BTreeMap;

use docket_format::FactId;
use serde_json::{Value, json};

use super::issues::{Issues, Settled, choice};
use super::order::Item;
use crate::issue::IssueKind;
use crate::kind;
use crate::policy::Policy;
use crate::role::Role;
use crate::view::Effect;

/// For each fact that takes the place of another: that other's position.
pub(super) type Fixes = BTreeMap<u32, u32>;

/// Finds the corrections whose target is here. Those that their author may not make lose their effect: correcting
/// what somebody else recorded needs a role with `fix_other`, and registers are changed by setting them.
pub(super) fn find(items: &[Item<'_>], policy: &Policy) -> Fixes {
    let mut fixes = Fixes::new();
    let correcting = items.iter().filter(|item| is_fixer(item) && item.fact.body.contains_key("fixes"));
    let correcting: Vec<&Item<'_>> = correcting.collect();
    if correcting.is_empty() {
        return fixes;
    }
    let by_id: BTreeMap<FactId, &Item<'_>> = items.iter().map(|item| (item.id(), item)).collect();
    for fixer in correcting {
        let Some(target) = fixer.fact.fact_id("fixes").and_then(|id| by_id.get(&id)) else { continue };
        if kind::sets_registers(target.kind()) || target.pos == fixer.pos {
            fixer.effect.set(Effect::BadPayload);
            continue;
        }
        let role = fixer.who.as_ref().map_or(Role::IMPORT, |who| who.role.as_str());
        if !fixer.same_person(target) && !policy.authority.may_state(role, kind::FIX_OTHER) {
            fixer.effect.set(Effect::Unauthorised);
        }
        fixes.insert(fixer.pos, target.pos);
    }
    fixes
}

fn is_fixer(item: &Item<'_>) -> bool {
    // Also what has no effect yet: once accepted, it corrects like any other.
    matches!(item.effect.get(), Effect::Applied | Effect::Claim | Effect::Unauthorised)
        && matches!(item.kind(), kind::STEP | kind::READING | kind::CORRECTED)
}

/// Takes the effect from every corrected fact.
pub(super) fn resolve(items: &[Item<'_>], fixes: &Fixes, issues: &mut Issues) {
    let mut by_target: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (&fixer, &target) in fixes {
        by_target.entry(target).or_default().push(fixer);
    }
    // From the ends of the chains inwards: a fact is judged once all that correct it have been.
    let mut waiting: BTreeMap<u32, usize> = by_target.iter().map(|(&target, by)| (target, by.len())).collect();
    let mut ready: Vec<u32> = fixes.keys().copied().filter(|fixer| !by_target.contains_key(fixer)).collect();
    while let Some(pos) = ready.pop() {
        if let (Some(target), Some(by)) = (items.get(pos as usize), by_target.get(&pos)) {
            let by: Vec<&Item<'_>> = by.iter().filter_map(|&fixer| items.get(fixer as usize)).collect();
            settle(target, by, issues);
        }
        let Some(&target) = fixes.get(&pos) else { continue };
        if let Some(left) = waiting.get_mut(&target) {
            *left -= 1;
            if *left == 0 {
                ready.push(target);
            }
        }
    }
}

fn settle(target: &Item<'_>, mut by: Vec<&Item<'_>>, issues: &mut Issues) {
    by.retain(|fixer| fixer.applied());
    keep_last_of_each_device(&mut by);
    let [first, rest @ ..] = by.as_slice() else { return };
    if rest.iter().all(|other| outcome(other) == outcome(first)) {
        return target.effect.set(Effect::Corrected);
    }
    let mut involved = vec![target];
    involved.extend(&by);
    let facts = involved.iter().map(|item| item.id()).collect();
    let options = involved.iter().map(|item| choice(item, describe(item))).collect();
    let summary = format!("`{}` was corrected in {} different ways", target.kind(), by.len());
    let settled = issues.raise(IssueKind::CorrectionsDiffer, "", facts, options, summary);
    // To keep the corrected fact itself, or none of the corrections, both mean: it stands.
    if settled == Settled::Open || by.iter().any(|fixer| settled.keeps(fixer)) {
        target.effect.set(Effect::Corrected);
    }
    if settled != Settled::Open {
        by.iter().filter(|fixer| !settled.keeps(fixer)).for_each(|fixer| fixer.effect.set(Effect::DecidedAgainst));
    }
}

/// A device that corrects a fact twice knew of its first correction.
pub(super) fn keep_last_of_each_device(items: &mut Vec<&Item<'_>>) {
    if items.len() < 2 {
        return;
    }
    let mut last = BTreeMap::new();
    for item in items.iter() {
        let latest = last.entry(item.device()).or_insert_with(|| item.device_count());
        *latest = (*latest).max(item.device_count());
    }
    items.retain(|item| {
        let stays = last.get(&item.device()) == Some(&item.device_count());
        if !stays {
            item.effect.set(Effect::Superseded);
        }
        stays
    });
}

/// What a correction makes of a fact: equal ones don't clash.
fn outcome<'i>(item: &'i Item<'_>) -> Option<[Option<&'i Value>; 4]> {
    if item.kind() == kind::CORRECTED {
        return None;
    }
    Some(["step", "appliance", "v", "unit"].map(|key| item.fact.body.get(key)))
}

/// A short description of an answer, for a person who must choose.
pub(super) fn describe(item: &Item<'_>) -> Value {
    match item.kind() {
        kind::CORRECTED => json!("void"),
        kind::READING => {
            let part = |key| item.fact.str(key).unwrap_or_default();
            json!(format!("{} {}", part("v"), part("unit")))
        }
        _ => item.fact.body.get("v").cloned().unwrap_or(Value::Null),
    }
}

/// The place of the first answer in a chain of corrections of one step: a mis-tap corrected later was still made when
/// it was made.
pub(super) fn first_place(items: &[Item<'_>], fixes: &Fixes, item: &Item<'_>) -> u32 {
    let same_step = |a: &Item<'_>, b: &Item<'_>| {
        a.fact.str("step") == b.fact.str("step") && a.fact.int("appliance") == b.fact.int("appliance")
    };
    let mut place = item.pos;
    // Bounded, so that no forged cycle can hold the fold.
    for _ in 0..fixes.len() {
        let target = fixes.get(&place).and_then(|&target| items.get(target as usize));
        match target {
            Some(target) if same_step(target, item) => place = target.pos,
            _ => break,
        }
    }
    place
}
