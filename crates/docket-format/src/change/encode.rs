//! Writes a change exactly as Automerge 0.12 would: same columns, same runs, same bytes, same hash.

use super::columns::{
    ACTION, INSERT, KEY_STRING, OBJ_ACTOR, OBJ_COUNTER, PRED_COUNT, STRING_TYPE, Sheet, VALUE, VALUE_META, put_runs,
    put_same,
};
use super::leb::{put_signed, put_unsigned};
use super::{Built, Carrier, GENESIS_MAX_OP, NewChange, Refused, genesis};
use crate::crockford;
use crate::digest;
use crate::ids::{ActorId, ChangeHash, DocId, FactId};
use crate::limits;

/// First bytes of every Automerge chunk.
pub(crate) const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
/// Chunk type of an uncompressed change.
pub(crate) const CHANGE_CHUNK: u8 = 1;

/// The action number of a put.
pub(crate) const PUT: u64 = 1;
/// Genesis in a change's table of actors; the change's own actor is 0.
pub(crate) const GENESIS_INDEX: u64 = 1;
/// The map of facts is genesis's first operation.
pub(crate) const MAP_COUNTER: u64 = 1;

/// Writes a change. Dependencies may come in any order.
///
/// # Errors
/// What [`super::preflight`] would refuse about the result, it refuses here: nothing is written that would not be
/// admitted.
pub fn build(new: &NewChange<'_>) -> Result<Built, Refused> {
    let mut deps = new.deps.to_vec();
    deps.sort_unstable();
    check(new, &deps)?;
    let actor = new.carrier.actor(new.doc, new.facts.iter().map(|&(_, text)| text));
    let header = Header {
        deps: &deps,
        actor,
        seq: new.seq,
        start_op: new.start_op,
        time: new.time,
        other: Some(ActorId::of_genesis(new.doc)),
    };
    let built = chunk_of(&body_of(&header, new.facts));
    if built.bytes.len() > limits::CHANGE_BYTES {
        return Err(Refused::TooLarge { bytes: built.bytes.len(), limit: limits::CHANGE_BYTES });
    }
    Ok(built)
}

/// Writes the change of an imported record: the only one of its actor, on genesis alone. The same facts in the same
/// order make the same bytes everywhere.
pub fn build_import(doc: DocId, facts: &[(FactId, &str)]) -> Result<Built, Refused> {
    let deps = [genesis(doc).hash];
    let start_op = GENESIS_MAX_OP + 1;
    build(&NewChange { doc, carrier: Carrier::Import, seq: 1, start_op, deps: &deps, time: 0, facts })
}

fn check(new: &NewChange<'_>, sorted_deps: &[ChangeHash]) -> Result<(), Refused> {
    check_header(new.seq, new.start_op, new.time, new.facts.len() as u64)?;
    check_deps(sorted_deps)?;
    if new.carrier == Carrier::Import {
        check_import(new.doc, new.seq, new.start_op, sorted_deps, new.time)?;
    }
    let mut total = 0usize;
    for (_, text) in new.facts {
        check_fact_size(text.len())?;
        // Before anything is copied: no change of this many bytes would be admitted.
        total += text.len();
        if total > limits::CHANGE_BYTES {
            return Err(Refused::TooLarge { bytes: total, limit: limits::CHANGE_BYTES });
        }
    }
    check_keys(new.facts.iter().map(|&(key, _)| key))
}

pub(crate) fn check_header(seq: u64, start_op: u64, time: i64, ops: u64) -> Result<(), Refused> {
    if ops == 0 {
        return Err(Refused::NoOps);
    }
    if ops > limits::CHANGE_OPS as u64 {
        return Err(Refused::TooManyOps { ops });
    }
    if start_op <= GENESIS_MAX_OP {
        return Err(Refused::StartOp { start_op });
    }
    let max_op = start_op.saturating_add(ops - 1);
    if max_op > limits::MAX_OP {
        return Err(Refused::MaxOp { max_op });
    }
    // Each earlier change of the actor has an operation of its own, and genesis has two.
    if seq == 0 || seq > start_op - GENESIS_MAX_OP {
        return Err(Refused::Seq { seq });
    }
    if !(limits::CHANGE_TIME_MIN..=limits::CHANGE_TIME_MAX).contains(&time) {
        return Err(Refused::Time { time });
    }
    Ok(())
}

pub(crate) fn check_fact_size(bytes: usize) -> Result<(), Refused> {
    if (1..=limits::FACT_BYTES).contains(&bytes) { Ok(()) } else { Err(Refused::FactSize { bytes }) }
}

pub(crate) fn check_deps(deps: &[ChangeHash]) -> Result<(), Refused> {
    if deps.is_empty() {
        return Err(Refused::NoDeps);
    }
    if deps.len() > limits::CHANGE_DEPS {
        return Err(Refused::TooManyDeps { deps: deps.len() as u64 });
    }
    if deps.is_sorted_by(|a, b| a < b) { Ok(()) } else { Err(Refused::DepsOrder) }
}

