//! Opening hours (D-C7): clocks run 24/7 unless policy names a calendar.

use jiff::civil::{Date, Weekday};

use super::place::{Place, at_time};
use crate::time::UnixMs;

/// Weekly opening hours in local time. Written `mo-fr 08:00-18:00, sa 09:00-13:00`, or `24/7`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hours {
    /// Minutes after midnight of each day from Monday, in order, not overlapping; `None` = never closed.
    week: Option<[Vec<(i32, i32)>; 7]>,
}

const DAYS: [&str; 7] = ["mo", "tu", "we", "th", "fr", "sa", "su"];
const DAY_MINUTES: i32 = 24 * 60;

impl Hours {
    /// Never closed.
    pub const ALWAYS: Self = Self { week: None };

    /// Whether they never close.
    pub const fn is_always(&self) -> bool {
        self.week.is_none()
    }

    /// Reads opening hours; `None` for anything else, for a day named twice with overlapping hours, and for hours that never open.
    pub fn parse(text: &str) -> Option<Self> {
        if text.trim() == "24/7" {
            return Some(Self::ALWAYS);
        }
        let mut week: [Vec<(i32, i32)>; 7] = Default::default();
        for part in text.split([',', ';']) {
            let (days, hours) = part.trim().split_once(' ')?;
            let (from, to) = hours.trim().split_once('-')?;
            let (from, to) = (minute(from)?, minute(to)?);
            if from >= to {
                return None;
            }
            for day in read_days(days)? {
                week.get_mut(day)?.push((from, to));
            }
        }
        for day in &mut week {
            day.sort_unstable();
            if day.windows(2).any(|pair| matches!(pair, [a, b] if b.0 < a.1)) {
                return None;
            }
        }
        Some(Self { week: Some(week) })
    }

    /// The open stretches of a local day, in order; of a day with a jump of the clocks, as long as they really are.
    pub(super) fn of_day(&self, day: Date, place: &Place) -> Vec<(UnixMs, UnixMs)> {
        let whole = [(0, DAY_MINUTES)];
        let stretches: &[(i32, i32)] = match &self.week {
            None => &whole,
            Some(week) => week.get(index(day.weekday())).map(Vec::as_slice).unwrap_or_default(),
        };
        let real = stretches.iter().filter_map(|(from, to)| {
            let (from, to) = (at_time(day, *from, &place.zone)?, at_time(day, *to, &place.zone)?);
            (from < to).then_some((from, to))
        });
        real.collect()
    }
}

fn index(day: Weekday) -> usize {
    day.to_monday_zero_offset() as usize
}

fn read_days(text: &str) -> Option<Vec<usize>> {
    let day = |name: &str| DAYS.iter().position(|known| *known == name);
    match text.split_once('-') {
        None => Some(vec![day(text)?]),
        Some((from, to)) => {
            let (from, to) = (day(from)?, day(to)?);
            (from <= to).then(|| (from..=to).collect())
        }
    }
}

/// `HH:MM` up to `24:00`, in minutes after midnight.
fn minute(text: &str) -> Option<i32> {
    let (hour, minute) = text.trim().split_once(':')?;
    let number = |digits: &str| {
        if digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            digits.parse::<u8>().ok()
        } else {
            None
        }
    };
    let (hour, minute) = (i32::from(number(hour)?), i32::from(number(minute)?));
    (minute < 60 && hour * 60 + minute <= DAY_MINUTES).then_some(hour * 60 + minute)
}
