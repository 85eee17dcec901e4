//! Training before a post is taken (D-E14).

use jiff::ToSpan;
use jiff::civil::Date;

use crate::text;

/// A course that somebody had.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Course {
    /// Its name, as policies name it.
    pub course: String,
    /// The first day it counts.
    #[serde(serialize_with = "text::one")]
    pub on: Date,
    /// The last day it counts; `None` = it never lapses.
    #[serde(serialize_with = "text::option")]
    pub until: Option<Date>,
}

impl Course {
    fn counts_on(&self, on: Date) -> bool {
        self.on <= on && self.until.is_none_or(|until| on <= until)
    }
}

/// The courses of a post that do not count on a day.
pub fn missing_courses(had: &[Course], wanted: &[String], on: Date) -> Vec<String> {
    let has = |course: &String| had.iter().any(|one| one.course == *course && one.counts_on(on));
    wanted.iter().filter(|course| !has(course)).cloned().collect()
}

/// The times in which all courses of a post count, as days from and until (both included), first first. Nothing wanted:
/// always.
pub fn ready_on(had: &[Course], wanted: &[String]) -> Vec<(Date, Option<Date>)> {
    if wanted.is_empty() {
        return vec![(Date::MIN, None)];
    }
    let mut days: Vec<Date> = had.iter().map(|one| one.on).collect();
    days.extend(had.iter().filter_map(|one| one.until?.tomorrow().ok()));
    days.sort_unstable();
    days.dedup();
    let mut times: Vec<(Date, Option<Date>)> = Vec::new();
    let mut ready = false;
    for day in days {
        let now = missing_courses(had, wanted, day).is_empty();
        match (ready, now) {
            (false, true) => times.push((day, None)),
            (true, false) => {
                if let Some(last) = times.last_mut() {
                    last.1 = day.checked_sub(1.day()).ok();
                }
            }
            _ => {}
        }
        ready = now;
    }
    times
}
