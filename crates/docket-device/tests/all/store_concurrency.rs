//! The promise: several processes on one store lose nothing and use no number twice.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that fails is a test that fails"
)]

use std::collections::BTreeSet;

use crate::common::{Fixture, SENDER, draft, imported, stamp};
use docket_device::{Mode, Store};
use docket_format::fact::Origin;
use serde_json::json;

#[test]
fn writers_take_turns_and_no_number_is_used_twice() {
    let mut fix = Fixture::new();
    let (doc, _) = fix.store.create_doc(&[draft("created", json!({"dk": "job"}))], &stamp(0)).unwrap();
    let (writers, each) = (4, 15);
    std::thread::scope(|scope| {
        for writer in 0..writers {
            let dir = fix.dir.path();
            scope.spawn(move || {
                for count in 0..each {
                    // Opened anew each time, as a command does.
                    let mut store = Store::open(dir, Mode::ReadWrite).unwrap();
                    assert_eq!(store.notices(), [], "another writer looks like a restore");
                    let note = draft("noted", json!({"text": format!("{writer}/{count}")}));
                    store.write(doc, &[note], &stamp(1)).unwrap();
                }
            });
        }
    });
    let facts = fix.store.facts(doc).unwrap();
    assert_eq!(facts.len(), 1 + writers * each);
    let numbers: BTreeSet<u64> = facts
        .iter()
        .map(|fact| match fact.header.origin {
            Origin::Device { n, .. } => n,
            Origin::Import { .. } => 0,
        })
        .collect();
    assert_eq!(numbers, (1..=facts.len() as u64).collect());
    assert_eq!(fix.store.heads(doc).unwrap().len(), 1, "each built on the one before");
}

#[test]
fn a_tick_during_an_import_waits_a_moment_and_is_kept() {
    let mut fix = Fixture::new();
    let (doc, _) = fix.store.create_doc(&[draft("created", json!({"dk": "job"}))], &stamp(0)).unwrap();
    let ticks = 20;
    std::thread::scope(|scope| {
        let dir = fix.dir.path();
        let import = scope.spawn(move || {
            let mut store = Store::open(dir, Mode::ReadWrite).unwrap();
            store.ingest(&SENDER, (0..3000).map(|n| imported(&n.to_string(), "row")), |_| ()).unwrap()
        });
        let mut store = Store::open(dir, Mode::ReadWrite).unwrap();
        for tick in 0..ticks {
            store.write(doc, &[draft("noted", json!({"text": tick.to_string()}))], &stamp(tick)).unwrap();
        }
        assert_eq!(import.join().unwrap().new, 3000);
    });
    assert_eq!(fix.store.facts(doc).unwrap().len(), 1 + ticks as usize);
    assert_eq!(fix.store.docs_of_kind("job").unwrap().len(), 3001);
    fix.reopen();
    assert_eq!(fix.store.notices(), []);
    assert!(docket_device::doctor::check(&mut fix.store).unwrap().is_sound());
}

/// Each keeps what it knows of a document from one write to the next, and must see that the other wrote in between.
#[test]
fn two_open_stores_that_write_in_turn_build_on_each_other() {
    let mut fix = Fixture::new();
    let (doc, _) = fix.store.create_doc(&[draft("created", json!({"dk": "job"}))], &stamp(0)).unwrap();
    let mut other = Store::open(fix.dir.path(), Mode::ReadWrite).unwrap();
    for turn in 0..6 {
        let writer = if turn % 3 == 2 { &mut other } else { &mut fix.store };
        writer.write(doc, &[draft("noted", json!({"text": format!("{turn}")}))], &stamp(turn)).unwrap();
        let heads = fix.store.heads(doc).unwrap();
        assert_eq!(heads.len(), 1, "turn {turn}");
        let rows = |query: &str| fix.store.conn().query_row(query, [], |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!(rows("SELECT max(updated_ms) FROM p_job"), stamp(turn).wall_ms, "turn {turn}");
        assert_eq!(rows("SELECT count(*) FROM fact"), turn + 2, "turn {turn}");
    }
    // A write that is given up leaves nothing that the next one would build on.
    let mut tx = other.begin().unwrap();
    let prepared = tx.prepare(doc, &[draft("noted", json!({"text": "given up"}))], &stamp(9)).unwrap();
    tx.append(doc, &prepared.facts, &stamp(9)).unwrap();
    drop(tx);
    other.write(doc, &[draft("noted", json!({"text": "after it"}))], &stamp(10)).unwrap();
    assert_eq!(other.facts(doc).unwrap().len(), 8);
    let report = docket_device::doctor::check(&mut other).unwrap();
    assert!(report.is_sound() && report.projections_compared, "{report:?}");
}
