//! D-H20 and DESIGN §3, §5: who may state what; claims; unknown devices; unknown kinds.

use docket_core::view::{Effect, Status};
use docket_core::{IssueKind, Severity};
use serde_json::json;

use crate::story::Story;

#[test]
fn d_h20_another_roles_fact_is_kept_without_effect_and_found() {
    let mut story = Story::job("repair");
    let fact = story.put("X1", "cancelled", json!({"why": "I think so"}));
    let view = story.view();
    assert_eq!(view.status, Status::Assigned);
    assert_eq!(view.timeline.last().unwrap().effect, Effect::Unauthorised);
    let issue = story.issue(IssueKind::Unauthorised);
    assert_eq!((issue.row, issue.facts.as_slice()), ("D-H20", &[fact][..]));
    story.decide("S1", &issue, Some(fact), &[]);
    assert_eq!(story.view().status, Status::Cancelled, "a supervisor may let it count");
}

#[test]
fn d_h20_a_register_may_have_roles_of_its_own() {
    let mut story = Story::job("repair");
    story.set("T1", "crew", &json!(["T9"]), &[]);
    story.set("T1", "phone_note", &json!("ring twice"), &[]);
    assert_eq!(story.view().crew(), ["T1"]);
    assert_eq!(story.view().str("phone_note"), Some("ring twice"));
}

#[test]
fn d_h20_out_of_a_file_comes_only_what_policy_lets_in() {
    let mut story = Story::empty();
    story.import(&json!({"kind": "repair"}));
    story.import_as("completed", json!({"resolution": "repaired"}));
    assert_eq!(story.view().status, Status::New, "a row of a file can't pose as a technician's work");
    assert_eq!(story.issues(IssueKind::Unauthorised).len(), 1);
}

#[test]
fn d_h20_a_decision_by_somebody_who_may_not_decide_settles_nothing() {
    let mut story = Story::job("repair");
    let cancelled = story.put("X1", "cancelled", json!({"why": "no"}));
    let issue = story.issue(IssueKind::Unauthorised);
    let decision = story.decide("X1", &issue, Some(cancelled), &[]);
    let about = story.issues(IssueKind::Unauthorised).into_iter().find(|issue| issue.facts == [decision]).unwrap();
    story.decide("X1", &about, Some(decision), &[]);
    story.decide("S1", &about, Some(decision), &[]);
    assert_eq!(story.view().status, Status::Assigned, "not even a supervisor makes an auditor's decision count");
}

#[test]
fn what_a_revoked_device_sends_is_a_claim_until_it_is_accepted() {
    let mut story = Story::job("repair");
    story.put("T1", "arrived", json!({}));
    let late = story.put("T1", "completed", json!({"resolution": "repaired"}));
    story.roster.claims.insert(late);
    assert_eq!(story.view().status, Status::OnSite);
    let issue = story.issue(IssueKind::Claim);
    let mut rejected = story.clone();
    rejected.decide("S1", &issue, None, &[]);
    assert_eq!(rejected.view().status, Status::OnSite);
    assert!(!rejected.issue(IssueKind::Claim).is_open());
    story.decide("S1", &issue, Some(late), &[]);
    assert_eq!(story.view().status, Status::Done);
}

#[test]
fn a_device_that_nobody_knows_has_no_effect() {
    let mut story = Story::job("repair");
    story.put("?9", "cancelled", json!({"why": "prank"}));
    assert_eq!(story.view().status, Status::Assigned);
    let issue = story.issue(IssueKind::UnknownDevice);
    assert_eq!((issue.severity, issue.options.len()), (Severity::High, 0));
}

#[test]
fn kinds_of_a_newer_version_are_kept_and_shown() {
    let mut story = Story::job("repair");
    story.put("T1", "loaner_lent", json!({"item": "heater"}));
    let view = story.view();
    assert_eq!(view.timeline.last().unwrap().effect, Effect::UnknownKind);
    assert_eq!(view.issues, []);
}

#[test]
fn a_payload_without_sense_has_no_effect_and_is_found() {
    for (kind, body) in [
        ("step", json!({"v": true})),
        ("step", json!({"step": "1", "appliance": 0})),
        ("step", json!({"step": "1", "appliance": 201})),
        ("reading", json!({"step": "A1", "v": 3, "unit": "ohm"})),
        ("completed", json!({})),
        ("assigned", json!({"regs": []})),
        ("corrected", json!({"fixes": "nobody"})),
        ("arrived", json!({"visit": 7})),
    ] {
        let mut story = Story::job("repair");
        story.put("T1", kind, body.clone());
        let raised = story.issues(IssueKind::BadPayload).len() + story.issues(IssueKind::Unauthorised).len();
        assert_eq!(raised, 1, "{kind} {body}");
        assert_eq!(story.view().status, Status::Assigned, "{kind} {body}");
    }
}
