//! D-H6, D-E6, D-H23, D-C3, D-E13, D-E14, D-H12: outlets, who answers for a job, and the stages.

use docket_core::view::{OutletView, Sign, Stage};
use docket_core::{IssueKind, JobView, Policy, Record, Site, UnixMs, fold_job, fold_outlet};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::story::{HAIER, Story};

fn outlet() -> Story {
    let mut story = Story::empty();
    story.put("S1", "created", json!({"dk": "outlet", "regs": {"outlet": "QD-1", "level": "star"}}));
    story
}

fn view(story: &Story) -> OutletView<'_> {
    fold_outlet(&story.record(&story.facts), &HAIER)
}

#[test]
fn d_e6_an_outlet_is_assessed_contracted_authorised_and_dropped() {
    let mut story = outlet();
    assert_eq!(view(&story).standing(), None);
    for state in ["assessed", "contracted", "authorised"] {
        story.put("S1", "standing", json!({"state": state}));
        assert_eq!(view(&story).standing().unwrap().state, state);
    }
    assert_eq!(view(&story).signs, []);
    story.put("S1", "standing", json!({"state": "dropped", "why": "overcharged"}));
    story.put("S1", "standing", json!({"state": "authorised"}));
    let view = view(&story);
    let states: Vec<&str> = view.standings.iter().map(|standing| standing.state).collect();
    assert_eq!(states, ["assessed", "contracted", "authorised", "dropped", "authorised"]);
    let signs: Vec<(&str, &str)> = view.signs.iter().map(|sign| (sign.sign, sign.detail.as_str())).collect();
    assert_eq!(signs, [("standing_skipped", "QD-1: authorised straight after dropped")]);
}

#[test]
fn d_e6_a_standing_written_down_later_counts_from_when_it_was() {
    let mut story = outlet();
    story.put("S1", "standing", json!({"state": "assessed"}));
    story.put("S1", "standing", json!({"state": "contracted", "when": "2026-01-02T00:00:00Z"}));
    let view = view(&story);
    assert_eq!(view.standings[0].state, "contracted");
    assert_eq!(view.standing().unwrap().state, "assessed");
}

#[test]
fn d_e6_a_standing_by_somebody_who_may_not_say_so_or_that_does_not_exist_has_no_effect() {
    let mut story = outlet();
    story.put("T1", "standing", json!({"state": "authorised"}));
    story.put("S1", "standing", json!({"state": "famous"}));
    let view = view(&story);
    assert_eq!(view.standing(), None);
    let kinds: Vec<IssueKind> = view.issues.iter().map(|issue| issue.kind).collect();
    assert_eq!(kinds, [IssueKind::Unauthorised, IssueKind::BadPayload]);
}

#[test]
fn d_h23_undercover_inspections_make_a_score_of_the_newest_ten() {
    let mut story = outlet();
    assert_eq!(view(&story).inspection_score(), None);
    story.put("S1", "inspected", json!({"how": "undercover", "passed": false}));
    story.put("S1", "inspected", json!({"how": "open", "passed": true, "score": 81}));
    assert_eq!(view(&story).inspection_score(), Some(41));
    for _ in 0..9 {
        story.put("S1", "inspected", json!({"how": "shopper", "passed": true}));
    }
    assert_eq!(view(&story).inspection_score(), Some(98), "the failure of long ago is forgotten");
    assert_eq!(view(&story).inspections.len(), 11, "not in the record");
}

#[test]
fn d_c3_a_call_is_paired_with_its_first_response() {
    let mut story = outlet();
    let call = story.put("S1", "called_in", json!({"from": "supplier"}));
    let other = story.put("S1", "called_in", json!({"from": "customer"}));
    let first = story.put("S1", "responded", json!({"to": call.to_string()}));
    story.put("S1", "responded", json!({"to": call.to_string()}));
    let view = view(&story);
    let calls: Vec<_> = view.calls.iter().map(|call| (call.fact, call.response)).collect();
    assert_eq!(calls, [(call, Some(first)), (other, None)]);
}

fn judged<'a>(story: &'a Story, policy: &'a Policy, site: &'a Site) -> JobView<'a> {
    let record = Record { site, ..story.record(&story.facts) };
    fold_job(&record, policy, UnixMs(story.now))
}

