//! Corrections: replaced, voided, chained, doubled.

use docket_core::IssueKind;
use docket_core::view::{Effect, Status, StepStatus};
use docket_format::FactId;
use serde_json::json;

use crate::story::Story;

fn on_site() -> Story {
    let mut story = Story::job("installation");
    story.put("T1", "arrived", json!({}));
    story
}

fn fix(story: &mut Story, device: &str, fixes: FactId, ohms: &str) -> FactId {
    let body = json!({"step": "A1", "v": ohms, "unit": "ohm", "fixes": fixes.to_string(), "why": "slipped"});
    story.put(device, "reading", body)
}

fn void(story: &mut Story, device: &str, fixes: FactId) -> FactId {
    story.put(device, "corrected", json!({"fixes": fixes.to_string(), "why": "mis-tap"}))
}

#[test]
fn a_replacement_takes_the_place_of_what_it_fixes() {
    let mut story = on_site();
    let wrong = story.ohm("T1", "50");
    let right = fix(&mut story, "T1", wrong, "0.5");
    let view = story.view();
    let state = crate::story::find(&view, "A1");
    assert_eq!(state.answers.iter().map(|answer| answer.fact).collect::<Vec<_>>(), [right]);
    assert!(state.answers[0].corrects);
    assert_eq!(view.timeline.iter().find(|entry| entry.fact == wrong).unwrap().effect, Effect::Corrected);
}

#[test]
fn a_void_takes_a_fact_away_and_voiding_the_void_brings_it_back() {
    let mut story = on_site();
    let tick = story.ohm("T1", "0.5");
    let taken = void(&mut story, "T1", tick);
    assert_eq!(story.status_of("A1"), StepStatus::Missing);
    void(&mut story, "T1", taken);
    assert_eq!(story.status_of("A1"), StepStatus::Ok);
}

#[test]
fn a_chain_of_corrections_ends_in_its_last() {
    let mut story = on_site();
    let one = story.ohm("T1", "50");
    let two = fix(&mut story, "T1", one, "5");
    fix(&mut story, "T1", two, "0.5");
    assert_eq!(story.status_of("A1"), StepStatus::Ok);
    assert_eq!(story.view().issues, []);
}

#[test]
fn a_mistap_on_the_wrong_step_moves_to_the_right_one() {
    let mut story = on_site();
    let wrong = story.step("T1", "B1", true);
    story.put("T1", "step", json!({"step": "E1", "v": true, "fixes": wrong.to_string(), "why": "wrong line"}));
    assert_eq!(story.status_of("B1"), StepStatus::Missing);
    assert_eq!(story.status_of("E1"), StepStatus::Ok);
}

#[test]
fn two_different_corrections_of_one_fact_are_for_a_person_to_decide() {
    let mut story = on_site();
    let tick = story.ohm("T1", "50");
    let mine = fix(&mut story, "T1", tick, "0.5");
    let theirs = void(&mut story, "S1", tick);
    let issue = story.issue(IssueKind::CorrectionsDiffer);
    assert_eq!(issue.facts, [tick, mine, theirs]);
    let mut kept = story.clone();
    kept.decide("S1", &issue, Some(mine), &[]);
    assert_eq!(kept.status_of("A1"), StepStatus::Ok);
    story.decide("S1", &issue, Some(tick), &[]);
    assert_eq!(story.status_of("A1"), StepStatus::OutOfLimits, "the corrected fact may stand after all");
}

#[test]
fn a_device_correcting_twice_means_its_second_correction() {
    let mut story = on_site();
    let tick = story.ohm("T1", "50");
    fix(&mut story, "T1", tick, "5");
    fix(&mut story, "T1", tick, "0.5");
    assert_eq!(story.status_of("A1"), StepStatus::Ok);
    assert_eq!(story.view().issues, []);
}

#[test]
fn d_h20_correcting_what_somebody_else_recorded_needs_the_role() {
    let mut story = on_site();
    let bad = story.ohm("T1", "50");
    fix(&mut story, "T2", bad, "0.5");
    assert_eq!(story.status_of("A1"), StepStatus::OutOfLimits, "a colleague can't wipe out a failed test");
    assert_eq!(story.issues(IssueKind::Unauthorised).len(), 1);
    fix(&mut story, "S1", bad, "0.5");
    assert_eq!(story.status_of("A1"), StepStatus::Ok);
}

#[test]
fn registers_are_changed_by_setting_not_by_correcting() {
    let mut story = on_site();
    let created = story.facts[0].id;
    void(&mut story, "S1", created);
    assert_eq!(story.issues(IssueKind::BadPayload).len(), 1);
    assert_eq!(story.view().kind(), Some("installation"));
}

#[test]
fn voiding_the_end_of_a_visit_puts_the_technician_back_on_site() {
    let mut story = on_site();
    let end = story.put("T1", "completed", json!({"resolution": "installed"}));
    assert_eq!(story.view().status, Status::Done);
    void(&mut story, "T1", end);
    assert_eq!(story.view().status, Status::OnSite);
}
