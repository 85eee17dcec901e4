//! The preflight of a snapshot: a document chunk from anyone, taken apart into changes that each pass on their own.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Read;

use super::columns::{
    ACTION, CHANGE_ACTOR, CHANGE_MAX_OP, CHANGE_MESSAGE, CHANGE_SEQ, CHANGE_TIME, DEPS_COUNT, DEPS_INDEX,
    DOCUMENT_CHUNK, EXPAND, EXTRA, EXTRA_META, ID_ACTOR, ID_COUNTER, INSERT, KEY_ACTOR, KEY_COUNTER, KEY_STRING,
    MARK_NAME, NO_EXTRA, OBJ_ACTOR, OBJ_COUNTER, SUCC_ACTOR, SUCC_COUNT, SUCC_COUNTER, VALUE, VALUE_META,
};
use super::encode::Sheets;
use super::{MOST_DEPS, MOST_OPS, Snapshot};
use crate::change::admit::{Last, check_place, check_reuse};
use crate::change::columns::{
    ColumnList, Columns, DEFLATED_BIT, Deltas, STRING_TYPE, Values, sum_booleans, sum_unsigned, unsigned,
};
use crate::change::encode::{Header, PUT, body_of, check_deps, check_header, check_keys, frame};
use crate::change::leb::Cursor;
use crate::change::parse::{read_actor, read_text, text_len, unframe};
use crate::change::{FACTS_KEY, GENESIS_MAX_OP, ID_KEY, MAKE_MAP, Parsed, Refused, genesis};
use crate::ids::{ActorId, ChangeHash, DocId, FactId};
use crate::limits;

const MOST_CHANGES: u64 = limits::SNAPSHOT_CHANGES as u64;

/// Takes a snapshot from outside apart. Never panics; memory is bounded by the inflated size (at most
/// [`limits::SNAPSHOT_BYTES`]) and the limits of [`super`].
///
/// # Errors
/// The first reason found, in the order: size, frame, checksum, columns, inflating, operations, changes, encoding,
/// heads.
pub fn read(doc: DocId, bytes: &[u8]) -> Result<Snapshot, Refused> {
    let mut cursor = Cursor::new(unframe(bytes, DOCUMENT_CHUNK, limits::SNAPSHOT_BYTES)?.body);
    let actors = read_actors(&mut cursor)?;
    let heads = read_heads(&mut cursor)?;
    let change_list = ColumnList::read(&mut cursor)?;
    let op_list = ColumnList::read(&mut cursor)?;
    change_list.specs.iter().try_for_each(|&(spec, _)| check_change_spec(spec))?;
    op_list.specs.iter().try_for_each(|&(spec, _)| check_op_spec(spec))?;
    let mut budget = limits::SNAPSHOT_BYTES;
    let change_columns = inflate(change_list, &mut cursor, &mut budget)?;
    let op_columns = inflate(op_list, &mut cursor, &mut budget)?;
    let mut head_numbers = Vec::with_capacity(heads.len());
    for _ in &heads {
        head_numbers.push(cursor.unsigned()?);
    }
    if !cursor.is_empty() {
        return Err(Refused::Trailing);
    }

    let (change_columns, op_columns) = (borrowed(&change_columns), borrowed(&op_columns));
    let genesis_index = actors.binary_search(&ActorId::of_genesis(doc)).map_err(|_| Refused::Genesis)?;
    let ops = read_ops(doc, &op_columns, genesis_index as u64)?;
    let changes = rebuild(doc, &actors, &change_columns, ops)?;

    let sheets = Sheets::of(doc, &changes)?;
    if sheets.actors != actors {
        return Err(Refused::Actors);
    }
    if let Some(&head) = heads.iter().find(|&&head| sheets.heads.binary_search_by_key(&head, |h| h.0).is_err()) {
        return Err(Refused::Heads { head });
    }
    let same_heads = sheets.heads.iter().copied().eq(heads.iter().copied().zip(head_numbers));
    if !same_heads || !sheets.changes.matches(&change_columns) || !sheets.ops.matches(&op_columns) {
        return Err(Refused::NotCanonical);
    }
    Ok(Snapshot { doc, changes, heads, actors })
}

fn read_actors(cursor: &mut Cursor<'_>) -> Result<Vec<ActorId>, Refused> {
    let count = cursor.unsigned()?;
    let mut actors = Vec::new();
    for _ in 0..count {
        actors.push(read_actor(cursor)?);
    }
    if actors.is_sorted_by(|a, b| a < b) { Ok(actors) } else { Err(Refused::Actors) }
}

