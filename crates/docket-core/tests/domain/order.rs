//! D-H1: completeness, and the partial order A < 1 < C, E last; B and D anywhere.

use docket_core::checklist::Checklist;
use docket_core::view::StepStatus;
use serde_json::json;

use crate::story::{HAIER, Story};

fn breaks(story: &Story) -> Vec<(String, String)> {
    let view = story.view();
    view.order_breaks.iter().map(|found| (found.step.to_owned(), found.before_step.to_owned())).collect()
}

#[test]
fn d_h1_a_good_visit_is_complete_and_in_order() {
    let mut story = Story::job("installation");
    story.good_visit("T1");
    let view = story.view();
    let checklist = Checklist::of(&view, &HAIER);
    assert_eq!(checklist.template.as_deref(), Some("installation@1"));
    assert_eq!(checklist.missing().count(), 0);
    assert_eq!(checklist.faulty().count(), 0, "{:?}", checklist.faulty().collect::<Vec<_>>());
    assert_eq!(breaks(&story), []);
    assert_eq!(view.open_issues().count(), 0);
}

#[test]
fn d_h1_b_and_d_have_no_place_in_time_the_others_do() {
    let mut story = Story::job("installation");
    story.put("T1", "arrived", json!({}));
    story.step("T1", "D1", "none");
    story.step("T1", "B1", true);
    story.step("T1", "N1", true);
    assert_eq!(breaks(&story), [], "B and D before everything else break nothing");
    story.step("T1", "C1", true);
    story.safe("T1");
    story.step("T1", "1", true);
    assert_eq!(breaks(&story), [("1".into(), "C1".into())]);
    story.step("T1", "E1", true);
    story.put("T1", "photo", json!({"step": "1P", "sha256": "X", "size": 1, "mime": "image/jpeg"}));
    let found = breaks(&story);
    assert!(found.contains(&("1P".into(), "E1".into())), "E is last: {found:?}");
}

#[test]
fn d_h13_the_notice_card_precedes_the_safety_test() {
    let mut story = Story::job("installation");
    story.put("T1", "arrived", json!({}));
    story.ohm("T1", "1");
    story.step("T1", "N1", true);
    assert_eq!(breaks(&story), [("N1".into(), "A1".into())]);
    assert!(story.view().order_breaks[0].certain);
}

#[test]
fn d_h1_an_order_between_two_devices_is_only_claimed() {
    let mut story = Story::job("installation");
    story.put("T1", "arrived", json!({}));
    story.put("T2", "arrived", json!({}));
    story.ohm("T2", "1");
    story.step("T1", "N1", true);
    assert!(!story.view().order_breaks[0].certain);
}

#[test]
fn d_h1_a_mistap_corrected_later_was_still_made_when_it_was_made() {
    let mut story = Story::job("installation");
    story.put("T1", "arrived", json!({}));
    story.step("T1", "N1", true);
    let wrong = story.ohm("T1", "80");
    story.put("T1", "reading", json!({"step": "A2", "v": "200", "unit": "megaohm"}));
    story.step("T1", "A3", "correct");
    story.step("T1", "A4", true);
    story.step("T1", "1", true);
    story.put(
        "T1",
        "reading",
        json!({"step": "A1", "v": "0.80", "unit": "ohm", "fixes": wrong.to_string(), "why": "slipped"}),
    );
    assert_eq!(breaks(&story), []);
    assert_eq!(story.status_of("A1"), StepStatus::Ok);
}

#[test]
fn d_h9_each_appliance_has_its_own_steps() {
    let mut story = Story::job("installation");
    story.set("D1", "appliances", &json!(16), &[story.facts[0].id]);
    story.put("T1", "arrived", json!({}));
    for appliance in 1..=15 {
        story.put("T1", "reading", json!({"step": "A1", "appliance": appliance, "v": "1", "unit": "ohm"}));
    }
    let view = story.view();
    let earth: Vec<_> = view.steps.iter().filter(|state| state.step == "A1").map(|state| state.status).collect();
    assert_eq!(earth.len(), 16);
    assert_eq!(earth.iter().filter(|status| **status == StepStatus::Missing).count(), 1);
}

#[test]
fn d_h1_a_reading_names_its_unit_and_stays_within_limits() {
    let mut story = Story::job("installation");
    story.put("T1", "arrived", json!({}));
    story.ohm("T1", "4.1");
    assert_eq!(story.status_of("A1"), StepStatus::OutOfLimits);
    story.put("T1", "reading", json!({"step": "A1", "v": "0.5", "unit": "megaohm"}));
    assert_eq!(story.status_of("A1"), StepStatus::WrongUnit);
    story.ohm("T1", "4");
    assert_eq!(story.status_of("A1"), StepStatus::Ok);
    story.step("T1", "Z9", true);
    assert_eq!(story.view().stray_answers.len(), 1);
}

#[test]
fn a_signature_turns_stale_when_an_answer_changes() {
    let mut story = Story::job("installation");
    story.good_visit("T1");
    assert_eq!(story.status_of("S1"), StepStatus::Ok);
    story.step("T1", "D1", "a refrigerator, fine");
    assert_eq!(story.status_of("S1"), StepStatus::Stale);
}
