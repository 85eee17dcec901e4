//! DESIGN §5: work is never refused for arriving late. The fold marks it, from the facts alone; a supervisor credits,
//! rejects or moves it.

use docket_core::view::{Effect, LateWork, Status, StepStatus};
use docket_core::{Issue, IssueKind, UnixMs, fold_job};
use docket_format::{DocId, Fact, FactId};
use serde_json::json;

use crate::story::{HAIER, MORNING, Story, find};

/// Gives the job to another crew; `seen` are the arrivals that the office knows of.
fn reassign(story: &mut Story, crew: &[&str], seen: &[FactId]) -> FactId {
    let over: Vec<String> = story.view().registers["crew"].over().iter().map(ToString::to_string).collect();
    let seen: Vec<String> = seen.iter().map(ToString::to_string).collect();
    story.put("D1", "assigned", json!({"regs": {"crew": crew}, "over": over, "seen": seen}))
}

/// Taken from T1, who works all the same.
fn late() -> Story {
    let mut story = Story::job("installation");
    reassign(&mut story, &["T2"], &[]);
    story.good_visit("T1");
    story
}

fn decide(story: &mut Story, device: &str, issue: &Issue, keep: bool, to: Option<DocId>, over: &[FactId]) -> FactId {
    let over: Vec<String> = over.iter().map(ToString::to_string).collect();
    let mut body = json!({"about": issue.id.to_string(), "over": over, "why": "asked"});
    if keep {
        body["keep"] = issue.options[0].fact.to_string().into();
    }
    if let Some(to) = to {
        body["to"] = to.to_string().into();
    }
    story.put(device, "decided", body)
}

#[test]
fn a_visit_by_somebody_whom_the_job_was_taken_from_is_marked_and_counts_meanwhile() {
    let story = late();
    let issue = story.issue(IssueKind::LateWork);
    assert_eq!((issue.row, issue.is_open(), issue.options.len()), ("§5", true, 1));
    for part in ["T1", "2026-03-02T09:01", "13 records", "reassigned to T2"] {
        assert!(issue.summary.contains(part), "{part}: {}", issue.summary);
    }
    let view = story.view();
    assert_eq!(view.status, Status::Done);
    assert_eq!(view.visits[0].arrivals[0].late_work, Some(LateWork::Open));
}

#[test]
fn clocks_have_no_say_in_what_is_late() {
    for wrong in [-3650 * 24 * 3_600_000_i64, 3650 * 24 * 3_600_000] {
        let mut story = Story::job("installation");
        reassign(&mut story, &["T2"], &[]);
        story.wall_error = wrong;
        story.put("T1", "arrived", json!({}));
        assert_eq!(story.issues(IssueKind::LateWork).len(), 1, "{wrong}");
    }
}

#[test]
fn a_visit_that_was_known_when_the_job_was_given_to_others_is_not_late() {
    for wrong in [0, 3650 * 24 * 3_600_000_i64] {
        let mut story = Story::job("installation");
        story.wall_error = wrong;
        let arrived = story.put("T1", "arrived", json!({}));
        story.put("T1", "no_access", json!({}));
        story.wall_error = 0;
        reassign(&mut story, &["T2"], &[arrived]);
        reassign(&mut story, &["T3"], &[]);
        assert_eq!(story.issues(IssueKind::LateWork), []);
        assert_eq!(story.view().visits[0].arrivals[0].late_work, None);
        // Coming again is.
        story.put("T1", "arrived", json!({}));
        assert_eq!(story.issues(IssueKind::LateWork).len(), 1);
    }
}

#[test]
fn assignments_that_do_not_say_what_they_had_seen_go_by_the_order_of_the_fold() {
    let mut story = Story::job("installation");
    story.put("T1", "arrived", json!({}));
    let crew = story.view().registers["crew"].over()[0].to_string();
    story.put("D1", "assigned", json!({"regs": {"crew": ["T2"]}, "over": [crew]}));
    assert_eq!(story.issues(IssueKind::LateWork), []);
    story.now += 5 * 3_600_000;
    story.put("T1", "arrived", json!({}));
    assert_eq!(story.issues(IssueKind::LateWork).len(), 1);
}

#[test]
fn who_was_never_sent_who_is_sent_again_and_who_is_in_one_of_two_crews_is_not_late() {
    let mut never = Story::job("installation");
    never.put("T9", "arrived", json!({}));
    assert_eq!(never.issues(IssueKind::LateWork), []);
    let mut again = late();
    reassign(&mut again, &["T1"], &[]);
    assert_eq!(again.issues(IssueKind::LateWork), []);
    let mut two = Story::job("installation");
    let first = two.view().registers["crew"].over()[0].to_string();
    for crew in ["T1", "T2"] {
        two.put("D1", "assigned", json!({"regs": {"crew": [crew]}, "over": [first], "seen": []}));
    }
    two.put("T1", "arrived", json!({}));
    assert_eq!(two.issues(IssueKind::LateWork), []);
}

