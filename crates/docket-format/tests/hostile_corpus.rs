//! The guarantee: bytes that hurt the Automerge crate never reach it. Each row of the hostile corpus is refused with
//! its own code, fast and in little memory; and whatever is let through is harmless to the crate.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test's helpers fail by panicking, as its tests do"
)]

#[path = "support/raw.rs"]
mod raw;
mod support;

use std::time::{Duration, Instant};

use automerge::{AutoCommit, Change};
use docket_format::change::{Admission, Carrier, MemoryState, NewChange, Refused, admit, build, genesis, preflight};
use docket_format::{ActorId, ChangeHash, DocId, FactId};
use proptest::prelude::*;
use raw::{RawChange, absent, chunk, list, run, sleb, texts, uleb};
use support::{Peak, author, device, doc, facts_of, keyed, next, with_genesis};

const FACT: &str = r#"{"k":"arrived"}"#;

fn honest() -> RawChange {
    RawChange::honest(doc(), device(1), &keyed(doc(), &[FACT]))
}

fn two() -> RawChange {
    RawChange::honest(doc(), device(1), &keyed(doc(), &[FACT, r#"{"k":"other"}"#]))
}

fn refused(name: &str, bytes: &[u8]) -> Refused {
    let (peak, start) = (Peak::start(), Instant::now());
    let refused = preflight(doc(), device(1), bytes).expect_err(name);
    let took = start.elapsed();
    assert!(took < Duration::from_millis(100), "{name}: {took:?}");
    assert!(peak.grown_kib() < 32 * 1024, "{name}: {} KiB", peak.grown_kib());
    refused
}

#[test]
fn the_test_builder_itself_is_honest() {
    for facts in [keyed(doc(), &[FACT]), keyed(doc(), &[FACT, r#"{"k":"other"}"#]), keyed(doc(), &["a", "b"])] {
        let raw = RawChange::honest(doc(), device(1), &facts).bytes();
        preflight(doc(), device(1), &raw).unwrap();
    }
}

type Row = (&'static str, &'static str, Vec<u8>);

fn frames() -> Vec<Row> {
    let good = honest().bytes();
    let body = honest().body();
    let mut flipped = good.clone();
    *flipped.last_mut().unwrap() ^= 1;
    vec![
        ("nothing at all", "truncated", vec![]),
        ("some text", "magic", b"hello, world".to_vec()),
        ("a deflated chunk of zeros, 1 MB", "too-large", chunk(2, &vec![0; 1 << 20])),
        ("a deflated chunk of zeros, small", "deflated", chunk(2, &[0; 64])),
        ("a document chunk", "chunk-type", chunk(0, &body)),
        ("a bundle chunk", "chunk-type", chunk(3, &body)),
        ("an unknown chunk", "chunk-type", chunk(9, &body)),
        ("a flipped bit", "checksum", flipped),
        ("cut short", "truncated", good[..good.len() - 1].to_vec()),
        ("two chunks", "trailing", [good.clone(), good.clone()].concat()),
        ("a length of 2^64 - 1", "truncated", [&good[..9], &uleb(u64::MAX)].concat()),
        ("an overlong length", "number", [&good[..9], &[0xff; 11]].concat()),
    ]
}

fn headers() -> Vec<Row> {
    let dep = |n: u8| ChangeHash::from_bytes([n; 32]);
    let elsewhere = DocId::new_v7(5, [5; 10]);
    vec![
        ("no dependencies", "no-deps", honest().with(|c| c.deps.clear()).bytes()),
        ("65 dependencies", "too-many-deps", honest().with(|c| c.deps = (0..65).map(dep).collect()).bytes()),
        ("2^60 dependencies claimed", "too-many-deps", honest().with(|c| c.deps_claimed = Some(1 << 60)).bytes()),
        ("dependencies unsorted", "deps-order", honest().with(|c| c.deps = vec![dep(2), dep(1)]).bytes()),
        ("a dependency twice", "deps-order", honest().with(|c| c.deps = vec![dep(1), dep(1)]).bytes()),
        ("another device's actor", "actor", honest().with(|c| c.actor = vec![9; 16]).bytes()),
        ("a short actor", "actor-length", honest().with(|c| c.actor = vec![9; 8]).bytes()),
        ("an empty actor", "actor-length", honest().with(|c| c.actor.clear()).bytes()),
        (
            "genesis of another document",
            "actor-table",
            honest().with(|c| c.others = vec![ActorId::of_genesis(elsewhere)]).bytes(),
        ),
        ("no other actor", "actor-table", honest().with(|c| c.others.clear()).bytes()),
        (
            "a thousand other actors",
            "actor-table",
            honest().with(|c| c.others = vec![ActorId::of_genesis(doc()); 1000]).bytes(),
        ),
        ("seq 0", "seq", honest().with(|c| c.seq = 0).bytes()),
        ("first change with seq 5", "seq", honest().with(|c| c.seq = 5).bytes()),
        ("seq 2^64 - 1", "seq", honest().with(|c| c.seq = u64::MAX).bytes()),
        ("start_op 0", "start-op", honest().with(|c| c.start_op = 0).bytes()),
        ("start_op inside genesis", "start-op", honest().with(|c| c.start_op = 2).bytes()),
        ("start_op near 2^32", "max-op", honest().with(|c| c.start_op = u64::from(u32::MAX)).bytes()),
        ("start_op near 2^64", "max-op", honest().with(|c| c.start_op = u64::MAX).bytes()),
        ("before 1970", "time", honest().with(|c| c.time = -1).bytes()),
        ("after 2200", "time", honest().with(|c| c.time = i64::MAX).bytes()),
        ("a commit message", "message", honest().with(|c| c.message = "hi").bytes()),
        ("an Automerge author", "author", honest().with(|c| c.extra = [vec![1, 16], vec![7; 16]].concat()).bytes()),
        ("one extra byte", "author", honest().with(|c| c.extra = vec![0]).bytes()),
    ]
}

fn claims() -> Vec<Row> {
    let million = 20_000_000;
    let all = |count: i64| {
        let mut change = honest();
        for (spec, value) in [(1, 1), (2, 1), (66, 1), (86, 6), (112, 0)] {
            change = change.column(spec, run(count, value));
        }
        change.column(52, uleb(count as u64)).column(87, vec![])
    };
    vec![
        ("20 million operations in every column", "too-many-ops", all(million).bytes()),
        ("10,001 operations", "too-many-ops", all(10_001).bytes()),
        ("2^62 operations", "too-many-ops", all(1 << 62).bytes()),
        ("10,000 operations, one key", "column-length", all(10_000).bytes()),
        (
            "10,000 operations, a run of one key",
            "key-twice",
            all(10_000).column(21, [sleb(10_000), texts(&[&"0".repeat(26)])[1..].to_vec()].concat()).bytes(),
        ),
        ("20 million absent actions", "too-many-ops", honest().column(66, absent(20_000_000)).bytes()),
        ("empty runs", "not-canonical", honest().column(66, absent(0).repeat(1000)).bytes()),
        ("millions of objects", "too-many-ops", honest().column(1, run(million, 1)).bytes()),
        ("millions of counters", "too-many-ops", honest().column(2, run(million, 1)).bytes()),
        ("millions of inserts", "too-many-ops", honest().column(52, uleb(1 << 40)).bytes()),
        ("millions of preds", "too-many-ops", honest().column(112, run(million, 0)).bytes()),
        ("millions of keys", "column-length", honest().column(21, [sleb(-million), vec![1; 8]].concat()).bytes()),
        (
            "millions of values",
            "column-length",
            honest().column(86, run(million, 1 << 4 | 6)).column(87, vec![b'x']).bytes(),
        ),
        ("a value of 2^59 bytes", "fact-size", honest().column(86, list(&[!0xf | 6])).bytes()),
        ("a value longer than its column", "truncated", honest().column(86, list(&[1000 << 4 | 6])).bytes()),
        ("a list of i64::MIN", "too-many-ops", honest().column(66, [sleb(i64::MIN), vec![1]].concat()).bytes()),
        (
            "a thousand columns",
            "column-order",
            honest().with(|c| c.columns = (0..1000).map(|i| (i << 4, vec![0])).collect()).bytes(),
        ),
        ("columns out of order", "column-order", honest().with(|c| c.columns.swap(0, 1)).bytes()),
        ("a column twice", "column-order", honest().with(|c| c.columns.insert(0, c.columns[0].clone())).bytes()),
        ("a deflated column", "column-deflated", honest().column(66, vec![]).column(74, list(&[1])).bytes()),
        ("an unknown column", "column", honest().column(176, list(&[1])).bytes()),
    ]
}

fn grammar() -> Vec<Row> {
    let key = keyed(doc(), &[FACT])[0].0.to_string();
    let twice = keyed(doc(), &[FACT])[0];
    vec![
        ("no operation", "no-ops", honest().with(|c| c.columns.clear()).bytes()),
        ("actor index out of range", "actor-index", honest().column(1, list(&[2])).bytes()),
        ("actor index 2^63", "actor-index", honest().column(1, list(&[1 << 63])).bytes()),
        ("an object that does not exist", "object", honest().column(2, list(&[77])).bytes()),
        ("an object of its own", "object", honest().column(1, list(&[0])).bytes()),
        ("the root object", "object", honest().column(1, vec![]).column(2, vec![]).bytes()),
        ("the root object, spelt out", "object", honest().column(1, absent(1)).column(2, absent(1)).bytes()),
        ("one fact in the root", "object", two().column(1, [list(&[1]), absent(1)].concat()).bytes()),
        (
            "a pred not yet seen",
            "pred",
            honest().column(112, list(&[1])).column(113, list(&[0])).column(115, list(&[99])).bytes(),
        ),
        (
            "a pred of another key",
            "pred",
            two().column(112, list(&[0, 1])).column(113, list(&[1])).column(115, list(&[3])).bytes(),
        ),
        ("a claim of preds without any", "pred", honest().column(112, list(&[1])).bytes()),
        ("no pred column", "column-length", honest().column(112, vec![]).bytes()),
        ("delete of a fact", "action", honest().column(66, list(&[3])).bytes()),
        ("a second container", "action", honest().column(66, list(&[0])).bytes()),
        ("a list", "action", honest().column(66, list(&[2])).bytes()),
        ("a text", "action", honest().column(66, list(&[4])).bytes()),
        ("an increment", "action", honest().column(66, list(&[5])).bytes()),
        ("a mark", "action", honest().column(66, list(&[7])).bytes()),
        ("an unknown action", "action", honest().column(66, list(&[u64::MAX])).bytes()),
        ("a mark's name", "mark", honest().column(165, texts(&["bold"])).bytes()),
        ("an expanding mark", "mark", honest().column(148, [uleb(0), uleb(1)].concat()).bytes()),
        ("an insert", "insert", honest().column(52, [uleb(0), uleb(1)].concat()).bytes()),
        (
            "a list element",
            "list-key",
            honest().column(21, vec![]).column(17, list(&[0])).column(19, list(&[1])).bytes(),
        ),
        ("no key", "key", honest().column(21, vec![]).bytes()),
        ("an absent key", "key", honest().column(21, absent(1)).bytes()),
        ("an empty key", "key", honest().column(21, texts(&[""])).bytes()),
        ("a key in lower case", "key", honest().column(21, texts(&[&key.to_lowercase()])).bytes()),
        ("a key of 27 characters", "key", honest().column(21, texts(&[&format!("{key}0")])).bytes()),
        (
            "a key that is not UTF-8",
            "utf8",
            honest().column(21, [sleb(-1), uleb(2), vec![0xff, 0xfe]].concat()).bytes(),
        ),
        ("a key twice", "key-twice", RawChange::honest(doc(), device(1), &[twice, twice]).bytes()),
        ("a number", "value", honest().column(86, list(&[1 << 4 | 3])).column(87, vec![5]).bytes()),
        ("null", "value", honest().column(86, list(&[0])).column(87, vec![]).bytes()),
        ("bytes", "value", honest().column(86, list(&[1 << 4 | 7])).column(87, vec![5]).bytes()),
        ("text that is not UTF-8", "utf8", honest().column(86, list(&[1 << 4 | 6])).column(87, vec![0xff]).bytes()),
        (
            "a character cut in two",
            "utf8",
            two().column(86, list(&[1 << 4 | 6, 2 << 4 | 6])).column(87, "é!".into()).bytes(),
        ),
        ("bytes after the last text", "column-length", honest().column(87, format!("{FACT}!").into()).bytes()),
        ("a run where a list belongs", "not-canonical", honest().column(66, run(1, 1)).bytes()),
        ("a split run", "not-canonical", two().column(66, [list(&[1]), list(&[1])].concat()).bytes()),
        ("an overlong number", "number", honest().column(66, [sleb(-1), vec![0x81, 0x00]].concat()).bytes()),
        ("an empty boolean run at the end", "not-canonical", honest().column(52, [uleb(1), uleb(0)].concat()).bytes()),
        ("an empty fact", "fact-size", RawChange::honest(doc(), device(1), &[(twice.0, "")]).bytes()),
    ]
}

#[test]
fn every_row_is_refused_for_its_own_reason_fast_and_in_little_memory() {
    // The measure itself must be able to fail (where the system tells at all).
    let peak = Peak::start();
    drop(std::hint::black_box(vec![1u8; 48 << 20]));
    assert!(matches!(peak.grown_kib(), 0 | 32_768..));
    for (name, code, bytes) in [frames(), headers(), claims(), grammar()].concat() {
        assert_eq!(refused(name, &bytes).code(), code, "{name}");
    }
}

#[test]
fn a_change_belongs_to_one_document_and_one_carrier() {
    let bytes = honest().bytes();
    let elsewhere = DocId::new_v7(5, [5; 10]);
    assert_eq!(preflight(elsewhere, device(1), &bytes).unwrap_err().code(), "actor-table");
    for carrier in [device(2), Carrier::Import] {
        assert_eq!(preflight(doc(), carrier, &bytes).unwrap_err().code(), "actor");
    }
    assert_eq!(preflight(doc(), device(1), &genesis(doc()).bytes).unwrap_err().code(), "no-deps");
}

#[test]
fn an_import_has_one_shape() {
    let honest = RawChange::honest(doc(), Carrier::Import, &keyed(doc(), &[FACT]));
    preflight(doc(), Carrier::Import, &honest.bytes()).unwrap();
    let later = honest.clone().with(|c| c.start_op = 4);
    let timed = honest.clone().with(|c| c.time = 1);
    let other = honest.clone().with(|c| c.deps = vec![ChangeHash::from_bytes([1; 32])]);
    let second = honest.with(|c| (c.seq, c.start_op) = (2, 4));
    for change in [later, timed, other, second] {
        assert_eq!(preflight(doc(), Carrier::Import, &change.bytes()).unwrap_err().code(), "import");
    }
}

/// Admission of the next change of `who` after `edit`.
fn admitted<'a>(state: &'a MemoryState, who: u8, edit: impl FnOnce(&mut NewChange<'a>)) -> Result<Admission, Refused> {
    let facts = keyed(doc(), &[r#"{"k":"noted"}"#]).leak();
    let mut new = next(doc(), device(who), state, facts);
    edit(&mut new);
    let built = build(&new).unwrap();
    admit(&preflight(doc(), device(who), &built.bytes).unwrap(), state)
}

/// Genesis and three changes of device 1 with two operations each: up to operation 8.
fn grown() -> MemoryState {
    let mut state = MemoryState::new(doc());
    for texts in [["1", "2"], ["3", "4"], ["5", "6"]] {
        let facts = keyed(doc(), &texts);
        let before = state.clone();
        let built = build(&next(doc(), device(1), &before, &facts)).unwrap();
        state.push(&preflight(doc(), device(1), &built.bytes).unwrap());
    }
    state
}

#[test]
fn admission_refuses_what_would_break_the_document() {
    let state = grown();
    let code = |result: Result<Admission, Refused>| result.unwrap_err().code();
    assert_eq!(admitted(&state, 1, |_| ()), Ok(Admission::New));
    assert_eq!(admitted(&state, 2, |_| ()), Ok(Admission::New));
    // The crate panics on these two at apply, on the third at save.
    assert_eq!(code(admitted(&state, 2, |new| new.seq = 2)), "seq-gap");
    assert_eq!(code(admitted(&state, 1, |new| new.seq = 3)), "seq-reused");
    assert_eq!(code(admitted(&state, 1, |new| new.start_op = 8)), "start-op-low");
    assert_eq!(code(admitted(&state, 2, |new| new.start_op = 8)), "start-op-low");
    assert_eq!(code(admitted(&state, 2, |new| new.start_op = 4_000_000_000)), "start-op-high");
    let unknown = &[ChangeHash::from_bytes([9; 32])];
    assert_eq!(admitted(&state, 2, |new| new.deps = unknown), Ok(Admission::Missing(unknown.to_vec())));
}

#[test]
fn an_actors_operations_never_share_a_number_even_off_its_own_branch() {
    let state = grown();
    let genesis = &[genesis(doc()).hash];
    let result = admitted(&state, 1, |new| (new.deps, new.start_op) = (genesis, 8));
    assert_eq!(result.unwrap_err().code(), "start-op-low");
    assert_eq!(admitted(&state, 1, |new| new.deps = genesis), Ok(Admission::New));
}

/// What was accepted must be harmless: the crate applies, saves and loads it, with the same facts.
fn harmless(bytes: &[u8]) {
    let parsed = preflight(doc(), device(1), bytes).unwrap();
    let facts: Vec<(FactId, &str)> = parsed.facts.iter().map(|(key, text)| (*key, text.as_str())).collect();
    let again = NewChange {
        doc: doc(),
        carrier: device(1),
        seq: parsed.seq,
        start_op: parsed.start_op,
        deps: &parsed.deps,
        time: parsed.time,
        facts: &facts,
    };
    assert_eq!(build(&again).unwrap().bytes, bytes);
    if admit(&parsed, &MemoryState::new(doc())) == Ok(Admission::New) {
        let mut am = with_genesis(doc());
        am.apply_changes([Change::from_bytes(bytes.to_vec()).unwrap()]).unwrap();
        let loaded = AutoCommit::load(&am.save()).unwrap();
        let mut expected: Vec<_> = facts.iter().map(|(key, text)| (key.to_string(), (*text).to_owned())).collect();
        expected.sort();
        assert_eq!(facts_of(&loaded), expected);
    }
}

fn honest_bytes() -> impl Strategy<Value = Vec<u8>> {
    let texts = prop::collection::vec("[ -~]{1,24}|\\PC{1,8}", 1..6);
    (texts, 0u64..50).prop_map(|(texts, lead)| {
        let state = MemoryState::new(doc());
        let facts: Vec<(FactId, &str)> =
            texts.iter().enumerate().map(|(i, text)| (FactId::of(doc(), &[i as u8]), text.as_str())).collect();
        let mut new = next(doc(), device(1), &state, &facts);
        new.start_op += lead;
        build(&new).unwrap().bytes
    })
}

/// Bytes of a body changed, and the frame made to fit again so that the checksum does not stop them.
fn reframed(bytes: &[u8], edits: &[(usize, u8, u8)]) -> Vec<u8> {
    let head = 9 + if bytes[9] & 0x80 == 0 { 1 } else { 2 };
    let mut body = bytes[head..].to_vec();
    for &(at, how, value) in edits {
        let at = at % body.len().max(1);
        match how % 4 {
            0 if !body.is_empty() => body[at] = value,
            1 => body.insert(at, value),
            2 if !body.is_empty() => drop(body.remove(at)),
            _ => body.truncate(at.max(1)),
        }
    }
    chunk(1, &body)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn arbitrary_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..400), framed: bool) {
        let bytes = if framed { chunk(1, &bytes) } else { bytes };
        prop_assert!(preflight(doc(), device(1), &bytes).is_err());
    }

    #[test]
    fn honest_changes_are_harmless(bytes in honest_bytes()) {
        harmless(&bytes);
    }

    #[test]
    fn mutated_changes_are_refused_or_harmless(
        bytes in honest_bytes(),
        edits in prop::collection::vec((any::<usize>(), any::<u8>(), any::<u8>()), 1..4),
    ) {
        let mutated = reframed(&bytes, &edits);
        if preflight(doc(), device(1), &mutated).is_ok() {
            harmless(&mutated);
        }
    }
}

#[test]
fn the_mutations_reach_acceptance_as_well_as_refusal() {
    // A generator that only ever makes refused changes would prove nothing about the accepted ones.
    let bytes = honest().bytes();
    let last_of_text = bytes.len() - 12 - 3;
    let mutated = reframed(&bytes, &[(last_of_text, 0, b'X')]);
    assert_ne!(mutated, bytes);
    harmless(&mutated);
    assert_eq!(author(1).incarnation.0, 1);
}
