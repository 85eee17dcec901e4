//! D-E9, D-H5, D-E10, D-E11, D-H10: what was charged, what should have been free or covered, how old the appliance was,
//! whom a contract names.

use docket_core::coverage::{Coverage, Holding, Paid, Purchase};
use docket_core::policy::Policy;
use docket_core::time::date;
use docket_core::{JobView, UnixMs, fold_job};
use docket_format::FactId;
use serde_json::json;
use std::sync::LazyLock;

use crate::goods::signs;
use crate::story::Story;

static DEFAULT: LazyLock<Policy> =
    LazyLock::new(|| Policy::parse(docket_core::policy::DEFAULT, "default.toml").unwrap());

fn view(story: &Story) -> JobView<'_> {
    fold_job(&story.record(&story.facts), &DEFAULT, UnixMs(story.now))
}

/// A repair of a washing machine that its customer bought on a day.
fn repair(bought: Option<&str>) -> Story {
    let mut story = Story::empty();
    let regs = json!({"kind": "repair", "product": "washing_machine", "received_at": "2026-03-02T08:00:00Z"});
    story.put("D1", "created", json!({"dk": "job", "regs": regs}));
    let purchases = bought.map(|on| Purchase {
        fact: FactId::from_bytes([3; 16]),
        product: "washing_machine".into(),
        on: date(on).unwrap(),
        serial: None,
    });
    story.site.held = Some(Holding { purchases: purchases.into_iter().collect(), ..Holding::default() });
    story
}

fn charge(story: &mut Story, item: &str, minor: i64, qty: i64) {
    story.put("T1", "charged", json!({"item": item, "minor": minor, "currency": "CNY", "qty": qty}));
}

#[test]
fn the_day_of_an_instant_is_by_the_zones_that_come_with_this_version_alone() {
    let mut story = Story::empty();
    let regs = json!({"kind": "repair", "received_at": "2026-03-02T20:00:00Z", "purchased_on": "2026-03-02"});
    story.put("D1", "created", json!({"dk": "job", "regs": regs}));
    // Many machines know the last one under that name, and others don't.
    for (zone, age) in [("Asia/Shanghai", 1), ("UTC", 0), ("posix/Asia/Shanghai", 0)] {
        story.site.zone = Some(zone.into());
        assert_eq!(story.view().age_days, Some(age), "{zone}");
    }
}

#[test]
fn d_e9_more_than_the_list_of_the_day_is_an_overcharge() {
    for (item, minor, qty, expect) in [
        ("visit", 5_000, 1, &[][..]),
        ("visit", 5_001, 1, &["overcharged"]),
        ("labour", 20_000, 1, &[]),
        ("labour", 40_000, 2, &[]),
        ("labour", 40_001, 2, &["overcharged"]),
        ("gold plating", 1, 1, &["unlisted_item_charged"]),
        ("gold plating", 0, 1, &[]),
    ] {
        let mut story = repair(None);
        charge(&mut story, item, minor, qty);
        assert_eq!(signs(&story), expect, "{item} {minor} {qty}");
    }
    let mut dollars = repair(None);
    dollars.put("T1", "charged", json!({"item": "visit", "minor": 5_000, "currency": "USD"}));
    assert_eq!(signs(&dollars), ["unlisted_item_charged"], "no price in dollars");
    let mut before = repair(None);
    let body = json!({"item": "visit", "minor": 5_000, "currency": "CNY", "when": "2019-12-31T12:00:00Z"});
    before.put("T1", "charged", body);
    assert_eq!(signs(&before), ["unlisted_item_charged"], "the list begins in 2020");
}

#[test]
fn d_e9_a_visits_bill_adds_up_by_currency_and_a_withdrawn_charge_is_not_on_it() {
    let mut story = repair(None);
    charge(&mut story, "visit", 5_000, 1);
    charge(&mut story, "labour", 8_000, 1);
    story.put("T1", "charged", json!({"item": "part", "minor": 980, "currency": "JPY"}));
    let wrong = story.put("T1", "charged", json!({"item": "visit", "minor": 5_000, "currency": "CNY"}));
    story.put("T1", "corrected", json!({"fixes": wrong.to_string(), "why": "twice"}));
    let view = view(&story);
    assert_eq!(view.charges.lines.len(), 3);
    assert_eq!(view.charges.total.into_iter().collect::<Vec<_>>(), [("CNY".into(), 13_000), ("JPY".into(), 980)]);
}

#[test]
fn d_h5_a_free_item_is_not_charged_for() {
    for (group, item, expect) in [
        (Some("whole_set"), "design", &["free_item_charged"][..]),
        (Some("whole_set"), "visit", &[]),
        (Some("engineering"), "design", &["free_item_charged"]),
        (Some("urban"), "design", &["unlisted_item_charged"]),
    ] {
        let mut story = repair(None);
        story.site.group = group.map(Into::into);
        charge(&mut story, item, 5_000, 1);
        assert_eq!(signs(&story), expect, "{group:?} {item}");
    }
}

