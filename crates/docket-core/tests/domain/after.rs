//! After the visit: resolutions, the call-back that closes, bad answers, complaints, second visits, the customer's owner.

use docket_core::view::{Repeat, Status};
use docket_core::{IssueKind, Policy, Record, Site, UnixMs, fold_job};
use serde_json::{Value, json};

use crate::story::{HAIER, Story};

/// The signs of a story, as `sign key`.
fn signs(story: &Story) -> Vec<String> {
    story.view().signs.iter().map(|sign| sign.sign.to_owned()).collect()
}

fn has(story: &Story, sign: &str) -> bool {
    signs(story).iter().any(|found| found == sign)
}

/// A repair done in one visit.
fn repaired() -> Story {
    let mut story = Story::job("repair");
    story.put("T1", "arrived", json!({}));
    story.put("T1", "completed", json!({"resolution": "repaired"}));
    story
}

#[test]
fn d_c6_the_policy_says_what_follows_from_a_resolution() {
    for (resolution, call_back, first_time_fix, unpenalised) in [
        ("installed", true, true, false),
        ("repaired", true, true, false),
        ("inspected", true, false, false),
        ("exchanged", true, false, false),
        ("refunded", true, false, false),
        ("compensated", true, false, false),
        ("solved_remotely", true, false, false),
        ("no_fault_found", true, false, false),
        ("declined", false, false, true),
        ("invalid", false, false, true),
    ] {
        let mut story = Story::job("repair");
        story.put("T1", "arrived", json!({}));
        story.put("T1", "completed", json!({"resolution": resolution}));
        let view = story.view();
        let found = view.course.resolution.clone().unwrap();
        let seen = (found.id, found.call_back, found.first_time_fix, found.unpenalised);
        assert_eq!(seen, (resolution, call_back, first_time_fix, unpenalised));
        assert_eq!(view.course.first_time_fix, first_time_fix.then_some(true), "{resolution}");
        assert!(!has(&story, "unknown_resolution"), "{resolution}");
    }
}

#[test]
fn d_c6_refusing_and_calling_off_are_resolutions_too() {
    let resolution = |kind: &str, body: Value| {
        let mut story = Story::job("repair");
        story.put("T1", "arrived", json!({}));
        story.put(if kind == "cancelled" { "D1" } else { "T1" }, kind, body);
        story.view().course.resolution.map(|found| (found.id.to_owned(), found.unpenalised))
    };
    assert_eq!(resolution("refused", json!({"reason": "unsafe"})), Some(("refused_unsafe".into(), true)));
    assert_eq!(resolution("refused", json!({"reason": "too dear"})), Some(("declined".into(), true)));
    assert_eq!(resolution("cancelled", json!({"why": "sold"})), Some(("cancelled".into(), true)));
    assert_eq!(resolution("no_access", json!({})), None, "no access ends a visit, no job");
}

#[test]
fn d_c6_a_resolution_that_the_policy_does_not_know_is_a_sign() {
    let mut story = Story::job("repair");
    story.put("T1", "arrived", json!({}));
    story.put("T1", "completed", json!({"resolution": "vanished"}));
    assert!(has(&story, "unknown_resolution"));
    assert_eq!(story.view().status, Status::Done, "kept, and counted");
}

#[test]
fn d_h16_only_a_call_back_that_reaches_the_customer_closes() {
    let mut story = repaired();
    assert_eq!(story.view().status, Status::Done);
    story.put("S1", "called_back", json!({"reached": false}));
    assert_eq!(story.view().status, Status::Done);
    assert_eq!(story.view().course.called_back, None);
    let reached = story.put("S1", "called_back", json!({"reached": true, "satisfied": true}));
    assert_eq!(story.view().status, Status::Closed);
    assert_eq!(story.view().course.called_back, Some(reached));
    story.put("S1", "reopened", json!({"why": "leaks again"}));
    assert_eq!(story.view().status, Status::Assigned);
    story.put("T1", "arrived", json!({}));
    story.put("T1", "completed", json!({"resolution": "repaired"}));
    assert_eq!(story.view().status, Status::Done, "the old call-back asked about the old visit");
}

#[test]
fn d_h16_where_the_policy_does_not_ask_for_it_a_call_back_closes_nothing() {
    let mut story = repaired();
    story.put("S1", "called_back", json!({"reached": true}));
    let text = docket_core::policy::HAIER.replace("[closing]\ncall_back = true", "[closing]\ncall_back = false");
    let policy = Policy::parse(&text, "haier.toml").unwrap();
    let view = fold_job(&story.record(&story.facts), &policy, UnixMs(story.now));
    assert_eq!(view.status, Status::Done);
}

