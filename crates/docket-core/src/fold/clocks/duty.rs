//! Duties while a job is open: so many contacts a day (D-S2), never long without one (D-S3, D-S4).

use super::context::{Applies, Context};
use super::trigger::{Mark, elapsed};
use super::{IN_CONFLICT, STRADDLES, clock, undecidable};
use crate::clock::{Duty, Times, first_gap, first_missing_day};
use crate::policy::{ClockRule, Deadline, Trigger};
use crate::time::UnixMs;
use crate::view::{ClockState, TimeEvidence};

/// The first lapse of a duty, or the one that comes next.
pub(super) fn fold<'a>(cx: &Context<'_, '_, 'a>, rule: &'a ClockRule) -> Option<ClockState<'a>> {
    if cx.is_told_over() {
        return None;
    }
    let items = cx.known.items;
    let start = if rule.start.contains(&Trigger::Received) {
        match cx.received() {
            Ok(start) => start?,
            Err(why) if cx.applies(rule, None) != Applies::No => return Some(undecidable(rule, None, None, why)),
            Err(_) => return None,
        }
    } else {
        items.iter().find(|item| cx.is_any(&rule.start, item)).and_then(Mark::of)?
    };
    match cx.applies(rule, Some(&start)) {
        Applies::No => return None,
        Applies::Unknown => {
            return Some(undecidable(rule, None, Some(&start), IN_CONFLICT));
        }
        Applies::Yes => {}
    }
    let after = || items.iter().filter(|item| start.is_before(item));
    let end = after().find(|item| cx.is_any(&rule.until, item)).and_then(Mark::of).map(|mark| mark.at);
    let end = [end, cx.over()].into_iter().flatten().min();
    let marks: Vec<Mark<'_, 'a>> = after().filter(|item| cx.is_any(&rule.stop, item)).filter_map(Mark::of).collect();
    let seen: Vec<_> =
        marks.iter().map(|mark| elapsed(&start, mark)).filter(|seen| end.is_none_or(|end| seen.at <= end)).collect();
    let contacts: Vec<UnixMs> = seen.iter().map(|seen| seen.at).collect();
    let duty = match find(cx, rule, start.at, &contacts) {
        Ok(duty) => duty,
        Err(why) => return Some(undecidable(rule, None, Some(&start), why)),
    };
    let evidence = seen.iter().map(|seen| seen.evidence).min().unwrap_or(start.evidence());
    // Several facts count here: one boot that saw some of them proves nothing about the others.
    let evidence = if evidence == TimeEvidence::Elapsed { TimeEvidence::Claimed } else { evidence };
    let suspect = seen.iter().any(|seen| seen.suspect);
    if seen.iter().any(|seen| seen.straddles(duty.due)) {
        return Some(ClockState { evidence, suspect, ..undecidable(rule, None, Some(&start), STRADDLES) });
    }
    // Contact after the lapse does not undo it, nor does the end of the job.
    let next = contacts.iter().copied().filter(|at| duty.went_on && *at > duty.due).min();
    let stop = next.into_iter().chain(end).min();
    let times = Times { start_ms: Some(start.at), due_ms: Some(duty.due), stop_ms: stop, ..Times::default() };
    Some(ClockState { evidence, suspect, ..clock(rule, None, times) })
}

fn find(cx: &Context<'_, '_, '_>, rule: &ClockRule, start: UnixMs, contacts: &[UnixMs]) -> Result<Duty, super::Why> {
    match &rule.deadline {
        Deadline::Gap(minutes) => Ok(first_gap(start, contacts, *minutes)),
        Deadline::Daily(count) => {
            let place = cx.place(rule)?;
            first_missing_day(start, contacts, *count, &place).ok_or("it is due beyond all calendars")
        }
        _ => Err("it is no duty"),
    }
}
