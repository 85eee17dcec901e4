//! Status is derived, never stored.

use docket_core::view::Status;
use serde_json::json;

use crate::story::Story;

#[test]
fn a_job_goes_from_new_to_done_and_back() {
    let mut story = Story::empty();
    story.put("D1", "created", json!({"dk": "job", "regs": {"kind": "repair"}}));
    assert_eq!(story.view().status, Status::New);
    let crew = story.put("D1", "assigned", json!({"regs": {"crew": ["T1"]}}));
    assert_eq!(story.view().status, Status::Assigned);
    story.put("T1", "arrived", json!({}));
    assert_eq!(story.view().status, Status::OnSite);
    story.put("T1", "completed", json!({"resolution": "repaired"}));
    assert_eq!(story.view().status, Status::Done);
    story.put("D1", "reopened", json!({"why": "leaks"}));
    assert_eq!(story.view().status, Status::Assigned);
    story.put("D1", "assigned", json!({"regs": {"crew": []}, "over": [crew.to_string()]}));
    assert_eq!(story.view().status, Status::New);
    story.put("D1", "cancelled", json!({"why": "sold"}));
    assert_eq!(story.view().status, Status::Cancelled);
    story.put("D1", "reopened", json!({"why": "bought back"}));
    assert_eq!(story.view().status, Status::New);
}

#[test]
fn d_k2_after_no_access_a_new_appointment_puts_the_job_back_on_the_plan() {
    let mut story = Story::job("repair");
    story.put("T1", "arrived", json!({}));
    story.put("T1", "no_access", json!({}));
    assert_eq!(story.view().status, Status::NoAccess);
    story.put("D1", "scheduled", json!({"regs": {"appointment": "2026-03-03T09:00:00Z"}}));
    assert_eq!(story.view().status, Status::Assigned);
}

#[test]
fn an_imported_job_is_as_far_as_its_dates_prove() {
    for (regs, expect) in [
        (json!({"kind": "other"}), Status::New),
        (json!({"kind": "other", "serviced_on": "2020-01-03"}), Status::Done),
        (json!({"kind": "other", "serviced_on": "2020-01-03", "closed_at": "2020-01-03T10:00:00Z"}), Status::Closed),
        (json!({"kind": "other", "closed_at": null}), Status::New),
    ] {
        let mut story = Story::empty();
        story.import(&regs);
        let view = story.view();
        assert_eq!(view.status, expect, "{regs}");
        assert!(view.steps.is_empty() && view.issues.is_empty() && view.clocks.is_empty());
    }
}

#[test]
fn a_job_solved_remotely_needs_no_visit() {
    let mut story = Story::job("repair");
    story.put("S1", "completed", json!({"resolution": "solved_remotely"}));
    let view = story.view();
    assert_eq!((view.status, view.visits.len(), view.remote_outcomes.len()), (Status::Done, 0, 1));
}
