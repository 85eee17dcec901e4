//! How a grade moved: every day on which it changed.

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::Date;

use super::{Credential, Grade, Proof, evaluate};
use crate::policy::Policy;
use crate::text;

/// A day on which the grade became another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Change {
    /// The first day of the new grade.
    #[serde(serialize_with = "text::one")]
    pub on: Date,
    /// The new grade.
    pub grade: Grade,
}

/// Every change of grade up to and on `until`, first first (D-H2: history). Before the first change: ungraded.
pub fn history(credentials: &[Credential], until: Date, policy: &Policy) -> Vec<Change> {
    let grade_on = |on| evaluate::held(credentials, &policy.grades, on).map_or(Grade::Ungraded, |rule| rule.grade);
    let mut changes: Vec<Change> = Vec::new();
    let (mut last, mut last_day) = (Grade::Ungraded, None);
    for on in days_of_interest(credentials, until) {
        let grade = grade_on(on);
        if grade != last {
            // Between two days of interest only service grows, so the grade rises at most: find the day it did.
            let first = last_day.map_or(on, |before| first_day(before, on, |day| grade_on(day) == grade));
            changes.push(Change { on: first, grade });
            last = grade;
        }
        last_day = Some(on);
    }
    changes
}

/// Days on which evidence begins or ceases to count, a step a month between while somebody serves, and the last day.
fn days_of_interest(credentials: &[Credential], until: Date) -> BTreeSet<Date> {
    let mut days = BTreeSet::from([until]);
    for item in credentials {
        days.extend(item.issued);
        days.extend(item.expires.and_then(|day| day.tomorrow().ok()));
        days.extend(item.withdrawn);
        if let Proof::Service { from, to } = &item.proof {
            let end = to.unwrap_or(until).min(until);
            let months = from.series(1.month()).take_while(|day| *day <= end);
            // 60 years of months: no credential, however wrong its dates, makes this long.
            days.extend(months.take(720));
        }
    }
    days.retain(|day| *day <= until);
    days
}

/// The first day in `(before, on]` for which `test` holds, given that it holds from some day on.
fn first_day(before: Date, on: Date, test: impl Fn(Date) -> bool) -> Date {
    let (mut no, mut yes) = (before, on);
    loop {
        let gap = (yes - no).get_days();
        if gap <= 1 {
            return yes;
        }
        let Ok(middle) = no.checked_add((gap / 2).days()) else { return yes };
        if test(middle) { yes = middle } else { no = middle }
    }
}
