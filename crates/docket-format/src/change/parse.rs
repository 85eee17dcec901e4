//! The preflight of a change: from bytes that anyone may have made to a [`Parsed`] that can't hold nonsense.
//!
//! The order matters: what is cheap and bounds the rest comes first. The last step writes the change anew and
//! compares, so that one set of facts has one encoding and nothing can hide between the fields.

use super::columns::{
    ACTION, ColumnList, Columns, DEFLATED_BIT, EXPAND, INSERT, KEY_ACTOR, KEY_COUNTER, KEY_STRING, MARK_NAME,
    OBJ_ACTOR, OBJ_COUNTER, PRED_ACTOR, PRED_COUNT, PRED_COUNTER, Run, STRING_TYPE, VALUE, VALUE_META, read_run,
    sum_booleans, sum_unsigned, unsigned,
};
use super::encode::{
    CHANGE_CHUNK, GENESIS_INDEX, Header, MAGIC, MAP_COUNTER, PUT, body_of, check_deps, check_fact_size, check_header,
    check_import, check_keys,
};
use super::leb::{Cursor, put_unsigned};
use super::{Carrier, Parsed, Refused};
use crate::digest;
use crate::ids::{ActorId, ChangeHash, DocId, FactId};
use crate::limits;

/// Chunk type of a deflated change.
const DEFLATED_CHUNK: u8 = 2;
const MOST_OPS: u64 = limits::CHANGE_OPS as u64;

/// Checks a change from outside without any state. Never panics; takes memory in proportion to `bytes`.
///
/// # Errors
/// The first reason found, in the order: size, frame, checksum, header, columns, grammar, facts, actor, encoding.
pub fn preflight(doc: DocId, carrier: Carrier, bytes: &[u8]) -> Result<Parsed, Refused> {
    let chunk = unframe(bytes, CHANGE_CHUNK, limits::CHANGE_BYTES)?;
    let raw = read_body(chunk.body)?;
    if raw.other != ActorId::of_genesis(doc) {
        return Err(Refused::ActorTable);
    }
    let facts = read_facts(&raw.columns)?;
    check_header(raw.seq, raw.start_op, raw.time, facts.len() as u64)?;
    check_keys(facts.iter().map(|&(key, _)| key))?;
    if raw.actor != carrier.actor(doc, facts.iter().map(|&(_, text)| text)) {
        return Err(Refused::Actor { actor: raw.actor });
    }
    if carrier == Carrier::Import {
        check_import(doc, raw.seq, raw.start_op, &raw.deps, raw.time)?;
    }
    let header = Header {
        deps: &raw.deps,
        actor: raw.actor,
        seq: raw.seq,
        start_op: raw.start_op,
        time: raw.time,
        other: Some(raw.other),
    };
    if body_of(&header, &facts) != chunk.body {
        return Err(Refused::NotCanonical);
    }
    Ok(Parsed {
        doc,
        hash: chunk.hash,
        actor: raw.actor,
        seq: raw.seq,
        start_op: raw.start_op,
        deps: raw.deps,
        time: raw.time,
        facts: facts.into_iter().map(|(key, text)| (key, text.to_owned())).collect(),
    })
}

/// A chunk whose size, type, length and checksum are right.
pub(crate) struct Chunk<'a> {
    pub(crate) hash: ChangeHash,
    pub(crate) body: &'a [u8],
}

/// Takes the frame off one chunk that must fill `bytes`.
pub(crate) fn unframe(bytes: &[u8], expected: u8, limit: usize) -> Result<Chunk<'_>, Refused> {
    if bytes.len() > limit {
        return Err(Refused::TooLarge { bytes: bytes.len(), limit });
    }
    let mut cursor = Cursor::new(bytes);
    if cursor.array()? != MAGIC {
        return Err(Refused::Magic);
    }
    let checksum: [u8; 4] = cursor.array()?;
    let found = cursor.byte()?;
    if found != expected {
        let deflated = found == DEFLATED_CHUNK && expected == CHANGE_CHUNK;
        return Err(if deflated { Refused::Deflated } else { Refused::ChunkType { found, expected } });
    }
    let len = cursor.len()?;
    let body = cursor.take(len)?;
    if !cursor.is_empty() {
        return Err(Refused::Trailing);
    }
    let mut head = vec![found];
    put_unsigned(&mut head, len as u64);
    let hash = digest::labelled("", &[&head, body]);
    if !hash.starts_with(&checksum) {
        return Err(Refused::Checksum);
    }
    Ok(Chunk { hash: ChangeHash::from_bytes(hash), body })
}

