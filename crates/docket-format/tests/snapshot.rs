//! The guarantee: a snapshot of ours is what Automerge's `save_nocompress` writes; what Automerge saves of an honest
//! document is read back to the same changes; anything else is refused, and nothing makes the reader panic.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test's helpers fail by panicking, as its tests do"
)]

#[path = "support/raw.rs"]
mod raw;
mod support;

use std::sync::OnceLock;

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{Author, AutoCommit, Change, ObjType, ROOT, ReadDoc};
use docket_format::change::{
    Admission, DocState, MemoryState, NewChange, Parsed, admit, build, build_import, genesis, preflight,
};
use docket_format::{ActorId, ChangeHash, DocId, FactId, snapshot};
use proptest::prelude::*;
use raw::{chunk, run, sleb, uleb};
use support::{Peak, am_actor, device, doc, facts_of, keyed, next, with_genesis};

/// A document that grows on both sides: ours and Automerge's.
struct Twin {
    am: AutoCommit,
    state: MemoryState,
    changes: Vec<Parsed>,
}

impl Twin {
    fn new() -> Self {
        Self { am: with_genesis(doc()), state: MemoryState::new(doc()), changes: vec![] }
    }

    fn push(&mut self, bytes: Vec<u8>, parsed: Parsed) {
        assert_eq!(admit(&parsed, &self.state), Ok(Admission::New));
        self.state.push(&parsed);
        self.am.apply_changes([Change::from_bytes(bytes).unwrap()]).unwrap();
        self.changes.push(parsed);
    }

    fn write(&mut self, who: u8, deps: &[ChangeHash], texts: &[&str]) {
        let facts = keyed(doc(), texts);
        let new = NewChange { deps, ..next(doc(), device(who), &self.state, &facts) };
        let bytes = build(&new).unwrap().bytes;
        let parsed = preflight(doc(), device(who), &bytes).unwrap();
        self.push(bytes, parsed);
    }

    fn write_on_heads(&mut self, who: u8, texts: &[&str]) {
        let heads = self.state.heads().to_vec();
        self.write(who, &heads, texts);
    }

    fn import(&mut self, texts: &[&str]) {
        let bytes = build_import(doc(), &keyed(doc(), texts)).unwrap().bytes;
        let parsed = preflight(doc(), docket_format::change::Carrier::Import, &bytes).unwrap();
        self.push(bytes, parsed);
    }

    /// Both saves of Automerge's are read to our changes, and ours is its plain one.
    fn check(&mut self) {
        let plain = self.am.save_nocompress();
        assert_eq!(snapshot::build(doc(), &self.changes).unwrap(), plain);
        for saved in [self.am.save(), plain] {
            let read = snapshot::read(doc(), &saved).unwrap();
            assert_eq!(read.changes, self.changes);
            assert_eq!(read.heads, self.state.heads());
            let info = snapshot::preflight(doc(), &saved).unwrap();
            let facts: usize = self.changes.iter().map(|c| c.facts.len()).sum();
            assert_eq!((info.changes, info.ops), (self.changes.len() + 1, facts + 2));
            assert!(info.actors.contains(&ActorId::of_genesis(doc())) && info.actors.is_sorted());
        }
    }
}