pub(crate) fn check_import(doc: DocId, seq: u64, start_op: u64, deps: &[ChangeHash], time: i64) -> Result<(), Refused> {
    let fixed = seq == 1 && start_op == GENESIS_MAX_OP + 1 && time == 0 && deps == [genesis(doc).hash];
    if fixed { Ok(()) } else { Err(Refused::ImportShape) }
}

pub(crate) fn check_keys(keys: impl Iterator<Item = FactId>) -> Result<(), Refused> {
    let mut sorted: Vec<FactId> = keys.collect();
    sorted.sort_unstable();
    for pair in sorted.windows(2) {
        if let [a, b] = pair
            && a == b
        {
            return Err(Refused::KeyTwice { key: *a });
        }
    }
    Ok(())
}

/// What a change's body says before its columns.
pub(crate) struct Header<'a> {
    pub(crate) deps: &'a [ChangeHash],
    pub(crate) actor: ActorId,
    pub(crate) seq: u64,
    pub(crate) start_op: u64,
    pub(crate) time: i64,
    /// The one other actor that operations refer to: genesis, which made the map.
    pub(crate) other: Option<ActorId>,
}

pub(crate) fn put_header(out: &mut Vec<u8>, header: &Header<'_>) {
    put_unsigned(out, header.deps.len() as u64);
    for dep in header.deps {
        out.extend_from_slice(dep.as_bytes());
    }
    put_actor(out, header.actor);
    put_unsigned(out, header.seq);
    put_unsigned(out, header.start_op);
    put_signed(out, header.time);
    put_unsigned(out, 0); // no message
    put_unsigned(out, u64::from(header.other.is_some()));
    if let Some(other) = header.other {
        put_actor(out, other);
    }
}

pub(crate) fn put_actor(out: &mut Vec<u8>, actor: ActorId) {
    put_unsigned(out, ActorId::LEN as u64);
    out.extend_from_slice(actor.as_bytes());
}

/// A change's body: everything that its hash covers but the chunk's type and length.
pub(crate) fn body_of(header: &Header<'_>, facts: &[(FactId, &str)]) -> Vec<u8> {
    let rows = facts.len();
    let text_bytes: usize = facts.iter().map(|(_, text)| text.len()).sum();
    let meta: Vec<u64> = facts.iter().map(|(_, text)| (text.len() as u64) << 4 | STRING_TYPE).collect();
    let columns_bytes = text_bytes + 32 * rows + 32;

    let mut sheet = Sheet::with_capacity(columns_bytes);
    sheet.column(OBJ_ACTOR, |out| put_same(out, rows, GENESIS_INDEX));
    sheet.column(OBJ_COUNTER, |out| put_same(out, rows, MAP_COUNTER));
    sheet.column(KEY_STRING, |out| {
        // Keys are all different: one list.
        put_signed(out, -(rows as i64));
        for (key, _) in facts {
            put_text(out, &crockford::encode(key.as_bytes()));
        }
    });
    sheet.column(INSERT, |out| put_unsigned(out, rows as u64)); // all false
    sheet.column(ACTION, |out| put_same(out, rows, PUT));
    sheet.column(VALUE_META, |out| put_runs(out, &meta));
    sheet.column(VALUE, |out| facts.iter().for_each(|(_, text)| out.extend_from_slice(text.as_bytes())));
    sheet.column(PRED_COUNT, |out| put_same(out, rows, 0));

    let mut body = Vec::with_capacity(128 + 32 * header.deps.len() + columns_bytes);
    put_header(&mut body, header);
    sheet.put_list(&mut body);
    sheet.put_data(&mut body);
    body
}

pub(crate) fn put_text(out: &mut Vec<u8>, text: &str) {
    put_unsigned(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

/// Frames a body as a change chunk and hashes it.
pub(crate) fn chunk_of(body: &[u8]) -> Built {
    frame(CHANGE_CHUNK, body)
}

/// Frames a body as a chunk of any type and hashes it.
pub(crate) fn frame(kind: u8, body: &[u8]) -> Built {
    let mut head = vec![kind];
    put_unsigned(&mut head, body.len() as u64);
    let hash = digest::labelled("", &[&head, body]);
    let mut bytes = Vec::with_capacity(MAGIC.len() + 4 + head.len() + body.len());
    bytes.extend_from_slice(&MAGIC);
    bytes.extend_from_slice(hash.first_chunk::<4>().unwrap_or(&[0; 4]));
    bytes.extend_from_slice(&head);
    bytes.extend_from_slice(body);
    Built { hash: ChangeHash::from_bytes(hash), bytes }
}