struct RawChange<'a> {
    deps: Vec<ChangeHash>,
    actor: ActorId,
    seq: u64,
    start_op: u64,
    time: i64,
    other: ActorId,
    columns: Columns<'a>,
}

fn read_body(body: &[u8]) -> Result<RawChange<'_>, Refused> {
    let mut cursor = Cursor::new(body);
    let deps = read_deps(&mut cursor)?;
    let actor = read_actor(&mut cursor)?;
    let seq = cursor.unsigned()?;
    let start_op = cursor.unsigned()?;
    let time = cursor.signed()?;
    // The operations are not counted yet: 1 is the least there can be.
    check_header(seq, start_op, time, 1)?;
    if cursor.unsigned()? != 0 {
        return Err(Refused::Message);
    }
    if cursor.unsigned()? != 1 {
        return Err(Refused::ActorTable);
    }
    let other = read_actor(&mut cursor)?;
    let list = ColumnList::read(&mut cursor)?;
    for &(spec, _) in &list.specs {
        check_spec(spec)?;
    }
    let columns = list.cut(&mut cursor)?;
    if !cursor.is_empty() {
        return Err(Refused::ExtraBytes);
    }
    Ok(RawChange { deps, actor, seq, start_op, time, other, columns })
}

fn read_deps(cursor: &mut Cursor<'_>) -> Result<Vec<ChangeHash>, Refused> {
    let count = cursor.unsigned()?;
    if count > limits::CHANGE_DEPS as u64 {
        return Err(Refused::TooManyDeps { deps: count });
    }
    let mut deps = Vec::with_capacity(count as usize);
    for _ in 0..count {
        deps.push(ChangeHash::from_bytes(cursor.array()?));
    }
    check_deps(&deps)?;
    Ok(deps)
}

pub(crate) fn read_actor(cursor: &mut Cursor<'_>) -> Result<ActorId, Refused> {
    let bytes = cursor.unsigned()?;
    if bytes != ActorId::LEN as u64 {
        return Err(Refused::ActorLength { bytes });
    }
    Ok(ActorId::from_bytes(cursor.array()?))
}

/// Names the reason for a column that a change of ours never has.
fn check_spec(spec: u64) -> Result<(), Refused> {
    match spec {
        OBJ_ACTOR | OBJ_COUNTER | KEY_STRING | INSERT | ACTION | VALUE_META | VALUE | PRED_COUNT => Ok(()),
        KEY_ACTOR | KEY_COUNTER => Err(Refused::ListKey),
        PRED_ACTOR | PRED_COUNTER => Err(Refused::Pred),
        EXPAND | MARK_NAME => Err(Refused::Mark),
        _ if spec & DEFLATED_BIT != 0 => Err(Refused::DeflatedColumn { spec }),
        _ => Err(Refused::Column { spec }),
    }
}

fn read_facts<'a>(columns: &Columns<'a>) -> Result<Vec<(FactId, &'a str)>, Refused> {
    let rows = sum_unsigned(columns.get(ACTION), MOST_OPS, |action| match action {
        Some(PUT) => Ok(()),
        Some(action) => Err(Refused::Action { action }),
        None => Err(Refused::ColumnLength { column: "action" }),
    })?;
    if rows == 0 {
        return Err(Refused::NoOps);
    }
    check_uniform(columns, rows)?;
    let keys = read_keys(columns.get(KEY_STRING), rows)?;
    read_texts(columns, keys)
}

