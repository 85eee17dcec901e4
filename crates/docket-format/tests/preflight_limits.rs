//! The guarantee: every limit of a change holds exactly: one below and the limit itself pass, one above does not.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test's helpers fail by panicking, as its tests do"
)]

#[path = "support/raw.rs"]
mod raw;
mod support;

use docket_format::change::{
    Admission, DocState, MemoryState, NewChange, Parsed, Refused, admit, build, genesis, preflight,
};
use docket_format::{ChangeHash, FactId, limits};
use raw::{RawChange, run, sleb};
use support::{device, doc, next};

fn id(n: usize) -> FactId {
    FactId::of(doc(), &n.to_le_bytes())
}

/// A change on genesis as `edit` leaves it: what `build` says and what `preflight` says must agree.
fn verdict(facts: &[(FactId, &str)], edit: impl FnOnce(&mut NewChange<'_>)) -> Result<(), &'static str> {
    let deps = [genesis(doc()).hash];
    let mut new = NewChange { doc: doc(), carrier: device(1), seq: 1, start_op: 3, deps: &deps, time: 0, facts };
    edit(&mut new);
    let raw = RawChange::honest(doc(), device(1), facts).with(|raw| {
        raw.deps = new.deps.to_vec();
        (raw.seq, raw.start_op, raw.time) = (new.seq, new.start_op, new.time);
    });
    let read = preflight(doc(), device(1), &raw.bytes()).map(drop).map_err(|refused| refused.code());
    let built = build(&new).map(drop).map_err(|refused| refused.code());
    assert_eq!(read, built, "reader and writer have the same limits");
    read
}

#[test]
fn a_fact_has_at_most_16_kib() {
    for (len, expect) in
        [(limits::FACT_BYTES - 1, Ok(())), (limits::FACT_BYTES, Ok(())), (limits::FACT_BYTES + 1, Err("fact-size"))]
    {
        assert_eq!(verdict(&[(id(0), &"x".repeat(len))], |_| ()), expect, "{len}");
    }
}

#[test]
fn a_change_has_at_most_256_kib() {
    let longest = "x".repeat(limits::FACT_BYTES);
    let size = |last: &str| {
        let mut facts: Vec<(FactId, &str)> = (0..15).map(|n| (id(n), longest.as_str())).collect();
        facts.push((id(15), last));
        (RawChange::honest(doc(), device(1), &facts).bytes().len(), verdict(&facts, |_| ()))
    };
    let fill = limits::CHANGE_BYTES - size(&"x".repeat(8_200)).0 + 8_200;
    for (len, bytes, expect) in [
        (fill - 1, limits::CHANGE_BYTES - 1, Ok(())),
        (fill, limits::CHANGE_BYTES, Ok(())),
        (fill + 1, limits::CHANGE_BYTES + 1, Err("too-large")),
    ] {
        assert_eq!(size(&"x".repeat(len)), (bytes, expect));
    }
}

#[test]
fn a_change_has_at_most_10_000_operations() {
    // With keys of 26 characters the size limit is reached first, at 9,357 facts of one byte: the count is what
    // bounds a lying run before any key is read.
    let many = |n: usize| (0..n).map(|i| (id(i), "x")).collect::<Vec<_>>();
    let claim = |n: i64| {
        let mut raw = RawChange::honest(doc(), device(1), &[(id(0), "x")]);
        for (spec, value) in [(1, 1), (2, 1), (66, 1), (86, 6), (112, 0)] {
            raw = raw.column(spec, run(n, value));
        }
        raw = raw.column(52, raw::uleb(n as u64)).column(21, sleb(-n));
        preflight(doc(), device(1), &raw.bytes()).unwrap_err().code()
    };
    for (n, built, claimed) in [
        (limits::CHANGE_OPS - 1, "too-large", "truncated"),
        (limits::CHANGE_OPS, "too-large", "truncated"),
        (limits::CHANGE_OPS + 1, "too-many-ops", "too-many-ops"),
    ] {
        let facts = many(n);
        let deps = [genesis(doc()).hash];
        let new =
            NewChange { doc: doc(), carrier: device(1), seq: 1, start_op: 3, deps: &deps, time: 0, facts: &facts };
        assert_eq!(build(&new).unwrap_err().code(), built);
        assert!(build(&NewChange { facts: &facts[..9_357], ..new }).is_ok());
        assert!(build(&NewChange { facts: &facts[..9_358], ..new }).is_err());
        assert_eq!(claim(n as i64), claimed);
    }
}

#[test]
fn a_change_builds_on_at_most_64_others() {
    let deps: Vec<ChangeHash> = (0..65).map(|n| ChangeHash::from_bytes([n; 32])).collect();
    for (n, expect) in [(0, Err("no-deps")), (1, Ok(())), (63, Ok(())), (64, Ok(())), (65, Err("too-many-deps"))] {
        let deps = deps[..n].to_vec().leak();
        assert_eq!(verdict(&[(id(0), "x")], |new| new.deps = deps), expect, "{n}");
    }
}

#[test]
fn a_changes_time_lies_within_1970_and_2200() {
    for (time, expect) in [
        (limits::CHANGE_TIME_MIN - 1, Err("time")),
        (limits::CHANGE_TIME_MIN, Ok(())),
        (limits::CHANGE_TIME_MAX, Ok(())),
        (limits::CHANGE_TIME_MAX + 1, Err("time")),
    ] {
        assert_eq!(verdict(&[(id(0), "x")], |new| new.time = time), expect, "{time}");
    }
}

#[test]
fn operations_are_counted_from_3_to_the_documents_limit() {
    let facts = [(id(0), "x"), (id(1), "y")];
    for (start_op, expect) in
        [(2, Err("start-op")), (3, Ok(())), (limits::MAX_OP - 1, Ok(())), (limits::MAX_OP, Err("max-op"))]
    {
        assert_eq!(verdict(&facts, |new| new.start_op = start_op), expect, "{start_op}");
    }
    for (seq, expect) in [(0, Err("seq")), (98, Ok(())), (99, Err("seq"))] {
        assert_eq!(verdict(&facts, |new| (new.seq, new.start_op) = (seq, 100)), expect, "seq {seq}");
    }
}

#[test]
fn a_change_starts_at_most_10_000_operations_ahead() {
    let state = MemoryState::new(doc());
    let facts = [(id(0), "x")];
    for (lead, expect) in [
        (limits::START_OP_LEAD - 1, Ok(Admission::New)),
        (limits::START_OP_LEAD, Ok(Admission::New)),
        (limits::START_OP_LEAD + 1, Err("start-op-high")),
    ] {
        let new = NewChange { start_op: state.max_op() + lead, ..next(doc(), device(1), &state, &facts) };
        assert_eq!(judge(&new, &state).1, expect, "{lead}");
    }
}

fn judge(new: &NewChange<'_>, state: &MemoryState) -> (Parsed, Result<Admission, &'static str>) {
    let parsed = preflight(doc(), new.carrier, &build(new).unwrap().bytes).unwrap();
    let verdict = admit(&parsed, state).map_err(|refused: Refused| refused.code());
    (parsed, verdict)
}

/// Adds changes of the given devices beside each other, all on genesis; the verdict on the last.
fn beside(state: &mut MemoryState, devices: impl Iterator<Item = u8>) -> Result<Admission, &'static str> {
    let mut last = Ok(Admission::Known);
    let on_genesis = [genesis(doc()).hash];
    for (n, who) in devices.enumerate() {
        let before = state.clone();
        let facts = [(id(n), "x")];
        let new = NewChange { deps: &on_genesis, ..next(doc(), device(who), &before, &facts) };
        let (parsed, verdict) = judge(&new, state);
        if verdict == Ok(Admission::New) {
            state.push(&parsed);
        }
        last = verdict;
    }
    last
}

#[test]
fn a_device_leaves_at_most_4_unmerged_heads() {
    for (n, expect) in [(3, Ok(Admission::New)), (4, Ok(Admission::New)), (5, Err("heads-device"))] {
        assert_eq!(beside(&mut MemoryState::new(doc()), (0..n).map(|_| 1)), expect, "{n}");
    }
}

#[test]
fn a_document_has_at_most_64_unmerged_heads_and_one_change_can_merge_them() {
    for (n, expect) in [(63, Ok(Admission::New)), (64, Ok(Admission::New)), (65, Err("heads-document"))] {
        let mut state = MemoryState::new(doc());
        assert_eq!(beside(&mut state, 0..n), expect, "{n}");
        let facts = [(id(999), "merge")];
        let (parsed, verdict) = judge(&next(doc(), device(200), &state.clone(), &facts), &state);
        assert_eq!(verdict, Ok(Admission::New));
        state.push(&parsed);
        assert_eq!(state.heads(), [parsed.hash]);
    }
}
