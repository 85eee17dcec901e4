//! How requests are taken in: any channel, promptly, accurately, classed by region and nature.

use docket_core::policy::HandledBy;
use docket_core::{IssueKind, Policy};
use serde_json::json;

use crate::story::{HAIER, MORNING, Story};

fn has(story: &Story, sign: &str) -> usize {
    story.view().signs.iter().filter(|found| found.sign == sign).count()
}

#[test]
fn d_h7_any_channel_is_kept_and_late_recording_is_a_sign() {
    for (received, late) in [("2026-03-02T07:30:00Z", 0), ("2026-03-02T06:59:00Z", 1), ("2026-03-02T08:00:00Z", 0)] {
        let mut story = Story::empty();
        let regs = json!({"kind": "repair", "channel": "carrier pigeon", "received_at": received});
        story.put("D1", "created", json!({"dk": "job", "regs": regs}));
        assert_eq!(story.view().str("channel"), Some("carrier pigeon"));
        assert_eq!(story.view().course.recorded_ms.map(|at| at.0), Some(MORNING));
        assert_eq!(has(&story, "late_intake"), late, "{received}");
    }
}

#[test]
fn d_h7_project_customers_are_asked_before_they_ask() {
    let found = |group: &str, kind: &str, more: serde_json::Value| {
        let mut story = Story::empty();
        story.site.group = Some(group.into());
        let mut regs = json!({"kind": kind, "channel": "phone"});
        regs.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        story.put("D1", "created", json!({"dk": "job", "regs": regs}));
        has(&story, "not_asked_first")
    };
    assert_eq!(found("engineering", "maintenance", json!({})), 1);
    assert_eq!(found("engineering", "maintenance", json!({"own_initiative": false})), 1);
    assert_eq!(found("engineering", "repair", json!({})), 0, "nobody foresees a fault");
    assert_eq!(found("urban", "maintenance", json!({})), 0, "no project customer");
    for ours in [
        json!({"own_initiative": true}),
        json!({"own_initiative": "yes"}),
        json!({"channel": "own_initiative"}),
        json!({"channel": "care", "care": "contract_inspection"}),
    ] {
        assert_eq!(found("engineering", "maintenance", ours.clone()), 0, "{ours}");
    }
    let mut row = Story::empty();
    row.site.group = Some("engineering".into());
    row.import(&json!({"kind": "maintenance", "channel": "phone"}));
    assert_eq!(has(&row, "not_asked_first"), 0, "it was taken in elsewhere");
}

#[test]
fn d_h7_a_policys_slips_about_whom_to_ask_first_are_refused_in_their_place() {
    let slip = |line: &str| {
        let text = format!("name = \"x\"\nversion = \"1\"\n[intake]\nasked_first = {line}\n");
        Policy::parse(&text, "x.toml").unwrap_err().to_string()
    };
    assert!(slip("{ kinds = [\"design\"] }").contains("lacks `groups`"));
    assert!(slip("{ groups = [\"vip\", \"vip\"] }").contains("appears twice"));
    assert!(slip("{ group = [\"vip\"] }").contains("unknown key `group`"));
}

#[test]
fn d_h7_later_corrections_of_intake_are_counted() {
    let mut story = Story::empty();
    let first = story.put("D1", "created", json!({"dk": "job", "regs": {"kind": "repair", "product": "fridge"}}));
    assert_eq!(story.view().course.intake_corrections, 0);
    let second = story.set("D1", "product", &json!("oven"), &[first]);
    story.set("D1", "product", &json!("oven"), &[second]);
    story.set("D1", "model", &json!("X7"), &[]);
    story.put("D1", "assigned", json!({"regs": {"crew": ["T1"]}}));
    story.put("D1", "assigned", json!({"regs": {"crew": ["T2"]}}));
    assert_eq!(story.view().course.intake_corrections, 1, "the same value, a new field and a crew correct nothing");
    assert_eq!(has(&story, "intake_corrected"), 1);
}

#[test]
fn d_e1_requests_are_classed_by_region_and_nature_and_by_whom_is_kept() {
    let mut story = Story::job("repair");
    let fact = story.put(
        "S1",
        "classified",
        json!({"regs": {"region": "east", "nature": "line", "handled_by": "headquarters"}}),
    );
    let view = story.view();
    assert_eq!((view.str("region"), view.str("nature")), (Some("east"), Some("line")));
    let live = &view.registers["nature"].live[0];
    assert_eq!((live.fact, live.person.as_ref().unwrap().as_str()), (fact, "S1"));
    assert_eq!(has(&story, "unknown_nature"), 0);
}

#[test]
fn d_e1_the_natures_are_a_tree_in_every_pack() {
    for name in ["haier", "changhong", "hengji", "severity", "default"] {
        let policy = Policy::parse(docket_core::policy::builtin(name).unwrap(), name).unwrap();
        let parent = |id: &str| policy.nature(id).unwrap().parent.clone();
        for root in ["hardware", "software", "network", "transaction", "content", "other"] {
            assert_eq!(parent(root), None, "{name}");
        }
        for child in ["coverage", "speed", "line"] {
            assert_eq!(parent(child).as_deref(), Some("network"), "{name}");
            assert_eq!(policy.nature(child).unwrap().handled_by, HandledBy::Headquarters, "{name}: as its parent");
        }
    }
}

#[test]
fn d_e1_a_nature_outside_the_tree_is_kept_and_a_sign() {
    let mut story = Story::job("repair");
    story.put("S1", "classified", json!({"regs": {"nature": "weather"}}));
    assert_eq!(story.view().str("nature"), Some("weather"));
    assert_eq!(has(&story, "unknown_nature"), 1);
    assert!(story.issues(IssueKind::BadPayload).is_empty());
}

#[test]
fn d_e2_classing_anew_counts_as_an_error() {
    let mut story = Story::job("repair");
    let first = story.put("S1", "classified", json!({"regs": {"nature": "hardware", "region": "east"}})).to_string();
    assert_eq!(has(&story, "reclassified"), 0);
    story.put(
        "S1",
        "classified",
        json!({"regs": {"nature": "software", "region": "east"}, "over": [first], "why": "?"}),
    );
    assert_eq!(has(&story, "reclassified"), 1, "the region stayed");
    assert_eq!((story.view().course.reclassified, story.view().course.intake_corrections), (1, 0));
}

#[test]
fn d_e2_completeness_is_the_share_of_what_the_policy_asks() {
    let mut story = Story::empty();
    story.put("D1", "created", json!({"dk": "job", "regs": {"kind": "repair", "product": "fridge", "text": ""}}));
    let asked = HAIER.intake.complete.len() as u32;
    assert_eq!(story.view().course.completeness, Some(200 / asked), "a blank text says nothing");
    for name in &HAIER.intake.complete {
        story.set("D1", name, &json!("something"), &[]);
    }
    assert_eq!(story.view().course.completeness, Some(100));
}

#[test]
fn d_e8_every_pack_names_whom_to_escalate_to() {
    for name in ["haier", "changhong", "hengji", "severity", "default"] {
        let policy = Policy::parse(docket_core::policy::builtin(name).unwrap(), name).unwrap();
        for level in docket_core::policy::levels() {
            assert!(policy.escalation.iter().any(|contact| contact.to == *level), "{name}: {level}");
        }
    }
}
