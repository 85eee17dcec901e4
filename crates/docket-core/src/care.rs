//! Care events due by date (D-H5, D-H11, D-E11): appliances' birthdays, safety tests, first weeks, notices that a
//! coverage runs out, planned inspections of contracts, seasonal reminders.
//!
//! A day that a month does not have is its last: a washing machine bought on 29 February has its birthday on the 28th in
//! other years, and a monthly event of the 31st falls on the 30th or 28th without wandering from the 31st for good.

use docket_format::FactId;
use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::coverage::{Coverage, Holding, Purchase, implied_ends};
use crate::policy::{CareBasis, CareRule, Policy};
use crate::text;

/// A care event that is due.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Due {
    /// The event's id in the policy.
    pub event: String,
    /// What it says.
    pub title: String,
    /// The day.
    pub due: Date,
    /// The purchase or coverage that it is about.
    #[serde(serialize_with = "text::option")]
    pub about: Option<FactId>,
    /// The product, where it is about one.
    pub product: Option<String>,
    /// The serial number, where known.
    pub serial: Option<String>,
    /// More, for people: which coverage runs out.
    pub detail: Option<String>,
    /// The outlet that a contract names.
    pub outlet: Option<String>,
    /// The kind of job that it becomes; `None` = a call.
    pub job: Option<String>,
    /// Whether it was done.
    pub done: bool,
}

/// What one event is counted from.
struct Basis<'h> {
    day: Date,
    repeat_months: Option<i64>,
    last: Option<Date>,
    about: Option<FactId>,
    product: Option<&'h str>,
    serial: Option<&'h str>,
    detail: Option<String>,
    outlet: Option<&'h str>,
}

impl Basis<'_> {
    fn plain(day: Date, repeat_months: Option<i64>) -> Self {
        Self { day, repeat_months, last: None, about: None, product: None, serial: None, detail: None, outlet: None }
    }
}

/// Every care event of a customer that is due from the first to the last day, both included: by day, then event.
pub fn due(holding: &Holding, policy: &Policy, first: Date, last: Date) -> Vec<Due> {
    let mut found: Vec<Due> = Vec::new();
    for rule in policy.care.iter().filter(|rule| is_for(rule, holding)) {
        for basis in bases(rule, holding, policy, first, last) {
            let days = days(rule, &basis, first, last);
            found.extend(days.into_iter().map(|day| entry(rule, &basis, holding, day)));
        }
    }
    found.sort_by(|a, b| (a.due, &a.event, a.about, &a.detail).cmp(&(b.due, &b.event, b.about, &b.detail)));
    found.dedup();
    found
}

fn is_for(rule: &CareRule, holding: &Holding) -> bool {
    let group = rule.groups.is_empty() || holding.group.as_ref().is_some_and(|group| rule.groups.contains(group));
    let owns = || holding.purchases.iter().any(|bought| rule.products.contains(&bought.product));
    // What is about a purchase or coverage looks at that one's product; the others at what the customer has.
    let by_customer = matches!(rule.basis, CareBasis::Birthday | CareBasis::Season);
    group && (!by_customer || rule.products.is_empty() || owns())
}

fn entry(rule: &CareRule, basis: &Basis<'_>, holding: &Holding, day: Date) -> Due {
    Due {
        event: rule.event.clone(),
        title: rule.title.clone(),
        due: day,
        about: basis.about,
        product: basis.product.map(ToOwned::to_owned),
        serial: basis.serial.map(ToOwned::to_owned),
        detail: basis.detail.clone(),
        outlet: basis.outlet.map(ToOwned::to_owned),
        job: rule.job.clone(),
        done: holding.cared.iter().any(|(event, due)| *event == rule.event && *due == day),
    }
}

