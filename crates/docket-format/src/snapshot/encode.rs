//! Writes a document chunk as Automerge 0.12's `save_nocompress` does.

use std::collections::{BTreeMap, BTreeSet};

use super::columns::{
    ACTION, CHANGE_ACTOR, CHANGE_MAX_OP, CHANGE_SEQ, CHANGE_TIME, DEPS_COUNT, DEPS_INDEX, DOCUMENT_CHUNK, EXTRA_META,
    ID_ACTOR, ID_COUNTER, INSERT, KEY_STRING, NO_EXTRA, OBJ_ACTOR, OBJ_COUNTER, SUCC_COUNT, VALUE, VALUE_META,
};
use crate::change::columns::{STRING_TYPE, Sheet, put_deltas, put_runs, put_runs_of, put_same};
use crate::change::encode::{MAP_COUNTER, PUT, frame, put_actor, put_text};
use crate::change::leb::{put_signed, put_unsigned};
use crate::change::{FACTS_KEY, GENESIS_MAX_OP, ID_KEY, MAKE_MAP, Parsed, Refused, genesis};
use crate::ids::{ActorId, ChangeHash, DocId, FactId};
use crate::limits;

/// Writes a document's history, genesis implied. `changes` come each after those that it builds on.
///
/// # Errors
/// [`Refused::Row`] when a change of another document is among them or one comes before what it builds on;
/// [`Refused::TooLarge`], [`Refused::TooManyChanges`] or [`Refused::TooManyOps`] beyond the limits of snapshots: such
/// a document is carried as changes.
pub fn build(doc: DocId, changes: &[Parsed]) -> Result<Vec<u8>, Refused> {
    let sheets = Sheets::of(doc, changes)?;
    let mut body = Vec::new();
    put_unsigned(&mut body, sheets.actors.len() as u64);
    for &actor in &sheets.actors {
        put_actor(&mut body, actor);
    }
    put_unsigned(&mut body, sheets.heads.len() as u64);
    for (head, _) in &sheets.heads {
        body.extend_from_slice(head.as_bytes());
    }
    sheets.changes.put_list(&mut body);
    sheets.ops.put_list(&mut body);
    sheets.changes.put_data(&mut body);
    sheets.ops.put_data(&mut body);
    for &(_, index) in &sheets.heads {
        put_unsigned(&mut body, index);
    }
    let bytes = frame(DOCUMENT_CHUNK, &body).bytes;
    if bytes.len() > limits::SNAPSHOT_BYTES {
        return Err(Refused::TooLarge { bytes: bytes.len(), limit: limits::SNAPSHOT_BYTES });
    }
    Ok(bytes)
}

/// Everything that a document chunk says, encoded.
pub(super) struct Sheets {
    /// Sorted.
    pub(super) actors: Vec<ActorId>,
    /// Sorted, with the number of each head's change.
    pub(super) heads: Vec<(ChangeHash, u64)>,
    pub(super) changes: Sheet,
    pub(super) ops: Sheet,
}

impl Sheets {
    pub(super) fn of(doc: DocId, changes: &[Parsed]) -> Result<Self, Refused> {
        if changes.len() >= limits::SNAPSHOT_CHANGES {
            return Err(Refused::TooManyChanges { changes: changes.len() as u64 + 1 });
        }
        let ops = changes.iter().map(|change| change.facts.len() as u64).sum::<u64>() + GENESIS_MAX_OP;
        if ops > super::MOST_OPS {
            return Err(Refused::TooManyOps { ops });
        }
        let genesis_actor = ActorId::of_genesis(doc);
        let actors: BTreeSet<ActorId> = changes.iter().map(|c| c.actor).chain([genesis_actor]).collect();
        let actors: Vec<ActorId> = actors.into_iter().collect();
        let index_of = |actor| actors.binary_search(&actor).unwrap_or_default() as u64;
        let graph = Graph::of(doc, changes)?;
        Ok(Self {
            heads: graph.heads(),
            changes: change_sheet(changes, &graph, index_of(genesis_actor), index_of),
            ops: op_sheet(doc, changes, index_of(genesis_actor), index_of),
            actors,
        })
    }
}

/// Which change builds on which, by number; genesis is 0.
struct Graph {
    numbers: BTreeMap<ChangeHash, u64>,
    deps: Vec<Vec<u64>>,
}

impl Graph {
    fn of(doc: DocId, changes: &[Parsed]) -> Result<Self, Refused> {
        let mut numbers = BTreeMap::from([(genesis(doc).hash, 0)]);
        let mut deps = vec![Vec::new()];
        for change in changes {
            let found: Option<Vec<u64>> = change.deps.iter().map(|dep| numbers.get(dep).copied()).collect();
            let found = found.filter(|_| change.doc == doc).ok_or(Refused::Row { column: "deps" })?;
            if numbers.insert(change.hash, deps.len() as u64).is_some() {
                return Err(Refused::Row { column: "hash" });
            }
            deps.push(found);
        }
        Ok(Self { numbers, deps })
    }

