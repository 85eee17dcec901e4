//! D-H14: no installation without a passed safety test.

use docket_core::IssueKind;
use docket_core::view::{ClockVerdict, Status};
use serde_json::json;

use crate::story::Story;

#[test]
fn d_h14_the_core_step_without_a_passed_test_is_a_finding() {
    let mut story = Story::job("installation");
    story.put("T1", "arrived", json!({}));
    story.ohm("T1", "12");
    let core = story.step("T1", "1", true);
    let view = story.view();
    let gate = view.gates.iter().find(|gate| gate.gate == "safety").unwrap();
    assert!(!gate.passed && gate.is_violated());
    assert_eq!(gate.lacking, ["A1", "A2", "A3"]);
    assert_eq!(story.issue(IssueKind::GatePassedUnsafe).facts, [core]);
}

#[test]
fn d_h14_a_test_passed_after_the_core_step_came_too_late() {
    let mut story = Story::job("installation");
    story.put("T1", "arrived", json!({}));
    story.step("T1", "1", true);
    story.safe("T1");
    assert_eq!(story.issues(IssueKind::GatePassedUnsafe).len(), 1);
}

#[test]
fn d_h14_a_failed_test_repaired_and_passed_opens_the_gate() {
    let mut story = Story::job("installation");
    story.put("T1", "arrived", json!({}));
    story.ohm("T1", "12");
    story.put("T1", "hazard", json!({"hk": "earth_miswired", "extent": "building", "households": 12}));
    story.safe("T1");
    story.step("T1", "1", true);
    assert_eq!(story.issues(IssueKind::GatePassedUnsafe), []);
    assert!(story.view().gates.iter().all(|gate| gate.passed));
}

#[test]
fn d_h14_refused_because_unsafe_is_unpenalised() {
    let mut story = Story::job("installation");
    story.put("T1", "arrived", json!({}));
    story.ohm("T1", "12");
    story.now += 1000 * 60_000;
    story.put("T1", "refused", json!({"reason": "unsafe"}));
    let view = story.view();
    assert_eq!(view.status, Status::Refused);
    assert!(view.visits[0].outcome().unwrap().is_refused_unsafe());
    let service = view.clocks.iter().find(|clock| clock.id == "service").unwrap();
    assert_eq!(service.state, ClockVerdict::NotApplicable);
    assert_eq!(view.open_issues().count(), 0);
    assert!(!view.gates[0].passed && !view.gates[0].is_violated());
}

#[test]
fn d_h14_for_repairs_the_policy_names_the_steps() {
    let mut story = Story::job("repair");
    story.put("T1", "arrived", json!({}));
    story.ohm("T1", "1");
    story.step("T1", "A3", "correct");
    story.step("T1", "1", true);
    assert_eq!(story.issues(IssueKind::GatePassedUnsafe), [], "insulation may be the very fault");
}

#[test]
fn d_h14_a_pass_of_an_earlier_visit_does_not_open_the_gate() {
    let mut story = Story::job("installation");
    story.put("T1", "arrived", json!({}));
    story.safe("T1");
    story.put("T1", "no_access", json!({}));
    story.now += 24 * 3_600_000;
    story.put("T1", "arrived", json!({}));
    story.step("T1", "1", true);
    assert_eq!(story.issues(IssueKind::GatePassedUnsafe).len(), 1);
}

#[test]
fn d_h14_contradicting_tests_count_as_failed_until_decided() {
    let mut story = Story::job("installation");
    story.put("T1", "arrived", json!({}));
    story.put("T2", "arrived", json!({}));
    story.safe("T1");
    let bad = story.ohm("T2", "9");
    story.step("T1", "1", true);
    assert_eq!(story.issues(IssueKind::GatePassedUnsafe).len(), 1);
    let issue = story.issue(IssueKind::AnswersDiffer);
    let good = issue.facts.iter().copied().find(|fact| *fact != bad);
    story.decide("S1", &issue, good, &[]);
    assert_eq!(story.issues(IssueKind::GatePassedUnsafe), []);
}
