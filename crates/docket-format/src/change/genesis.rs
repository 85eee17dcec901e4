//! Genesis: the change that every document starts with. It makes the one map of facts and states the document's id.
//!
//! Its bytes follow from the id alone, so it is never sent, and there is never a second version (DESIGN §2).

use super::Built;
use super::columns::{
    ACTION, INSERT, KEY_STRING, PRED_COUNT, STRING_TYPE, Sheet, VALUE, VALUE_META, put_runs, put_same,
};
use super::encode::{Header, PUT, chunk_of, put_header, put_text};
use super::leb::{put_signed, put_unsigned};
use crate::ids::{ActorId, DocId};

/// The root key under which the map of facts lies.
pub const FACTS_KEY: &str = "facts";
/// The root key under which the document's id lies, as text.
pub const ID_KEY: &str = "id";
/// The highest operation of genesis: the map is operation 1, the id operation 2.
pub const GENESIS_MAX_OP: u64 = 2;

/// The action number of making a map.
pub(crate) const MAKE_MAP: u64 = 0;
/// Operations of genesis.
const ROWS: usize = GENESIS_MAX_OP as usize;

/// A document's genesis change.
pub fn genesis(doc: DocId) -> Built {
    let id = doc.to_string();
    let mut sheet = Sheet::with_capacity(96);
    sheet.column(KEY_STRING, |out| {
        put_signed(out, -(ROWS as i64));
        put_text(out, FACTS_KEY);
        put_text(out, ID_KEY);
    });
    sheet.column(INSERT, |out| put_unsigned(out, ROWS as u64)); // all false
    sheet.column(ACTION, |out| put_runs(out, &[MAKE_MAP, PUT]));
    sheet.column(VALUE_META, |out| put_runs(out, &[0, (id.len() as u64) << 4 | STRING_TYPE]));
    sheet.column(VALUE, |out| out.extend_from_slice(id.as_bytes()));
    sheet.column(PRED_COUNT, |out| put_same(out, ROWS, 0));

    let actor = ActorId::of_genesis(doc);
    let mut body = Vec::with_capacity(160);
    put_header(&mut body, &Header { deps: &[], actor, seq: 1, start_op: 1, time: 0, other: None });
    sheet.put_list(&mut body);
    sheet.put_data(&mut body);
    chunk_of(&body)
}