#[test]
fn taken_back_from_everybody_is_taken_from_each() {
    let mut story = Story::job("installation");
    reassign(&mut story, &[], &[]);
    story.put("T1", "arrived", json!({}));
    assert!(story.issue(IssueKind::LateWork).summary.contains("reassigned to nobody"));
}

#[test]
fn rejected_work_has_no_effect_and_stays_in_the_record() {
    let mut story = late();
    let issue = story.issue(IssueKind::LateWork);
    decide(&mut story, "S1", &issue, false, None, &[]);
    let view = story.view();
    assert_eq!((view.status, view.visits.len()), (Status::Assigned, 0));
    assert!(view.steps.iter().all(|step| step.status == StepStatus::Missing), "{:?}", view.steps);
    let rejected = view.timeline.iter().filter(|entry| entry.effect == Effect::Rejected);
    assert_eq!(rejected.count(), 13);
    let settled = story.issue(IssueKind::LateWork);
    assert_eq!((settled.id, settled.decided.unwrap().why.as_str()), (issue.id, "asked"));
}

#[test]
fn what_was_rejected_stays_so_when_the_job_goes_back_to_the_same_person() {
    let mut story = late();
    let issue = story.issue(IssueKind::LateWork);
    decide(&mut story, "S1", &issue, false, None, &[]);
    reassign(&mut story, &["T1"], &[]);
    assert_eq!(story.view().status, Status::Assigned);
    assert!(!story.issue(IssueKind::LateWork).is_open());
    story.now += 5 * 3_600_000;
    story.good_visit("T1");
    let view = story.view();
    assert_eq!((view.status, view.visits.len()), (Status::Done, 1), "a new visit counts");
}

#[test]
fn voiding_the_arrival_of_a_rejected_visit_does_not_bring_the_rest_back() {
    let mut story = late();
    let issue = story.issue(IssueKind::LateWork);
    decide(&mut story, "S1", &issue, false, None, &[]);
    story.put("T1", "corrected", json!({"fixes": issue.facts[0].to_string(), "why": "wrong job"}));
    let view = story.view();
    assert_eq!((view.status, view.visits.len()), (Status::Assigned, 0));
    assert_eq!(view.timeline.last().unwrap().effect, Effect::Rejected);
    assert!(!story.issue(IssueKind::LateWork).is_open());
}

#[test]
fn rejecting_takes_along_what_corrects_the_rejected_work_and_nothing_else() {
    let mut story = Story::job("installation");
    reassign(&mut story, &["T2"], &[]);
    let arrived = story.put("T1", "arrived", json!({}));
    let mut last = story.ohm("T1", "50");
    for value in ["0.5", "0.6", "0.8"] {
        let fixed = json!({"step": "A1", "v": value, "unit": "ohm", "fixes": last.to_string(), "why": "w"});
        last = story.put("S1", "reading", fixed);
    }
    // What somebody else says about the visit by name.
    story.put("S1", "step", json!({"step": "E1", "v": true, "visit": arrived.to_string()}));
    story.put("T2", "arrived", json!({}));
    story.ohm("T2", "0.7");
    let issue = story.issue(IssueKind::LateWork);
    decide(&mut story, "S1", &issue, false, None, &[]);
    let view = story.view();
    let values: Vec<_> = find(&view, "A1").answers.iter().filter_map(|answer| answer.value?.as_str()).collect();
    assert_eq!(values, ["0.7"]);
    assert_eq!(find(&view, "E1").status, StepStatus::Missing);
    assert_eq!(view.timeline.iter().filter(|entry| entry.effect == Effect::Rejected).count(), 6);
}

/// The crew's visit, hours away from the late one.
fn crew_works(story: &mut Story) {
    story.now += 5 * 3_600_000;
    story.put("T2", "arrived", json!({}));
    story.ohm("T2", "3");
}

#[test]
fn undecided_late_work_decides_nothing_beside_a_visit_of_the_crew() {
    let mut story = Story::job("installation");
    reassign(&mut story, &["T2"], &[]);
    crew_works(&mut story);
    story.put("T2", "completed", json!({"resolution": "installed"}));
    story.now += 5 * 3_600_000;
    story.put("T1", "arrived", json!({}));
    story.ohm("T1", "0.5");
    let view = story.view();
    assert_eq!((view.status, view.visits.len()), (Status::Done, 2));
    let answer = find(&view, "A1").answers[0].person.as_ref().unwrap();
    assert_eq!(answer.as_str(), "T2");
    assert_eq!(story.issues(IssueKind::TwoVisits).len(), 1, "both are shown");
}

