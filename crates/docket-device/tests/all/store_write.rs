//! The promise: what a write returned is there, once, under the names that were returned, whoever else writes.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that fails is a test that fails"
)]

use crate::common::{Fixture, draft, stamp};
use docket_device::{Draft, Mode, Store};
use serde_json::json;

#[test]
fn facts_come_back_as_written_and_chain() {
    let mut fix = Fixture::new();
    let (doc, first) =
        fix.store.create_doc(&[draft("created", json!({"dk": "job", "regs": {"kind": "repair"}}))], &stamp(1)).unwrap();
    let second =
        fix.store.write(doc, &[draft("arrived", json!({})), draft("noted", json!({"text": "é"}))], &stamp(2)).unwrap();
    fix.reopen();
    let mut facts = fix.store.facts(doc).unwrap();
    facts.sort_by_key(docket_format::Fact::wall_ms);
    assert_eq!(facts.len(), 3);
    let by_id = |id| facts.iter().find(|fact| fact.id == id).unwrap();
    let prev = |fact: &docket_format::Fact| match fact.header.origin {
        docket_format::fact::Origin::Device { n, prev, .. } => (n, prev),
        docket_format::fact::Origin::Import { .. } => panic!("written by a device"),
    };
    assert_eq!(prev(by_id(first[0])), (1, None));
    assert_eq!(prev(by_id(second[0])), (2, Some(first[0])));
    assert_eq!(prev(by_id(second[1])), (3, Some(second[0])));
    let changes = fix.store.changes(doc).unwrap();
    assert_eq!(changes.iter().map(|change| change.seq).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(fix.store.heads(doc).unwrap(), [changes[1].hash]);
    assert_eq!(fix.store.info(doc).unwrap().unwrap().max_op, 5);
}

#[test]
fn automerge_reads_what_the_store_wrote() {
    use automerge::{Automerge, Change, ReadDoc as _};
    let mut fix = Fixture::new();
    let (doc, ids) = fix.store.create_doc(&[draft("created", json!({"dk": "job"}))], &stamp(1)).unwrap();
    fix.store.write(doc, &[draft("arrived", json!({}))], &stamp(2)).unwrap();
    let mut loaded = Automerge::new();
    let chunks = std::iter::once(docket_format::change::genesis(doc).bytes)
        .chain(fix.store.changes(doc).unwrap().into_iter().map(|change| change.build().unwrap().bytes));
    for bytes in chunks {
        loaded.apply_changes([Change::from_bytes(bytes).unwrap()]).unwrap();
    }
    let (_, map) = loaded.get(automerge::ROOT, "facts").unwrap().unwrap();
    assert_eq!(loaded.length(&map), 2);
    let (text, _) = loaded.get(&map, ids[0].to_string()).unwrap().unwrap();
    assert_eq!(Some(text.as_str().unwrap().to_owned()), fix.store.fact_text(doc, ids[0]).unwrap());
}

#[test]
fn submitting_again_finds_what_landed() {
    let mut fix = Fixture::new();
    let (doc, _) = fix.store.create_doc(&[draft("created", json!({"dk": "job"}))], &stamp(1)).unwrap();
    let prepared = fix.store.begin().unwrap().prepare(doc, &[draft("arrived", json!({}))], &stamp(2)).unwrap();
    // The commit was lost: nothing is there yet, the retry writes it; the answer was lost: the retry finds it.
    assert_eq!(fix.store.facts(doc).unwrap().len(), 1);
    let first = fix.store.submit(&prepared).unwrap();
    fix.reopen();
    let second = fix.store.submit(&prepared).unwrap();
    assert_eq!(first, second);
    assert_eq!(fix.store.facts(doc).unwrap().len(), 2);
    assert_eq!(fix.store.changes(doc).unwrap().len(), 2);
}

#[test]
fn submitting_after_another_write_took_the_number_writes_once_with_a_new_one() {
    let mut fix = Fixture::new();
    let (doc, _) = fix.store.create_doc(&[draft("created", json!({"dk": "job"}))], &stamp(1)).unwrap();
    let prepared = fix.store.begin().unwrap().prepare(doc, &[draft("arrived", json!({}))], &stamp(2)).unwrap();
    fix.store.write(doc, &[draft("noted", json!({"text": "in between"}))], &stamp(3)).unwrap();
    let ids = fix.store.submit(&prepared).unwrap();
    assert_ne!(ids[0], prepared.facts[0].0);
    assert_eq!(fix.store.facts(doc).unwrap().len(), 3);
}

#[test]
fn a_dropped_transaction_leaves_nothing() {
    let mut fix = Fixture::new();
    let (doc, _) = fix.store.create_doc(&[draft("created", json!({"dk": "job"}))], &stamp(1)).unwrap();
    let mut tx = fix.store.begin().unwrap();
    let prepared = tx.prepare(doc, &[draft("arrived", json!({}))], &stamp(2)).unwrap();
    tx.append(doc, &prepared.facts, &stamp(2)).unwrap();
    drop(tx);
    assert_eq!(fix.store.facts(doc).unwrap().len(), 1);
}

#[test]
fn what_is_no_fact_is_refused_before_anything_is_written() {
    let mut fix = Fixture::new();
    let (doc, _) = fix.store.create_doc(&[draft("created", json!({"dk": "job"}))], &stamp(1)).unwrap();
    let bad: [Draft; 4] = [
        draft("Bad Kind", json!({})),
        draft("noted", json!({"by": "me"})),
        draft("noted", json!({"text": 0.5})),
        draft("noted", json!({"text": "x".repeat(docket_format::limits::FACT_BYTES)})),
    ];
    for draft in bad {
        let error = fix.store.write(doc, &[draft], &stamp(2)).unwrap_err();
        assert_eq!(error.kind(), docket_device::ErrorKind::Usage, "{error}");
    }
    assert_eq!(fix.store.changes(doc).unwrap().len(), 1);
}

#[test]
fn a_read_only_store_refuses_writes_and_reads_on() {
    let mut fix = Fixture::new();
    let (doc, _) = fix.store.create_doc(&[draft("created", json!({"dk": "job"}))], &stamp(1)).unwrap();
    let mut reader = Store::open(fix.dir.path(), Mode::ReadOnly).unwrap();
    assert!(matches!(
        reader.write(doc, &[draft("arrived", json!({}))], &stamp(2)),
        Err(docket_device::StoreError::ReadOnly { .. })
    ));
    assert_eq!(reader.facts(doc).unwrap().len(), 1);
    // It sees what another connection writes later.
    fix.store.write(doc, &[draft("arrived", json!({}))], &stamp(2)).unwrap();
    assert_eq!(reader.facts(doc).unwrap().len(), 2);
}

#[test]
fn own_unsealed_facts_are_in_the_outbox() {
    let mut fix = Fixture::new();
    let (doc, _) = fix.store.create_doc(&[draft("created", json!({"dk": "job"}))], &stamp(1)).unwrap();
    let ids = fix.store.write(doc, &[draft("arrived", json!({}))], &stamp(2)).unwrap();
    let outbox = fix.store.outbox().unwrap();
    assert_eq!(outbox.tips, [docket_device::store::Tip { doc, n: 2, fact: ids[0] }]);
    fix.seal_all();
    assert_eq!(fix.store.outbox().unwrap().tips, []);
    assert_eq!(fix.store.outbox().unwrap().last_count, 1);
    let seals = fix.store.seals().unwrap();
    assert_eq!(seals.len(), 1);
    assert_eq!(fix.store.leaves_of(seals[0].row).unwrap().len(), 1);
}
