//! D-H5, D-H11, D-E11, D-H10: care events fall due on the right day, in leap years and at months' ends, each once.

use docket_core::Policy;
use docket_core::care::{Due, due};
use docket_core::coverage::{Coverage, Holding, Purchase};
use docket_format::FactId;
use jiff::ToSpan as _;
use jiff::civil::Date;
use proptest::prelude::*;

use crate::held::{coverage, day};

const POLICY: &str = r#"
name = "cares"
version = "1"

[coverage]
[[coverage.kind]]
what = "hardware"
covers = ["hardware"]
months = 36

[[care]]
event = "appliance_birthday"
basis = "bought"
after_months = 12
repeat_months = 12
groups = ["vip"]

[[care]]
event = "first_weeks"
basis = "bought"
after_days = 14

[[care]]
event = "safety_test"
basis = "bought"
after_months = 1
repeat_months = 1
most = 600
products = ["heater"]
job = "inspection"

[[care]]
event = "greeting"
basis = "birthday"

[[care]]
event = "expiry"
basis = "coverage_end"
after_days = -30

[[care]]
event = "contract_inspection"
basis = "inspection"
job = "inspection"

[[care]]
event = "before_summer"
basis = "season"
dates = ["05-15", "02-29"]
products = ["aircon"]
"#;

fn policy() -> Policy {
    Policy::parse(POLICY, "cares.toml").unwrap()
}

fn bought(n: u8, product: &str, on: Date) -> Purchase {
    Purchase { fact: FactId::from_bytes([n; 16]), product: product.into(), on, serial: None }
}

fn contract(from: &str, until: Option<&str>, months: i64) -> Coverage {
    let inspected = coverage(9, "contract", from, until);
    Coverage { outlet: Some("QD-01".into()), inspect_months: Some(months), ..inspected }
}

fn days(holding: &Holding, event: &str, from: &str, to: &str) -> Vec<String> {
    let found = due(holding, &policy(), day(from), day(to));
    found.iter().filter(|one| one.event == event).map(|one| one.due.to_string()).collect()
}

