//! D-H4, D-H9, D-E4, D-E5: goods and installer together, whole sets in one go, counter repairs, sending on.

use docket_core::policy::Policy;
use docket_core::time::{DAY_MS, MINUTE_MS};
use docket_core::{UnixMs, fold_job};
use serde_json::{Value, json};

use crate::story::Story;

/// The signs of a story under the union of all packs.
pub(crate) fn signs(story: &Story) -> Vec<String> {
    let policy = Policy::parse(docket_core::policy::DEFAULT, "default.toml").unwrap();
    let view = fold_job(&story.record(&story.facts), &policy, UnixMs(story.now));
    assert_eq!(view.open_issues().filter(|issue| issue.kind == docket_core::IssueKind::Unauthorised).count(), 0);
    // Signs of other duties (calls, call-backs) are not what these tests are about.
    let mine = [
        "goods_missing",
        "sent_on_without_fault",
        "loaner_not_returned",
        "second_",
        "arrivals_spread",
        "no_vehicle",
        "part_",
        "foreseeable_part",
        "promise_",
        "core_before_plan",
        "plan_",
        "works_",
        "witness_",
        "acceptor_",
        "overcharged",
        "free_item",
        "covered_item",
        "unlisted_item",
        "contract_",
    ];
    let found = view.signs.iter().filter(|sign| mine.iter().any(|name| sign.sign.starts_with(name)));
    found.map(|sign| sign.sign.to_owned()).collect()
}

#[test]
fn d_h4_goods_and_installer_come_together() {
    let arrive = |story: &mut Story| story.put("T1", "arrived", json!({}));
    let deliver = |story: &mut Story| story.put("D1", "delivered", json!({"goods": "washer"}));
    let mut before = Story::job("installation");
    deliver(&mut before);
    arrive(&mut before);
    deliver(&mut before);
    assert_eq!(signs(&before), [""; 0]);
    let mut after = Story::job("installation");
    arrive(&mut after);
    assert_eq!(signs(&after), [""; 0], "nobody wrote down when the goods came");
    deliver(&mut after);
    assert_eq!(signs(&after), ["goods_missing"]);
    let mut repair = Story::job("repair");
    arrive(&mut repair);
    deliver(&mut repair);
    assert_eq!(signs(&repair), [""; 0], "a repair waits for no goods");
    let mut stated = Story::job("installation");
    arrive(&mut stated);
    stated.put("D1", "delivered", json!({"when": "2026-03-02T08:30:00Z"}));
    assert_eq!(signs(&stated), [""; 0], "written down later, and there in time");
}

/// A whole set with its vehicle, delivered.
fn whole_set() -> Story {
    let mut story = Story::empty();
    story.site.group = Some("whole_set".into());
    let regs = json!({"kind": "installation", "appliances": 4});
    story.put("P1", "created", json!({"dk": "job", "regs": regs}));
    story.put("D1", "created", json!({"dk": "job", "regs": {"channel": "phone"}}));
    story.put("D1", "assigned", json!({"regs": {"crew": ["T1", "T2"], "vehicle": "QD 4410"}}));
    story.put("D1", "delivered", json!({}));
    story
}

#[test]
fn d_h9_one_report_one_entry_one_delivery_one_dispatch_one_visit() {
    let mut clean = whole_set();
    clean.put("T1", "arrived", json!({}));
    clean.put("T2", "arrived", json!({}));
    clean.put("T1", "completed", json!({"resolution": "installed"}));
    assert_eq!(signs(&clean), [""; 0]);
    let cases: [(&str, &str, Value, &str); 4] = [
        ("P2", "created", json!({"dk": "job", "regs": {}}), "second_report"),
        ("S1", "created", json!({"dk": "job", "regs": {}}), "second_entry"),
        ("D1", "delivered", json!({"goods": "the rest"}), "second_delivery"),
        ("D1", "assigned", json!({"regs": {"crew": ["T5"]}}), "second_dispatch"),
    ];
    for (device, kind, body, sign) in cases {
        let mut story = whole_set();
        story.put(device, kind, body);
        assert_eq!(signs(&story), [sign]);
        story.site.group = Some("urban".into());
        assert_eq!(signs(&story), [""; 0], "only for whole sets");
    }
}

#[test]
fn d_h9_a_second_visit_counts_unless_nobody_there_is_to_blame() {
    for (between, expect) in [
        (None, &["second_visit"][..]),
        (Some(("T1", "no_access", json!({}))), &[]),
        (Some(("T1", "part", json!({"part": "P", "state": "requested"}))), &[]),
        (Some(("D1", "reopened", json!({"why": "leaks"}))), &[]),
    ] {
        let mut story = whole_set();
        story.put("T1", "arrived", json!({}));
        if let Some((device, kind, body)) = between {
            story.put(device, kind, body);
        }
        story.now += DAY_MS;
        story.put("T1", "arrived", json!({}));
        assert_eq!(signs(&story), expect);
    }
}

#[test]
fn d_h9_all_arrive_together_in_a_vehicle_that_the_dispatch_names() {
    for (minutes, expect) in [(29, &[][..]), (30, &["arrivals_spread"])] {
        let mut story = whole_set();
        story.put("T1", "arrived", json!({})); // a minute passes
        story.now += minutes * MINUTE_MS;
        story.put("T2", "arrived", json!({}));
        assert_eq!(signs(&story), expect, "{minutes}");
    }
    let mut walking = Story::job("installation");
    walking.site.group = Some("whole_set".into());
    assert_eq!(signs(&walking), ["no_vehicle"]);
    walking.put("T1", "departed", json!({"vehicle": "QD 4410", "km": 12}));
    assert_eq!(signs(&walking), [""; 0]);
}

#[test]
fn d_e5_nothing_is_sent_to_headquarters_without_a_test_that_shows_the_fault() {
    let test = |story: &mut Story, shows: bool| story.put("T1", "tested", json!({"shows_fault": shows}));
    let send = |story: &mut Story, to: &str| story.put("S1", "sent_on", json!({"to": to}));
    for (shows, to, expect) in [
        (None, "headquarters", &["sent_on_without_fault"][..]),
        (Some(false), "headquarters", &["sent_on_without_fault"]),
        (Some(true), "headquarters", &[]),
        (None, "QD-02", &[]),
    ] {
        let mut story = Story::job("repair");
        if let Some(shows) = shows {
            test(&mut story, shows);
        }
        send(&mut story, to);
        assert_eq!(signs(&story), expect, "{shows:?} {to}");
    }
    let mut late = Story::job("repair");
    send(&mut late, "headquarters");
    test(&mut late, true);
    assert_eq!(signs(&late), ["sent_on_without_fault"], "tested after it was sent");
}

#[test]
fn d_e4_a_loaner_comes_back_when_the_customers_own_is_fetched() {
    let mut story = Story::job("repair");
    story.put("D1", "handed_in", json!({}));
    story.put("D1", "loaned", json!({"item": "phone"}));
    story.put("D1", "ready", json!({}));
    assert_eq!(signs(&story), [""; 0]);
    story.put("D1", "collected", json!({}));
    assert_eq!(signs(&story), ["loaner_not_returned"]);
    story.put("D1", "loan_returned", json!({"item": "charger"}));
    assert_eq!(signs(&story), ["loaner_not_returned"], "another thing came back");
    story.put("D1", "loan_returned", json!({"item": "phone"}));
    assert_eq!(signs(&story), [""; 0]);
}
