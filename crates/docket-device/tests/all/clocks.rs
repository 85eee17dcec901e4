//! The promise: what is due is listed soonest first, at any time asked about, out of one table and at once.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that fails is a test that fails"
)]

use std::time::{Duration, Instant};

use crate::common::{Fixture, draft, stamp};
use docket_core::view::ClockVerdict;
use docket_device::app::clocks::{ClockRow, Filter, list_in};
use docket_device::doctor;
use docket_format::DocId;
use serde_json::json;

/// 2023-11-14T22:13:20Z, when the fixture's clock starts.
const START_MS: i64 = 1_700_000_000_000;
const MINUTE_MS: i64 = 60_000;

fn list(fix: &Fixture, filter: &Filter) -> Vec<ClockRow> {
    list_in(fix.store.conn(), filter).unwrap().0
}

fn at(minute: i64) -> Filter {
    Filter { as_of_ms: START_MS + minute * MINUTE_MS, ..Filter::default() }
}

fn said(rows: &[ClockRow]) -> Vec<(&str, ClockVerdict, i64)> {
    let minutes = |row: &ClockRow| row.slack_ms.unwrap().div_euclid(MINUTE_MS);
    rows.iter().map(|row| (row.clock.as_str(), row.state, minutes(row))).collect()
}

fn demand(fix: &mut Fixture, outlet: &str) -> DocId {
    let regs = json!({"kind": "repair", "outlet": outlet, "received_at": "2023-11-14T22:13:20Z"});
    let body = json!({"dk": "job", "regs": regs});
    fix.store.create_doc(&[draft("created", body)], &stamp(0)).unwrap().0
}

#[test]
fn d_k5_what_is_due_is_listed_soonest_first() {
    let mut fix = Fixture::new();
    fix.certify("S-001", "supervisor");
    let job = demand(&mut fix, "QD-01");
    demand(&mut fix, "QD-02");
    fix.store.write(job, &[draft("accepted", json!({"severity": "urgent"}))], &stamp(60)).unwrap();
    fix.store.write(job, &[draft("contacted", json!({"purpose": "first"}))], &stamp(600)).unwrap();
    let rows = list(&fix, &at(10));
    assert_eq!(
        said(&rows),
        [
            ("contact", ClockVerdict::Running, 20),
            ("urgent_contact", ClockVerdict::Running, 471),
            ("urgent_head", ClockVerdict::Running, 471),
            ("urgent_daily", ClockVerdict::Running, 24 * 60 + 96),
        ]
    );
    assert_eq!(rows[0].outlet.as_deref(), Some("QD-02"));
    let soon = Filter { due_within_ms: Some(2 * 60 * MINUTE_MS), ..at(10) };
    assert_eq!(said(&list(&fix, &soon)), [("contact", ClockVerdict::Running, 20)]);
    assert_eq!(
        said(&list(&fix, &Filter { due_within_ms: Some(0), ..at(31) })),
        [("contact", ClockVerdict::Breached, -1)]
    );
    let of_one = list(&fix, &Filter { doc: Some(job), ..at(10) });
    assert!(said(&of_one).contains(&("contact", ClockVerdict::Met, 20)), "a job shows what is past, too");
    let of_row = list(&fix, &Filter { clocks: vec!["D-S2".into()], outlet: Some("QD-01".into()), ..at(10) });
    assert_eq!(of_row.len(), 3);
    assert!(doctor::check(&mut fix.store).unwrap().is_sound());
}

