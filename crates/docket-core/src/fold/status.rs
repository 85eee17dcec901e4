//! Where a job stands: derived, never stored.

use serde_json::Value;

use super::order::Item;
use super::outcomes::Outcomes;
use super::visits::Visits;
use crate::kind;
use crate::view::{Register, Registers, Status};

pub(super) fn of(
    items: &[Item<'_>],
    registers: &Registers<'_>,
    visits: &Visits<'_, '_>,
    outcomes: &Outcomes<'_, '_>,
) -> Status {
    let last = |test: &dyn Fn(&str) -> bool| {
        items.iter().filter(|item| item.applied() && test(item.kind())).map(|item| item.pos).max()
    };
    let reopened = last(&|kind| kind == kind::REOPENED);
    if last(&|kind| kind == kind::CANCELLED) > reopened {
        return Status::Cancelled;
    }
    if let Some((status, pos)) = worked(visits, outcomes)
        && Some(pos) > reopened
    {
        // A visit that came to nothing is past once the job is planned anew.
        let planned = last(&|kind| matches!(kind, kind::ASSIGNED | kind::SCHEDULED));
        let over = matches!(status, Status::NoAccess | Status::Refused) && planned > Some(pos);
        if !over {
            return status;
        }
    } else if reopened.is_none() {
        let told = |name| registers.get(name).and_then(Register::value).is_some_and(is_told);
        if told("closed_at") {
            return Status::Closed;
        }
        if told("serviced_on") {
            return Status::Done;
        }
    }
    let crew = registers.get("crew").and_then(Register::value).and_then(Value::as_array);
    if crew.is_some_and(|crew| !crew.is_empty()) { Status::Assigned } else { Status::New }
}

fn is_told(value: &Value) -> bool {
    !value.is_null() && value.as_str() != Some("")
}

/// What the visit that counts (the last one, unless late work says otherwise), or the last outcome outside any, says;
/// and its place.
fn worked(visits: &Visits<'_, '_>, outcomes: &Outcomes<'_, '_>) -> Option<(Status, u32)> {
    let groups = visits.groups.iter().zip(&outcomes.of_visit).enumerate();
    let counting = groups.max_by_key(|(index, _)| visits.rank(Some(*index)));
    let visit = counting.and_then(|(index, (group, ends))| match ends.last() {
        Some(end) => Some((of_outcome(end), visits.credited_at(index).map_or(end.pos, |pos| pos.max(end.pos)))),
        None => group.arrivals.last().map(|arrival| (Status::OnSite, arrival.pos)),
    });
    let remote = outcomes.remote.last().map(|end| (of_outcome(end), end.pos));
    visit.into_iter().chain(remote).max_by_key(|(_, pos)| *pos)
}

fn of_outcome(end: &Item<'_>) -> Status {
    match end.kind() {
        kind::REFUSED => Status::Refused,
        kind::NO_ACCESS => Status::NoAccess,
        _ => Status::Done,
    }
}
