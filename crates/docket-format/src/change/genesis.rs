//! Genesis: the change that every document starts with. It makes the one map of facts and states the document's id.
//!
//! Its bytes follow from the id alone, so it is never sent, and there is never a second version (DESIGN §2).

use super::columns::{ACTION, INSERT, KEY_STRING, PRED_COUNT, STRING_TYPE, VALUE, VALUE_META};
use super::encode::{Header, chunk_of, put_columns, put_header};
use super::{Built, columns::put_same};
use crate::change::leb::{put_signed, put_unsigned};
use crate::ids::{ActorId, DocId};

/// The root key under which the map of facts lies.
pub const FACTS_KEY: &str = "facts";
/// The root key under which the document's id lies, as text.
pub const ID_KEY: &str = "id";
/// The highest operation of genesis: the map is operation 1, the id operation 2.
pub const GENESIS_MAX_OP: u64 = 2;

const MAKE_MAP: u64 = 0;
const PUT: u64 = 1;

/// A document's genesis change.
pub fn genesis(doc: DocId) -> Built {
    let id = doc.to_string();
    let mut body = Vec::with_capacity(160);
    let actor = ActorId::of_genesis(doc);
    put_header(&mut body, &Header { deps: &[], actor, seq: 1, start_op: 1, time: 0, other: None });

    let mut keys = Vec::with_capacity(10);
    put_signed(&mut keys, -2);
    for key in [FACTS_KEY, ID_KEY] {
        put_unsigned(&mut keys, key.len() as u64);
        keys.extend_from_slice(key.as_bytes());
    }
    let mut actions = Vec::with_capacity(3);
    put_signed(&mut actions, -2);
    put_unsigned(&mut actions, MAKE_MAP);
    put_unsigned(&mut actions, PUT);
    let mut meta = Vec::with_capacity(4);
    put_signed(&mut meta, -2);
    put_unsigned(&mut meta, 0);
    put_unsigned(&mut meta, (id.len() as u64) << 4 | STRING_TYPE);
    let mut preds = Vec::with_capacity(2);
    put_same(&mut preds, 2, 0);
    put_columns(
        &mut body,
        &[
            (KEY_STRING, &keys),
            (INSERT, &[2]),
            (ACTION, &actions),
            (VALUE_META, &meta),
            (VALUE, id.as_bytes()),
            (PRED_COUNT, &preds),
        ],
    );
    chunk_of(&body)
}
