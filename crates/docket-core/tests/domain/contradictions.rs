//! Facts that can't all be true: found, offered for decision, settled by facts, contested again.

use docket_core::IssueKind;
use docket_core::view::{Effect, Status, StepStatus};
use serde_json::json;

use crate::story::Story;

fn two_on_site() -> Story {
    let mut story = Story::job("installation");
    story.put("T1", "arrived", json!({}));
    story.put("T2", "arrived", json!({}));
    story
}

#[test]
fn d_h9_a_crew_arriving_together_makes_one_visit() {
    let story = two_on_site();
    let view = story.view();
    assert_eq!(view.visits.len(), 1);
    assert_eq!(view.visits[0].arrivals.len(), 2);
}

#[test]
fn two_people_answering_one_step_differently_contradict_each_other() {
    let mut story = two_on_site();
    let good = story.ohm("T1", "0.5");
    let bad = story.ohm("T2", "50");
    let issue = story.issue(IssueKind::AnswersDiffer);
    assert_eq!(issue.facts, [good, bad]);
    assert_eq!(story.status_of("A1"), StepStatus::OutOfLimits, "the worst counts until it is decided");
    let first = story.decide("S1", &issue, Some(good), &[]);
    assert_eq!(story.status_of("A1"), StepStatus::Ok);
    assert!(!story.issue(IssueKind::AnswersDiffer).is_open());
    let effect = story.view().timeline.iter().find(|entry| entry.fact == bad).unwrap().effect;
    assert_eq!(effect, Effect::DecidedAgainst);

    let second = story.decide("S2", &issue, Some(bad), &[]);
    let contested = story.issue(IssueKind::AnswersDiffer);
    assert!(contested.is_open() && contested.contested.len() == 2);
    assert_eq!(story.status_of("A1"), StepStatus::OutOfLimits);
    story.decide("S1", &issue, Some(bad), &[first, second]);
    let settled = story.issue(IssueKind::AnswersDiffer);
    assert_eq!(settled.decided.unwrap().keep, Some(bad));
}

#[test]
fn the_same_reading_written_differently_is_no_contradiction() {
    let mut story = two_on_site();
    story.ohm("T1", "0.5");
    story.ohm("T2", "0.50");
    assert_eq!(story.issues(IssueKind::AnswersDiffer), []);
}

#[test]
fn a_third_answer_opens_a_settled_contradiction_again() {
    let mut story = two_on_site();
    let good = story.ohm("T1", "0.5");
    story.ohm("T2", "50");
    let issue = story.issue(IssueKind::AnswersDiffer);
    story.decide("S1", &issue, Some(good), &[]);
    story.put("T3", "arrived", json!({}));
    story.ohm("T3", "7");
    let again = story.issue(IssueKind::AnswersDiffer);
    assert!(again.is_open() && again.id != issue.id);
}

#[test]
fn one_visit_can_end_in_one_way_only() {
    let mut story = two_on_site();
    let done = story.put("T1", "completed", json!({"resolution": "installed"}));
    story.put("T2", "completed", json!({"resolution": "installed"}));
    assert_eq!(story.issues(IssueKind::OutcomesDiffer), []);
    let mut refused = two_on_site();
    let done_too = refused.put("T1", "completed", json!({"resolution": "installed"}));
    refused.put("T2", "refused", json!({"reason": "unsafe"}));
    assert_eq!(done, done_too, "the same fact");
    let issue = refused.issue(IssueKind::OutcomesDiffer);
    assert_eq!(refused.view().status, Status::Refused);
    refused.decide("S1", &issue, Some(done), &[]);
    assert_eq!(refused.view().status, Status::Done);
}

#[test]
fn completed_with_two_resolutions_is_a_contradiction() {
    let mut story = two_on_site();
    story.put("T1", "completed", json!({"resolution": "installed"}));
    story.put("T2", "completed", json!({"resolution": "exchanged"}));
    assert!(story.issue(IssueKind::OutcomesDiffer).is_open());
}

#[test]
fn d_h9_a_second_visit_after_a_completed_one_is_a_finding() {
    let mut story = Story::job("installation");
    story.good_visit("T1");
    story.now += 5 * 3_600_000;
    story.put("T2", "arrived", json!({}));
    assert_eq!(story.view().visits.len(), 2);
    assert_eq!(story.issue(IssueKind::TwoVisits).options.len(), 2);
}

#[test]
fn d_k2_coming_again_after_no_access_is_no_finding() {
    let mut story = Story::job("installation");
    story.put("T1", "arrived", json!({}));
    story.put("T1", "no_access", json!({}));
    story.put("T1", "arrived", json!({}));
    let view = story.view();
    assert_eq!(view.visits.len(), 2, "arriving after an outcome is another visit, however soon");
    assert_eq!(view.issues, []);
    assert_eq!(view.status, Status::OnSite);
}

#[test]
fn arriving_twice_without_leaving_is_a_double_tap() {
    let mut story = Story::job("installation");
    story.put("T1", "arrived", json!({}));
    story.put("T1", "arrived", json!({}));
    assert_eq!(story.view().visits.len(), 1);
}

#[test]
fn work_on_a_cancelled_job_is_kept_and_shown() {
    let mut story = Story::job("installation");
    story.put("D1", "cancelled", json!({"why": "customer changed their mind"}));
    let work = story.put("T1", "arrived", json!({}));
    assert_eq!(story.view().status, Status::Cancelled);
    let issue = story.issue(IssueKind::CancelledWork);
    story.decide("S1", &issue, Some(work), &[]);
    assert_eq!(story.view().status, Status::OnSite);
}