#[test]
fn d_c3_calls_without_a_job_have_their_clock() {
    let mut fix = Fixture::new();
    fix.certify("S-001", "supervisor");
    let regs = json!({"outlet": "QD-01", "zone": "Asia/Shanghai", "lat": "36.067", "lon": "120.383"});
    let doc = DocId::derived(crate::common::tenant(), "outlet", "docket", "QD-01");
    let created = draft("created", json!({"dk": "outlet", "regs": regs}));
    fix.store.write(doc, &[created, draft("called_in", json!({"from": "supplier"}))], &stamp(0)).unwrap();
    let rows = list(&fix, &at(10));
    // Called 06:13 in Shanghai, and the sun sets before five.
    assert_eq!((rows.len(), rows[0].clock.as_str(), rows[0].row.as_str()), (1, "sundown", "D-C3"));
    assert_eq!(rows[0].due_ms.unwrap().div_euclid(60 * MINUTE_MS), START_MS / (60 * MINUTE_MS) + 10);
    let call = fix.store.facts(doc).unwrap().iter().find(|fact| fact.kind() == "called_in").unwrap().id;
    fix.store.write(doc, &[draft("responded", json!({"to": call.to_string()}))], &stamp(60)).unwrap();
    assert_eq!(list(&fix, &at(10)), []);
    assert_eq!(fix.value::<String>("SELECT verdict FROM v_clock WHERE clock = 'sundown'"), "met");
}

#[test]
fn the_state_that_a_list_is_filtered_by_is_the_one_that_it_shows() {
    let fix = many(2_000);
    for minute in [-100, 0, 50, 500, 5_000] {
        for state in ClockVerdict::ALL {
            let rows = list(&fix, &Filter { states: vec![state], ..at(minute) });
            assert!(rows.iter().all(|row| row.state == state), "{state:?} {minute}");
        }
        let all = list(&fix, &Filter { states: ClockVerdict::ALL.to_vec(), ..at(minute) });
        assert_eq!(all.len(), 4_000);
        assert!(all.windows(2).all(|pair| pair[1].due_ms.is_none() || pair[0].due_ms <= pair[1].due_ms));
    }
}

/// As many open jobs, each with two clocks in every kind of state.
fn many(jobs: i64) -> Fixture {
    let fix = Fixture::new();
    let sql = fix.store.conn();
    sql.execute_batch(&format!(
        "BEGIN;
         INSERT INTO doc(id, doc, code, kind, heads, max_op, changes)
           WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {jobs})
           SELECT i + 1000, randomblob(16), printf('%026d', i), 'job', x'', 1, 0 FROM n;
         INSERT INTO p_clock(doc, pos, clock, row, scope, start_ms, due_ms, stop_ms, paused_ms, verdict, evidence, suspect)
           SELECT d.id, p.pos, CASE p.pos WHEN 0 THEN 'contact' ELSE 'service' END, 'D-C1', NULL, {START_MS},
                  CASE d.id % 11 WHEN 9 THEN NULL ELSE {START_MS} + (d.id * 7919 % 3000) * {MINUTE_MS} END,
                  CASE WHEN d.id % 11 < 2 THEN {START_MS} END,
                  CASE d.id % 11 WHEN 4 THEN {START_MS} + (d.id * 31 % 2000) * {MINUTE_MS} END,
                  CASE d.id % 11 WHEN 0 THEN 'met' WHEN 1 THEN 'breached' WHEN 2 THEN 'undecidable'
                       WHEN 3 THEN 'quiet' WHEN 9 THEN 'not_applicable' END, 'claimed', 0
             FROM doc d, (SELECT 0 AS pos UNION ALL SELECT 1) p WHERE d.id > 1000;
         COMMIT;"
    ))
    .unwrap();
    fix
}

#[test]
fn a_hundred_thousand_open_jobs_are_answered_within_a_second() {
    let fix = many(100_000);
    for filter in [
        Filter { limit: 50, ..at(100) },
        Filter { due_within_ms: Some(120 * MINUTE_MS), limit: 50, ..at(100) },
        Filter { clocks: vec!["contact".into()], limit: 50, ..at(100) },
        Filter { states: vec![ClockVerdict::Breached], limit: 50, ..at(100) },
    ] {
        let began = Instant::now();
        let (rows, total) = list_in(fix.store.conn(), &filter).unwrap();
        assert_eq!(rows.len(), 50);
        assert!(total > 1_000);
        assert!(began.elapsed() < Duration::from_secs(1), "{:?} for {filter:?}", began.elapsed());
    }
}
