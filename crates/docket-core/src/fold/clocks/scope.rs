//! What there is one clock for: the job, each visit, each part, each complaint, each call.

use std::collections::{BTreeMap, VecDeque};

use docket_format::FactId;

use super::super::order::Item;
use super::context::{Applies, Context, is_completed};
use super::deadline::{Measure, judge, limit_min};
use super::trigger::Mark;
use super::{IN_CONFLICT, clock, undecidable};
use crate::clock::{Settled, Times};
use crate::fold::appliances;
use crate::kind;
use crate::policy::{ClockRule, Per, Trigger};
use crate::view::{ClockState, Visit};

/// The clock of the job; of a rule that says `again`, one for each start after a stop.
pub(super) fn job<'a>(cx: &Context<'_, '_, 'a>, rule: &'a ClockRule, clocks: &mut Vec<ClockState<'a>>) {
    if rule.start.contains(&Trigger::Received) {
        return received(cx, rule, clocks);
    }
    let mut after = 0;
    while let Some(start) = from(cx, after).find(|item| cx.is_any(&rule.start, item)).and_then(Mark::of) {
        let stop = stops(cx, rule, &start).next().and_then(|mark| mark.item).map(|item| item.pos);
        match cx.applies(rule, Some(&start)) {
            Applies::No => {}
            Applies::Unknown => clocks.push(undecidable(rule, None, Some(&start), IN_CONFLICT)),
            Applies::Yes => clocks.extend(measured(cx, rule, &start, stop)),
        }
        match stop.filter(|_| rule.again) {
            Some(stop) => after = stop as usize + 1,
            None => return,
        }
    }
}

/// A job's clock; of one that starts again, only up to its first stop.
fn measured<'i, 'a>(
    cx: &Context<'_, 'i, 'a>,
    rule: &'a ClockRule,
    start: &Mark<'i, 'a>,
    stop: Option<u32>,
) -> Option<ClockState<'a>> {
    let about = start.item.filter(|_| rule.again);
    let last = stop.filter(|_| rule.again);
    let within = |mark: &Mark<'i, 'a>| last.is_none_or(|last| mark.item.is_none_or(|item| item.pos <= last));
    let measure =
        Measure { rule, start, about, appliances: appliances(cx.known.registers), before: None, cancels: true };
    judge(cx, &measure, stops(cx, rule, start).take_while(within))
}

fn received<'a>(cx: &Context<'_, '_, 'a>, rule: &'a ClockRule, clocks: &mut Vec<ClockState<'a>>) {
    let applies = cx.applies(rule, None);
    if applies == Applies::No || cx.is_told_over() {
        return;
    }
    let start = match (cx.received(), applies) {
        (Ok(None), _) => return,
        (Ok(Some(start)), Applies::Yes) => start,
        (Ok(Some(start)), _) => return clocks.push(undecidable(rule, None, Some(&start), IN_CONFLICT)),
        (Err(why), _) => return clocks.push(undecidable(rule, None, None, why)),
    };
    clocks.extend(measured(cx, rule, &start, None));
}

/// The items from a place on.
fn from<'i, 'a>(cx: &Context<'_, 'i, 'a>, pos: usize) -> core::slice::Iter<'i, Item<'a>> {
    cx.known.items.get(pos..).unwrap_or_default().iter()
}

/// What may stop a clock that `start` started.
fn stops<'c, 'i, 'a>(
    cx: &'c Context<'_, 'i, 'a>,
    rule: &'c ClockRule,
    start: &'c Mark<'i, 'a>,
) -> impl Iterator<Item = Mark<'i, 'a>> + 'c {
    let after = start.item.map_or(0, |item| item.pos as usize + 1);
    from(cx, after).filter(|item| start.is_before(item) && cx.is_any(&rule.stop, item)).filter_map(Mark::of)
}

/// One clock for each visit; for those that a completion starts, for each work done remotely too.
pub(super) fn visits<'a>(
    cx: &Context<'_, '_, 'a>,
    rule: &'a ClockRule,
    visits: &mut [Visit<'a>],
    clocks: &mut Vec<ClockState<'a>>,
) {
    let starts = |kind: &str| rule.start.iter().any(|trigger| trigger.kind() == Some(kind));
    for (index, visit) in visits.iter_mut().enumerate() {
        let Some(arrival) = cx.arrival(index) else { continue };
        let completed = || cx.end(index).filter(|end| is_completed(end) && is_asked_for(cx, rule, end));
        let start = if starts(kind::ARRIVED) {
            Some(arrival)
        } else if starts(kind::COMPLETED) {
            completed()
        } else {
            of_visit(cx, index, arrival).find(|item| cx.is_any(&rule.start, item))
        };
        let Some(start) = start.and_then(Mark::of) else { continue };
        let state = visit_clock(cx, rule, (index, visit, arrival), &start);
        clocks.extend(state.map(|state| ClockState { visit: Some(index), ..state }));
    }
    if starts(kind::COMPLETED) {
        let remote =
            cx.known.outcomes.remote.iter().rfind(|end| is_completed(end) && is_asked_for(cx, rule, end)).copied();
        if let Some((item, start)) = remote.and_then(|item| Some((item, Mark::of(item)?)))
            && cx.applies(rule, Some(&start)) == Applies::Yes
        {
            let measure =
                Measure { rule, start: &start, about: Some(item), appliances: 1, before: None, cancels: true };
            clocks.extend(judge(cx, &measure, stops(cx, rule, &start)));
        }
    }
}

/// After some ways to end a job nobody asks the customer (D-C6).
fn is_asked_for(cx: &Context<'_, '_, '_>, rule: &ClockRule, end: &Item<'_>) -> bool {
    let asks = rule.stop.iter().any(|trigger| trigger.kind() == Some("called_back"));
    !asks || cx.resolution(end).is_none_or(|resolution| resolution.call_back)
}

