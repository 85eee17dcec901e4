//! The guarantee: a change of ours is, byte for byte, the change that Automerge 0.12 makes from the same operations,
//! and Automerge reads, applies, saves and loads it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test's helpers fail by panicking, as its tests do"
)]

mod support;

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{AutoCommit, Change, ROOT, ReadDoc};
use docket_format::change::{
    Admission, DocState, MemoryState, NewChange, Parsed, admit, build, build_import, genesis, preflight,
};
use docket_format::{ActorId, DocId, FactId};
use proptest::prelude::*;
use support::*;

/// Genesis of [`doc`]: this text never changes.
const GENESIS_HEX: &str = "856f4a83e1e13ff1015c0010177e1b7c389a5556b2165a6011bd18dd010100000006150a340142035604572470027e\
    056661637473026964027e00017e00c60430313862636665352d363830302d373730372d383730372d3037303730373037303730370200";

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut out, byte| {
        write!(out, "{byte:02x}").unwrap();
        out
    })
}

#[test]
fn genesis_is_frozen() {
    let built = genesis(doc());
    assert_eq!(hex(&built.bytes), GENESIS_HEX);
}

#[test]
fn genesis_is_what_automerge_makes_from_the_two_edits() {
    for doc in [doc(), DocId::derived(docket_format::TenantId::from_bytes([4; 32]), "job", "myla311", "1-1")] {
        let (mut am, bytes) = genesis_by_edits(doc);
        let built = genesis(doc);
        assert_eq!(hex(&built.bytes), hex(&bytes));
        assert_eq!(am.get_heads(), [am_hash(built.hash)]);
        assert_eq!(with_genesis(doc).get(ROOT, "id").unwrap().unwrap().0.as_str(), Some(doc.to_string().as_str()));
    }
}

/// Builds, compares with the crate, reads back, admits, applies.
fn check(am: &mut AutoCommit, state: &mut MemoryState, new: &NewChange<'_>) -> Parsed {
    let built = build(new).unwrap();
    let theirs = Change::from(expanded(new));
    assert_eq!(hex(&built.bytes), hex(theirs.raw_bytes()));
    assert_eq!(am_hash(built.hash), theirs.hash());
    let parsed = preflight(new.doc, new.carrier, &built.bytes).unwrap();
    assert_eq!(parsed.hash, built.hash);
    assert_eq!(parsed.facts.iter().map(|(k, t)| (*k, t.as_str())).collect::<Vec<_>>(), new.facts);
    assert_eq!((parsed.seq, parsed.start_op, parsed.time), (new.seq, new.start_op, new.time));
    assert_eq!(admit(&parsed, state).unwrap(), Admission::New);
    state.push(&parsed);
    assert_eq!(admit(&parsed, state).unwrap(), Admission::Known);
    am.apply_changes([Change::from_bytes(built.bytes).unwrap()]).unwrap();
    assert_eq!(am.get_heads(), state.heads().iter().copied().map(am_hash).collect::<Vec<_>>());
    parsed
}

