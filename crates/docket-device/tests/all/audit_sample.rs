//! The sample for inspection and call-back is the same on every device: a digest of seed, document and visit decides, and
//! nothing else does.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that fails should say where"
)]

use std::collections::{BTreeMap, BTreeSet};

use crate::audit_common::Sheet;
use docket_device::audit::{Draw, Pick, Sample, sample};
use proptest::prelude::*;

const NOW: i64 = 10_000_000;

fn draw(seed: &str, per_outlet: usize) -> Draw<'_> {
    Draw { seed, per_outlet, from_ms: None, as_of_ms: NOW, bad_below: 60 }
}

/// A visit as the fold projects it: job `n`, at an outlet, of a kind.
fn add(sheet: &mut Sheet, n: i64, outlet: u8, kind: u8) {
    sheet.add_job(n);
    sheet
        .sql
        .execute_batch(&format!(
            "UPDATE p_job SET id = unhex('00000000000070008000' || printf('%012X', {n})), outlet = 'O-{outlet}', kind = 'K-{kind}'
              WHERE doc = {n}"
        ))
        .unwrap();
}

fn answer(sheet: &Sheet, job: i64, pos: i64, kind: &str, body: &str) {
    let sql = "INSERT INTO p_event VALUES (?1, ?2, 'F', ?3, 'T-9', 'call_back_agent', 3000000, 0, ?4)";
    sheet.sql.execute(sql, (job, pos, kind, body)).unwrap();
}

fn company(jobs: impl IntoIterator<Item = (i64, u8, u8)>) -> Sheet {
    let mut sheet = Sheet::empty();
    for (n, outlet, kind) in jobs {
        add(&mut sheet, n, outlet, kind);
    }
    sheet
}

fn keys(sample: &Sample) -> BTreeSet<(String, String)> {
    sample.picks.iter().map(|pick| (pick.doc.to_string(), pick.visit.clone())).collect()
}

fn by_outlet(picks: &[Pick]) -> BTreeMap<&str, usize> {
    picks.iter().filter(|pick| pick.drawn).fold(BTreeMap::new(), |mut counts, pick| {
        *counts.entry(pick.outlet.as_str()).or_default() += 1;
        counts
    })
}

