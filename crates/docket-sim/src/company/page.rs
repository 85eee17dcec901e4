//! One document as it is told: everybody's facts in it, one after another, and the change that carries them.

use std::collections::BTreeMap;

use docket_format::change::{Carrier, GENESIS_MAX_OP, NewChange, build, genesis, preflight};
use docket_format::fact::{Origin, Stamp};
use docket_format::merkle::Leaf;
use docket_format::{Author, DocId, Fact, FactHeader, FactId, TenantId};
use docket_sync::Arrival;
use serde_json::Value;

use super::FIRST_DAY_MS;

/// Who can write documents. Shared by all who tell stories at once.
pub(super) struct Scribe {
    pub(super) tenant: TenantId,
    /// The office's device, which carries everything into the store.
    pub(super) carrier: Author,
    /// Everybody's device.
    pub(super) authors: Vec<Author>,
}

/// A document that is being told.
pub(super) struct Page<'s> {
    scribe: &'s Scribe,
    doc: DocId,
    texts: Vec<(FactId, String)>,
    /// The facts, for folding on the way.
    pub(super) facts: Vec<Fact>,
    last: BTreeMap<usize, (u64, FactId)>,
}

/// A document that was told.
pub(super) struct Sheet {
    pub(super) arrival: Arrival,
    /// How far each person's facts in it go.
    pub(super) tips: Vec<(usize, Leaf)>,
}

impl Scribe {
    /// A document named by what it is about.
    pub(super) fn derived(&self, kind: &str, name: &str) -> DocId {
        DocId::derived(self.tenant, kind, "docket", name)
    }

    /// Begins a new document.
    pub(super) fn page(&self, doc: DocId) -> Page<'_> {
        Page { scribe: self, doc, texts: Vec::new(), facts: Vec::new(), last: BTreeMap::new() }
    }
}

impl Page<'_> {
    /// Writes a record as a person would have made it at a time.
    pub(super) fn put(&mut self, who: usize, at_ms: i64, kind: &str, body: Value) -> Result<FactId, String> {
        let author = *self.scribe.authors.get(who).ok_or("nobody by that number")?;
        let Value::Object(body) = body else { return Err("a body is an object".into()) };
        let last = self.last.get(&who).copied();
        let n = last.map_or(1, |(n, _)| n + 1);
        let origin = Origin::Device { author, n, prev: last.map(|(_, fact)| fact), at: stamp(at_ms) };
        let header = FactHeader { kind: kind.to_owned(), origin };
        let (fact, text) = Fact::write(self.doc, header, body).map_err(|bad| format!("{kind}: {bad}"))?;
        let id = fact.id;
        self.last.insert(who, (n, id));
        self.texts.push((id, text));
        self.facts.push(fact);
        Ok(id)
    }

    /// The document.
    pub(super) fn doc(&self) -> DocId {
        self.doc
    }

    /// Ends the document: all its facts in one change, which has passed the check that everybody's changes pass.
    pub(super) fn close(self) -> Result<Sheet, String> {
        let (doc, carrier) = (self.doc, Carrier::Device(self.scribe.carrier));
        let facts: Vec<(FactId, &str)> = self.texts.iter().map(|(id, text)| (*id, text.as_str())).collect();
        let deps = [genesis(doc).hash];
        let (seq, start_op, time) = (1, GENESIS_MAX_OP + 1, FIRST_DAY_MS / 1000);
        let new = NewChange { doc, carrier, seq, start_op, deps: &deps, time, facts: &facts };
        let bytes = build(&new).map_err(|bad| bad.to_string())?.bytes;
        let change = preflight(doc, carrier, &bytes).map_err(|bad| bad.to_string())?;
        let mut written: BTreeMap<FactId, Fact> = self.facts.into_iter().map(|fact| (fact.id, fact)).collect();
        // `Fact::write` read them back already.
        let facts = change.facts.iter().filter_map(|(key, _)| written.remove(key).map(Ok)).collect::<Vec<_>>();
        if facts.len() != change.facts.len() {
            return Err(format!("document {doc}: a fact was written twice"));
        }
        let tips = self.last.into_iter().map(|(who, (n, fact))| (who, Leaf { doc, n, fact }));
        Ok(Sheet { arrival: Arrival { carrier, change, facts }, tips: tips.collect() })
    }
}

/// One boot for everybody, its uptime in step with the clock: nobody's clock is wrong here.
pub(super) fn stamp(at_ms: i64) -> Stamp {
    Stamp { wall_ms: at_ms, boot: "SAMPLE".into(), up_ms: at_ms }
}
