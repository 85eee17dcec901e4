//! The in-memory twin: real changes, real preflight, real admission; only the store is maps.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use docket_faultvfs::Rng;
use docket_format::change::{
    Admission, Carrier, DocState as _, MemoryState, NewChange, Parsed, admit, build, preflight,
};
use docket_format::fact::{Origin, Stamp};
use docket_format::{ActorId, Author, ChangeHash, DocId, Fact, FactHeader, FactId, digest};

use super::device::{Cut, Device, Draft, Intake, Selection};
use super::wire;

/// A change with its bytes, kept once however many devices hold it.
#[derive(Debug)]
struct Held {
    carrier: Carrier,
    parsed: Parsed,
    bytes: Vec<u8>,
}

/// Changes that passed preflight, by the digest of what was judged: preflight is a pure function, so its answer
/// for the same bytes is the same on every device.
#[derive(Debug, Clone, Default)]
pub struct Pool(Rc<RefCell<BTreeMap<[u8; 32], Rc<Held>>>>);

impl Pool {
    fn take_in(&self, doc: DocId, carrier: Carrier, bytes: &[u8]) -> Result<Rc<Held>, String> {
        let key = digest::labelled("sim-pool", &[doc.as_bytes(), format!("{carrier:?}").as_bytes(), bytes]);
        if let Some(held) = self.0.borrow().get(&key) {
            return Ok(Rc::clone(held));
        }
        let parsed = preflight(doc, carrier, bytes).map_err(|refused| refused.to_string())?;
        let held = Rc::new(Held { carrier, parsed, bytes: bytes.to_vec() });
        self.0.borrow_mut().insert(key, Rc::clone(&held));
        Ok(held)
    }
}

#[derive(Debug)]
struct Doc {
    state: MemoryState,
    changes: Vec<Rc<Held>>,
    /// This device's number and fact before the next.
    tip: (u64, Option<FactId>),
}

/// A device whose store is maps. What it holds is durable at once; parked changes are lost with the power.
#[derive(Debug)]
pub struct MemoryDevice {
    author: Author,
    pool: Pool,
    docs: BTreeMap<DocId, Doc>,
    arrived: Vec<Rc<Held>>,
    parked: Vec<Rc<Held>>,
}

impl MemoryDevice {
    /// An empty device.
    pub fn new(author: Author, pool: Pool) -> Self {
        Self { author, pool, docs: BTreeMap::new(), arrived: Vec::new(), parked: Vec::new() }
    }

    fn doc(&mut self, doc: DocId) -> &mut Doc {
        self.docs.entry(doc).or_insert_with(|| Doc {
            state: MemoryState::new(doc),
            changes: Vec::new(),
            tip: (0, None),
        })
    }

    fn admit(&mut self, held: &Rc<Held>) -> Result<Admission, String> {
        let id = held.parsed.doc;
        // A refused or waiting change must not make a document appear.
        let admission = match self.docs.get(&id) {
            Some(doc) => admit(&held.parsed, &doc.state),
            None => admit(&held.parsed, &MemoryState::new(id)),
        };
        let admission = admission.map_err(|refused| refused.to_string())?;
        if admission == Admission::New {
            let doc = self.doc(id);
            doc.state.push(&held.parsed);
            doc.changes.push(Rc::clone(held));
            self.arrived.push(Rc::clone(held));
        }
        Ok(admission)
    }

    fn unpark(&mut self) -> Result<u64, String> {
        let mut came = 0;
        loop {
            let before = came;
            for held in std::mem::take(&mut self.parked) {
                match self.admit(&held)? {
                    Admission::New => came += 1,
                    Admission::Known => {}
                    Admission::Missing(_) => self.parked.push(held),
                }
            }
            if came == before {
                return Ok(came);
            }
        }
    }
}

