//! D-H4: arrive at the agreed time, installation within 2 h and repair within 1 h for each appliance, once is enough.

use docket_core::time::MINUTE_MS;
use docket_core::view::{ClockState, ClockVerdict, TimeEvidence};
use serde_json::json;

use crate::story::{MORNING, Story};

fn clock<'s>(story: &'s Story, id: &str) -> ClockState<'s> {
    story.view().clocks.iter().find(|clock| clock.id == id).unwrap().clone()
}

fn arrive_at(minutes_past_nine: i64) -> Story {
    let mut story = Story::job("installation");
    story.now = MORNING + (60 + minutes_past_nine) * MINUTE_MS;
    story.put("T1", "arrived", json!({}));
    story
}

#[test]
fn d_h4_arrival_counts_against_the_agreed_time_with_tolerance() {
    for (late, state) in [(-30, ClockVerdict::Met), (15, ClockVerdict::Met), (16, ClockVerdict::Breached)] {
        let story = arrive_at(late);
        assert_eq!(clock(&story, "arrive").state, state, "{late}");
        assert_eq!(story.view().visits[0].late_min, Some(late - 15));
    }
}

#[test]
fn d_h4_an_arrival_to_come_runs_and_then_is_overdue() {
    let mut story = Story::job("installation");
    assert_eq!(clock(&story, "arrive").state, ClockVerdict::Running);
    story.now += 16 * MINUTE_MS;
    let overdue = clock(&story, "arrive");
    assert_eq!((overdue.state, overdue.slack_ms), (ClockVerdict::Breached, Some(-MINUTE_MS)));
}

#[test]
fn d_h4_two_agreed_times_make_the_arrival_undecidable() {
    let mut story = Story::job("installation");
    let first = story.facts[1].id;
    story.set("S1", "appointment", &json!("2026-03-02T10:00:00Z"), &[first]);
    story.set("D1", "appointment", &json!("2026-03-02T11:00:00Z"), &[first]);
    assert_eq!(clock(&story, "arrive").state, ClockVerdict::Undecidable);
    story.put("T1", "arrived", json!({}));
    assert_eq!(clock(&story, "arrive").state, ClockVerdict::Undecidable);
    assert_eq!(story.view().visits[0].late_min, None);
}

#[test]
fn d_h4_a_visit_is_measured_by_the_appointment_that_held_then() {
    let mut story = arrive_at(0);
    story.put("T1", "no_access", json!({}));
    let over = story.facts[1].id.to_string();
    let regs = json!({"appointment": "2026-03-05T09:00:00Z", "window_min": 60});
    story.put("D1", "scheduled", json!({"regs": regs, "over": [over]}));
    let view = story.view();
    let states: Vec<_> = view.clocks.iter().filter(|c| c.id == "arrive").map(|c| (c.visit, c.state)).collect();
    assert_eq!(states, [(Some(0), ClockVerdict::Met), (None, ClockVerdict::Running)]);
}

/// What the arrivals at the visits were, in turn.
fn arrivals(story: &Story) -> Vec<(ClockVerdict, Option<i64>)> {
    let view = story.view();
    let of =
        |visit: usize| view.clocks.iter().find(|clock| clock.id == "arrive" && clock.visit == Some(visit)).unwrap();
    view.visits.iter().enumerate().map(|(at, visit)| (of(at).state, visit.late_min)).collect()
}

const HOUR: i64 = 60 * MINUTE_MS;

#[test]
fn d_h4_an_appointment_is_for_one_visit_and_the_next_needs_its_own() {
    let mut story = arrive_at(20);
    story.put("T1", "no_access", json!({}));
    story.now = MORNING + 48 * HOUR;
    story.put("T1", "arrived", json!({}));
    let late = (ClockVerdict::Breached, Some(5));
    assert_eq!(arrivals(&story), [late, (ClockVerdict::NotApplicable, None)], "nobody agreed on the second visit");
    let mut agreed = arrive_at(20);
    agreed.put("T1", "no_access", json!({}));
    let over = [agreed.facts[1].id];
    agreed.set("D1", "appointment", &json!("2026-03-04T08:00:00Z"), &over);
    agreed.now = MORNING + 48 * HOUR + 30 * MINUTE_MS;
    agreed.put("T1", "arrived", json!({}));
    assert_eq!(arrivals(&agreed), [late, (ClockVerdict::Breached, Some(15))]);
}

