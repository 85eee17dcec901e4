//! D-H2: grades from evidence, as of a day.

use docket_core::grade::{self, Grade};
use docket_core::{Graded, IssueKind, Policy, TechnicianView, fold_technician};
use jiff::civil::{Date, date};
use serde_json::{Value, json};

use crate::story::{HAIER, Story};

fn view(story: &Story) -> TechnicianView<'_> {
    fold_technician(&story.record(&story.facts), &HAIER)
}

fn grade_on(story: &Story, on: Date) -> Graded {
    grade::grade(&view(story).credentials, on, &HAIER)
}

fn technician() -> Story {
    let mut story = Story::empty();
    story.put("S1", "created", json!({"dk": "technician", "regs": {"person": "T1", "name": "Wang"}}));
    story
}

fn evidence(story: &mut Story, body: Value) -> docket_format::FactId {
    story.put("S1", "evidence", body)
}

fn grade_a() -> Story {
    let mut story = technician();
    evidence(&mut story, json!({"ek": "certificate", "level": "advanced", "issuer": "state", "issued": "2020-05-01"}));
    evidence(&mut story, json!({"ek": "exam", "level": "A", "issuer": "haier", "issued": "2022-06-01"}));
    evidence(&mut story, json!({"ek": "service", "issuer": "Haier", "from": "2020-06-01"}));
    story
}

#[test]
fn d_h2_each_grade_needs_all_of_its_conditions() {
    let story = technician();
    let none = grade_on(&story, date(2026, 1, 1));
    assert_eq!((none.grade, none.next), (Grade::Ungraded, Some(Grade::C)));
    assert_eq!(none.missing, ["certificate of level junior or higher", "C exam"]);

    let mut story = technician();
    evidence(&mut story, json!({"ek": "certificate", "level": "senior_technician", "issued": "2020-01-01"}));
    evidence(&mut story, json!({"ek": "exam", "level": "C", "issued": "2020-02-01"}));
    assert_eq!(grade_on(&story, date(2020, 1, 31)).grade, Grade::Ungraded, "the exam is issued a day later");
    assert_eq!(grade_on(&story, date(2020, 2, 1)).grade, Grade::C, "a higher certificate counts too");
    evidence(&mut story, json!({"ek": "exam", "level": "B", "issued": "2020-03-01"}));
    let c = grade_on(&story, date(2026, 1, 1));
    assert_eq!((c.grade, c.next), (Grade::C, Some(Grade::B)));
    assert_eq!(c.missing, ["1 years in haier service: 0 days so far"]);
}

#[test]
fn d_h2_years_count_with_the_brand_only_and_once() {
    let story = grade_a();
    assert_eq!(grade_on(&story, date(2022, 5, 31)).grade, Grade::Ungraded);
    assert_eq!(grade_on(&story, date(2022, 6, 1)).grade, Grade::A, "two years to the day");

    let mut other = technician();
    evidence(&mut other, json!({"ek": "certificate", "level": "intermediate", "issued": "2010-01-01"}));
    evidence(&mut other, json!({"ek": "exam", "level": "B", "issued": "2010-01-01"}));
    evidence(&mut other, json!({"ek": "service", "issuer": "another", "from": "2000-01-01"}));
    let graded = grade_on(&other, date(2026, 1, 1));
    assert_eq!(graded.grade, Grade::Ungraded);
    // The same half year twice is half a year.
    evidence(&mut other, json!({"ek": "service", "issuer": "haier", "from": "2020-01-01", "to": "2020-06-30"}));
    evidence(&mut other, json!({"ek": "service", "issuer": "haier", "from": "2020-01-01", "to": "2020-06-30"}));
    assert_eq!(grade_on(&other, date(2026, 1, 1)).grade, Grade::Ungraded);
    evidence(&mut other, json!({"ek": "service", "issuer": "haier", "from": "2021-07-01", "to": "2021-12-31"}));
    assert_eq!(grade_on(&other, date(2026, 1, 1)).grade, Grade::B);
}

#[test]
fn d_h2_a_plus_needs_interview_and_falls_with_a() {
    let mut story = grade_a();
    evidence(&mut story, json!({"ek": "exam", "level": "A+", "issued": "2023-06-01"}));
    assert_eq!(grade_on(&story, date(2024, 1, 1)).missing, ["interview with product_support_manager"]);
    evidence(&mut story, json!({"ek": "interview", "level": "product_support_manager", "issued": "2023-07-01"}));
    assert_eq!(grade_on(&story, date(2024, 1, 1)).grade, Grade::APlus);
    let exam = story.facts[2].id;
    story.put("S1", "withdrawn", json!({"fixes": exam.to_string(), "why": "forged", "on": "2024-02-01"}));
    assert_eq!(grade_on(&story, date(2024, 1, 31)).grade, Grade::APlus);
    let fallen = grade_on(&story, date(2024, 2, 1));
    assert_eq!(fallen.grade, Grade::Ungraded, "no A, so no A+; and B has its own exam");
}