fn bases<'h>(rule: &CareRule, holding: &'h Holding, policy: &Policy, first: Date, last: Date) -> Vec<Basis<'h>> {
    let about = |product: Option<&str>| {
        rule.products.is_empty() || product.is_some_and(|product| rule.products.iter().any(|one| one == product))
    };
    let bought = holding.purchases.iter().filter(|bought| about(Some(&bought.product)));
    let agreed = holding.coverages.iter().filter(|one| about(one.product.as_deref()));
    match rule.basis {
        CareBasis::Bought => bought
            .map(|one| Basis {
                about: Some(one.fact),
                product: Some(&one.product),
                serial: one.serial.as_deref(),
                ..Basis::plain(one.on, rule.repeat_months)
            })
            .collect(),
        CareBasis::Birthday => {
            holding.birthday.map(|day| Basis::plain(day, Some(rule.repeat_months.unwrap_or(12)))).into_iter().collect()
        }
        CareBasis::CoverageEnd => coverage_ends(rule, agreed, bought, policy),
        CareBasis::Inspection => agreed
            .filter_map(|one| {
                let months = one.inspect_months.filter(|months| *months > 0)?;
                Some(Basis {
                    last: one.last_day(),
                    about: Some(one.fact),
                    product: one.product.as_deref(),
                    serial: one.serial.as_deref(),
                    outlet: one.outlet.as_deref(),
                    ..Basis::plain(one.from.saturating_add(months.months()), Some(months))
                })
            })
            .collect(),
        CareBasis::Season => {
            let back = |day: Date| {
                day.saturating_sub(rule.after_months.months()).saturating_sub(rule.after_days.days()).year()
            };
            (back(first).saturating_sub(1)..=back(last).saturating_add(1))
                .flat_map(|year| rule.dates.iter().filter_map(move |&(month, day)| day_in(year, month, day)))
                .map(|day| Basis::plain(day, None))
                .collect()
        }
    }
}

/// The last days of what was agreed on and not ended, and of what comes with purchases.
fn coverage_ends<'h>(
    rule: &CareRule,
    agreed: impl Iterator<Item = &'h Coverage>,
    bought: impl Iterator<Item = &'h Purchase>,
    policy: &Policy,
) -> Vec<Basis<'h>> {
    let wanted = |what: &str| rule.coverages.is_empty() || rule.coverages.iter().any(|one| one == what);
    let stated = agreed.filter(|one| wanted(&one.what) && one.ended.is_none()).filter_map(|one| {
        Some(Basis {
            about: Some(one.fact),
            product: one.product.as_deref(),
            serial: one.serial.as_deref(),
            detail: Some(one.what.clone()),
            outlet: one.outlet.as_deref(),
            ..Basis::plain(one.last_day()?, None)
        })
    });
    let implied = bought.flat_map(|one| {
        let ends = implied_ends(one.on, &policy.coverage).filter(|(what, _)| wanted(what));
        ends.map(|(what, day)| Basis {
            about: Some(one.fact),
            product: Some(&one.product),
            serial: one.serial.as_deref(),
            detail: Some(what.to_owned()),
            ..Basis::plain(day, None)
        })
    });
    stated.chain(implied).collect()
}

/// A day of a year; the month's last where it does not have that many.
fn day_in(year: i16, month: i8, day: i8) -> Option<Date> {
    let first = Date::new(year, month, 1).ok()?;
    Date::new(year, month, day.min(first.days_in_month())).ok()
}

/// The days of one event from the first to the last.
fn days(rule: &CareRule, basis: &Basis<'_>, first: Date, last: Date) -> Vec<Date> {
    let start = basis.day.saturating_add(rule.after_months.months());
    // Counted from the basis each time: months added one by one would wander from the 31st to the 28th for good.
    let nth = |n: i64| -> Option<Date> {
        let months = rule.after_months.checked_add(basis.repeat_months?.checked_mul(n)?)?;
        let day = basis.day.checked_add(months.months()).ok()?;
        day.checked_add(rule.after_days.days()).ok()
    };
    let once = start.checked_add(rule.after_days.days()).ok();
    let Some(repeat) = basis.repeat_months.filter(|months| *months > 0) else {
        return once.into_iter().filter(|day| (first..=last).contains(day)).collect();
    };
    let months = |day: Date| i64::from(day.year()) * 12 + i64::from(day.month());
    // Days may reach over months: begin early, stop at the first that lies beyond.
    let reach = rule.after_days / if rule.after_days < 0 { 31 } else { 28 };
    let behind = months(first) - months(start) - reach - 2;
    let begin = behind.div_euclid(repeat).max(0);
    let most = rule.most.unwrap_or(i64::MAX);
    (begin..most)
        .map_while(nth)
        .take_while(|day| *day <= last && basis.last.is_none_or(|end| *day <= end))
        .filter(|day| *day >= first)
        .collect()
}