#[test]
fn d_h4_coming_back_on_the_day_breaks_no_appointment_and_an_early_visit_uses_none() {
    let mut story = arrive_at(-5);
    story.put("T1", "no_access", json!({}));
    story.now = MORNING + HOUR + 10 * MINUTE_MS;
    story.put("T1", "arrived", json!({}));
    story.put("T1", "no_access", json!({}));
    story.now = MORNING + 5 * HOUR;
    story.put("T1", "arrived", json!({}));
    let met = |late| (ClockVerdict::Met, Some(late));
    let none = (ClockVerdict::NotApplicable, None);
    assert_eq!(
        arrivals(&story),
        [met(-20), met(-5), none],
        "in the agreed time it still holds, after it it is used up"
    );
    // Somebody dropped in the day before: what was agreed stands.
    let mut early = Story::job("installation");
    let over = [early.facts[1].id];
    early.set("D1", "appointment", &json!("2026-03-03T09:00:00Z"), &over);
    early.put("T1", "arrived", json!({}));
    early.put("T1", "no_access", json!({}));
    assert_eq!(early.view().clocks.iter().filter(|clock| clock.id == "arrive").count(), 2, "it is still to come");
    early.now = MORNING + 26 * HOUR;
    early.put("T1", "arrived", json!({}));
    assert_eq!(arrivals(&early)[1], (ClockVerdict::Breached, Some(45)));
}

#[test]
fn d_h4_a_superseded_appointment_does_not_come_back() {
    let mut story = Story::job("installation");
    let first = [story.facts[1].id];
    story.set("D1", "appointment", &json!("2026-03-06T09:00:00Z"), &first);
    let second = [story.facts.last().unwrap().id];
    story.set("D1", "appointment", &json!("2026-03-02T10:00:00Z"), &second);
    story.put("T1", "arrived", json!({}));
    story.put("T1", "no_access", json!({}));
    story.now = MORNING + 120 * HOUR;
    story.put("T1", "arrived", json!({}));
    assert_eq!(arrivals(&story)[1], (ClockVerdict::NotApplicable, None));
}

#[test]
fn d_h4_the_limit_holds_for_each_appliance() {
    for (kind, appliances, spent, expect) in [
        ("installation", 1, 120, ClockVerdict::Met),
        ("installation", 1, 121, ClockVerdict::Breached),
        ("installation", 2, 240, ClockVerdict::Met),
        ("repair", 1, 61, ClockVerdict::Breached),
        ("repair", 1, 60, ClockVerdict::Met),
    ] {
        let mut story = Story::job(kind);
        let start = story.now;
        story.put("T1", "arrived", json!({}));
        for appliance in 1..=appliances {
            story.put("T1", "step", json!({"step": "1", "appliance": appliance, "v": true}));
        }
        story.now = start + spent * MINUTE_MS;
        story.put("T1", "completed", json!({"resolution": "repaired"}));
        let view = story.view();
        assert_eq!(view.visits[0].spent_min, Some(spent));
        assert_eq!(clock(&story, "service").state, expect, "{kind} {appliances} {spent}");
    }
}

#[test]
fn d_h4_a_wall_clock_set_back_neither_helps_nor_harms_within_one_boot() {
    let mut story = Story::job("repair");
    story.put("T1", "arrived", json!({}));
    story.wall_error = -50 * MINUTE_MS;
    story.now += 69 * MINUTE_MS;
    story.put("T1", "completed", json!({"resolution": "repaired"}));
    let service = clock(&story, "service");
    assert_eq!(service.state, ClockVerdict::Breached, "70 minutes by uptime, 20 by the wall clock");
    assert_eq!(service.evidence, TimeEvidence::Elapsed);
    assert!(service.suspect);
}

#[test]
fn d_h4_once_is_enough_within_the_window() {
    let mut story = arrive_at(0);
    story.put("T1", "completed", json!({"resolution": "installed"}));
    assert_eq!(clock(&story, "first_time_fix").state, ClockVerdict::Running);
    let day = 24 * 60 * MINUTE_MS;
    let mut again = story.clone();
    again.now += 10 * day;
    again.put("D1", "reopened", json!({"why": "leaks"}));
    again.put("T2", "arrived", json!({}));
    assert_eq!(clock(&again, "first_time_fix").state, ClockVerdict::Breached);
    story.now += 31 * day;
    assert_eq!(clock(&story, "first_time_fix").state, ClockVerdict::Met);
}