#[test]
fn d_h2_evidence_lapses_and_the_lapse_is_named() {
    let mut story = technician();
    evidence(
        &mut story,
        json!({"ek": "certificate", "level": "junior", "issued": "2020-01-01", "expires": "2021-01-01"}),
    );
    evidence(&mut story, json!({"ek": "exam", "level": "C", "issued": "2020-01-01"}));
    assert_eq!(grade_on(&story, date(2021, 1, 1)).grade, Grade::C);
    let after = grade_on(&story, date(2021, 1, 2));
    assert_eq!(after.grade, Grade::Ungraded);
    assert_eq!(after.missing, ["certificate of level junior or higher (expired 2021-01-01)"]);
}

#[test]
fn d_h2_self_recorded_evidence_has_no_effect_and_is_found() {
    let mut story = Story::empty();
    story.put("S2", "created", json!({"dk": "technician", "regs": {"person": "S1"}}));
    evidence(&mut story, json!({"ek": "certificate", "level": "junior", "issued": "2020-01-01"}));
    evidence(&mut story, json!({"ek": "exam", "level": "C", "issued": "2020-01-01"}));
    let folded = view(&story);
    assert_eq!(folded.credentials, []);
    assert_eq!(folded.issues.iter().filter(|issue| issue.kind == IssueKind::SelfRecorded).count(), 2);
    assert_eq!(grade_on(&story, date(2026, 1, 1)).grade, Grade::Ungraded);
}

#[test]
fn d_h2_a_technician_may_not_record_evidence_at_all() {
    let mut story = technician();
    story.put("T1", "evidence", json!({"ek": "exam", "level": "A", "issued": "2020-01-01"}));
    assert_eq!(view(&story).credentials, []);
    assert_eq!(view(&story).issues[0].kind, IssueKind::Unauthorised);
}

#[test]
fn d_h2_history_names_each_day_of_change() {
    let mut story = grade_a();
    evidence(&mut story, json!({"ek": "exam", "level": "C", "issued": "2020-05-10"}));
    let exam = story.facts[2].id;
    story.put("S1", "withdrawn", json!({"fixes": exam.to_string(), "why": "forged", "on": "2024-02-01"}));
    let changes = grade::history(&view(&story).credentials, date(2026, 1, 1), &HAIER);
    let days: Vec<_> = changes.iter().map(|change| (change.on, change.grade)).collect();
    assert_eq!(days, [(date(2020, 5, 10), Grade::C), (date(2022, 6, 1), Grade::A), (date(2024, 2, 1), Grade::C)]);
}

#[test]
fn d_h2_evidence_with_dates_that_make_no_sense_has_no_effect_and_is_found() {
    let mut story = technician();
    for (body, fault) in [
        (json!({"ek": "exam", "level": "C", "issued": "2020-01-02", "expires": "2020-01-01"}), "is before `issued`"),
        (json!({"ek": "exam", "level": "C", "issued": "0020-01-02"}), "is absurd"),
        (json!({"ek": "exam", "level": "C", "issued": "2020-01-02", "expires": "9999-12-31"}), "is absurd"),
        (json!({"ek": "exam", "level": "C", "issued": "2020-02-30"}), "must be a day"),
        (json!({"ek": "exam", "level": "C", "issued": 2020}), "must be a day"),
        (json!({"ek": "service", "issuer": "haier", "from": "2020-01-02", "to": "2020-01-01"}), "is before `from`"),
    ] {
        let fact = evidence(&mut story, body);
        let folded = view(&story);
        let issue = folded.issues.iter().find(|issue| issue.facts == [fact]).unwrap();
        assert_eq!(issue.kind, IssueKind::BadPayload);
        assert!(issue.summary.contains(fault), "{}", issue.summary);
        assert_eq!(folded.credentials, []);
    }
    evidence(&mut story, json!({"ek": "exam", "level": "C", "issued": "2020-01-01", "expires": "2020-01-01"}));
    assert_eq!(view(&story).credentials.len(), 1, "a day is a time");
}

#[test]
fn d_e14_training_counts_from_the_day_of_the_last_course_until_the_first_lapses() {
    let mut story = technician();
    let wanted = ["induction".to_owned(), "gas".to_owned()];
    story.put("S1", "trained", json!({"course": "induction", "on": "2026-01-10"}));
    story.put("S1", "trained", json!({"course": "gas", "on": "2026-02-01", "until": "2026-02-28"}));
    story.put("S1", "trained", json!({"course": "gas", "on": "2026-04-01"}));
    story.put("S1", "trained", json!({"course": "gas", "on": "2026-03-02", "until": "2026-03-01"}));
    story.put("T2", "trained", json!({"course": "gas", "on": "2026-01-01"}));
    let courses = view(&story).courses;
    assert_eq!(courses.len(), 3, "one never counts, one was stated by somebody who may not");
    let times = grade::ready_on(&courses, &wanted);
    assert_eq!(times, [(date(2026, 2, 1), Some(date(2026, 2, 28))), (date(2026, 4, 1), None)]);
    assert_eq!(grade::missing_courses(&courses, &wanted, date(2026, 3, 1)), ["gas"]);
    assert_eq!(grade::ready_on(&courses, &[]), [(Date::MIN, None)]);
    assert_eq!(grade::ready_on(&[], &wanted), []);
}

#[test]
fn the_default_pack_counts_service_for_any_brand() {
    let default = Policy::parse(docket_core::policy::DEFAULT, "default.toml").unwrap();
    let story = grade_a();
    assert_eq!(grade::grade(&view(&story).credentials, date(2026, 1, 1), &default).grade, Grade::A);
    assert!(default.grades.brands.is_empty());
}