fn read_heads(cursor: &mut Cursor<'_>) -> Result<Vec<ChangeHash>, Refused> {
    let count = cursor.unsigned()?;
    if count > limits::CHANGE_DEPS as u64 {
        return Err(Refused::HeadsOfDocument { heads: usize::try_from(count).unwrap_or(usize::MAX) });
    }
    let mut heads = Vec::with_capacity(count as usize);
    for _ in 0..count {
        heads.push(ChangeHash::from_bytes(cursor.array()?));
    }
    Ok(heads)
}

fn check_change_spec(spec: u64) -> Result<(), Refused> {
    match spec & !DEFLATED_BIT {
        CHANGE_ACTOR | CHANGE_SEQ | CHANGE_MAX_OP | CHANGE_TIME | DEPS_COUNT | DEPS_INDEX | EXTRA_META => Ok(()),
        CHANGE_MESSAGE => Err(Refused::Message),
        EXTRA => Err(Refused::ExtraBytes),
        _ => Err(Refused::Column { spec }),
    }
}

fn check_op_spec(spec: u64) -> Result<(), Refused> {
    match spec & !DEFLATED_BIT {
        OBJ_ACTOR | OBJ_COUNTER | KEY_STRING | ID_ACTOR | ID_COUNTER | INSERT | ACTION | VALUE_META | VALUE
        | SUCC_COUNT => Ok(()),
        KEY_ACTOR | KEY_COUNTER => Err(Refused::ListKey),
        SUCC_ACTOR | SUCC_COUNTER => Err(Refused::Successor),
        EXPAND | MARK_NAME => Err(Refused::Mark),
        _ => Err(Refused::Column { spec }),
    }
}

type Inflated<'a> = Vec<(u64, Cow<'a, [u8]>)>;

/// Cuts the columns out and inflates the deflated ones; all of them together stay within `budget` bytes.
fn inflate<'a>(list: ColumnList, cursor: &mut Cursor<'a>, budget: &mut usize) -> Result<Inflated<'a>, Refused> {
    let mut columns = Vec::with_capacity(list.specs.len());
    for (spec, len) in list.specs {
        let bytes = cursor.take(len)?;
        let column = if spec & DEFLATED_BIT == 0 { Cow::Borrowed(bytes) } else { inflate_one(bytes, *budget)?.into() };
        *budget = budget.checked_sub(column.len()).ok_or(Refused::InflatedSize { limit: limits::SNAPSHOT_BYTES })?;
        columns.push((spec & !DEFLATED_BIT, column));
    }
    Ok(columns)
}

/// At most `budget + 1` bytes; the deflate stream must fill `bytes`.
fn inflate_one(bytes: &[u8], budget: usize) -> Result<Vec<u8>, Refused> {
    let mut inflater = flate2::bufread::DeflateDecoder::new(bytes);
    let mut out = Vec::new();
    inflater.by_ref().take(budget as u64 + 1).read_to_end(&mut out).map_err(|_| Refused::Inflate)?;
    if out.len() <= budget && inflater.total_in() != bytes.len() as u64 {
        return Err(Refused::Inflate);
    }
    Ok(out)
}

fn borrowed<'a>(columns: &'a Inflated<'_>) -> Columns<'a> {
    Columns::new(columns.iter().map(|(spec, bytes)| (*spec, bytes.as_ref())).collect())
}

/// One put into the map of facts.
struct Op<'a> {
    actor: u64,
    counter: u64,
    key: FactId,
    text: &'a str,
}

/// Reads the operations of all changes but genesis, whose two are checked here.
fn read_ops<'a>(doc: DocId, columns: &Columns<'a>, genesis: u64) -> Result<Vec<Op<'a>>, Refused> {
    let rows = count_ops(columns)?;
    let mut keys = Values::new(columns.get(KEY_STRING), "key", read_text);
    let mut actors = unsigned(columns.get(ID_ACTOR), "id actor");
    let mut counters = Deltas::new(columns.get(ID_COUNTER), "id counter");
    let mut metas = unsigned(columns.get(VALUE_META), "value");
    let mut values = Cursor::new(columns.get(VALUE));

    let id = doc.to_string();
    for (key, counter, meta, value) in
        [(FACTS_KEY, 1, 0, ""), (ID_KEY, GENESIS_MAX_OP, (id.len() as u64) << 4 | STRING_TYPE, id.as_str())]
    {
        let same = keys.next()? == key
            && actors.next()? == genesis
            && counters.next()? == counter
            && metas.next()? == meta
            && values.take(value.len())? == value.as_bytes();
        if !same {
            return Err(Refused::Genesis);
        }
    }
    let mut ops = Vec::with_capacity(rows as usize);
    for _ in GENESIS_MAX_OP..rows {
        let key = FactId::parse_strict(keys.next()?).map_err(|_| Refused::Key)?;
        let (actor, counter) = (actors.next()?, counters.next()?);
        let text = core::str::from_utf8(values.take(text_len(metas.next()?)?)?).map_err(|_| Refused::Utf8)?;
        ops.push(Op { actor, counter, key, text });
    }
    keys.end()?;
    actors.end()?;
    counters.end()?;
    metas.end()?;
    if values.is_empty() { Ok(ops) } else { Err(Refused::ColumnLength { column: "value" }) }
}

