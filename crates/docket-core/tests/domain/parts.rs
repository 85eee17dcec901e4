//! D-H15, D-K4: spare parts on their way, second visits for them, and what the customer is told and promised.

use docket_core::IssueKind;
use docket_core::time::{DAY_MS, MINUTE_MS};
use docket_core::view::{ClockVerdict, Status};
use serde_json::{Value, json};

use crate::goods::signs;
use crate::story::Story;

fn part(story: &mut Story, state: &str, more: &Value) {
    let mut body = json!({"part": "PUMP-7", "state": state});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    story.put("T1", "part", body);
}

fn way(states: &[(&str, i64)]) -> Story {
    let mut story = Story::job("repair");
    for (state, qty) in states {
        part(&mut story, state, &json!({"qty": qty}));
    }
    story
}

#[test]
fn d_h15_a_parts_way_has_an_order_and_what_was_never_recorded_breaks_none() {
    for (states, expect) in [
        (&[("requested", 1), ("ordered", 1), ("shipped", 1), ("received", 1), ("fitted", 1)][..], &[][..]),
        (&[("requested", 1), ("received", 1), ("fitted", 1)], &[]),
        (&[("fitted", 1)], &[]),
        (&[("received", 1), ("requested", 1)], &["part_sequence"]),
        (&[("requested", 1), ("shipped", 1), ("ordered", 1)], &["part_sequence"]),
        (&[("requested", 1), ("received", 1), ("fitted", 1), ("requested", 1), ("received", 1), ("fitted", 1)], &[]),
        (&[("requested", 1), ("returned", 1)], &["part_sequence"]),
        (&[("requested", 1), ("received", 1), ("returned", 1)], &[]),
    ] {
        assert_eq!(signs(&way(states)), expect, "{states:?}");
    }
}

#[test]
fn d_h15_what_came_through_the_chain_was_received_before_it_was_fitted() {
    for (states, expect) in [
        (&[("requested", 1), ("fitted", 1)][..], &["part_not_received"][..]),
        (&[("requested", 2), ("received", 1), ("fitted", 1)], &[]),
        (&[("requested", 2), ("received", 1), ("fitted", 2)], &["part_not_received"]),
        (&[("requested", 2), ("received", 2), ("returned", 1), ("fitted", 2)], &["part_not_received"]),
        (&[("fitted", 3)], &[]),
    ] {
        assert_eq!(signs(&way(states)), expect, "{states:?}");
    }
}

#[test]
fn d_h15_a_second_visit_for_a_part_is_not_the_technicians_fault() {
    let visits = |asked: bool| {
        let mut story = Story::job("repair");
        story.put("T1", "arrived", json!({}));
        if asked {
            part(&mut story, "requested", &json!({}));
        }
        story.put("T1", "completed", json!({"resolution": "repaired"}));
        story.now += DAY_MS;
        story.put("T1", "arrived", json!({}));
        story
    };
    let first_time_fix = |story: &Story| {
        let view = story.view();
        view.clocks.iter().find(|clock| clock.id == "first_time_fix").map(|clock| clock.state)
    };
    let (fault, part) = (visits(false), visits(true));
    assert_eq!((fault.issues(IssueKind::TwoVisits).len(), part.issues(IssueKind::TwoVisits).len()), (1, 0));
    assert_eq!(first_time_fix(&fault), Some(ClockVerdict::Breached));
    assert_ne!(first_time_fix(&part), Some(ClockVerdict::Breached));
    assert_eq!(part.view().status, Status::OnSite);
}

#[test]
fn d_h15_foreseeable_parts_are_reported_apart() {
    let mut story = Story::job("repair");
    part(&mut story, "requested", &json!({"foreseeable": true}));
    assert_eq!(signs(&story), [""; 0], "asked for before the visit: foreseen");
    story.put("T1", "arrived", json!({}));
    part(&mut story, "requested", &json!({}));
    assert_eq!(signs(&story), [""; 0]);
    part(&mut story, "requested", &json!({"foreseeable": true}));
    assert_eq!(signs(&story), ["foreseeable_part"]);
}

#[test]
fn d_k4_the_customer_is_told_that_the_part_has_come() {
    for (told, reached, expect) in
        [(false, true, &["part_not_told"][..]), (true, true, &[]), (true, false, &["part_not_told"])]
    {
        let mut story = way(&[("requested", 1), ("received", 1)]);
        if told {
            story.put("D1", "contacted", json!({"purpose": "part_arrived", "reached": reached}));
        }
        assert_eq!(signs(&story), [""; 0], "still time");
        story.put("T1", "arrived", json!({}));
        assert_eq!(signs(&story), expect, "{told} {reached}");
    }
}

#[test]
fn d_k4_a_date_before_the_lead_time_is_over_can_not_be_promised() {
    for (promised, days, expect) in [
        ("2026-03-08", 7, &["promise_before_lead_time"][..]),
        ("2026-03-09", 7, &[]),
        ("2026-03-08T23:00:00+08:00", 7, &["promise_before_lead_time"]),
        ("2026-03-02", 0, &[]),
    ] {
        let mut story = Story::empty();
        let regs = json!({
            "kind": "repair", "received_at": "2026-03-02T08:00:00Z", "requested_by": promised, "lead_days": days,
        });
        story.put("D1", "created", json!({"dk": "job", "regs": regs}));
        story.now += MINUTE_MS;
        assert_eq!(signs(&story), expect, "{promised} {days}");
    }
}