#[test]
fn a_local_edit_with_the_crate_makes_the_same_bytes() {
    let (doc, state) = (doc(), MemoryState::new(doc()));
    let facts = keyed(doc, &[r#"{"k":"arrived"}"#, "a longer one", "x", "y", "zz"]);
    let new = next(doc, device(1), &state, &facts);
    let actor = ActorId::of_device(author(1), doc);
    let mut am = with_genesis(doc).with_actor(am_actor(actor));
    let map = am.get(ROOT, "facts").unwrap().unwrap().1;
    for (key, text) in &facts {
        am.put(&map, key.to_string(), *text).unwrap();
    }
    am.commit_with(CommitOptions::default().with_time(new.time));
    assert_eq!(hex(&build(&new).unwrap().bytes), hex(am.get_last_local_change().unwrap().raw_bytes()));
}

#[test]
fn an_import_is_one_change_that_anyone_makes_alike() {
    let doc = doc();
    let facts = keyed(doc, &[r#"{"k":"imported","no":"1-1","src":"s"}"#, "second"]);
    let built = build_import(doc, &facts).unwrap();
    let mut state = MemoryState::new(doc);
    let heads = state.heads().to_vec();
    let new = NewChange {
        doc,
        carrier: docket_format::change::Carrier::Import,
        seq: 1,
        start_op: 3,
        deps: &heads,
        time: 0,
        facts: &facts,
    };
    let mut am = with_genesis(doc);
    let parsed = check(&mut am, &mut state, &new);
    assert_eq!(parsed.hash, built.hash);
    let edited = keyed(doc, &[r#"{"k":"imported","no":"1-1","src":"s","x":1}"#]);
    let other = build_import(doc, &edited).unwrap();
    let parsed = preflight(doc, docket_format::change::Carrier::Import, &other.bytes).unwrap();
    assert_eq!(admit(&parsed, &state), Ok(Admission::New), "an edited row stands beside, it wedges nothing");
}

#[test]
fn automerge_keeps_every_change_through_save_and_load() {
    let doc = doc();
    let mut state = MemoryState::new(doc);
    let mut am = with_genesis(doc);
    let mut hashes = vec![am_hash(genesis(doc).hash)];
    let mut expected = Vec::new();
    for i in 0..40u8 {
        let texts: Vec<String> =
            (0..=(i % 4)).map(|j| format!("{{\"n\":{i}{j},\"t\":\"{}\"}}", "x".repeat(i.into()))).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let facts = keyed(doc, &texts);
        let heads = MemoryState::clone(&state);
        let parsed = check(&mut am, &mut state, &next(doc, device(i % 5), &heads, &facts));
        hashes.push(am_hash(parsed.hash));
        expected.extend(facts.iter().map(|(key, text)| (key.to_string(), (*text).to_owned())));
    }
    expected.sort();
    assert_eq!(facts_of(&am), expected);
    for saved in [am.save(), am.save_nocompress()] {
        let mut loaded = AutoCommit::load(&saved).unwrap();
        assert_eq!(facts_of(&loaded), expected);
        assert_eq!(loaded.get_changes(&[]).iter().map(Change::hash).collect::<Vec<_>>(), hashes);
    }
}

fn texts() -> impl Strategy<Value = Vec<String>> {
    let text = prop_oneof!["[ -~]{1,12}", "\\PC{1,40}", "a{120,140}"];
    prop::collection::vec(text, 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_texts_make_automerges_bytes(texts in texts(), seq in 1u64..70_000, lead in 0u64..1_000_000, time in 0i64..7_000_000_000, who: u8) {
        let doc = doc();
        // Keys need not be digests here: the fold asks that.
        let facts: Vec<(FactId, &str)> = texts.iter().enumerate()
            .map(|(i, text)| (FactId::of(doc, &[i as u8]), text.as_str())).collect();
        let deps = [genesis(doc).hash];
        let new = NewChange { doc, carrier: device(who), seq, start_op: seq + 2 + lead, deps: &deps, time, facts: &facts };
        let built = build(&new).unwrap();
        let theirs = Change::from(expanded(&new));
        prop_assert_eq!(hex(&built.bytes), hex(theirs.raw_bytes()));
        let parsed = preflight(doc, device(who), &built.bytes).unwrap();
        prop_assert_eq!(parsed.facts.len(), facts.len());
    }
}

/// Prints what the codec costs: `cargo test --release -p docket-format --test automerge_parity -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement; it means something in a release build only"]
fn speed() {
    let doc = doc();
    let state = MemoryState::new(doc);
    let text = format!(r#"{{"k":"arrived","n":3,"text":"{}"}}"#, "x".repeat(150));
    let facts = keyed(doc, &[&text]);
    let new = next(doc, device(1), &state, &facts);
    let built = build(&new).unwrap();
    let each = |name: &str, mut work: Box<dyn FnMut() + '_>| {
        let start = std::time::Instant::now();
        let rounds = 20_000u32;
        (0..rounds).for_each(|_| work());
        println!("{name}: {:?}", start.elapsed() / rounds);
    };
    each(
        "SHA-256 of the change",
        Box::new(|| {
            std::hint::black_box(docket_format::digest::sha256(&built.bytes));
        }),
    );
    each("build, one fact of 190 bytes", Box::new(|| drop(build(&new).unwrap())));
    each("preflight", Box::new(|| drop(preflight(doc, device(1), &built.bytes).unwrap())));
    each("genesis", Box::new(|| drop(genesis(doc))));
    each("Automerge: build", Box::new(|| drop(Change::from(expanded(&new)))));
    each("Automerge: parse", Box::new(|| drop(Change::from_bytes(built.bytes.clone()).unwrap())));
}