fn visit_clock<'i, 'a>(
    cx: &Context<'_, 'i, 'a>,
    rule: &'a ClockRule,
    (index, visit, arrival): (usize, &mut Visit<'a>, &'i Item<'a>),
    start: &Mark<'i, 'a>,
) -> Option<ClockState<'a>> {
    let about = Some(arrival);
    match cx.applies(rule, Some(start)) {
        Applies::No => return None,
        Applies::Unknown => return Some(undecidable(rule, Some(arrival.id()), Some(start), IN_CONFLICT)),
        Applies::Yes => {}
    }
    let is_work = rule.stop.iter().any(|trigger| trigger.kind() == Some(kind::COMPLETED));
    if is_work {
        let factor = if rule.per_appliance { i64::from(visit.appliances.max(1)) } else { 1 };
        let limit = limit_min(cx, rule, Some(start)).ok().flatten().map(|limit| limit.saturating_mul(factor));
        visit.limit_min = visit.limit_min.into_iter().chain(limit).min();
    }
    let end = cx.end(index).filter(|_| is_work);
    // Refused as unsafe, nobody at home: the work was not to be done (D-H14, D-K2).
    if end.is_some_and(|end| !is_completed(end)) {
        return Some(clock(rule, Some(arrival.id()), Times::settled(Settled::NotApplicable)));
    }
    let before = cx.arrival(index + 1).map(|next| next.pos);
    let measure = Measure { rule, start, about, appliances: visit.appliances, before, cancels: true };
    let others = stops(cx, rule, start).filter(|mark| {
        mark.item.is_some_and(|item| {
            item.kind() != kind::COMPLETED && cx.named_visit(item).is_none_or(|named| named == index)
        })
    });
    judge(cx, &measure, end.and_then(Mark::of).into_iter().chain(others))
}

/// The facts of a visit after its arrival.
fn of_visit<'c, 'i, 'a>(
    cx: &'c Context<'_, 'i, 'a>,
    index: usize,
    arrival: &Item<'a>,
) -> impl Iterator<Item = &'i Item<'a>> + 'c {
    from(cx, arrival.pos as usize).filter(move |item| cx.known.visits.of_fact(item) == Some(index))
}

/// A clock that waits for its stop.
struct Waiting<'i, 'a> {
    start: Mark<'i, 'a>,
    item: &'i Item<'a>,
}

/// One clock for each part requested, complaint or call: what stops it names it, or the same part.
pub(super) fn linked<'a>(cx: &Context<'_, '_, 'a>, rule: &'a ClockRule, clocks: &mut Vec<ClockState<'a>>) {
    let mut waiting: BTreeMap<Key<'_>, VecDeque<Waiting<'_, 'a>>> = BTreeMap::new();
    let mut found: Vec<(Waiting<'_, 'a>, Option<Mark<'_, 'a>>)> = Vec::new();
    for item in cx.known.items.iter().filter(|item| item.applied()) {
        let Some(mark) = Mark::of(item) else { continue };
        if cx.is_any(&rule.stop, item) {
            stop(rule, item, mark, &mut waiting, &mut found);
        }
        if cx.is_any(&rule.start, item) {
            waiting.entry(Key::of(rule, item)).or_default().push_back(Waiting { start: mark, item });
        }
    }
    found.extend(waiting.into_values().flatten().map(|left| (left, None)));
    found.sort_by_key(|(left, _)| left.item.pos);
    for (Waiting { start, item }, stop) in found {
        let cancels = rule.per == Per::Part;
        match cx.applies(rule, Some(&start)) {
            Applies::No => {}
            Applies::Unknown => clocks.push(undecidable(rule, Some(item.id()), Some(&start), IN_CONFLICT)),
            Applies::Yes => {
                let measure = Measure { rule, start: &start, about: Some(item), appliances: 1, before: None, cancels };
                clocks.extend(judge(cx, &measure, stop));
            }
        }
    }
}

fn stop<'i, 'a>(
    rule: &ClockRule,
    item: &'i Item<'a>,
    mark: Mark<'i, 'a>,
    waiting: &mut BTreeMap<Key<'i>, VecDeque<Waiting<'i, 'a>>>,
    found: &mut Vec<(Waiting<'i, 'a>, Option<Mark<'i, 'a>>)>,
) {
    match Key::named(rule, item) {
        // A word that names nothing is about everything that waits.
        None => found.extend(core::mem::take(waiting).into_values().flatten().map(|one| (one, Some(mark)))),
        Some(key) => {
            let one = waiting.get_mut(&key).and_then(VecDeque::pop_front);
            found.extend(one.map(|one| (one, Some(mark))));
        }
    }
}

/// What a start and its stop have in common. Of a part only its name: who receives it at the outlet need not know for
/// which appliance it is.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key<'i> {
    Fact(FactId),
    Part(&'i str),
}

impl<'i> Key<'i> {
    fn of(rule: &ClockRule, item: &'i Item<'_>) -> Self {
        match item.fact.str("part").filter(|_| rule.per == Per::Part) {
            Some(part) => Self::Part(part),
            None => Self::Fact(item.id()),
        }
    }

    /// What a stopping fact names.
    fn named(rule: &ClockRule, item: &'i Item<'_>) -> Option<Self> {
        match rule.per {
            Per::Part if item.kind() == kind::PART => Some(Self::of(rule, item)),
            Per::Complaint => item.fact.fact_id("complaint").map(Self::Fact),
            Per::Call => item.fact.fact_id("to").map(Self::Fact),
            _ => None,
        }
    }
}
