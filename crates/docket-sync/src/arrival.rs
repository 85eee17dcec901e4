//! A change from outside with its facts read.

use docket_format::change::{Carrier, NewChange, Parsed, Refused, build, build_import, preflight};
use docket_format::{DocId, Fact, FactId, Malformed};

/// A change that passed [`preflight`], and its facts: they are read once, here, and not again when they are stored.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// Who put it together.
    pub carrier: Carrier,
    /// The change.
    pub change: Parsed,
    /// What each of its strings is, in their order.
    pub facts: Vec<Result<Fact, Malformed>>,
}

impl Arrival {
    /// Reads a change's bytes.
    pub fn read(doc: DocId, carrier: Carrier, bytes: &[u8]) -> Result<Self, Refused> {
        Ok(Self::of(carrier, preflight(doc, carrier, bytes)?))
    }

    /// Reads the facts of a change that was read.
    pub fn of(carrier: Carrier, change: Parsed) -> Self {
        let facts = change.facts.iter().map(|(key, text)| Fact::read(change.doc, *key, text.as_bytes())).collect();
        Self { carrier, change, facts }
    }

    /// From a change's parts, as bundles carry them; checked like bytes from outside.
    pub fn from_parts(parts: &NewChange<'_>) -> Result<Self, Refused> {
        Self::read(parts.doc, parts.carrier, &build(parts)?.bytes)
    }

    /// The change of an imported record.
    pub fn import(doc: DocId, facts: &[(FactId, &str)]) -> Result<Self, Refused> {
        Self::read(doc, Carrier::Import, &build_import(doc, facts)?.bytes)
    }
}

/// A change's own bytes.
pub fn bytes_of(carrier: Carrier, change: &Parsed) -> Result<Vec<u8>, Refused> {
    let facts: Vec<(FactId, &str)> = change.facts.iter().map(|(key, text)| (*key, text.as_str())).collect();
    let new = NewChange {
        doc: change.doc,
        carrier,
        seq: change.seq,
        start_op: change.start_op,
        deps: &change.deps,
        time: change.time,
        facts: &facts,
    };
    Ok(build(&new)?.bytes)
}
