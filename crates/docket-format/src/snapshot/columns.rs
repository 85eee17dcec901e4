//! The columns of a document chunk: one list for the changes, one for the operations of all of them.
//!
//! Operations are sorted by object (the root first), key, operation number, actor. Those of one actor and number
//! belong to the actor's first change whose last operation is not below.

pub(super) use crate::change::columns::{
    ACTION, EXPAND, INSERT, KEY_ACTOR, KEY_COUNTER, KEY_STRING, MARK_NAME, OBJ_ACTOR, OBJ_COUNTER, VALUE, VALUE_META,
};

// Of the changes.
pub(super) const CHANGE_ACTOR: u64 = 1;
pub(super) const CHANGE_SEQ: u64 = 3;
pub(super) const CHANGE_MAX_OP: u64 = 19;
pub(super) const CHANGE_TIME: u64 = 35;
pub(super) const CHANGE_MESSAGE: u64 = 53;
pub(super) const DEPS_COUNT: u64 = 64;
pub(super) const DEPS_INDEX: u64 = 67;
pub(super) const EXTRA_META: u64 = 86;
pub(super) const EXTRA: u64 = 87;

// Of the operations, beside those that a change has too.
pub(super) const ID_ACTOR: u64 = 33;
pub(super) const ID_COUNTER: u64 = 35;
pub(super) const SUCC_COUNT: u64 = 128;
pub(super) const SUCC_ACTOR: u64 = 129;
pub(super) const SUCC_COUNTER: u64 = 131;

/// Metadata of a change's extra bytes when there are none: type 7 (bytes), length 0.
pub(super) const NO_EXTRA: u64 = 7;

/// Chunk type of a document.
pub(super) const DOCUMENT_CHUNK: u8 = 0;