#[test]
fn d_h5_an_appliance_bought_on_a_leap_day_has_a_birthday_every_year() {
    let purchases = vec![bought(1, "washer", day("2024-02-29"))];
    let vip = Holding { group: Some("vip".into()), purchases, ..Holding::default() };
    assert_eq!(
        days(&vip, "appliance_birthday", "2024-01-01", "2028-12-31"),
        ["2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]
    );
    let anyone = Holding { group: Some("urban".into()), ..vip };
    assert_eq!(days(&anyone, "appliance_birthday", "2024-01-01", "2028-12-31"), [""; 0], "for VIPs only");
}

#[test]
fn d_h11_what_falls_on_the_31st_falls_on_the_last_day_of_shorter_months() {
    let holding = Holding { purchases: vec![bought(1, "heater", day("2025-12-31"))], ..Holding::default() };
    assert_eq!(
        days(&holding, "safety_test", "2026-01-01", "2026-05-31"),
        ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"]
    );
}

#[test]
fn d_h11_seasonal_reminders_go_to_those_who_own_such_an_appliance() {
    let mut holding = Holding { purchases: vec![bought(1, "aircon", day("2020-01-01"))], ..Holding::default() };
    assert_eq!(
        days(&holding, "before_summer", "2026-01-01", "2027-12-31"),
        ["2026-02-28", "2026-05-15", "2027-02-28", "2027-05-15"]
    );
    assert_eq!(days(&holding, "before_summer", "2028-02-01", "2028-02-29"), ["2028-02-29"]);
    holding.purchases[0].product = "washer".into();
    assert_eq!(days(&holding, "before_summer", "2026-01-01", "2027-12-31"), [""; 0]);
}

#[test]
fn d_e11_first_weeks_and_the_notice_before_a_coverage_runs_out() {
    let purchases = vec![bought(1, "washer", day("2023-03-31"))];
    let mut holding = Holding { purchases, ..Holding::default() };
    assert_eq!(days(&holding, "first_weeks", "2023-04-01", "2023-04-30"), ["2023-04-14"]);
    assert_eq!(days(&holding, "expiry", "2026-01-01", "2026-12-31"), ["2026-03-01"], "30 days before three years");
    holding.coverages.push(contract("2026-01-01", Some("2026-12-31"), 6));
    assert_eq!(days(&holding, "expiry", "2026-11-01", "2026-12-31"), ["2026-12-01"]);
    holding.coverages[0].ended = Some(day("2026-06-01"));
    assert_eq!(days(&holding, "expiry", "2026-11-01", "2026-12-31"), [""; 0], "nobody is told of what was ended");
}

#[test]
fn d_h10_planned_inspections_follow_the_contract_until_it_ends() {
    let mut holding = Holding { coverages: vec![contract("2026-01-31", Some("2027-07-31"), 6)], ..Holding::default() };
    let all = |holding: &Holding| days(holding, "contract_inspection", "2026-01-01", "2029-12-31");
    assert_eq!(all(&holding), ["2026-07-31", "2027-01-31", "2027-07-31"]);
    holding.coverages[0].ended = Some(day("2027-01-30"));
    assert_eq!(all(&holding), ["2026-07-31"]);
    let found = due(&holding, &policy(), day("2026-07-01"), day("2026-07-31"));
    assert_eq!((found[0].outlet.as_deref(), found[0].job.as_deref()), (Some("QD-01"), Some("inspection")));
}

#[test]
fn d_h11_what_was_done_is_marked() {
    let mut holding = Holding { birthday: Some(day("1980-02-29")), ..Holding::default() };
    let found = |holding: &Holding| due(holding, &policy(), day("2026-02-01"), day("2026-02-28"));
    assert_eq!(found(&holding).iter().map(|one| (one.due, one.done)).collect::<Vec<_>>(), [(day("2026-02-28"), false)]);
    holding.cared = vec![("greeting".into(), day("2025-02-28"))];
    assert!(!found(&holding)[0].done, "last year's");
    holding.cared.push(("greeting".into(), day("2026-02-28")));
    assert!(found(&holding)[0].done);
}

#[test]
fn d_h11_a_policys_slips_are_refused_with_line_and_column() {
    for (from, to, says) in [
        ("basis = \"birthday\"", "basis = \"moon\"", "unknown basis \"moon\""),
        ("\"02-29\"", "\"02-30\"", "`02-30` is no day of the year"),
        ("event = \"greeting\"", "event = \"expiry\"", "care event `expiry` appears twice"),
        ("after_days = -30", "after_days = -9999", "`after_days` must be a whole number"),
        ("basis = \"birthday\"", "basis = \"birthday\"\ndates = [\"01-01\"]", "a season has `dates`"),
        ("repeat_months = 1\n", "repeat_months = 0\n", "`repeat_months` must be"),
    ] {
        let text = POLICY.replacen(from, to, 1);
        assert_ne!(text, POLICY);
        let bad = Policy::parse(&text, "cares.toml").unwrap_err();
        assert!(bad.what.contains(says) && bad.line > 3, "{bad}");
    }
}

fn any_day() -> impl Strategy<Value = Date> {
    (0..14_000i64).prop_map(|days| day("2000-01-01").saturating_add(days.days()))
}

fn holding() -> impl Strategy<Value = Holding> {
    let purchase = (0..3usize, any_day(), 1..200u8)
        .prop_map(|(product, on, n)| bought(n, ["washer", "heater", "aircon"][product], on));
    let contracts = (any_day(), 0..2000i64, 1..30i64).prop_map(|(from, days, months)| {
        let mut one = contract("2000-01-01", None, months);
        (one.from, one.until) = (from, Some(from.saturating_add(days.days())));
        one
    });
    let many =
        (prop::collection::vec(purchase, 0..4), prop::collection::vec(contracts, 0..3), prop::option::of(any_day()));
    many.prop_map(|(purchases, coverages, birthday)| Holding {
        group: Some("vip".into()),
        birthday,
        purchases,
        coverages,
        cared: Vec::new(),
    })
}

/// A rule of care, worked out the long way: every day of a span is asked whether it is one.
fn long_way(holding: &Holding, first: Date, last: Date) -> Vec<Due> {
    let policy = policy();
    let span = i64::from(last.since(first).unwrap().get_days());
    let days = (0..=span).map(|n| first.saturating_add(n.days()));
    days.flat_map(|day| due(holding, &policy, day, day)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Each event belongs to exactly one day, so that no month's list loses one or has another month's.
    #[test]
    fn d_h11_a_months_list_is_its_days_lists(holding in holding(), first in any_day(), length in 0..70i64) {
        let last = first.saturating_add(length.days());
        prop_assert_eq!(due(&holding, &policy(), first, last), long_way(&holding, first, last));
    }

    /// What repeats by months keeps the day of the month it began with, or the month's last.
    #[test]
    fn d_h11_months_ends_never_wander(on in any_day(), n in 1..400i64) {
        let holding = Holding { purchases: vec![bought(1, "heater", on)], ..Holding::default() };
        let month = on.saturating_add(n.months()).first_of_month();
        let found = due(&holding, &policy(), month, month.last_of_month());
        let tests: Vec<&Due> = found.iter().filter(|one| one.event == "safety_test").collect();
        prop_assert_eq!(tests.len(), 1);
        prop_assert_eq!(tests[0].due.day(), on.day().min(month.days_in_month()));
    }
}