/// How many operations there are, and that each is a put of the map, without expanding a run. What is not named
/// here is caught by comparing the columns with those written anew.
fn count_ops(columns: &Columns<'_>) -> Result<u64, Refused> {
    let rows = sum_unsigned(columns.get(ACTION), MOST_OPS, |action| match action {
        Some(MAKE_MAP | PUT) => Ok(()),
        Some(action) => Err(Refused::Action { action }),
        None => Err(Refused::ColumnLength { column: "action" }),
    })?;
    if rows < GENESIS_MAX_OP {
        return Err(Refused::Genesis);
    }
    let inserts = |inserted: bool| if inserted { Err(Refused::Insert) } else { Ok(()) };
    let inserts = sum_booleans(columns.get(INSERT), MOST_OPS, inserts)?;
    let successors = sum_unsigned(columns.get(SUCC_COUNT), MOST_OPS, |count| match count {
        Some(0) => Ok(()),
        _ => Err(Refused::Successor),
    })?;
    // No text is empty, so a short chunk can't claim many operations.
    if rows - GENESIS_MAX_OP > columns.get(VALUE).len() as u64 {
        return Err(Refused::ColumnLength { column: "value" });
    }
    if inserts != rows {
        return Err(Refused::ColumnLength { column: "insert" });
    }
    if successors != rows {
        return Err(Refused::ColumnLength { column: "successors" });
    }
    Ok(rows)
}

/// What is known of the changes rebuilt so far.
struct Rebuilt {
    hashes: Vec<ChangeHash>,
    max_ops: Vec<u64>,
    last: BTreeMap<ActorId, Last>,
    changes: Vec<Parsed>,
}

