//! Exactly one responsible outlet and handler at any time, and no job is pushed around (D-E13).

use super::{Duty, Signs};
use crate::view::Status;

pub(super) fn judge(duty: &Duty<'_, '_>, signs: &mut Signs) {
    if !matches!(duty.known.status, Status::Closed | Status::Cancelled) {
        unowned(duty, signs);
        unhandled(duty, signs);
    }
    for register in ["outlet", "handler"] {
        if duty.known.registers.get(register).is_some_and(|register| register.conflict) {
            signs.whole(("two_owners", "D-E13"), register, format!("two values of {register} at one time"));
        }
    }
    let most = duty.known.policy.outlets.hand_overs;
    let count = duty.owners.iter().filter(|owner| owner.handed_over).count();
    if count > most as usize {
        let over: Vec<&str> = duty.owners.iter().filter_map(|owner| owner.outlet).collect();
        let detail = format!("handed over {count} times, {most} at most: {}", over.join(" → "));
        signs.whole(("bounced", "D-E13"), "", detail);
    }
}

/// Nobody is responsible any more; or somebody was sent, and no outlet ever was.
fn unowned(duty: &Duty<'_, '_>, signs: &mut Signs) {
    let last = duty.owners.last();
    if last.is_some_and(|owner| owner.outlet.is_some()) {
        return;
    }
    if last.is_some_and(|owner| owner.handed_over) {
        signs.whole(("unowned", "D-E13"), "", "handed over to nobody");
    } else if duty.known.policy.outlets.required && duty.known.status != Status::New {
        signs.whole(("unowned", "D-E13"), "", "worked on without a responsible outlet");
    }
}

/// No person handles it, at whatever outlet. What a file brought and nobody here has touched is its source's to handle.
fn unhandled(duty: &Duty<'_, '_>, signs: &mut Signs) {
    let ours = || duty.known.items.iter().any(|item| item.applied() && item.author().is_some());
    if !duty.known.policy.outlets.handler || duty.owners.last().is_some_and(|owner| owner.handler.is_some()) || !ours()
    {
        return;
    }
    let before = duty.owners.iter().rev().find_map(|owner| owner.handler);
    let detail = before.map_or_else(|| "nobody handles it".to_owned(), |who| format!("nobody handles it after {who}"));
    signs.whole(("unowned", "D-E13"), "handler", detail);
}