#[test]
fn d_h16_a_remote_diagnosis_may_end_a_job_without_a_visit() {
    let mut story = Story::job("repair");
    story.put("S1", "diagnosed", json!({"fault": "filter_clogged", "remote": true}));
    story.put("S1", "completed", json!({"resolution": "solved_remotely"}));
    let view = story.view();
    assert_eq!((view.status, view.course.work_visits), (Status::Done, 0));
    assert_eq!(view.course.resolution.unwrap().id, "solved_remotely");
    story.put("S1", "called_back", json!({"reached": true}));
    assert_eq!(story.view().status, Status::Closed);
}

#[test]
fn d_c2_a_bad_answer_is_a_sign_that_names_the_call() {
    for (said, bad) in [
        (json!({"reached": true, "satisfied": true, "score": 60, "solved": true}), false),
        (json!({"reached": true, "satisfied": false}), true),
        (json!({"reached": true, "solved": false}), true),
        (json!({"reached": true, "score": 59}), true),
        (json!({"reached": true, "five": {"A": true, "B": false, "C": true, "D": true, "E": true}}), true),
        (json!({"reached": false}), false),
    ] {
        let mut story = repaired();
        let call = story.put("S1", "called_back", said.clone());
        let view = story.view();
        let found: Vec<_> = view.signs.iter().filter(|sign| sign.sign == "bad_answer").collect();
        assert_eq!(found.len(), usize::from(bad), "{said}");
        assert!(found.iter().all(|sign| sign.row == "D-C2" && sign.key == call.to_string()), "{said}");
    }
}

#[test]
fn d_c2_the_outlets_own_question_is_a_sign_and_closes_nothing() {
    let mut story = repaired();
    story.put("S1", "called_back", json!({"reached": true, "satisfied": true}));
    let site = Site { staff: Some(["S1".parse().unwrap()].into()), ..Site::default() };
    let record = Record { site: &site, ..story.record(&story.facts) };
    let view = fold_job(&record, &HAIER, UnixMs(story.now));
    assert_eq!((view.status, view.course.called_back), (Status::Done, None));
    assert!(view.signs.iter().any(|sign| sign.sign == "own_outlet" && sign.detail.contains("S1")));
    assert_eq!(story.view().status, Status::Closed, "asked by somebody of no outlet");
    let mut doer = Story::job("repair");
    doer.put("S2", "arrived", json!({}));
    doer.put("S2", "completed", json!({"resolution": "repaired"}));
    doer.put("S2", "called_back", json!({"reached": true}));
    assert_eq!(doer.view().status, Status::Done);
    assert!(has(&doer, "own_outlet"));
}

#[test]
fn d_c8_a_surveys_score_may_be_bad_too() {
    let mut story = repaired();
    story.put("S1", "surveyed", json!({"score": 90, "channel": "questionnaire", "relation": "own"}));
    assert!(!has(&story, "bad_survey"));
    story.put("S1", "surveyed", json!({"score": 12, "channel": "interview", "relation": "third_party"}));
    assert!(has(&story, "bad_survey"));
    story.put("S1", "surveyed", json!({"score": 101, "channel": "interview", "relation": "own"}));
    assert_eq!(story.issues(IssueKind::BadPayload).len(), 1, "no score is above 100");
}

#[test]
fn d_c4_a_complaint_is_handled_before_its_complainant_is_answered() {
    let mut story = repaired();
    let complaint =
        story.put("S1", "complained", json!({"cause": "dust", "about": "quality", "step": "E"})).to_string();
    let mut hasty = story.clone();
    hasty.put("S1", "answered", json!({"complaint": complaint}));
    assert!(has(&hasty, "answer_without_result"));
    story.put("S1", "handled", json!({"complaint": complaint, "result": "cleaned"}));
    story.put("S1", "answered", json!({"complaint": complaint}));
    assert!(!has(&story, "answer_without_result") && !has(&story, "unknown_complaint"));
    let visit = story.view().visits[0].id.to_string();
    story.put("S1", "handled", json!({"complaint": visit, "result": "?"}));
    assert!(has(&story, "unknown_complaint"));
}

fn second_visit(between: impl Fn(&mut Story)) -> Story {
    let mut story = Story::job("repair");
    story.put("T1", "arrived", json!({}));
    between(&mut story);
    story.now += 24 * 3_600_000;
    story.put("T1", "arrived", json!({}));
    story.put("T1", "completed", json!({"resolution": "repaired"}));
    story
}