#[test]
fn d_e6_every_outlet_is_drawn_from_alike_and_another_seed_draws_others() {
    let sheet = company((1..=60).map(|n| (n, (n % 3) as u8, (n % 2) as u8)));
    let one = sample(&sheet.sql, &draw("a", 4)).unwrap();
    assert_eq!(by_outlet(&one.picks), BTreeMap::from([("O-0", 4), ("O-1", 4), ("O-2", 4)]));
    assert_eq!(one.strata.len(), 6);
    assert!(one.strata.iter().all(|stratum| (stratum.visits, stratum.drawn) == (10, 2)));
    assert_eq!(one, sample(&sheet.sql, &draw("a", 4)).unwrap());
    assert_ne!(keys(&one), keys(&sample(&sheet.sql, &draw("b", 4)).unwrap()));
    let csv = |sample: &Sample| {
        let mut out = Vec::new();
        sample.write_csv(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    assert_eq!(csv(&one).lines().count(), 13);
    assert_eq!(one.to_json()["visits"].as_array().unwrap().len(), 12);
}

#[test]
fn d_c2_a_visit_with_a_bad_answer_is_always_in_the_sample() {
    let bad = [
        (1, "called_back", r#"{"reached": true, "satisfied": false}"#, "not satisfied"),
        (2, "called_back", r#"{"reached": true, "solved": false}"#, "not solved"),
        (3, "called_back", r#"{"reached": true, "score": 59}"#, "score 59"),
        (4, "called_back", r#"{"reached": true, "five": {"A": true, "1": true, "B": false}}"#, "B was left out"),
        (5, "surveyed", r#"{"score": 10, "channel": "letter", "relation": "third_party"}"#, "score 10"),
    ];
    let good = [
        (6, "called_back", r#"{"reached": true, "satisfied": true, "score": 60, "solved": true}"#),
        (7, "called_back", r#"{"reached": false}"#),
        (8, "complained", r#"{"cause": "x", "score": 1}"#),
    ];
    let sheet = company((1..=40).map(|n| (n, 1, 1)));
    for (job, kind, body, _) in bad {
        answer(&sheet, job, 0, kind, body);
    }
    for (job, kind, body) in good {
        answer(&sheet, job, 0, kind, body);
    }
    let none = sample(&sheet.sql, &draw("a", 0)).unwrap();
    let said: Vec<(i64, String)> = none
        .picks
        .iter()
        .map(|pick| (i64::from_str_radix(&pick.doc.to_string()[24..], 16).unwrap(), pick.why()))
        .collect();
    assert_eq!(said.iter().cloned().collect::<BTreeSet<_>>(), bad.map(|(n, _, _, why)| (n, why.to_owned())).into());
    assert!(none.picks.iter().all(|pick| !pick.drawn));
    assert_eq!((none.strata[0].visits, none.strata[0].drawn, none.strata[0].bad), (40, 0, 5));
    // Bad answers come on top: they take nobody's place in the draw.
    let some = sample(&sheet.sql, &draw("a", 10)).unwrap();
    assert_eq!(some.picks.iter().filter(|pick| pick.drawn).count(), 10);
    assert!(keys(&none).is_subset(&keys(&some)));
    // What was answered after the time of the sample is not known in it.
    let before = sample(&sheet.sql, &Draw { as_of_ms: 2_500_000, ..draw("a", 0) }).unwrap();
    assert!(before.picks.is_empty());
    assert_eq!(before.strata[0].visits, 40);
}

#[test]
fn an_answer_is_about_the_visit_it_names_else_the_last_one_before_it() {
    let mut sheet = company([(1, 1, 1)]);
    sheet
        .sql
        .execute_batch(
            "INSERT INTO p_visit SELECT doc, 1, 'SECOND', person, least_grade, arrived_ms, 2900000, outcome, detail, late_min,
                limit_min, spent_min, appliances, assigned, late_work, signed FROM p_visit;
             INSERT INTO p_visit SELECT doc, 2, 'THIRD', person, least_grade, arrived_ms, 3100000, outcome, detail, late_min,
                limit_min, spent_min, appliances, assigned, late_work, signed FROM p_visit WHERE pos = 0;
             INSERT INTO p_visit SELECT doc, 3, 'THIRD', 'T-0', least_grade, arrived_ms, 3100000, outcome, detail, late_min,
                limit_min, spent_min, appliances, assigned, late_work, signed FROM p_visit WHERE pos = 0",
        )
        .unwrap();
    let visits = |sheet: &Sheet| -> Vec<String> {
        sample(&sheet.sql, &draw("a", 0)).unwrap().picks.into_iter().map(|pick| pick.visit).collect()
    };
    answer(&sheet, 1, 0, "called_back", r#"{"satisfied": false}"#);
    assert_eq!(visits(&sheet), ["SECOND"], "answered at 3,000,000");
    sheet.sql.execute_batch("DELETE FROM p_event").unwrap();
    answer(&sheet, 1, 0, "called_back", r#"{"satisfied": false, "visit": "V1"}"#);
    assert_eq!(visits(&sheet), ["V1"]);
    let all = sample(&sheet.sql, &draw("a", 9)).unwrap();
    assert_eq!(all.picks.len(), 3, "a visit of two people is one visit");
    let third = all.picks.iter().find(|pick| pick.visit == "THIRD").unwrap();
    assert_eq!(third.people, ["T-0", "T-1"]);
    sheet.add_job(2);
}

#[test]
fn only_visits_of_the_period_are_drawn() {
    let sheet = company((1..=9).map(|n| (n, 1, 1)));
    sheet
        .sql
        .execute_batch(
            "UPDATE p_visit SET ended_ms = doc * 1000; UPDATE p_visit SET outcome = 'no_access' WHERE doc = 5",
        )
        .unwrap();
    let period = Draw { from_ms: Some(4000), as_of_ms: 7000, ..draw("a", 99) };
    let jobs: Vec<i64> = sample(&sheet.sql, &period).unwrap().picks.iter().map(|pick| pick.ended_ms).collect();
    assert_eq!(jobs.into_iter().collect::<BTreeSet<_>>(), [4000, 6000].into());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Whatever order the records came in, the same seed draws the same visits.
    #[test]
    fn the_order_of_records_makes_no_difference(
        jobs in prop::collection::vec((0_u8..3, 0_u8..3), 1..40).prop_map(|jobs| {
            jobs.into_iter().zip(1_i64..).map(|((outlet, kind), n)| (n, outlet, kind)).collect::<Vec<_>>()
        }).prop_flat_map(|jobs| (Just(jobs.clone()), Just(jobs).prop_shuffle())),
        seed in "[a-z]{0,8}",
        per_outlet in 0_usize..12,
    ) {
        let (sorted, shuffled) = jobs;
        let one = sample(&company(sorted).sql, &draw(&seed, per_outlet)).unwrap();
        let other = sample(&company(shuffled).sql, &draw(&seed, per_outlet)).unwrap();
        prop_assert_eq!(&one, &other);
        prop_assert_eq!(one.to_json(), other.to_json());
    }

    /// A larger sample holds the smaller one, and each outlet has exactly as many as it can.
    #[test]
    fn a_larger_sample_holds_the_smaller(
        jobs in prop::collection::vec((0_u8..3, 0_u8..3), 1..40),
        seed in "[a-z]{0,8}",
        per_outlet in 0_usize..12,
    ) {
        let sheet = company(jobs.iter().zip(1_i64..).map(|((outlet, kind), n)| (n, *outlet, *kind)));
        let (small, large) = (sample(&sheet.sql, &draw(&seed, per_outlet)).unwrap(), sample(&sheet.sql, &draw(&seed, per_outlet + 1)).unwrap());
        prop_assert!(keys(&small).is_subset(&keys(&large)));
        for outlet in 0..3 {
            let visits = jobs.iter().filter(|(at, _)| *at == outlet).count();
            let drawn = by_outlet(&small.picks).get(format!("O-{outlet}").as_str()).copied().unwrap_or(0);
            prop_assert_eq!(drawn, per_outlet.min(visits));
        }
    }
}
