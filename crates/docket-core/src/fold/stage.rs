//! The stage that a job is in (D-H12): what was done last decides, not what ought to have been done before.

use super::order::Item;
use crate::kind;
use crate::view::{Event, Owner, Stage, Status};

/// `None` for a job that is off.
pub(super) fn of(items: &[Item<'_>], events: &[Event<'_>], owners: &[Owner<'_>], status: Status) -> Option<Stage> {
    let has = |kind: &str| events.iter().any(|event| event.kind == kind);
    Some(match status {
        Status::Cancelled => return None,
        Status::New | Status::Assigned | Status::NoAccess | Status::Refused => {
            let chosen = owners.last().is_some_and(|owner| owner.outlet.is_some());
            if chosen || status != Status::New || has("plan_submitted") { Stage::Plan } else { Stage::Intake }
        }
        Status::OnSite => Stage::Service,
        Status::Done if has("called_back") => Stage::FollowUp,
        Status::Done if visited(items) && !accepted(items, events) => Stage::Acceptance,
        Status::Done => Stage::FollowUp,
        Status::Closed => Stage::Upkeep,
    })
}

fn visited(items: &[Item<'_>]) -> bool {
    items.iter().any(|item| item.is(kind::ARRIVED))
}

/// Somebody who did not do the work said that it is well: the customer by signing, or an acceptor (D-H19).
fn accepted(items: &[Item<'_>], events: &[Event<'_>]) -> bool {
    let signed = |item: &Item<'_>| item.is(kind::SIGNED) && item.fact.str("role") == Some("customer");
    let passed = |event: &Event<'_>| event.kind == "works_accepted" && event.flag("passed") == Some(true);
    items.iter().any(signed) || events.iter().any(|event| event.kind == "confirmed" || passed(event))
}
