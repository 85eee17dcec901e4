//! How visits ended: each device's last word. Different words about one visit are an issue, and so is work on a job
//! that is cancelled.

use super::corrections::keep_last_of_each_device;
use super::issues::{Issues, choice};
use super::order::Item;
use super::visits::{Visits, is_outcome};
use crate::issue::IssueKind;
use crate::kind;
use crate::view::{Effect, Outcome};

/// The outcomes with effect: one list for each visit, then those outside any.
pub(super) struct Outcomes<'i, 'a> {
    pub(super) of_visit: Vec<Vec<&'i Item<'a>>>,
    pub(super) remote: Vec<&'i Item<'a>>,
}

impl<'i, 'a> Outcomes<'i, 'a> {
    pub(super) fn of(items: &'i [Item<'a>], visits: &Visits<'i, 'a>, issues: &mut Issues) -> Self {
        let mut of_visit: Vec<Vec<&'i Item<'a>>> = visits.groups.iter().map(|_| Vec::new()).collect();
        let mut remote = Vec::new();
        let reopened = items.iter().filter(|item| item.is(kind::REOPENED)).map(|item| item.pos).max();
        for item in items.iter().filter(|item| item.applied() && is_outcome(item.kind())) {
            match visits.of_fact(item).and_then(|visit| of_visit.get_mut(visit)) {
                Some(visit) => visit.push(item),
                // A job solved remotely, reopened and solved again has one outcome: the last.
                None if reopened.is_none_or(|pos| item.pos > pos) => remote.push(item),
                None => {}
            }
        }
        for ends in of_visit.iter_mut().chain([&mut remote]) {
            settle(ends, issues);
        }
        Self { of_visit, remote }
    }
}

fn settle(ends: &mut Vec<&Item<'_>>, issues: &mut Issues) {
    keep_last_of_each_device(ends);
    let word =
        |item: &Item<'_>| format!("{}{}", item.kind(), detail(item).map(|d| format!(": {d}")).unwrap_or_default());
    let Some(first) = ends.first() else { return };
    if ends.iter().all(|end| end.kind() == first.kind() && detail(end) == detail(first)) {
        return;
    }
    let words: Vec<String> = ends.iter().map(|end| word(end)).collect();
    let facts = ends.iter().map(|end| end.id()).collect();
    let options = ends.iter().map(|end| choice(end, word(end).into())).collect();
    let summary = format!("one visit ended in different ways: {}", words.join(" ≠ "));
    let settled = issues.raise(IssueKind::OutcomesDiffer, "", facts, options, summary);
    if ends.iter().any(|end| settled.keeps(end)) {
        ends.retain(|end| {
            let stays = settled.keeps(end);
            if !stays {
                end.effect.set(Effect::DecidedAgainst);
            }
            stays
        });
    }
}

/// The resolution of `completed`, the reason of `refused`.
fn detail<'a>(item: &Item<'a>) -> Option<&'a str> {
    match item.kind() {
        kind::COMPLETED => item.fact.str("resolution"),
        kind::REFUSED => item.fact.str("reason"),
        _ => None,
    }
}

pub(super) fn view<'a>(item: &Item<'a>) -> Outcome<'a> {
    Outcome { fact: item.id(), kind: item.kind(), detail: detail(item), person: item.person(), at_ms: item.wall() }
}

/// Raises an issue where somebody worked on a job that is cancelled; keeping the work undoes the cancelling.
pub(super) fn report_cancelled(items: &[Item<'_>], issues: &mut Issues) {
    let Some(cancelled) = items.iter().rfind(|item| item.is(kind::CANCELLED)) else { return };
    if items.iter().any(|item| item.is(kind::REOPENED) && item.pos > cancelled.pos) {
        return;
    }
    let work = items.iter().filter(|item| item.applied()).find(|item| {
        let later = item.pos > cancelled.pos && is_work(item.kind());
        later || item.kind() == kind::COMPLETED
    });
    let Some(work) = work else { return };
    let why = cancelled.fact.str("why").unwrap_or("no reason given");
    let summary = format!("cancelled ({why}), yet there is `{}`", work.kind());
    let options = vec![choice(cancelled, "it stays cancelled".into()), choice(work, "the work counts".into())];
    let facts = vec![cancelled.id(), work.id()];
    if issues.raise(IssueKind::CancelledWork, "", facts, options, summary).keeps(work) {
        cancelled.effect.set(Effect::DecidedAgainst);
    }
}

fn is_work(kind: &str) -> bool {
    is_outcome(kind) || matches!(kind, kind::ARRIVED | kind::STEP | kind::READING | kind::PHOTO | kind::SIGNED)
}
