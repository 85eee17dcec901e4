//! D-H9: several technicians work different appliances of one job at once, each offline. What they bring back merges
//! without a conflict, in whatever order it arrives.

use docket_core::view::StepStatus;
use docket_core::{UnixMs, fold_job};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::json;

use crate::story::{HAIER, Story, shuffle};

/// What is answered for each appliance.
const EACH: [&str; 5] = ["A1", "A2", "A3", "1", "C1"];

/// One tick of somebody's work: who, which of the own appliances, and how many minutes later.
type Tick = (u8, u8, u8);

fn record(story: &mut Story, device: &str, step: &str, appliance: u32) {
    let place = |v: serde_json::Value| json!({"step": step, "appliance": appliance, "v": v});
    let reading = |v: &str, unit: &str| json!({"step": step, "appliance": appliance, "v": v, "unit": unit});
    match step {
        "A1" => story.put(device, "reading", reading(&format!("0.{appliance}"), "ohm")),
        "A2" => story.put(device, "reading", reading(&format!("{}", 100 + appliance), "megaohm")),
        "A3" => story.put(device, "step", place("correct".into())),
        _ => story.put(device, "step", place(true.into())),
    };
}

/// Everybody's work, interleaved as the ticks say; what is left at the end is done then.
fn work(crew: u32, appliances: u32, ticks: &[Tick]) -> Story {
    let mut story = Story::empty();
    let regs = json!({"kind": "installation", "product": "air_conditioner", "appliances": appliances});
    story.put("D1", "created", json!({"dk": "job", "regs": regs}));
    let names: Vec<String> = (1..=crew).map(|n| format!("T{n}")).collect();
    story.put("D1", "assigned", json!({"regs": {"crew": names}}));
    for name in &names {
        story.put(name, "arrived", json!({}));
    }
    story.step("T1", "N1", true);
    // Appliance n belongs to technician n modulo the crew.
    let mut todo: Vec<Vec<(&str, u32)>> = (0..crew)
        .map(|who| {
            let own = (1..=appliances).filter(|n| n % crew == who);
            own.flat_map(|appliance| EACH.map(|step| (step, appliance))).rev().collect()
        })
        .collect();
    let rest = (0..crew as u8).cycle().take(usize::from(crew as u8) * appliances as usize * EACH.len());
    for (who, skip, minutes) in ticks.iter().copied().chain(rest.map(|who| (who, 0, 0))) {
        let who = usize::from(who) % names.len();
        story.now += i64::from(minutes) * 1_000;
        // Which of the own appliances comes next is the technician's business; each keeps its own order.
        let left = todo[who].len();
        let at = left.checked_sub(1 + usize::from(skip) % left.max(1));
        let Some(appliance) = at.and_then(|at| todo[who].get(at)).map(|(_, appliance)| *appliance) else { continue };
        let at = todo[who].iter().rposition(|(_, own)| *own == appliance).unwrap();
        let (step, appliance) = todo[who].remove(at);
        record(&mut story, &names[who], step, appliance);
    }
    for step in ["A4", "B1", "E1"] {
        story.step("T1", step, true);
    }
    story.step("T1", "D1", "none");
    story
}

#[test]
fn d_h9_a_crew_that_works_different_appliances_offline_merges_without_a_conflict() {
    let config = Config { cases: 60, failure_persistence: None, ..Config::default() };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[9; 32]);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let tick = (any::<u8>(), any::<u8>(), 0..20u8);
    let strategy = (2..=4u32, 2..=16u32, prop::collection::vec(tick, 0..120), any::<u64>());
    let outcome = runner.run(&strategy, |(crew, appliances, ticks, seed)| {
        let story = work(crew, appliances, &ticks);
        let now = UnixMs(story.now);
        let view = fold_job(&story.record(&story.facts), &HAIER, now);
        prop_assert_eq!(view.open_issues().collect::<Vec<_>>(), Vec::<&docket_core::Issue>::new());
        prop_assert_eq!(view.visits.len(), 1, "arrived together: one visit");
        for step in EACH {
            for appliance in 1..=appliances {
                let state = view.steps.iter().find(|state| state.step == step && state.appliance == appliance).unwrap();
                prop_assert_eq!(state.status, StepStatus::Ok, "{} {}", step, appliance);
                let by = format!("T{}", if appliance % crew == 0 { 1 } else { appliance % crew + 1 });
                let person = state.answers[0].person.as_ref().map(ToString::to_string);
                prop_assert_eq!((state.answers.len(), person), (1, Some(by)));
            }
        }
        prop_assert!(view.gates.iter().all(|gate| gate.passed));
        let shuffled = shuffle(&story.facts, seed);
        prop_assert_eq!(&view, &fold_job(&story.record(&shuffled), &HAIER, now));
        Ok(())
    });
    outcome.unwrap();
}