/// Imports, two devices beside each other, a merge, a fact carried twice, texts long enough to be deflated.
fn grown() -> Twin {
    let mut twin = Twin::new();
    let root = [genesis(doc()).hash];
    twin.import(&[r#"{"k":"imported","no":"1","src":"s"}"#]);
    twin.import(&[r#"{"k":"imported","no":"1","src":"s","x":2}"#, "b"]);
    twin.write(1, &root, &["one", "two", "three"]);
    twin.write(2, &root, &["two", "four"]);
    twin.write_on_heads(3, &[&"merged ".repeat(40), "two"]);
    twin.write_on_heads(1, &["five"]);
    twin.write_on_heads(1, &[&"x".repeat(500)]);
    twin
}

#[test]
fn a_document_of_genesis_alone() {
    Twin::new().check();
}

#[test]
fn a_grown_document() {
    grown().check();
}

#[test]
fn a_long_history_of_two_devices() {
    let mut twin = Twin::new();
    for i in 0..300 {
        twin.write_on_heads(i as u8 % 2, &[&format!("{{\"n\":{i}}}")]);
    }
    twin.check();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Each step: who writes, whether beside the others, what.
    #[test]
    fn any_history(
        steps in prop::collection::vec((0u8..4, 0u8..3, prop::collection::btree_set(0u8..30, 1..4)), 1..14),
    ) {
        let mut twin = Twin::new();
        for (who, beside, texts) in steps {
            let texts: Vec<String> = texts.iter().map(|n| "t".repeat(usize::from(*n) + 1)).collect();
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let actor = ActorId::of_device(support::author(who), doc());
            let own = twin.state.heads().iter().find(|h| twin.state.change(**h).unwrap().actor == actor).copied();
            match own {
                // On its own branch, or on genesis when it has none.
                Some(own) if beside == 0 => twin.write(who, &[own], &texts),
                None if beside == 0 && twin.state.last(actor).seq == 0 => {
                    twin.write(who, &[genesis(doc()).hash], &texts);
                }
                _ => twin.write_on_heads(who, &texts),
            }
        }
        twin.check();
    }
}

fn code(bytes: &[u8]) -> &'static str {
    let refused = snapshot::preflight(doc(), bytes).unwrap_err().code();
    assert_eq!(snapshot::read(doc(), bytes).unwrap_err().code(), refused);
    refused
}

/// What Automerge saves, plain and deflated, after one more edit.
fn after(who: u8, options: CommitOptions, edit: impl FnOnce(&mut AutoCommit, automerge::ObjId)) -> [Vec<u8>; 2] {
    let mut am = grown().am.with_actor(am_actor(ActorId::of_device(support::author(who), doc())));
    let map = am.get(ROOT, "facts").unwrap().unwrap().1;
    edit(&mut am, map);
    am.commit_with(options.with_time(5));
    [am.save(), am.save_nocompress()]
}

#[test]
fn edits_outside_the_grammar_are_refused() {
    let plain = CommitOptions::default;
    let key = FactId::of(doc(), b"one").to_string();
    let new_key = FactId::of(doc(), b"new").to_string();
    let check = |name: &str, expect: &str, saved: [Vec<u8>; 2]| {
        for bytes in saved {
            assert_eq!(code(&bytes), expect, "{name}");
        }
    };
    check("overwrite", "successor", after(9, plain(), |am, map| am.put(&map, &key, "other").unwrap()));
    check("delete", "successor", after(9, plain(), |am, map| am.delete(&map, &key).unwrap()));
    check("delete the map", "successor", after(9, plain(), |am, _| am.delete(ROOT, "facts").unwrap()));
    check("not a fact id", "key", after(9, plain(), |am, map| am.put(&map, "phone", "1").unwrap()));
    check("a number", "value", after(9, plain(), |am, map| am.put(&map, &new_key, 5).unwrap()));
    check(
        "a second map",
        "value",
        after(9, plain(), |am, map| {
            am.put_object(&map, &new_key, ObjType::Map).unwrap();
        }),
    );
    check(
        "a list",
        "action",
        after(9, plain(), |am, map| {
            am.put_object(&map, &new_key, ObjType::List).unwrap();
        }),
    );
    check(
        "a list element",
        "list-key",
        after(9, plain(), |am, map| {
            let list = am.put_object(&map, &new_key, ObjType::List).unwrap();
            am.insert(&list, 0, "x").unwrap();
        }),
    );
    check("another root key", "genesis", after(9, plain(), |am, _| am.put(ROOT, "aaa", "x").unwrap()));
    check("a root key", "key", after(9, plain(), |am, _| am.put(ROOT, "phone", "x").unwrap()));
    let rooted = after(9, plain(), |am, _| am.put(ROOT, &new_key, "x").unwrap());
    assert!(rooted.iter().all(|bytes| matches!(code(bytes), "genesis" | "not-canonical")));
    check("a message", "message", after(9, plain().with_message("hi"), |am, map| am.put(&map, &new_key, "x").unwrap()));
    check(
        "an author",
        "author",
        after(9, plain(), |am, map| {
            am.set_author(Some(Author::from(&b"me"[..]).into_owned()));
            am.put(&map, &new_key, "x").unwrap();
        }),
    );
}

#[test]
fn an_honest_edit_by_the_crate_is_read() {
    let key = FactId::of(doc(), b"new").to_string();
    for bytes in after(9, CommitOptions::default(), |am, map| am.put(&map, &key, "x").unwrap()) {
        assert_eq!(snapshot::preflight(doc(), &bytes).unwrap().changes, 9);
    }
}

#[test]
fn a_snapshot_belongs_to_one_document() {
    let bytes = grown().am.save();
    let elsewhere = DocId::new_v7(5, [5; 10]);
    assert_eq!(snapshot::preflight(elsewhere, &bytes).unwrap_err().code(), "genesis");
    assert_eq!(code(&AutoCommit::new().save()), "genesis");
}

#[test]
fn frames_are_checked_first() {
    let bytes = grown().am.save();
    let mut flipped = bytes.clone();
    *flipped.last_mut().unwrap() ^= 1;
    for (expect, bytes) in [
        ("truncated", vec![]),
        ("magic", b"not a chunk at all".to_vec()),
        ("checksum", flipped),
        ("truncated", bytes[..bytes.len() - 1].to_vec()),
        ("trailing", [bytes.clone(), genesis(doc()).bytes].concat()),
        ("chunk-type", genesis(doc()).bytes),
        ("chunk-type", chunk(2, &[0; 9])),
    ] {
        assert_eq!(code(&bytes), expect);
    }
}

/// The parts of a plain document chunk, so that one can lie.
#[derive(Clone)]
struct RawDoc {
    actors: Vec<ActorId>,
    heads: Vec<ChangeHash>,
    changes: Vec<(u64, Vec<u8>)>,
    ops: Vec<(u64, Vec<u8>)>,
    suffix: Vec<u8>,
}

impl RawDoc {
    /// Two facts of one device.
    fn honest() -> Self {
        let mut twin = Twin::new();
        twin.write_on_heads(1, &["one", "two"]);
        let read = snapshot::read(doc(), &twin.am.save_nocompress()).unwrap();
        let index = |actor| uleb(read.actors.binary_search(&actor).unwrap() as u64);
        let (genesis, me) = (index(ActorId::of_genesis(doc())), index(read.changes[0].actor));
        let mut keys = ["one", "two"];
        keys.sort_by_key(|text| FactId::of(doc(), text.as_bytes()));
        let key = |text: &str| FactId::of(doc(), text.as_bytes()).to_string();
        let ctr = |text: &str| if text == "one" { 3i64 } else { 4 };
        let [first, second] = [keys[0], keys[1]];
        let deltas = [1, 1, ctr(first) - 2, ctr(second) - ctr(first)];
        let id_ctr = if deltas[2] == 1 {
            [sleb(4), sleb(1)].concat()
        } else {
            [vec![2, 1, 0x7e], sleb(deltas[2]), sleb(deltas[3])].concat()
        };
        Self {
            actors: read.actors.clone(),
            heads: read.heads.clone(),
            changes: vec![
                (1, [vec![0x7e], genesis.clone(), me.clone()].concat()),
                (3, [vec![0x7e], sleb(1), sleb(0)].concat()),
                (19, run(2, 2)),
                (35, [vec![0x7e], sleb(0), sleb(1_700_000_000)].concat()),
                (64, [vec![0x7e], uleb(0), uleb(1)].concat()),
                (67, vec![0x7f, 0]),
                (86, run(2, 7)),
            ],
            ops: vec![
                (1, [vec![0, 2, 2], genesis.clone()].concat()),
                (2, vec![0, 2, 2, 1]),
                (21, raw::texts(&["facts", "id", &key(first), &key(second)])),
                (33, [vec![2], genesis, vec![2], me].concat()),
                (35, id_ctr),
                (52, vec![4]),
                (66, [vec![0x7f, 0], run(3, 1)].concat()),
                (86, raw::runs(&[0, 36 << 4 | 6, 3 << 4 | 6, 3 << 4 | 6])),
                (87, format!("{}{first}{second}", doc()).into_bytes()),
                (128, run(4, 0)),
            ],
            suffix: uleb(1),
        }
    }

    fn with(mut self, edit: impl FnOnce(&mut Self)) -> Self {
        edit(&mut self);
        self
    }

    /// Replaces or adds a column of the operations (`true`) or the changes.
    fn column(self, of_ops: bool, spec: u64, bytes: Vec<u8>) -> Self {
        self.with(|raw| {
            let list = if of_ops { &mut raw.ops } else { &mut raw.changes };
            list.retain(|(s, _)| *s & !8 != spec & !8);
            list.push((spec, bytes));
            list.sort_by_key(|(s, _)| *s & !8);
        })
    }

    fn bytes(&self) -> Vec<u8> {
        let mut body = uleb(self.actors.len() as u64);
        for actor in &self.actors {
            body.extend([uleb(16), actor.as_bytes().to_vec()].concat());
        }
        body.extend(uleb(self.heads.len() as u64));
        for head in &self.heads {
            body.extend(head.as_bytes());
        }
        for list in [&self.changes, &self.ops] {
            body.extend(uleb(list.len() as u64));
            for (spec, bytes) in list {
                body.extend([uleb(*spec), uleb(bytes.len() as u64)].concat());
            }
        }
        for list in [&self.changes, &self.ops] {
            for (_, bytes) in list {
                body.extend(bytes);
            }
        }
        body.extend(&self.suffix);
        chunk(0, &body)
    }
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    use std::io::Read;
    let mut out = Vec::new();
    flate2::bufread::DeflateEncoder::new(bytes, flate2::Compression::best()).read_to_end(&mut out).unwrap();
    out
}

#[test]
fn the_test_builder_itself_is_honest() {
    let honest = RawDoc::honest();
    assert_eq!(snapshot::preflight(doc(), &honest.bytes()).unwrap().ops, 4);
    let value = honest.ops.iter().find(|c| c.0 == 87).unwrap().1.clone();
    let packed = honest.column(true, 95, deflated(&value));
    assert_eq!(snapshot::preflight(doc(), &packed.bytes()).unwrap().ops, 4);
}

#[test]
fn lies_in_a_snapshot_are_refused_fast_and_in_little_memory() {
    let honest = RawDoc::honest;
    let million = 20_000_000;
    let bomb = deflated(&vec![0; 64 << 20]);
    let value = deflated(&honest().ops.iter().find(|c| c.0 == 87).unwrap().1);
    let rows: Vec<(&str, &str, RawDoc)> = vec![
        ("an inflating bomb", "inflated-size", honest().column(true, 95, bomb.clone())),
        ("a bomb in a change column", "inflated-size", honest().column(false, 75, bomb)),
        ("bytes after a deflate stream", "inflate", honest().column(true, 95, [value, vec![0]].concat())),
        ("no deflate stream", "inflate", honest().column(true, 95, vec![0xff; 9])),
        ("millions of operations", "too-many-ops", honest().column(true, 66, run(million, 1))),
        ("half a million operations", "column-length", honest().column(true, 66, run(500_000, 1))),
        ("millions of changes", "too-many-changes", honest().column(false, 1, run(million, 0))),
        ("a hundred thousand changes", "column-length", honest().column(false, 1, run(100_000, 0))),
        ("millions of successors", "too-many-ops", honest().column(true, 128, run(million, 0))),
        ("a successor", "successor", honest().column(true, 128, [vec![0x7f, 1], run(3, 0)].concat())),
        ("successors' actors", "successor", honest().column(true, 129, vec![0x7f, 0])),
        ("an insert", "insert", honest().column(true, 52, vec![3, 1])),
        ("a change's extra bytes", "author", honest().column(false, 87, vec![1])),
        ("a message", "message", honest().column(false, 53, raw::texts(&["hi", "ho"]))),
        ("an unknown column", "column", honest().column(true, 176, vec![1])),
        ("an actor that is not there", "actor-index", honest().column(false, 1, raw::list(&[9, 9]))),
        ("a dependency on itself", "row", honest().column(false, 67, vec![0x7f, 1])),
        ("a dependency before the first", "row", honest().column(false, 67, vec![0x7f, 0x7f])),
        ("a million dependencies", "too-many-deps", honest().column(false, 64, raw::list(&[0, 1_000_000]))),
        ("no dependency", "no-deps", honest().column(false, 64, run(2, 0))),
        ("seq 2 first", "seq", honest().column(false, 3, run(2, 1))),
        ("the last operation too high", "row", honest().column(false, 19, vec![0x7e, 2, 9])),
        ("the last operation too low", "row", honest().column(false, 19, vec![0x7e, 2, 1])),
        ("a time before 1970", "row", honest().column(false, 35, vec![0x7e, 0, 0x7f])),
        ("another head", "heads", honest().with(|raw| raw.heads = vec![ChangeHash::from_bytes([1; 32])])),
        ("genesis as the head", "heads", honest().with(|raw| raw.heads = vec![genesis(doc()).hash])),
        ("no head", "not-canonical", honest().with(|raw| (raw.heads.clear(), raw.suffix.clear()).0)),
        ("65 heads", "heads-document", honest().with(|raw| raw.heads = vec![ChangeHash::from_bytes([1; 32]); 65])),
        ("the head's number", "not-canonical", honest().with(|raw| raw.suffix = uleb(0))),
        ("bytes at the end", "trailing", honest().with(|raw| raw.suffix.push(0))),
        ("actors unsorted", "actors", honest().with(|raw| raw.actors.reverse())),
        ("an actor nobody uses", "actors", honest().with(|raw| raw.actors.push(ActorId::from_bytes([0xff; 16])))),
        ("another object", "not-canonical", honest().column(true, 2, vec![0, 2, 2, 2])),
        ("another time", "heads", honest().column(false, 35, vec![0x7e, 0, 5])),
        ("an altered text", "heads", honest().column(true, 87, format!("{}oneTwo", doc()).into_bytes())),
    ];
    for (name, expect, raw) in rows {
        let bytes = raw.bytes();
        let (peak, start) = (Peak::start(), std::time::Instant::now());
        let refused = snapshot::preflight(doc(), &bytes).expect_err(name);
        let (took, grown) = (start.elapsed(), peak.grown_kib());
        assert_eq!(refused.code(), expect, "{name}");
        assert!(took.as_millis() < 200, "{name}: {took:?}");
        assert!(grown < 32 * 1024, "{name}: {grown} KiB");
    }
}

/// What Automerge saves of [`grown`], both ways, and its facts.
static GROWN: OnceLock<(Saves, Facts)> = OnceLock::new();
type Saves = [Vec<u8>; 2];
type Facts = Vec<(String, String)>;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn mutated_snapshots_are_refused_or_harmless(
        packed: bool,
        edits in prop::collection::vec((any::<usize>(), 0u8..4, any::<u8>()), 1..3),
    ) {
        let (saved, facts) = GROWN.get_or_init(|| {
            let mut am = grown().am;
            ([am.save(), am.save_nocompress()], facts_of(&am))
        });
        let bytes = &saved[usize::from(packed)];
        let head = 9 + bytes[9..].iter().position(|b| b & 0x80 == 0).unwrap() + 1;
        let mut body = bytes[head..].to_vec();
        for (at, how, value) in edits {
            let at = at % body.len().max(1);
            match how {
                0 if !body.is_empty() => body[at] = value,
                1 => body.insert(at, value),
                2 if !body.is_empty() => drop(body.remove(at)),
                _ => body.truncate(at.max(1)),
            }
        }
        let bytes = chunk(0, &body);
        if snapshot::preflight(doc(), &bytes).is_ok() {
            let loaded = AutoCommit::load(&bytes).unwrap();
            prop_assert_eq!(&facts_of(&loaded), facts);
        }
    }

    #[test]
    fn arbitrary_documents_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(snapshot::preflight(doc(), &chunk(0, &bytes)).is_err());
    }
}

#[test]
fn thousands_of_facts_of_every_length() {
    // Automerge keeps long columns in pieces: their seams must not show in what it saves.
    let mut twin = Twin::new();
    for i in 0..300u32 {
        let texts: Vec<String> =
            (0..=i % 7).map(|j| "x".repeat((i * 7 + j) as usize % 97 + 1) + &format!("{i}.{j}")).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        twin.write_on_heads((i % 11) as u8, &texts);
    }
    twin.check();
}
