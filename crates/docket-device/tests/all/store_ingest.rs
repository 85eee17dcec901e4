//! The promise: whatever order changes come in and however often, the record is the same; what doesn't fit yet waits;
//! what never fits is kept as evidence and blocks nothing.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that fails is a test that fails"
)]

use crate::common::{Fixture, SENDER, arrivals, draft, imported, stamp, tenant};
use docket_device::store::{Arrival, Counts, Outcome};
use docket_format::change::{Carrier, NewChange, build};
use docket_format::merkle::Leaf;
use docket_format::seal::Seal;
use docket_format::{Author, DeviceId, DocId, Fact, FactHeader, Incarnation, fact::Origin};
use serde_json::json;

fn visit(fix: &mut Fixture) -> DocId {
    let (doc, _) =
        fix.store.create_doc(&[draft("created", json!({"dk": "job", "regs": {"kind": "repair"}}))], &stamp(1)).unwrap();
    for second in 2..6 {
        fix.store.write(doc, &[draft("noted", json!({"text": second.to_string()}))], &stamp(second)).unwrap();
    }
    doc
}

#[test]
fn any_order_and_any_number_of_times_gives_one_record() {
    let mut from = Fixture::new();
    let doc = visit(&mut from);
    let changes = arrivals(&from.store, doc);
    let orders: [&[usize]; 4] = [&[0, 1, 2, 3, 4], &[4, 3, 2, 1, 0], &[2, 4, 0, 3, 1], &[1, 1, 4, 0, 0, 2, 3, 4]];
    for order in orders {
        let mut to = Fixture::new();
        let sent: Vec<Arrival> = order.iter().map(|&index| changes[index].clone()).collect();
        to.store.ingest(&SENDER, sent, |_| ()).unwrap();
        assert_eq!(to.store.facts(doc).unwrap(), from.store.facts(doc).unwrap(), "{order:?}");
        assert_eq!(to.store.heads(doc).unwrap(), from.store.heads(doc).unwrap(), "{order:?}");
        assert_eq!(to.store.status().unwrap().parked, 0, "{order:?}");
        let again = to.store.ingest(&SENDER, changes.clone(), |_| ()).unwrap();
        assert_eq!(again, Counts { known: 5, ..Counts::default() });
    }
}

#[test]
fn what_waits_is_counted_and_survives_a_restart() {
    let mut from = Fixture::new();
    let doc = visit(&mut from);
    let changes = arrivals(&from.store, doc);
    let mut to = Fixture::new();
    let counts = to.store.ingest(&SENDER, changes[1..].to_vec(), |_| ()).unwrap();
    assert_eq!(counts, Counts { parked: 4, ..Counts::default() });
    assert_eq!(to.store.facts(doc).unwrap(), []);
    assert_eq!(to.value::<i64>("SELECT count(*) FROM v_inbox WHERE kind = 'parked'"), 4);
    to.reopen();
    let counts = to.store.ingest(&SENDER, changes[..1].to_vec(), |_| ()).unwrap();
    assert_eq!(counts.new, 5, "one that came and four that waited");
    assert_eq!(to.value::<i64>("SELECT (SELECT count(*) FROM parked) + (SELECT count(*) FROM parked_dep)"), 0);
    assert_eq!(to.store.facts(doc).unwrap().len(), 5);
}

#[test]
fn a_reused_number_is_quarantined_once_and_blocks_nothing() {
    let mut from = Fixture::new();
    let doc = visit(&mut from);
    let author = from.store.author();
    let good = arrivals(&from.store, doc);
    // Another change under the number that the author's second change has.
    let first = &from.store.changes(doc).unwrap()[0];
    let header = FactHeader {
        kind: "noted".into(),
        origin: Origin::Device { author, n: 2, prev: Some(first.facts[0].0), at: stamp(9) },
    };
    let (fact, text) = Fact::write(doc, header, serde_json::Map::new()).unwrap();
    let facts = [(fact.id, text.as_str())];
    let deps = [first.hash];
    let new =
        NewChange { doc, carrier: Carrier::Device(author), seq: 2, start_op: 4, deps: &deps, time: 1, facts: &facts };
    let evil = Arrival::read(doc, Carrier::Device(author), &build(&new).unwrap().bytes).unwrap();
    let mut to = Fixture::new();
    let mut sent = good[..2].to_vec();
    sent.extend([evil.clone(), evil]);
    sent.extend_from_slice(&good[2..]);
    let counts = to.store.ingest(&SENDER, sent, |_| ()).unwrap();
    assert_eq!(counts, Counts { new: 5, refused: 2, ..Counts::default() });
    assert_eq!(to.store.facts(doc).unwrap(), from.store.facts(doc).unwrap());
    assert_eq!(to.value::<i64>("SELECT count(*) FROM quarantine WHERE code = 'seq-reused' AND sender = 'test'"), 1);
}

#[test]
fn a_re_carried_fact_is_the_same_fact() {
    let mut from = Fixture::new();
    let doc = visit(&mut from);
    let changes = from.store.changes(doc).unwrap();
    let mut to = Fixture::new();
    to.store.ingest(&SENDER, arrivals(&from.store, doc), |_| ()).unwrap();
    let mut tx = to.store.begin().unwrap();
    tx.append(doc, &changes[1].facts, &stamp(8)).unwrap();
    tx.commit().unwrap();
    assert_eq!(to.store.changes(doc).unwrap().len(), 6);
    assert_eq!(to.store.facts(doc).unwrap(), from.store.facts(doc).unwrap());
    assert_eq!(to.store.outbox().unwrap().tips, [], "the fact is not this device's");
    assert!(docket_device::doctor::check(&mut to.store).unwrap().is_sound());
}

