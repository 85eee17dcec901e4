//! Where a job stands: derived, never stored.

use super::order::Item;
use super::outcomes::Outcomes;
use super::registers::is_blank;
use super::visits::Visits;
use crate::kind;
use crate::policy::Policy;
use crate::view::register::crew_of;
use crate::view::{Register, Registers, Status};

/// A job's status, and the fact that ended the job, if one did.
pub(super) fn of<'i, 'a>(
    items: &'i [Item<'a>],
    registers: &Registers<'_>,
    visits: &Visits<'i, 'a>,
    outcomes: &Outcomes<'i, 'a>,
) -> (Status, Option<&'i Item<'a>>) {
    let last = |test: &dyn Fn(&str) -> bool| {
        items.iter().filter(|item| item.applied() && test(item.kind())).map(|item| item.pos).max()
    };
    let reopened = last(&|kind| kind == kind::REOPENED);
    if last(&|kind| kind == kind::CANCELLED) > reopened {
        return (Status::Cancelled, items.iter().rfind(|item| item.is(kind::CANCELLED)));
    }
    if let Some((status, pos, end)) = worked(visits, outcomes)
        && Some(pos) > reopened
    {
        // A visit that came to nothing is past once the job is planned anew.
        let planned = last(&|kind| matches!(kind, kind::ASSIGNED | kind::SCHEDULED));
        let over = matches!(status, Status::NoAccess | Status::Refused) && planned > Some(pos);
        if !over {
            return (status, end);
        }
    } else if reopened.is_none() {
        let told = |name| registers.get(name).and_then(Register::value).is_some_and(|told| !is_blank(told));
        if told("closed_at") {
            return (Status::Closed, None);
        }
        if told("serviced_on") {
            return (Status::Done, None);
        }
    }
    let sent = crew_of(registers).next().is_some();
    (if sent { Status::Assigned } else { Status::New }, None)
}

/// Where the policy says so, a call-back closes what is done (D-H16).
pub(super) fn closed(status: Status, policy: &Policy, called_back: bool) -> Status {
    if status == Status::Done && policy.closing.call_back && called_back { Status::Closed } else { status }
}

/// What the visit that counts (the last one, unless late work says otherwise), or the last outcome outside any, says;
/// and its place.
fn worked<'i, 'a>(visits: &Visits<'i, 'a>, outcomes: &Outcomes<'i, 'a>) -> Option<(Status, u32, Option<&'i Item<'a>>)> {
    let groups = visits.groups.iter().zip(&outcomes.of_visit).enumerate();
    let counting = groups.max_by_key(|(index, _)| visits.rank(Some(*index)));
    let visit = counting.and_then(|(index, (group, ends))| match ends.last() {
        Some(&end) => {
            let pos = visits.credited_at(index).map_or(end.pos, |pos| pos.max(end.pos));
            Some((of_outcome(end), pos, Some(end)))
        }
        None => group.arrivals.last().map(|arrival| (Status::OnSite, arrival.pos, None)),
    });
    let remote = outcomes.remote.last().map(|&end| (of_outcome(end), end.pos, Some(end)));
    visit.into_iter().chain(remote).max_by_key(|(_, pos, _)| *pos)
}

fn of_outcome(end: &Item<'_>) -> Status {
    match end.kind() {
        kind::REFUSED => Status::Refused,
        kind::NO_ACCESS => Status::NoAccess,
        _ => Status::Done,
    }
}
