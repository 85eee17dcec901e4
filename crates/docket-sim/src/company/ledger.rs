//! Writes records into one store as whoever made them, each under a seal of their own.

use std::collections::BTreeMap;
use std::path::Path;

use docket_device::Store;
use docket_device::store::Next;
use docket_format::fact::{Origin, Stamp};
use docket_format::keys::SecretKey;
use docket_format::merkle::Leaf;
use docket_format::roster::{self, Draft as RosterDraft};
use docket_format::seal::Seal;
use docket_format::{Author, DocId, Fact, FactHeader, FactId, Incarnation, PersonId, TenantId, digest};
use serde_json::{Map, Value};

use super::cast::Cast;
use super::{DAY_MS, FIRST_DAY_MS};

/// Documents in one transaction.
const BATCH: usize = 1_000;

/// The store, and everybody's pens.
pub(super) struct Ledger {
    store: Store,
    pens: Vec<Pen>,
    waiting: Vec<Sheet>,
    facts: u64,
}

/// A person's device.
struct Pen {
    key: SecretKey,
    author: Author,
    /// What it has written since its last seal.
    tips: Vec<Leaf>,
    seals: u64,
}

/// One document's facts, in the order written.
struct Sheet {
    doc: DocId,
    facts: Vec<(FactId, String)>,
}

/// A document that is being told.
pub(super) struct Page<'l> {
    ledger: &'l mut Ledger,
    doc: DocId,
    texts: Vec<(FactId, String)>,
    /// The facts, for folding on the way.
    pub(super) facts: Vec<Fact>,
    last: BTreeMap<usize, (u64, FactId)>,
}

impl Ledger {
    /// The company's first device, and a device for everybody.
    pub(super) fn found(dir: &Path, seed: u64, cast: &Cast) -> Result<Self, String> {
        let now = stamp(FIRST_DAY_MS - 60 * DAY_MS);
        let root = key_of(seed, "root", 0);
        let first = key_of(seed, "office", 0);
        let fail = |bad: docket_device::StoreError| bad.to_string();
        let store = Store::create(dir, root.public().tenant(), first.public().device()).map_err(fail)?;
        docket_device::keys::save(dir, &first).map_err(fail)?;
        let pens = (0..cast.people.len()).map(|index| {
            let key = key_of(seed, "device", index as u64);
            let author = Author { device: key.public().device(), incarnation: Incarnation(1) };
            Pen { key, author, tips: Vec::new(), seals: 0 }
        });
        let mut ledger = Self { pens: pens.collect(), store, waiting: Vec::new(), facts: 0 };
        ledger.certify(&root, &first, cast, &now)?;
        Ok(ledger)
    }

    /// Founds the company and certifies everybody's device, by its root key.
    fn certify(&mut self, root: &SecretKey, first: &SecretKey, cast: &Cast, now: &Stamp) -> Result<(), String> {
        let tenant = self.store.tenant();
        let doc = roster::doc(tenant);
        let author = Author { device: root.public().device(), incarnation: Incarnation(0) };
        let fail = |bad: docket_device::StoreError| bad.to_string();
        let admin: PersonId = "A-001".parse().map_err(|bad| format!("{bad}"))?;
        let mut people = Vec::with_capacity(cast.people.len());
        for person in &cast.people {
            people.push(person.id.parse::<PersonId>().map_err(|bad| format!("{bad}"))?);
        }
        let mut drafts = vec![
            RosterDraft::Founded { name: "Sample company" },
            RosterDraft::Certify { key: first.public(), person: &admin, name: "Ada", role: "admin" },
        ];
        drafts.extend(self.pens.iter().zip(&people).zip(&cast.people).map(|((pen, id), person)| {
            RosterDraft::Certify { key: pen.key.public(), person: id, name: &person.id, role: person.role }
        }));
        let mut tx = self.store.begin().map_err(fail)?;
        let mut next = tx.next(doc, author).map_err(fail)?;
        let mut facts = Vec::new();
        for draft in &drafts {
            let (fact, text) =
                roster::sign(tenant, root, next.origin(now.clone()), draft).map_err(|bad| bad.to_string())?;
            next = Next { author, n: next.n + 1, prev: Some(fact.id) };
            facts.push((fact.id, text));
        }
        for part in facts.chunks(200) {
            tx.append(doc, part, now).map_err(fail)?;
        }
        tx.commit().map_err(fail)
    }