#[test]
fn credited_work_is_what_the_job_was_done_by() {
    let mut story = late();
    crew_works(&mut story);
    assert_eq!(story.view().status, Status::OnSite);
    let issue = story.issue(IssueKind::LateWork);
    decide(&mut story, "S1", &issue, true, None, &[]);
    let view = story.view();
    assert_eq!((view.status, view.visits.len()), (Status::Done, 2));
    assert_eq!(view.visits[0].arrivals[0].late_work, Some(LateWork::Credited));
    assert_eq!(find(&view, "A1").answers[0].person.as_ref().unwrap().as_str(), "T1");
    // A visit after the decision has the last word again.
    story.put("D1", "reopened", json!({"why": "leaks"}));
    crew_works(&mut story);
    let view = story.view();
    assert_eq!(view.status, Status::OnSite);
    assert_eq!(find(&view, "A1").answers[0].person.as_ref().unwrap().as_str(), "T2");
}

#[test]
fn crediting_a_visit_that_came_to_nothing_leaves_the_job_to_the_crew() {
    let mut story = Story::job("installation");
    reassign(&mut story, &["T2"], &[]);
    story.put("T1", "arrived", json!({}));
    story.put("T1", "no_access", json!({}));
    crew_works(&mut story);
    let issue = story.issue(IssueKind::LateWork);
    decide(&mut story, "S1", &issue, true, None, &[]);
    assert_eq!(story.view().status, Status::OnSite);
}

#[test]
fn moved_work_has_no_effect_here_and_says_where_it_belongs() {
    let mut story = late();
    let issue = story.issue(IssueKind::LateWork);
    let to = DocId::new_v7(MORNING as u64, [9; 10]);
    decide(&mut story, "S1", &issue, false, Some(to), &[]);
    assert_eq!(story.view().status, Status::Assigned);
    assert_eq!(story.issue(IssueKind::LateWork).decided.unwrap().moved_to, Some(to));
    story.put("S1", "decided", json!({"about": issue.id.to_string(), "to": "nowhere", "why": "w"}));
    assert_eq!(story.issues(IssueKind::BadPayload).len(), 1);
}

#[test]
fn supervisors_who_decide_differently_have_to_decide_again() {
    let to = DocId::new_v7(MORNING as u64, [9; 10]);
    for (keep, moved) in [(true, None), (false, Some(to))] {
        let mut story = late();
        let issue = story.issue(IssueKind::LateWork);
        let first = decide(&mut story, "S1", &issue, false, None, &[]);
        let second = decide(&mut story, "S2", &issue, keep, moved, &[]);
        let contested = story.issue(IssueKind::LateWork);
        assert!(contested.is_open() && contested.contested.len() == 2, "{contested:?}");
        assert_eq!(story.view().status, Status::Done, "as if nobody had decided");
        decide(&mut story, "S1", &issue, false, None, &[first, second]);
        assert!(!story.issue(IssueKind::LateWork).is_open());
        assert_eq!(story.view().status, Status::Assigned);
    }
}

#[test]
fn somebody_without_the_right_to_decide_changes_nothing() {
    let mut story = late();
    let issue = story.issue(IssueKind::LateWork);
    decide(&mut story, "T1", &issue, true, None, &[]);
    assert!(story.issue(IssueKind::LateWork).is_open());
}

#[test]
fn more_of_the_same_visit_does_not_open_the_decision_again() {
    let mut story = late();
    let issue = story.issue(IssueKind::LateWork);
    decide(&mut story, "S1", &issue, false, None, &[]);
    story.step("T1", "C1", false);
    assert!(!story.issue(IssueKind::LateWork).is_open());
    assert_eq!(story.view().timeline.iter().filter(|entry| entry.effect == Effect::Rejected).count(), 14);
}

/// Every order in which seven facts can arrive.
#[test]
fn late_work_is_the_same_in_every_order_of_arrival() {
    for decisions in [&[true][..], &[false], &[true, false]] {
        let mut story = Story::empty();
        story.put("D1", "created", json!({"dk": "job", "regs": {"kind": "installation", "crew": ["T1"]}}));
        reassign(&mut story, &["T2"], &[]);
        story.put("T1", "arrived", json!({}));
        story.ohm("T1", "0.5");
        story.put("T1", "completed", json!({"resolution": "installed"}));
        let issue = story.issue(IssueKind::LateWork);
        for (supervisor, keep) in ["S1", "S2"].into_iter().zip(decisions) {
            decide(&mut story, supervisor, &issue, *keep, None, &[]);
        }
        let now = UnixMs(story.now);
        let expect = story.view();
        assert_eq!(expect.issues.iter().filter(|issue| issue.is_open()).count(), decisions.len() - 1);
        permute(&mut story.facts.clone(), 0, &mut |facts| {
            assert_eq!(fold_job(&story.record(facts), &HAIER, now), expect);
        });
    }
}

fn permute(facts: &mut [Fact], from: usize, check: &mut impl FnMut(&[Fact])) {
    if from + 1 >= facts.len() {
        return check(facts);
    }
    for at in from..facts.len() {
        facts.swap(from, at);
        permute(facts, from + 1, check);
        facts.swap(from, at);
    }
}
