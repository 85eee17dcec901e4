//! Spans of working time: so many milliseconds from a start, not counting pauses and hours when the place is closed.

use super::place::Place;
use crate::time::UnixMs;

/// A pause: from, and until when; `None` = it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pause {
    /// When it began.
    pub from: UnixMs,
    /// When work went on.
    pub to: Option<UnixMs>,
}

/// When a span ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spent {
    /// When it is due; while paused, when it would be if work went on at `paused`.
    pub due: UnixMs,
    /// Since when it has been paused, if it was not due before.
    pub paused: Option<UnixMs>,
}

/// Days that a span may stretch over: ten years. Beyond that nobody waits for it.
const MOST_DAYS: u32 = 3_660;

/// When `need_ms` of working time after `start` are over. Pauses count from their start to their end, to `stop` if
/// they go on, and not at all after it. `None`: not within ten years, or outside the calendar.
pub fn span(start: UnixMs, need_ms: i64, pauses: &[Pause], stop: Option<UnixMs>, place: &Place) -> Option<Spent> {
    let need_ms = need_ms.max(0);
    let (closed, open) = merged(pauses, start, stop);
    let due = if place.hours.is_always() {
        count(start, need_ms, &closed, &mut core::iter::once((start, UnixMs(i64::MAX))))?
    } else {
        let mut day = place.day(start)?;
        let mut left = MOST_DAYS;
        let mut days = core::iter::from_fn(|| {
            left = left.checked_sub(1)?;
            let today = day;
            day = day.tomorrow().ok()?;
            Some(today)
        });
        let mut stretches = days.by_ref().flat_map(|day| place.hours.of_day(day, place));
        count(start, need_ms, &closed, &mut stretches)?
    };
    Some(Spent { due, paused: open.filter(|from| *from <= due) })
}

/// Walks through the open stretches, leaving out the pauses, until `need_ms` are used up.
fn count(
    start: UnixMs,
    need_ms: i64,
    pauses: &[(UnixMs, UnixMs)],
    open: &mut dyn Iterator<Item = (UnixMs, UnixMs)>,
) -> Option<UnixMs> {
    let mut left = need_ms;
    let mut pauses = pauses.iter().copied().peekable();
    for (from, to) in open {
        let mut at = from.max(start);
        while at < to {
            while pauses.next_if(|(_, end)| *end <= at).is_some() {}
            let pause = pauses.peek().copied().filter(|(begin, _)| *begin < to);
            let until = pause.map_or(to, |(begin, _)| begin.max(at));
            let worked = until.0.saturating_sub(at.0);
            if worked >= left {
                return Some(UnixMs(at.0.saturating_add(left)));
            }
            left = left.saturating_sub(worked);
            at = pause.map_or(to, |(_, end)| end);
        }
    }
    None
}

/// The pauses after `start` and before `stop`, in order and not overlapping; and since when one has gone on, if
/// nothing has stopped the clock.
fn merged(pauses: &[Pause], start: UnixMs, stop: Option<UnixMs>) -> (Vec<(UnixMs, UnixMs)>, Option<UnixMs>) {
    let mut sorted: Vec<Pause> = pauses.to_vec();
    sorted.sort_unstable_by_key(|pause| (pause.from, pause.to.is_none(), pause.to));
    let mut closed: Vec<(UnixMs, UnixMs)> = Vec::new();
    let mut open: Option<UnixMs> = None;
    for pause in sorted {
        let from = pause.from.max(start);
        let to = match (pause.to, stop) {
            (Some(to), Some(stop)) => to.min(stop),
            (Some(end), None) | (None, Some(end)) => end,
            (None, None) => {
                open = open.or(Some(from));
                continue;
            }
        };
        if to <= from {
            continue;
        }
        match closed.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => closed.push((from, to)),
        }
    }
    // A pause that goes on swallows those that ended within it.
    if let Some(from) = open {
        closed.retain(|pause| pause.0 < from);
        if let Some(last) = closed.last_mut() {
            last.1 = last.1.min(from).max(last.0);
        }
    }
    (closed, open)
}