/// Deals the operations out to the changes, and judges and hashes each.
fn rebuild(
    doc: DocId,
    actors: &[ActorId],
    columns: &Columns<'_>,
    mut ops: Vec<Op<'_>>,
) -> Result<Vec<Parsed>, Refused> {
    let rows = count_changes(columns)?;
    let mut actor_indices = unsigned(columns.get(CHANGE_ACTOR), "change actor");
    let mut seqs = Deltas::new(columns.get(CHANGE_SEQ), "seq");
    let mut max_ops = Deltas::new(columns.get(CHANGE_MAX_OP), "max op");
    let mut times = Deltas::new(columns.get(CHANGE_TIME), "time");
    let mut dep_counts = unsigned(columns.get(DEPS_COUNT), "deps count");
    let mut dep_numbers = Deltas::new(columns.get(DEPS_INDEX), "deps");

    ops.sort_unstable_by_key(|op| (op.actor, op.counter));
    let mut left: BTreeMap<u64, &[Op<'_>]> =
        ops.chunk_by(|a, b| a.actor == b.actor).filter_map(|own| Some((own.first()?.actor, own))).collect();
    let mut done = Rebuilt { hashes: vec![], max_ops: vec![], last: BTreeMap::new(), changes: vec![] };
    let mut total_deps = 0;
    for number in 0..rows {
        let index = actor_indices.next()?;
        let actor = usize::try_from(index).ok().and_then(|i| actors.get(i)).copied();
        let actor = actor.ok_or(Refused::ActorIndex { index })?;
        let (seq, max_op, time) = (seqs.next()?, max_ops.next()?, times.next()?.cast_signed());
        let dep_count = dep_counts.next()?;
        if dep_count > limits::CHANGE_DEPS as u64 {
            return Err(Refused::TooManyDeps { deps: dep_count });
        }
        total_deps += dep_count;
        if total_deps > MOST_DEPS {
            return Err(Refused::TooManyDeps { deps: total_deps });
        }
        if number == 0 {
            let is_genesis = (seq, max_op, time, dep_count) == (1, GENESIS_MAX_OP, 0, 0);
            if !is_genesis || actor != ActorId::of_genesis(doc) {
                return Err(Refused::Genesis);
            }
            done.push_genesis(doc);
            continue;
        }
        if actor == ActorId::of_genesis(doc) {
            return Err(Refused::Actor { actor });
        }
        let mut deps = Vec::with_capacity(dep_count as usize);
        let mut after = 0;
        for _ in 0..dep_count {
            let dep = usize::try_from(dep_numbers.next()?).unwrap_or(usize::MAX);
            let row = Refused::Row { column: "deps" };
            deps.push(*done.hashes.get(dep).ok_or(row.clone())?);
            after = after.max(*done.max_ops.get(dep).ok_or(row)?);
        }
        let own = left.get_mut(&index).ok_or(Refused::Row { column: "change actor" })?;
        let (mine, rest) = own.split_at(own.partition_point(|op| op.counter <= max_op));
        *own = rest;
        done.push(Draft { doc, actor, seq, max_op, time, deps, after, ops: mine })?;
    }
    if left.values().any(|rest| !rest.is_empty()) {
        return Err(Refused::Row { column: "max op" });
    }
    actor_indices.end()?;
    seqs.end()?;
    max_ops.end()?;
    times.end()?;
    dep_counts.end()?;
    dep_numbers.end()?;
    Ok(done.changes)
}

fn count_changes(columns: &Columns<'_>) -> Result<u64, Refused> {
    let too_many = |refused| match refused {
        Refused::TooManyOps { ops } => Refused::TooManyChanges { changes: ops },
        other => other,
    };
    let rows = sum_unsigned(columns.get(CHANGE_ACTOR), MOST_CHANGES, |_| Ok(())).map_err(too_many)?;
    let extra = sum_unsigned(columns.get(EXTRA_META), MOST_CHANGES, |meta| match meta {
        Some(NO_EXTRA) => Ok(()),
        _ => Err(Refused::ExtraBytes),
    });
    if rows == 0 {
        return Err(Refused::Genesis);
    }
    if extra.map_err(too_many)? != rows {
        return Err(Refused::ColumnLength { column: "extra" });
    }
    Ok(rows)
}

/// A change as the columns describe it.
struct Draft<'a> {
    doc: DocId,
    actor: ActorId,
    seq: u64,
    max_op: u64,
    time: i64,
    deps: Vec<ChangeHash>,
    /// The highest operation of what it builds on.
    after: u64,
    ops: &'a [Op<'a>],
}

impl Rebuilt {
    fn push_genesis(&mut self, doc: DocId) {
        self.hashes.push(genesis(doc).hash);
        self.max_ops.push(GENESIS_MAX_OP);
        self.last.insert(ActorId::of_genesis(doc), Last { seq: 1, max_op: GENESIS_MAX_OP });
    }

    fn push(&mut self, draft: Draft<'_>) -> Result<(), Refused> {
        let start_op = draft.ops.first().ok_or(Refused::NoOps)?.counter;
        if !draft.ops.iter().map(|op| op.counter).eq(start_op..=draft.max_op) {
            return Err(Refused::Row { column: "id counter" });
        }
        check_header(draft.seq, start_op, draft.time, draft.ops.len() as u64)?;
        check_deps(&draft.deps)?;
        check_keys(draft.ops.iter().map(|op| op.key))?;
        let other = Some(ActorId::of_genesis(draft.doc));
        let Draft { actor, seq, time, .. } = draft;
        let facts: Vec<(FactId, &str)> = draft.ops.iter().map(|op| (op.key, op.text)).collect();
        let header = Header { deps: &draft.deps, actor, seq, start_op, time, other };
        let built = frame(crate::change::encode::CHANGE_CHUNK, &body_of(&header, &facts));
        if built.bytes.len() > limits::CHANGE_BYTES {
            return Err(Refused::TooLarge { bytes: built.bytes.len(), limit: limits::CHANGE_BYTES });
        }
        let parsed = Parsed {
            doc: draft.doc,
            hash: built.hash,
            actor,
            seq,
            start_op,
            deps: draft.deps,
            time,
            facts: facts.into_iter().map(|(key, text)| (key, text.to_owned())).collect(),
        };
        let last = self.last.entry(actor).or_default();
        check_reuse(&parsed, *last)?;
        check_place(&parsed, *last, draft.after.max(last.max_op))?;
        *last = Last { seq, max_op: draft.max_op };
        self.hashes.push(parsed.hash);
        self.max_ops.push(draft.max_op);
        self.changes.push(parsed);
        Ok(())
    }
}
