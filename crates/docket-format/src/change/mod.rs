//! Changes: our own writer and strict reader of Automerge change chunks for the one grammar that docket admits
//! (DESIGN §2): puts of strings under fact ids into the one map, nothing else.
//!
//! * [`build`] writes byte for byte what Automerge 0.12 writes for the same operations;
//! * [`preflight`] reads bytes from outside: structure, grammar, limits, the derived actor, and that the bytes are
//!   exactly those which `build` would have made. It needs no state, never expands a run, and takes memory in
//!   proportion to the input;
//! * [`admit`] judges what preflight let through against a document's state;
//! * [`genesis`] is every document's first change.

pub(crate) mod admit;
pub(crate) mod columns;
pub(crate) mod encode;
mod genesis;
pub(crate) mod leb;
pub(crate) mod parse;
mod refused;

pub use admit::{Admission, DocState, Last, MemoryState, Stored, admit};
pub use encode::{build, build_import};
pub(crate) use genesis::MAKE_MAP;
pub use genesis::{FACTS_KEY, GENESIS_MAX_OP, ID_KEY, genesis};
pub use parse::preflight;
pub use refused::Refused;

use crate::ids::{ActorId, Author, ChangeHash, DocId, FactId};

/// Who put a change together, which is not always who wrote the facts in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Carrier {
    /// One life of a device.
    Device(Author),
    /// A row of an imported file: the change's actor follows from its facts, so anyone makes the same bytes.
    Import,
}

impl Carrier {
    /// The actor that this carrier must use in a document for a change with these facts' texts.
    pub fn actor<'a>(self, doc: DocId, texts: impl IntoIterator<Item = &'a str>) -> ActorId {
        match self {
            Self::Device(author) => ActorId::of_device(author, doc),
            Self::Import => ActorId::of_import(doc, texts),
        }
    }
}

/// A change to be written.
#[derive(Debug, Clone, Copy)]
pub struct NewChange<'a> {
    /// The document it belongs to.
    pub doc: DocId,
    /// Who puts it together.
    pub carrier: Carrier,
    /// The actor's count of changes in this document, from 1.
    pub seq: u64,
    /// The number of its first operation: the document's highest + 1, and so at least 3.
    pub start_op: u64,
    /// The document's heads (genesis for the first change). Any order, each once.
    pub deps: &'a [ChangeHash],
    /// Seconds since 1970, as the carrier claims; 0 for an import.
    pub time: i64,
    /// Key and canonical text of each fact, in the order of the operations.
    pub facts: &'a [(FactId, &'a str)],
}

/// A change that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// Its hash, as Automerge computes it.
    pub hash: ChangeHash,
    /// The whole uncompressed chunk.
    pub bytes: Vec<u8>,
}

/// A change that was read and found well-formed. Whether it fits the document is [`admit`]'s question; whether its
/// facts are genuine (content under its own key, authorship, seals) is asked elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Parsed {
    /// The document it was read for.
    pub doc: DocId,
    /// Its hash, as Automerge computes it.
    pub hash: ChangeHash,
    /// Its actor: the one that belongs to its carrier.
    pub actor: ActorId,
    /// The actor's count of changes in this document, from 1.
    pub seq: u64,
    /// The number of its first operation.
    pub start_op: u64,
    /// What it builds on, sorted.
    pub deps: Vec<ChangeHash>,
    /// Seconds since 1970, as the carrier claims.
    pub time: i64,
    /// Key and text of each fact, at least one. Of the texts only this has been checked: UTF-8, 1 to 16,384 bytes.
    pub facts: Vec<(FactId, String)>,
}

impl Parsed {
    /// A change that was just built from its parts, and so has passed every check that [`preflight`] makes.
    pub fn of_built(new: &NewChange<'_>, hash: ChangeHash) -> Self {
        let mut deps = new.deps.to_vec();
        deps.sort_unstable();
        Self {
            doc: new.doc,
            hash,
            actor: new.carrier.actor(new.doc, new.facts.iter().map(|(_, text)| *text)),
            seq: new.seq,
            start_op: new.start_op,
            deps,
            time: new.time,
            facts: new.facts.iter().map(|(key, text)| (*key, (*text).to_owned())).collect(),
        }
    }

    /// The number of its last operation.
    pub fn max_op(&self) -> u64 {
        self.start_op + (self.facts.len() as u64).saturating_sub(1)
    }
}