    fn heads(&self) -> Vec<(ChangeHash, u64)> {
        let built_on: BTreeSet<u64> = self.deps.iter().flatten().copied().collect();
        self.numbers.iter().filter(|(_, n)| !built_on.contains(n)).map(|(&hash, &n)| (hash, n)).collect()
    }
}

fn change_sheet(changes: &[Parsed], graph: &Graph, genesis: u64, index_of: impl Fn(ActorId) -> u64) -> Sheet {
    let rows = changes.len() + 1;
    let actors: Vec<u64> = [genesis].into_iter().chain(changes.iter().map(|c| index_of(c.actor))).collect();
    let counts: Vec<u64> = graph.deps.iter().map(|deps| deps.len() as u64).collect();
    let mut sheet = Sheet::with_capacity(8 * rows + 32);
    sheet.column(CHANGE_ACTOR, |out| put_runs(out, &actors));
    sheet.column(CHANGE_SEQ, |out| put_deltas(out, [1].into_iter().chain(changes.iter().map(|c| c.seq))));
    sheet.column(CHANGE_MAX_OP, |out| {
        put_deltas(out, [GENESIS_MAX_OP].into_iter().chain(changes.iter().map(Parsed::max_op)));
    });
    // Times are never negative: `check_header`.
    sheet.column(CHANGE_TIME, |out| {
        put_deltas(out, [0].into_iter().chain(changes.iter().map(|c| c.time.unsigned_abs())));
    });
    sheet.column(DEPS_COUNT, |out| put_runs(out, &counts));
    sheet.column(DEPS_INDEX, |out| put_deltas(out, graph.deps.iter().flatten().copied()));
    sheet.column(EXTRA_META, |out| put_same(out, rows, NO_EXTRA));
    sheet
}

/// One operation on the map of facts, in the order of the columns.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Op<'a> {
    // Crockford base 32 sorts as the bytes it stands for.
    key: FactId,
    counter: u64,
    actor: u64,
    text: &'a str,
}

fn op_sheet(doc: DocId, changes: &[Parsed], genesis: u64, index_of: impl Fn(ActorId) -> u64) -> Sheet {
    let mut ops: Vec<Op<'_>> = Vec::new();
    for change in changes {
        let actor = index_of(change.actor);
        let counted = (change.start_op..).zip(&change.facts);
        ops.extend(counted.map(|(counter, (key, text))| Op { key: *key, counter, actor, text }));
    }
    ops.sort_unstable();
    let id = doc.to_string();
    let root = GENESIS_MAX_OP as usize;
    let rows = ops.len() + root;
    let with_root =
        |root: [u64; 2], of: fn(&Op<'_>) -> u64| -> Vec<u64> { root.into_iter().chain(ops.iter().map(of)).collect() };
    let meta = |text: &str| (text.len() as u64) << 4 | STRING_TYPE;

    let mut sheet = Sheet::with_capacity(rows * 64);
    let in_map = |value: u64| {
        let count = ops.len();
        move |out: &mut Vec<u8>| {
            if count > 0 {
                put_signed(out, 0);
                put_unsigned(out, GENESIS_MAX_OP);
                put_same(out, count, value);
            }
        }
    };
    sheet.column(OBJ_ACTOR, in_map(genesis));
    sheet.column(OBJ_COUNTER, in_map(MAP_COUNTER));
    sheet.column(KEY_STRING, |out| {
        let keys = ops.iter().map(|op| Key::Fact(op.key));
        let keys: Vec<Key> = [Key::Root(FACTS_KEY), Key::Root(ID_KEY)].into_iter().chain(keys).collect();
        put_runs_of(out, &keys, |out, key| match key {
            Key::Root(key) => put_text(out, key),
            Key::Fact(key) => put_text(out, &key.to_string()),
        });
    });
    sheet.column(ID_ACTOR, |out| put_runs(out, &with_root([genesis; 2], |op| op.actor)));
    sheet.column(ID_COUNTER, |out| {
        put_deltas(out, with_root([MAP_COUNTER, GENESIS_MAX_OP], |op| op.counter).into_iter());
    });
    sheet.column(INSERT, |out| put_unsigned(out, rows as u64)); // all false
    sheet.column(ACTION, |out| put_runs(out, &with_root([MAKE_MAP, PUT], |_| PUT)));
    sheet.column(VALUE_META, |out| {
        let metas: Vec<u64> = [0, meta(&id)].into_iter().chain(ops.iter().map(|op| meta(op.text))).collect();
        put_runs(out, &metas);
    });
    sheet.column(VALUE, |out| {
        out.extend_from_slice(id.as_bytes());
        for op in &ops {
            out.extend_from_slice(op.text.as_bytes());
        }
    });
    sheet.column(SUCC_COUNT, |out| put_same(out, rows, 0));
    sheet
}

#[derive(PartialEq)]
enum Key {
    Root(&'static str),
    Fact(FactId),
}