#[test]
fn a_string_that_is_no_fact_is_kept_without_effect() {
    let author = Author { device: DeviceId::from_bytes([5; 16]), incarnation: Incarnation(1) };
    let doc = DocId::new_v7(1, [3; 10]);
    let text = "{\"not\": canonical";
    let key = docket_format::FactId::of(doc, text.as_bytes());
    let deps = [docket_format::change::genesis(doc).hash];
    let facts = [(key, text)];
    let new =
        NewChange { doc, carrier: Carrier::Device(author), seq: 1, start_op: 3, deps: &deps, time: 1, facts: &facts };
    let mut to = Fixture::new();
    let mut tx = to.store.begin().unwrap();
    assert_eq!(tx.ingest(&SENDER, Arrival::from_parts(&new).unwrap()).unwrap(), Outcome::New);
    tx.commit().unwrap();
    assert_eq!(to.store.facts(doc).unwrap(), []);
    assert_eq!(to.store.changes(doc).unwrap().len(), 1);
    assert_eq!(to.value::<i64>("SELECT count(*) FROM v_inbox WHERE kind = 'malformed'"), 1);
}

#[test]
fn an_import_fills_the_views_and_twice_changes_nothing() {
    let mut fix = Fixture::new();
    let jobs = || (0..1500).map(|n| imported(&format!("1-{n}"), "leaking"));
    let mut steps = 0;
    let counts = fix.store.ingest(&SENDER, jobs(), |_| steps += 1).unwrap();
    assert_eq!(counts, Counts { new: 1500, ..Counts::default() });
    assert!(steps >= 2, "another process gets a turn in between");
    assert_eq!(fix.value::<i64>("SELECT count(*) FROM v_job"), 1500);
    assert_eq!(fix.store.outbox().unwrap().tips.len(), 1500, "imported facts wait for a seal");
    assert_eq!(fix.store.ingest(&SENDER, jobs(), |_| ()).unwrap(), Counts { known: 1500, ..Counts::default() });
    fix.seal_all();
    assert_eq!(fix.store.outbox().unwrap().tips.len(), 0);
    assert_eq!(fix.store.docs_of_kind("job").unwrap().len(), 1500);
}

#[test]
fn names_are_resolved_or_said_to_be_unknown_or_ambiguous() {
    use docket_device::StoreError;
    let mut fix = Fixture::new();
    fix.store.ingest(&SENDER, (0..40).map(|n| imported(&format!("1-{n}"), "leak %_ing")), |_| ()).unwrap();
    let doc = fix.store.resolve("1-7", Some("job")).unwrap();
    assert_eq!(fix.store.resolve(&doc.to_string(), None).unwrap(), doc);
    assert_eq!(fix.store.resolve(&doc.code(), None).unwrap(), doc);
    assert_eq!(fix.store.resolve(&doc.short().to_lowercase(), Some("job")).unwrap(), doc);
    for unknown in ["", "1-700", "ZZZZZZZZZZZZ", "no such thing", "018bcfe5-6800-7000-8000-000000000000"] {
        assert!(matches!(fix.store.resolve(unknown, None), Err(StoreError::Unknown { .. })), "{unknown:?}");
    }
    assert!(matches!(fix.store.resolve(&doc.short(), Some("customer")), Err(StoreError::Unknown { .. })));
    // 40 codes, 32 letters: some letter begins two.
    let codes: Vec<String> = fix.store.docs_of_kind("job").unwrap().iter().map(DocId::code).collect();
    let letter = codes.iter().map(|code| &code[..1]).find(|l| codes.iter().filter(|c| c.starts_with(l)).count() > 1);
    let error = fix.store.resolve(letter.unwrap(), None).unwrap_err();
    let StoreError::Ambiguous { candidates, .. } = &error else { panic!("{error:?}") };
    assert!(candidates.len() > 1 && error.hint().unwrap().contains(&candidates[0].code));
    assert_eq!(fix.store.search("LEAK %_", 100).unwrap().len(), 40);
    assert_eq!(fix.store.search("leak__", 100).unwrap().len(), 0, "wildcards are letters");
    assert_eq!(fix.store.search("1-39", 100).unwrap()[0].number.as_deref(), Some("1-39"));
}

#[test]
fn a_leaf_that_came_before_the_facts_it_reaches_covers_them_when_it_comes_with_them() {
    let (mut from, mut to) = (Fixture::new(), Fixture::new());
    let doc = visit(&mut from);
    let tip = from.store.outbox().unwrap().tips.remove(0);
    let mut leaves = vec![Leaf { doc, n: tip.n, fact: tip.fact }];
    let life = from.store.author().incarnation;
    let seal = Seal::sign(&from.key, tenant(), life, 1, 7, &mut leaves).unwrap();
    let mut all = arrivals(&from.store, doc);
    let rest = all.split_off(3);
    for some in [all, rest] {
        to.store.ingest(&SENDER, some, |_| {}).unwrap();
        let mut tx = to.store.begin().unwrap();
        tx.store_seal(&seal, &leaves).unwrap();
        tx.commit().unwrap();
    }
    assert_eq!(to.value::<i64>("SELECT count(*) FROM chain WHERE sealed_n < n"), 0);
}