#[test]
fn d_e9_what_is_covered_is_not_charged_for() {
    for (bought, item, expect) in [
        (Some("2025-06-01"), "labour", &["covered_item_charged"][..]),
        (Some("2025-06-01"), "mounting", &["overcharged"]),
        (Some("2025-02-01"), "labour", &[]),
        (Some("2025-02-01"), "part", &["covered_item_charged"]),
        (Some("2022-02-01"), "part", &[]),
        (None, "labour", &[]),
    ] {
        let mut story = repair(bought);
        let minor = if item == "mounting" { 30_001 } else { 8_000 };
        charge(&mut story, item, minor, 1);
        assert_eq!(signs(&story), expect, "{bought:?} {item}");
    }
    let mut misuse = repair(Some("2025-06-01"));
    misuse.put("T1", "found", json!({"cause": "misuse"}));
    charge(&mut misuse, "labour", 8_000, 1);
    assert_eq!(signs(&misuse), [""; 0], "the customer's own doing is the customer's to pay");
}

#[test]
fn d_e10_the_fold_says_covered_or_billable_on_the_day_of_the_request() {
    for (bought, paid, age) in [
        (Some("2025-06-01"), Paid::Covered, Some(274)),
        (Some("2025-03-02"), Paid::Covered, Some(365)),
        (Some("2025-03-01"), Paid::Billable, Some(366)),
        (Some("2026-04-01"), Paid::Billable, None),
        (None, Paid::Billable, None),
    ] {
        let mut story = repair(bought);
        story.now += 400 * 86_400_000;
        story.put("T1", "arrived", json!({}));
        assert_eq!((view(&story).cover.paid, view(&story).age_days), (paid, age), "{bought:?}");
    }
    let mut told = repair(None);
    told.set("D1", "purchased_on", &json!("2026-02-01"), &[]);
    assert_eq!((view(&told).cover.paid, view(&told).age_days), (Paid::Covered, Some(29)), "the job itself says when");
    let delivery = Story::job("delivery");
    assert_eq!(view(&delivery).cover.paid, Paid::NotAsked);
}

#[test]
fn d_e11_the_first_sixty_days_are_counted_in_the_outlets_zone() {
    let mut story = repair(Some("2026-01-01"));
    assert_eq!(view(&story).age_days, Some(60));
    story.site.zone = Some("Pacific/Kiritimati".into());
    assert_eq!(view(&story).age_days, Some(60));
    story.site.zone = Some("Pacific/Honolulu".into());
    assert_eq!(view(&story).age_days, Some(59), "eight in the morning in Greenwich is yesterday evening there");
}

fn contract(outlet: Option<&str>, technician: Option<&str>) -> Coverage {
    Coverage {
        fact: FactId::from_bytes([4; 16]),
        what: "contract".into(),
        from: date("2025-12-01").unwrap(),
        until: date("2027-12-01"),
        life: false,
        product: None,
        serial: None,
        level: Some("gold".into()),
        outlet: outlet.map(Into::into),
        technician: technician.map(Into::into),
        inspect_months: None,
        ended: None,
    }
}

#[test]
fn d_h10_another_outlet_or_technician_than_the_contract_names_needs_a_reason() {
    let job = |outlet: &str, crew: &str, elsewhere: Option<&str>| {
        let mut story = repair(None);
        story.set("D1", "outlet", &json!(outlet), &[]);
        let mut body = json!({"regs": {"crew": [crew]}});
        if let Some(why) = elsewhere {
            body["elsewhere"] = why.into();
        }
        story.put("D1", "assigned", body);
        story.site.held = Some(Holding { coverages: vec![contract(Some("QD-01"), Some("T1"))], ..Holding::default() });
        story
    };
    assert_eq!(signs(&job("QD-01", "T1", None)), [""; 0]);
    assert_eq!(signs(&job("QD-02", "T1", None)), ["contract_other_outlet"]);
    assert_eq!(signs(&job("QD-02", "T2", None)), ["contract_other_outlet", "contract_other_outlet"]);
    assert_eq!(signs(&job("QD-02", "T2", Some("flood in Qingdao"))), [""; 0]);
    assert_eq!(signs(&job("QD-02", "T2", Some(" "))).len(), 2, "an empty reason is none");
    let mut over = job("QD-02", "T2", None);
    over.site.held.as_mut().unwrap().coverages[0].until = date("2026-03-01");
    assert_eq!(signs(&over), [""; 0], "the contract is over");
}
