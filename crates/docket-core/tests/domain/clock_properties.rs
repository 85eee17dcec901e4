//! Clocks are a function of the set of facts: not of their order, nor of who asks when.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a helper that fails is a test that fails")]

use std::sync::LazyLock;

use docket_core::time::MINUTE_MS;
use docket_core::view::ClockVerdict;
use docket_core::{Policy, Record, Site, UnixMs, fold_job};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::story::{MORNING, Story};

static DEFAULT: LazyLock<Policy> = LazyLock::new(|| Policy::parse(docket_core::policy::DEFAULT, "default").unwrap());

/// Everything that starts, stops or pauses a clock of the union.
fn facts() -> Vec<(&'static str, Value)> {
    vec![
        ("accepted", json!({"severity": "urgent"})),
        ("accepted", json!({"severity": "critical"})),
        ("classified", json!({"regs": {"severity": "general"}})),
        ("contacted", json!({"purpose": "first"})),
        ("contacted", json!({"purpose": "first", "reached": false})),
        ("contacted", json!({"purpose": "solution", "solution": true})),
        ("contacted", json!({"purpose": "part_arrived", "when": "2026-03-02T11:00:00Z"})),
        ("escalated", json!({"to": "head_of_department"})),
        ("escalated", json!({"to": "company_leader"})),
        ("complained", json!({"cause": "dented", "about": "packaging"})),
        ("part", json!({"part": "PUMP", "state": "requested"})),
        ("part", json!({"part": "PUMP", "state": "received"})),
        ("part", json!({"part": "BELT", "state": "requested", "tier": "tier3"})),
        ("part", json!({"part": "BELT", "state": "fitted"})),
        ("paused", json!({"for": "customer"})),
        ("paused", json!({"for": "part"})),
        ("resumed", json!({})),
        ("handed_in", json!({})),
        ("handed_in", json!({"when": "2026-03-02T06:00:00Z"})),
        ("ready", json!({})),
        ("arrived", json!({})),
        ("completed", json!({"resolution": "repaired"})),
        ("completed", json!({"resolution": "invalid"})),
        ("no_access", json!({})),
        ("called_back", json!({"reached": true})),
        ("cancelled", json!({"why": "sold"})),
        ("reopened", json!({"why": "leaks"})),
        ("scheduled", json!({"regs": {"appointment": "2026-03-03T09:00:00Z", "window_min": 30}, "over": []})),
    ]
}

fn told(script: &[(usize, usize, i64)]) -> Story {
    let all = facts();
    let mut story = Story::empty();
    let regs = json!({"kind": "repair", "appliances": 1, "received_at": "2026-03-02T08:00:00Z"});
    story.put("D1", "created", json!({"dk": "job", "regs": regs}));
    for (which, who, minutes) in script {
        story.now += minutes * MINUTE_MS;
        let (kind, body) = &all[which % all.len()];
        // Two devices of one person, and somebody else: their facts cross.
        story.put(["S1", "S1-2", "S2"][who % 3], kind, body.clone());
    }
    story
}

fn script() -> impl Strategy<Value = Vec<(usize, usize, i64)>> {
    prop::collection::vec((0..28usize, 0..3usize, prop_oneof![0..60i64, 0..2000i64]), 0..24)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn the_order_in_which_facts_arrive_changes_no_clock(script in script(), seed in any::<u64>(), later in 0..9000i64) {
        let story = told(&script);
        let site = Site { market: Some("tier1".into()), zone: Some("America/New_York".into()), ..Site::NOWHERE };
        let now = UnixMs(MORNING + later * MINUTE_MS);
        let mut turned = story.facts.clone();
        for index in (1..turned.len()).rev() {
            turned.swap(index, (seed.rotate_left(index as u32) % (index as u64 + 1)) as usize);
        }
        turned.extend_from_within(..turned.len() / 2);
        let one = fold_job(&Record { site: &site, ..story.record(&story.facts) }, &DEFAULT, now).clocks;
        let other = fold_job(&Record { site: &site, ..story.record(&turned) }, &DEFAULT, now).clocks;
        prop_assert_eq!(one, other);
    }

    #[test]
    fn a_clock_that_is_met_or_breached_stays_so_and_its_times_do_not_move(
        script in script(),
        first in 0..9000i64,
        wait in 0..90_000i64,
    ) {
        let story = told(&script);
        let fold = |minute: i64| {
            fold_job(&story.record(&story.facts), &DEFAULT, UnixMs(MORNING + minute * MINUTE_MS)).clocks
        };
        let (before, after) = (fold(first), fold(first + wait));
        prop_assert_eq!(before.len(), after.len());
        for (before, after) in before.iter().zip(&after) {
            prop_assert_eq!(before.times, after.times);
            let open = matches!(before.state, ClockVerdict::Running | ClockVerdict::Paused);
            prop_assert!(open || before.state == after.state, "{:?} {:?}", before, after);
        }
    }
}

#[test]
fn the_scripts_reach_every_state_and_nearly_every_clock() {
    use std::collections::BTreeSet;
    let mut reached = BTreeSet::new();
    let mut states = BTreeSet::new();
    let mut dice = 1_u64;
    let mut throw = |sides: usize| {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (dice >> 33) as usize % sides
    };
    for round in 0..300 {
        let script: Vec<_> = (0..20).map(|_| (throw(28), throw(3), throw(200) as i64)).collect();
        let story = told(&script);
        // Of every other outlet nobody knows where it is.
        let market = (round % 2 == 0).then(|| "tier1".to_owned());
        let site = Site { market, ..Site::NOWHERE };
        for clock in fold_job(&Record { site: &site, ..story.record(&story.facts) }, &DEFAULT, UnixMs(story.now)).clocks
        {
            reached.insert(clock.id.to_owned());
            states.insert(clock.state);
        }
    }
    let all: BTreeSet<String> = DEFAULT.clock_rules.iter().map(|rule| rule.id.clone()).collect();
    let missing: Vec<_> =
        all.difference(&reached).filter(|id| *id != "sundown" && !id.starts_with("complaint_")).collect();
    assert_eq!(missing, Vec::<&String>::new());
    assert_eq!(states.len(), ClockVerdict::ALL.len(), "{states:?}");
}