/// The columns that have one value throughout.
fn check_uniform(columns: &Columns<'_>, rows: u64) -> Result<(), Refused> {
    let full = |sum: u64, column| if sum == rows { Ok(()) } else { Err(Refused::ColumnLength { column }) };
    let sum = sum_unsigned(columns.get(OBJ_ACTOR), MOST_OPS, |actor| match actor {
        Some(GENESIS_INDEX) => Ok(()),
        Some(0) | None => Err(Refused::Object),
        Some(index) => Err(Refused::ActorIndex { index }),
    })?;
    if sum == 0 {
        return Err(Refused::Object);
    }
    full(sum, "object actor")?;
    let sum = sum_unsigned(columns.get(OBJ_COUNTER), MOST_OPS, |counter| match counter {
        Some(MAP_COUNTER) => Ok(()),
        _ => Err(Refused::Object),
    })?;
    full(sum, "object counter")?;
    let inserts = |inserted: bool| if inserted { Err(Refused::Insert) } else { Ok(()) };
    full(sum_booleans(columns.get(INSERT), MOST_OPS, inserts)?, "insert")?;
    let sum = sum_unsigned(columns.get(PRED_COUNT), MOST_OPS, |preds| match preds {
        Some(0) => Ok(()),
        _ => Err(Refused::Pred),
    })?;
    full(sum, "pred")
}

/// Every key is different, so a column of them is one list; that is also what bounds `rows` by the input's length.
fn read_keys(bytes: &[u8], rows: u64) -> Result<Vec<FactId>, Refused> {
    let mut cursor = Cursor::new(bytes);
    if cursor.is_empty() {
        return Err(Refused::Key);
    }
    match read_run(&mut cursor)? {
        Run::List(count) if count == rows => {}
        Run::List(_) => return Err(Refused::ColumnLength { column: "key" }),
        Run::Absent(_) => return Err(Refused::Key),
        Run::Repeat(count) => {
            let key = read_key(&mut cursor)?;
            return Err(if count > 1 { Refused::KeyTwice { key } } else { Refused::NotCanonical });
        }
    }
    let mut keys = Vec::with_capacity(bytes.len() / FactId::LEN);
    for _ in 0..rows {
        keys.push(read_key(&mut cursor)?);
    }
    if cursor.is_empty() { Ok(keys) } else { Err(Refused::ColumnLength { column: "key" }) }
}

fn read_key(cursor: &mut Cursor<'_>) -> Result<FactId, Refused> {
    FactId::parse_strict(read_text(cursor)?).map_err(|_| Refused::Key)
}

/// Length and UTF-8.
pub(crate) fn read_text<'a>(cursor: &mut Cursor<'a>) -> Result<&'a str, Refused> {
    let len = cursor.len()?;
    core::str::from_utf8(cursor.take(len)?).map_err(|_| Refused::Utf8)
}

fn read_texts<'a>(columns: &Columns<'a>, keys: Vec<FactId>) -> Result<Vec<(FactId, &'a str)>, Refused> {
    let mut meta = unsigned(columns.get(VALUE_META), "value");
    let mut values = Cursor::new(columns.get(VALUE));
    let mut facts = Vec::with_capacity(keys.len());
    for key in keys {
        let bytes = values.take(text_len(meta.next()?)?)?;
        facts.push((key, core::str::from_utf8(bytes).map_err(|_| Refused::Utf8)?));
    }
    meta.end()?;
    if values.is_empty() { Ok(facts) } else { Err(Refused::ColumnLength { column: "value" }) }
}

/// The length of a fact's text from its value's metadata. An empty text is no fact whatever the domain knows, and
/// refusing it bounds the operations of a chunk by its bytes.
pub(crate) fn text_len(meta: u64) -> Result<usize, Refused> {
    if meta & 0xf != STRING_TYPE {
        return Err(Refused::Value);
    }
    let bytes = usize::try_from(meta >> 4).unwrap_or(usize::MAX);
    check_fact_size(bytes)?;
    Ok(bytes)
}
