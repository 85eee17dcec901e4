//! How a job went as a whole: its resolution (D-C6), whether the customer was asked (D-H16), whether once was enough
//! (D-H4), and how well it was taken in (D-H7, D-E2).

use std::collections::BTreeSet;

use docket_format::PersonId;
use serde_json::Value;

use super::intake;
use super::known::Known;
use super::order::Item;
use super::visits::Visits;
use crate::kind;
use crate::policy::{self, Policy};
use crate::record::Site;
use crate::time::DAY_MS;
use crate::view::{Course, Repeat, Resolved};

/// Who may ask the customer afterwards: the centre, not whoever was on site or belongs to the outlet that served (D-C2).
pub(super) struct Askers<'i> {
    pub(super) site: &'i Site,
    /// Everybody who arrived.
    pub(super) served: BTreeSet<PersonId>,
}

impl<'i> Askers<'i> {
    pub(super) fn of(site: &'i Site, visits: &Visits<'_, '_>) -> Self {
        let arrivals = visits.groups.iter().flat_map(|group| &group.arrivals);
        Self { site, served: arrivals.filter_map(|arrival| arrival.person()).collect() }
    }

    /// Why this person's call-back is not the centre's; `None` = it is. What came out of a file is taken at its word.
    pub(super) fn objection(&self, person: Option<&PersonId>) -> Option<&'static str> {
        let person = person?;
        if self.served.contains(person) {
            Some("was on site")
        } else if self.site.staff.as_ref().is_some_and(|staff| staff.contains(person)) {
            Some("belongs to the outlet that served")
        } else {
            None
        }
    }

    /// The last call-back of the centre that reached the customer about the work that `end` ended: after it in the fold's
    /// order, or naming its visit. An imported job has no `end`: then any call-back counts.
    pub(super) fn called_back<'r, 'a>(&self, items: &'r [Item<'a>], end: Option<&Item<'a>>) -> Option<&'r Item<'a>> {
        let visit = end.and_then(|end| end.fact.fact_id("visit"));
        items.iter().rfind(|item| {
            let named = item.fact.fact_id("visit");
            item.is("called_back")
                && item.fact.body.get("reached") == Some(&Value::Bool(true))
                && end.is_none_or(|end| item.pos > end.pos || (named.is_some() && named == visit))
                && self.objection(item.person().as_ref()).is_none()
        })
    }
}

/// Tells the course. `end` is the fact that ended the job, `called_back` the call-back about it.
pub(super) fn fold<'a>(known: &Known<'_, 'a>, end: Option<&Item<'a>>, called_back: Option<&Item<'a>>) -> Course<'a> {
    let resolution = end.and_then(|end| resolved(end, known.policy));
    let (work_visits, again) = work_visits(known);
    let repeat = again.or_else(|| {
        let unsolved = |item: &Item<'_>| item.fact.body.get("solved") == Some(&Value::Bool(false));
        called_back.filter(|item| unsolved(item)).map(|_| Repeat::Unsolved)
    });
    let asked = resolution.as_ref().is_some_and(|resolution| resolution.first_time_fix);
    let changes = intake::changes(known.items);
    let reclassified = changes.iter().filter(|change| intake::CLASSES.contains(&change.register)).count() as u32;
    let created = known.items.iter().find(|item| item.is(kind::CREATED));
    let found = known.events.iter().rfind(|event| event.kind == "found");
    Course {
        called_back: called_back.map(Item::id),
        recorded_ms: created.and_then(Item::at),
        completeness: intake::completeness(known.registers, known.policy),
        intake_corrections: changes.len() as u32 - reclassified,
        reclassified,
        work_visits,
        first_time_fix: asked.then_some(repeat.is_none()),
        repeat,
        cause: found.and_then(|event| event.str("cause")),
        resolution,
    }
}

/// What the fact that ended a job makes of it. A locked door ends a visit, no job.
fn resolved<'a>(end: &Item<'a>, policy: &'a Policy) -> Option<Resolved<'a>> {
    let id = match end.kind() {
        kind::COMPLETED => end.fact.str("resolution")?,
        kind::REFUSED if end.fact.str("reason") == Some("unsafe") => policy::REFUSED_UNSAFE,
        kind::REFUSED => policy::DECLINED,
        kind::CANCELLED => policy::CANCELLED,
        _ => return None,
    };
    let rule = policy.resolution(id);
    Some(Resolved {
        id,
        call_back: rule.is_some_and(|rule| rule.call_back),
        first_time_fix: rule.is_some_and(|rule| rule.first_time_fix),
        unpenalised: rule.is_some_and(|rule| rule.unpenalised),
        fact: end.id(),
        person: end.person(),
        at_ms: end.at(),
    })
}

/// How many visits somebody worked at, and why there was more than one.
fn work_visits(known: &Known<'_, '_>) -> (u32, Option<Repeat>) {
    let groups = known.visits.groups.iter().zip(&known.outcomes.of_visit);
    let worked =
        groups.filter(|(_, ends)| !ends.iter().any(|end| matches!(end.kind(), kind::REFUSED | kind::NO_ACCESS)));
    // The arrival, and the end if there is one: what is left here was completed.
    let visits: Vec<(&Item<'_>, Option<&Item<'_>>)> =
        worked.filter_map(|(group, ends)| Some((group.first()?, ends.last().copied()))).collect();
    let window_ms = known.policy.clocks.first_time_fix_days.map(|days| days.saturating_mul(DAY_MS));
    let in_window = |end: &Item<'_>, again: &Item<'_>| {
        window_ms.is_none_or(|window| again.wall().0.saturating_sub(end.wall().0) < window)
    };
    let asked_between = |from: u32, to: u32| {
        known.events.iter().any(|event| {
            event.kind == "part"
                && matches!(event.str("state"), Some("requested" | "ordered"))
                && (from..to).contains(&event.pos)
        })
    };
    let repeats = visits.windows(2).filter_map(|pair| match pair {
        [(first, _), (second, _)] if asked_between(first.pos, second.pos) => Some(Repeat::Part),
        [(_, None), _] => Some(Repeat::Unfinished),
        // Later than the policy's window it is another fault.
        [(_, Some(end)), (again, _)] if in_window(end, again) => Some(Repeat::Fault),
        _ => None,
    });
    (visits.len() as u32, repeats.max())
}