/// The signs about outlets and who is responsible.
fn signs(view: &JobView<'_>) -> Vec<&'static str> {
    let rows = ["D-E13", "D-E14", "D-H6"];
    view.signs.iter().filter(|sign| rows.contains(&sign.row)).map(|sign: &Sign| sign.sign).collect()
}

fn hand_over(story: &mut Story, regs: &Value) {
    let over: Vec<String> = {
        let view = story.view();
        let names: Vec<&str> = regs.as_object().unwrap().keys().map(String::as_str).collect();
        let live = names.iter().filter_map(|name| view.registers.get(name));
        live.flat_map(docket_core::view::Register::over).map(|fact| fact.to_string()).collect()
    };
    story.put("D1", "assigned", json!({"regs": regs, "over": over, "why": "nearer"}));
}

#[test]
fn d_e13_a_job_that_is_pushed_around_bounces() {
    let mut story = Story::job("repair");
    for outlet in ["QD-1", "QD-2", "QD-3"] {
        hand_over(&mut story, &json!({"outlet": outlet}));
    }
    assert_eq!(signs(&story.view()), [""; 0], "two hand-overs are nothing unusual");
    hand_over(&mut story, &json!({"handler": "R-1"}));
    assert_eq!(signs(&story.view()), [""; 0], "the first handler takes it from nobody");
    hand_over(&mut story, &json!({"outlet": "QD-1"}));
    let view = story.view();
    assert_eq!(signs(&view), ["bounced"]);
    let owners: Vec<_> = view.owners.iter().map(|owner| (owner.outlet, owner.handler, owner.handed_over)).collect();
    assert_eq!(
        owners,
        [
            (Some("QD-1"), None, false),
            (Some("QD-2"), None, true),
            (Some("QD-3"), None, true),
            (Some("QD-3"), Some("R-1"), false),
            (Some("QD-1"), Some("R-1"), true),
        ]
    );
}

#[test]
fn d_e13_exactly_one_outlet_answers_for_a_job() {
    let default = Policy::parse(docket_core::policy::DEFAULT, "default.toml").unwrap();
    let mut story = Story::job("repair");
    hand_over(&mut story, &json!({"handler": "R-1"}));
    let unowned = judged(&story, &default, &Site::NOWHERE);
    assert_eq!(signs(&unowned), ["unowned"], "somebody is sent, and no outlet answers for it");
    hand_over(&mut story, &json!({"outlet": "QD-1"}));
    assert_eq!(signs(&judged(&story, &default, &Site::NOWHERE)), [""; 0]);
    story.put("D1", "assigned", json!({"regs": {"outlet": "QD-2"}}));
    assert_eq!(signs(&judged(&story, &default, &Site::NOWHERE)), ["two_owners"]);
    hand_over(&mut story, &json!({"outlet": ""}));
    assert_eq!(signs(&judged(&story, &default, &Site::NOWHERE)), ["unowned"]);
    story.put("D1", "cancelled", json!({"why": "bought elsewhere"}));
    assert_eq!(signs(&judged(&story, &default, &Site::NOWHERE)), [""; 0]);
}

#[test]
fn d_e13_somebody_handles_a_job_at_any_time() {
    let default = Policy::parse(docket_core::policy::DEFAULT, "default.toml").unwrap();
    let found = |story: &Story| {
        let view = judged(story, &default, &Site::NOWHERE);
        let unowned = view.signs.into_iter().filter(|sign| sign.sign == "unowned");
        unowned.map(|sign| (sign.key, sign.detail)).collect::<Vec<_>>()
    };
    let of = |detail: &str| ("handler".to_owned(), detail.to_owned());
    let mut story = Story::empty();
    let regs = json!({"kind": "repair", "outlet": "QD-1"});
    story.put("D1", "created", json!({"dk": "job", "regs": regs}));
    assert_eq!(found(&story), [of("nobody handles it")], "though nobody has been sent yet");
    hand_over(&mut story, &json!({"handler": "R-1"}));
    assert_eq!(found(&story), []);
    hand_over(&mut story, &json!({"outlet": "QD-2", "handler": ""}));
    assert_eq!(found(&story), [of("nobody handles it after R-1")]);
    story.put("D1", "cancelled", json!({"why": "bought elsewhere"}));
    assert_eq!(found(&story), []);
    assert_eq!(signs(&story.view()), [""; 0], "a pack that does not ask for it");
    let mut row = Story::empty();
    row.import(&json!({"kind": "repair", "outlet": "QD-1"}));
    assert_eq!(found(&row), [], "nobody here has touched it");
    row.put("D1", "noted", json!({"text": "called"}));
    assert_eq!(found(&row), [of("nobody handles it")]);
}

#[test]
fn d_h6_an_outlet_takes_only_the_modes_of_its_level() {
    let mut story = Story::job("repair");
    hand_over(&mut story, &json!({"outlet": "QD-1", "mode": "vip_five_star"}));
    let site = |level: &str| Site { level: Some(level.into()), ..Site::NOWHERE };
    let found = |level: &str| signs(&judged(&story, &HAIER, &site(level)));
    assert_eq!(found("franchised"), ["outlet_mode"]);
    assert_eq!(found("technical_center"), [""; 0]);
    assert_eq!(found("of another policy"), [""; 0]);
}

#[test]
fn d_e14_a_pack_is_for_pilot_outlets_from_a_day_on() {
    let text = docket_core::policy::HAIER
        .replacen("name = \"haier\"", "name = \"pilot\"\nstarts = \"2026-03-02\"", 1)
        .replacen("[outlets]\n", "[outlets]\nonly = [\"QD-1\"]\n", 1);
    let pilot = Policy::parse(&text, "pilot.toml").unwrap();
    assert!(pilot.outlets.is_for(Some("QD-1")) && !pilot.outlets.is_for(Some("QD-2")) && !pilot.outlets.is_for(None));
    let judged_at = |outlet: &str, received: &str| {
        let mut story = Story::empty();
        let regs = json!({"kind": "repair", "outlet": outlet, "received_at": received, "policy": "X"});
        story.put("D1", "created", json!({"dk": "job", "regs": regs}));
        signs(&judged(&story, &pilot, &Site::NOWHERE))
    };
    assert_eq!(judged_at("QD-1", "2026-03-02T00:10:00+08:00"), [""; 0], "by the calendar where it came in");
    assert_eq!(judged_at("QD-1", "2026-03-01T23:50:00+08:00"), ["policy_not_started"]);
    assert_eq!(judged_at("QD-2", "2026-03-02T00:10:00+08:00"), ["policy_not_for_outlet"]);
}

#[test]
fn d_h12_a_job_goes_through_six_stages() {
    let mut story = Story::empty();
    story.put("D1", "created", json!({"dk": "job", "regs": {"kind": "installation", "product": "fridge"}}));
    assert_eq!(story.view().stage, Some(Stage::Intake));
    hand_over(&mut story, &json!({"outlet": "QD-1"}));
    assert_eq!(story.view().stage, Some(Stage::Plan));
    story.put("D1", "assigned", json!({"regs": {"crew": ["T1"]}}));
    assert_eq!(story.view().stage, Some(Stage::Plan));
    story.put("T1", "arrived", json!({}));
    assert_eq!(story.view().stage, Some(Stage::Service));
    story.put("T1", "completed", json!({"resolution": "installed"}));
    assert_eq!(story.view().stage, Some(Stage::Acceptance), "nobody but the technician said that it is well");
    story.put("T1", "signed", json!({"role": "customer", "name": "Li", "answers": "X"}));
    assert_eq!(story.view().stage, Some(Stage::FollowUp));
    story.put("D1", "cancelled", json!({"why": "x"}));
    assert_eq!(story.view().stage, None);

    let mut old = Story::empty();
    old.import(&json!({"kind": "repair", "closed_at": "2020-01-02T00:00:00Z"}));
    assert_eq!(old.view().stage, Some(Stage::Upkeep));
}

#[test]
fn d_h12_a_visit_that_came_to_nothing_is_planned_anew() {
    let mut story = Story::job("repair");
    story.put("T1", "arrived", json!({}));
    story.put("T1", "no_access", json!({}));
    assert_eq!(story.view().stage, Some(Stage::Plan));
}

proptest! {
    #[test]
    fn d_e6_an_outlet_is_the_same_in_whatever_order_its_facts_arrive(
        ops in proptest::collection::vec((0..3usize, 0..6usize, 0..4usize, -90..90i64), 1..20), turn in 0..20usize
    ) {
        let mut story = outlet();
        let mut call = None;
        for (device, what, which, minutes) in ops {
            let device = ["S1", "S2", "T1"][device];
            story.now += minutes * 60_000;
            match what {
                0 => {
                    let state = ["assessed", "contracted", "authorised", "dropped"][which];
                    story.put(device, "standing", json!({"state": state}));
                }
                1 => drop(story.put(device, "inspected", json!({"how": "open", "passed": which > 1, "score": which * 25}))),
                2 => call = Some(story.put(device, "called_in", json!({"from": "customer"}))),
                3 => {
                    let to = call.map(|fact| fact.to_string()).unwrap_or_default();
                    story.put(device, "responded", json!({"to": to}));
                }
                4 => drop(story.set(device, "level", &json!(["star", "community"][which % 2]), &[])),
                _ => drop(story.put(device, "trained", json!({"course": "service", "on": "2026-01-01"}))),
            }
        }
        let mut facts = story.facts.clone();
        let turn = turn % facts.len();
        facts.rotate_left(turn);
        facts.reverse();
        let again = facts.clone();
        facts.extend(again);
        let (one, other) = (view(&story), fold_outlet(&story.record(&facts), &HAIER));
        prop_assert_eq!(one, other);
    }
}