    /// The company.
    pub(super) fn tenant(&self) -> TenantId {
        self.store.tenant()
    }

    /// A document named by what it is about.
    pub(super) fn derived(&self, kind: &str, name: &str) -> DocId {
        DocId::derived(self.tenant(), kind, "docket", name)
    }

    /// Begins a new document.
    pub(super) fn page(&mut self, doc: DocId) -> Page<'_> {
        Page { ledger: self, doc, texts: Vec::new(), facts: Vec::new(), last: BTreeMap::new() }
    }

    /// Stores what waits, and seals it.
    fn flush(&mut self) -> Result<(), String> {
        let fail = |bad: docket_device::StoreError| bad.to_string();
        let mut tx = self.store.begin().map_err(fail)?;
        for sheet in self.waiting.drain(..) {
            self.facts += sheet.facts.len() as u64;
            tx.append(sheet.doc, &sheet.facts, &stamp(FIRST_DAY_MS)).map_err(fail)?;
        }
        let tenant = tx.tenant();
        for pen in self.pens.iter_mut().filter(|pen| !pen.tips.is_empty()) {
            pen.seals += 1;
            let life = pen.author.incarnation;
            let seal = Seal::sign(&pen.key, tenant, life, pen.seals, FIRST_DAY_MS, &mut pen.tips);
            let seal = seal.ok_or("nothing to seal")?;
            tx.store_seal(&seal, &pen.tips).map_err(fail)?;
            pen.tips.clear();
        }
        tx.commit().map_err(fail)
    }

    /// Stores the rest; gives the number of records.
    pub(super) fn finish(mut self) -> Result<u64, String> {
        self.flush()?;
        Ok(self.facts)
    }
}

impl Page<'_> {
    /// Writes a record as a person would have made it at a time.
    pub(super) fn put(&mut self, who: usize, at_ms: i64, kind: &str, body: Value) -> Result<FactId, String> {
        let pen = self.ledger.pens.get(who).ok_or("nobody by that number")?;
        let Value::Object(body) = body else { return Err("a body is an object".into()) };
        let body: Map<String, Value> = body;
        let last = self.last.get(&who).copied();
        let origin = Origin::Device {
            author: pen.author,
            n: last.map_or(1, |(n, _)| n + 1),
            prev: last.map(|(_, fact)| fact),
            at: stamp(at_ms),
        };
        let header = FactHeader { kind: kind.to_owned(), origin };
        let (fact, text) = Fact::write(self.doc, header, body).map_err(|bad| format!("{kind}: {bad}"))?;
        let id = fact.id;
        self.last.insert(who, (last.map_or(1, |(n, _)| n + 1), id));
        self.texts.push((id, text));
        self.facts.push(fact);
        Ok(id)
    }

    /// The document.
    pub(super) fn doc(&self) -> DocId {
        self.doc
    }

    /// Hands the document over to the store.
    pub(super) fn close(self) -> Result<(), String> {
        for (who, (n, fact)) in &self.last {
            if let Some(pen) = self.ledger.pens.get_mut(*who) {
                pen.tips.push(Leaf { doc: self.doc, n: *n, fact: *fact });
            }
        }
        self.ledger.waiting.push(Sheet { doc: self.doc, facts: self.texts });
        if self.ledger.waiting.len() >= BATCH { self.ledger.flush() } else { Ok(()) }
    }
}

/// One boot for everybody, its uptime in step with the clock: nobody's clock is wrong here.
fn stamp(at_ms: i64) -> Stamp {
    Stamp { wall_ms: at_ms, boot: "SAMPLE".into(), up_ms: at_ms }
}

/// Everybody's key follows from the seed.
fn key_of(seed: u64, what: &str, index: u64) -> SecretKey {
    let parts: [&[u8]; 3] = [&seed.to_be_bytes(), what.as_bytes(), &index.to_be_bytes()];
    SecretKey::from_seed(&digest::labelled("sample-key", &parts))
}