#[test]
fn d_h4_once_is_enough_and_a_second_visit_says_why() {
    let course = |story: &Story| {
        let course = story.view().course;
        (course.first_time_fix, course.repeat, course.work_visits)
    };
    assert_eq!(course(&repaired()), (Some(true), None, 1));
    let again = second_visit(|story| {
        story.put("T1", "completed", json!({"resolution": "repaired"}));
    });
    assert_eq!(course(&again), (Some(false), Some(Repeat::Fault), 2));
    let mut unsolved = repaired();
    unsolved.put("S1", "called_back", json!({"reached": true, "solved": false}));
    assert_eq!(course(&unsolved), (Some(false), Some(Repeat::Unsolved), 1));
}

#[test]
fn d_h15_a_second_visit_for_a_part_is_told_apart() {
    let story = second_visit(|story| {
        story.put("T1", "part", json!({"part": "4711", "state": "requested"}));
    });
    let view = story.view();
    assert_eq!((view.course.first_time_fix, view.course.repeat), (Some(false), Some(Repeat::Part)));
    let unfinished = second_visit(|_| {}).view().course.repeat;
    assert_eq!(unfinished, Some(Repeat::Unfinished));
}

#[test]
fn d_k2_a_locked_door_is_no_breach_and_no_second_visit() {
    let story = second_visit(|story| {
        story.put("T1", "no_access", json!({"text": "90 km for nothing"}));
    });
    let view = story.view();
    assert_eq!((view.course.first_time_fix, view.course.repeat, view.course.work_visits), (Some(true), None, 1));
    assert!(story.issues(IssueKind::TwoVisits).is_empty());
    let locked = view.visits[0].limit_min.and(view.visits[0].spent_min);
    let service = view.clocks.iter().find(|clock| clock.id == "service" && clock.visit == Some(0)).unwrap();
    assert_eq!(service.state, docket_core::view::ClockVerdict::NotApplicable, "{locked:?}");
}

#[test]
fn d_k2_requester_owner_and_contact_on_site_are_three_people() {
    let mut story = Story::job("repair");
    story.set("D1", "requester", &json!("Mr. Wang, shop"), &[]);
    story.set("D1", "site_contact", &json!("Ms. Li, neighbour"), &[]);
    let view = story.view();
    assert_eq!(view.str("requester"), Some("Mr. Wang, shop"));
    assert_eq!(view.str("site_contact"), Some("Ms. Li, neighbour"));
    assert_eq!(view.course.intake_corrections, 0, "filling in what was open corrects nothing");
}

fn signs_at(story: &Story, owner: &str) -> Vec<(&'static str, String)> {
    let site = Site { owner: Some(owner.to_owned()), ..Site::default() };
    let record = Record { site: &site, ..story.record(&story.facts) };
    let view = fold_job(&record, &HAIER, UnixMs(story.now));
    let by_owner = view.signs.iter().filter(|sign| sign.sign.starts_with("owner_"));
    by_owner.map(|sign| (sign.sign, sign.detail.clone())).collect()
}

#[test]
fn d_k1_what_is_the_owners_to_decide_needs_a_reason_from_others() {
    let mut story = Story::empty();
    let first = story.put("D1", "created", json!({"dk": "job", "regs": {"kind": "delivery", "appliances": 2}}));
    story.put("S1", "scheduled", json!({"regs": {"appointment": "2026-03-02T09:00:00Z"}}));
    assert_eq!(signs_at(&story, "S1"), []);
    story.set("S2", "appliances", &json!(1), &[first]);
    let found = signs_at(&story, "S1");
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, "owner_overruled");
    assert!(found[0].1.contains("S2 decided the quantity"), "{found:?}");
    story.put("S2", "overruled", json!({"why": "one is broken"}));
    let found = signs_at(&story, "S1");
    assert_eq!(found[0].0, "owner_overruled_with_reason");
    assert!(found[0].1.contains("one is broken"), "{found:?}");
    let complaint = story.put("S2", "complained", json!({"cause": "dent"})).to_string();
    story.put("S3", "handled", json!({"complaint": complaint, "result": "apologised"}));
    assert!(signs_at(&story, "S1").iter().any(|(sign, said)| *sign == "owner_overruled" && said.contains("complaint")));
    assert!(!has(&story, "owner_overruled"), "a customer without an owner");
}