impl Device for MemoryDevice {
    fn write(&mut self, doc: DocId, drafts: &[Draft], at: &Stamp) -> Result<Vec<FactId>, String> {
        let (author, pool) = (self.author, self.pool.clone());
        let entry = self.doc(doc);
        let mut tip = entry.tip;
        let mut facts = Vec::new();
        for draft in drafts {
            let origin = Origin::Device { author, n: tip.0 + 1, prev: tip.1, at: at.clone() };
            let header = FactHeader { kind: draft.kind.to_owned(), origin };
            let (fact, text) = Fact::write(doc, header, draft.body.clone()).map_err(|e| e.to_string())?;
            tip = (tip.0 + 1, Some(fact.id));
            facts.push((fact.id, text));
        }
        let carrier = Carrier::Device(author);
        let built = build(&NewChange {
            doc,
            carrier,
            seq: entry.state.last(ActorId::of_device(author, doc)).seq + 1,
            start_op: entry.state.max_op() + 1,
            deps: entry.state.heads(),
            time: at.wall_ms / 1000,
            facts: &facts.iter().map(|(id, text)| (*id, text.as_str())).collect::<Vec<_>>(),
        });
        entry.tip = tip;
        let held = pool.take_in(doc, carrier, &built.map_err(|e| e.to_string())?.bytes)?;
        match self.admit(&held)? {
            Admission::New => Ok(facts.into_iter().map(|(id, _)| id).collect()),
            other => Err(format!("own change not admitted: {other:?}")),
        }
    }

    fn facts(&self, doc: DocId) -> Result<Vec<Fact>, String> {
        let Some(entry) = self.docs.get(&doc) else { return Ok(Vec::new()) };
        let texts = entry.changes.iter().flat_map(|held| &held.parsed.facts);
        texts.map(|(key, text)| Fact::read(doc, *key, text.as_bytes()).map_err(|e| e.to_string())).collect()
    }

    fn fact_ids(&self, doc: DocId) -> Result<BTreeSet<FactId>, String> {
        let changes = self.docs.get(&doc).map(|entry| entry.changes.as_slice()).unwrap_or_default();
        Ok(changes.iter().flat_map(|held| &held.parsed.facts).map(|(key, _)| *key).collect())
    }

    fn docs(&self) -> Result<Vec<DocId>, String> {
        Ok(self.docs.keys().copied().collect())
    }

    fn heads(&self, doc: DocId) -> Result<Vec<ChangeHash>, String> {
        let mut heads = self.docs.get(&doc).map(|entry| entry.state.heads().to_vec()).unwrap_or_default();
        heads.sort_unstable();
        Ok(heads)
    }

    fn export(&mut self, what: &Selection, _: usize, _: &Stamp) -> Result<Vec<u8>, String> {
        let piece = |held: &Rc<Held>| (held.parsed.doc, held.carrier, Rc::clone(held));
        let chosen: Vec<_> = match what {
            Selection::All | Selection::News => self.arrived.iter().map(piece).collect(),
            Selection::Recent(count) => self.arrived.iter().rev().take(*count).rev().map(piece).collect(),
            Selection::Documents(docs) => {
                docs.iter().filter_map(|doc| self.docs.get(doc)).flat_map(|doc| &doc.changes).map(piece).collect()
            }
        };
        Ok(wire::encode(chosen.into_iter().map(|(doc, carrier, held)| (doc, carrier, HeldBytes(held)))))
    }

    fn import(&mut self, bytes: &[u8], _: &Stamp) -> Result<Option<Intake>, String> {
        let Some(pieces) = wire::decode(bytes) else { return Ok(None) };
        let mut intake = Intake::default();
        for (doc, carrier, bytes) in pieces {
            let held = self.pool.take_in(doc, carrier, bytes)?;
            match self.admit(&held)? {
                Admission::New => intake.new += 1,
                Admission::Known => intake.known += 1,
                Admission::Missing(_) => {
                    intake.parked += 1;
                    if !self.parked.iter().any(|parked| parked.parsed.hash == held.parsed.hash) {
                        self.parked.push(held);
                    }
                }
            }
        }
        intake.new += self.unpark()?;
        Ok(Some(intake))
    }

    fn cut_power(&mut self, _: &mut Rng) -> Result<Cut, String> {
        self.parked.clear();
        Ok(Cut::Recovered)
    }
}

struct HeldBytes(Rc<Held>);

impl AsRef<[u8]> for HeldBytes {
    fn as_ref(&self) -> &[u8] {
        &self.0.bytes
    }
}
