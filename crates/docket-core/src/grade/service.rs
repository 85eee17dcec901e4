//! Days in service: periods may overlap, and count once.

use jiff::ToSpan;
use jiff::civil::Date;

use super::{Credential, Proof};
use crate::policy::GradeRules;

/// Whether service up to and on `on` adds up to `years`. Days are added up as if they had been served in one go
/// until `on`, so that leap years count as the calendar counts them.
pub(super) fn suffices(credentials: &[Credential], rules: &GradeRules, on: Date, years: i64) -> bool {
    if years == 0 {
        return true;
    }
    let days = days(credentials, rules, on);
    let begin = on.checked_sub(days.days()).ok();
    begin.and_then(|begin| begin.checked_add(years.years()).ok()).is_some_and(|due| due <= on)
}

/// Days served before `on`.
pub(super) fn days(credentials: &[Credential], rules: &GradeRules, on: Date) -> i64 {
    let mut periods: Vec<(Date, Date)> = credentials.iter().filter_map(|item| period(item, rules, on)).collect();
    periods.sort_unstable();
    let (mut total, mut served_until) = (0, Date::MIN);
    for (from, to) in periods {
        let from = from.max(served_until);
        if to > from {
            total += i64::from((to - from).get_days());
            served_until = to;
        }
    }
    total
}

/// The half-open period that counts by `on`; `None` for anything else.
fn period(item: &Credential, rules: &GradeRules, on: Date) -> Option<(Date, Date)> {
    let Proof::Service { from, to } = &item.proof else { return None };
    let withdrawn = item.withdrawn.is_some_and(|day| day <= on);
    if withdrawn || *from > on || !of_the_brand(item, rules) {
        return None;
    }
    let end = to.and_then(|last| last.tomorrow().ok()).map_or(on, |end| end.min(on));
    Some((*from, end))
}

/// Whether the brand served is one of the policy's.
pub(super) fn of_the_brand(item: &Credential, rules: &GradeRules) -> bool {
    let served = item.issuer.as_deref().unwrap_or_default().trim().to_lowercase();
    rules.brands.is_empty() || rules.brands.iter().any(|brand| brand.to_lowercase() == served)
}
