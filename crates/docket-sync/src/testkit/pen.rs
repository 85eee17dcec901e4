//! A device that only writes.

use std::collections::BTreeMap;

use docket_format::bundle::{Item, LeafRef};
use docket_format::change::{Carrier, DocState as _, MemoryState, NewChange, Parsed, build};
use docket_format::fact::{Origin, Stamp};
use docket_format::keys::SecretKey;
use docket_format::merkle::Leaf;
use docket_format::roster::{self, Draft, Roster};
use docket_format::seal::Seal;
use docket_format::{Author, DocId, Fact, FactHeader, FactId, Incarnation, PersonId, TenantId, scope};
use serde_json::{Map, Value, json};

use crate::judge::{Proof, Shown};
use crate::wire::Page;

/// A company with a root key and an admin's device.
#[derive(Debug)]
pub struct Company {
    /// Its id.
    pub tenant: TenantId,
    /// The root's own writer, only for the roster.
    pub root: Pen,
    /// Every roster fact so far.
    pub facts: Vec<Fact>,
}

/// A writing device.
#[derive(Debug)]
pub struct Pen {
    /// Its key.
    pub key: SecretKey,
    /// Its present life.
    pub author: Author,
    /// Its company.
    pub tenant: TenantId,
    /// Every change that it made.
    pub written: Vec<(Carrier, Parsed)>,
    docs: BTreeMap<DocId, Sheet>,
    seals: u64,
}

#[derive(Debug)]
struct Sheet {
    state: MemoryState,
    last: Option<(u64, FactId)>,
    seq: u64,
}

/// An item with these changes and no leaves.
pub fn item_of(doc: DocId, changes: Vec<(Carrier, Parsed)>) -> Item {
    Item { doc, changes, leaves: Vec::new() }
}

impl Company {
    /// A company whose keys follow from a number.
    pub fn new(number: u8) -> Self {
        let key = SecretKey::from_seed(&[number; 32]);
        let tenant = key.public().tenant();
        let mut root = Pen::new(key, tenant);
        root.author.incarnation = Incarnation(0);
        let mut company = Self { tenant, root, facts: Vec::new() };
        company.state(&Draft::Founded { name: "Cellar & Sons" });
        company
    }

    /// A device with a role, certified by the root.
    pub fn device(&mut self, seed: u8, person: &str, role: &str) -> Pen {
        let pen = Pen::new(SecretKey::from_seed(&[seed; 32]), self.tenant);
        let person: PersonId = person.parse().unwrap();
        self.state(&Draft::Certify { key: pen.key.public(), person: &person, name: "Somebody", role });
        pen
    }

    /// The root states a roster fact.
    pub fn state(&mut self, draft: &Draft<'_>) {
        let doc = roster::doc(self.tenant);
        let origin = self.root.origin(doc);
        let (fact, text) = roster::sign(self.tenant, &self.root.key, origin, draft).unwrap();
        self.root.carry(doc, &[(fact.id, text)]);
        self.root.note(doc, &fact);
        self.facts.push(fact);
    }

    /// The roster as it stands.
    pub fn roster(&self) -> Roster {
        Roster::fold(self.tenant, &self.facts)
    }

    /// A page with the whole roster.
    pub fn roster_page(&self) -> Page {
        let changes = self.root.written.clone();
        Page { seals: Vec::new(), items: vec![item_of(roster::doc(self.tenant), changes)], mark: None }
    }
}

impl Pen {
    /// A device in its first life.
    pub fn new(key: SecretKey, tenant: TenantId) -> Self {
        let author = Author { device: key.public().device(), incarnation: Incarnation(1) };
        Self { key, author, tenant, docs: BTreeMap::new(), seals: 0, written: Vec::new() }
    }

    fn sheet(&mut self, doc: DocId) -> &mut Sheet {
        self.docs.entry(doc).or_insert_with(|| Sheet { state: MemoryState::new(doc), last: None, seq: 0 })
    }

    fn origin(&mut self, doc: DocId) -> Origin {
        let author = self.author;
        let last = self.sheet(doc).last;
        let at = Stamp { wall_ms: 1_790_000_000_000, boot: "B00T".into(), up_ms: 1 };
        Origin::Device { author, n: last.map_or(1, |(n, _)| n + 1), prev: last.map(|(_, fact)| fact), at }
    }

    fn note(&mut self, doc: DocId, fact: &Fact) {
        if let Origin::Device { n, .. } = fact.header.origin {
            self.sheet(doc).last = Some((n, fact.id));
        }
    }

    /// Puts facts, whoever wrote them, into a change of this device.
    pub fn carry(&mut self, doc: DocId, facts: &[(FactId, String)]) -> (Carrier, Parsed) {
        let carrier = Carrier::Device(self.author);
        let sheet = self.sheet(doc);
        sheet.seq += 1;
        let borrowed: Vec<(FactId, &str)> = facts.iter().map(|(key, text)| (*key, text.as_str())).collect();
        let deps = sheet.state.heads().to_vec();
        let (seq, start_op) = (sheet.seq, sheet.state.max_op() + 1);
        let new = NewChange { doc, carrier, seq, start_op, deps: &deps, time: 1_790_000_000, facts: &borrowed };
        let parsed = Parsed::of_built(&new, build(&new).unwrap().hash);
        sheet.state.push(&parsed);
        self.written.push((carrier, parsed.clone()));
        (carrier, parsed)
    }

    /// States a fact in a change of its own.
    pub fn write(&mut self, doc: DocId, kind: &str, body: Value) -> (FactId, (Carrier, Parsed)) {
        let header = FactHeader { kind: kind.to_owned(), origin: self.origin(doc) };
        let body: Map<String, Value> = serde_json::from_value(body).unwrap();
        let (fact, text) = Fact::write(doc, header, body).unwrap();
        self.note(doc, &fact);
        (fact.id, self.carry(doc, &[(fact.id, text)]))
    }

    /// Takes in somebody's change, to build on it.
    pub fn receive(&mut self, change: &Parsed) {
        self.sheet(change.doc).state.push(change);
    }

    /// The heads of a document as this device has it.
    pub fn heads(&mut self, doc: DocId) -> Vec<docket_format::ChangeHash> {
        self.sheet(doc).state.heads().to_vec()
    }

    /// A page with these changes under one new seal over this device's tips in their documents.
    pub fn page(&mut self, changes: Vec<(Carrier, Parsed)>) -> Page {
        let mut items: BTreeMap<DocId, Item> = BTreeMap::new();
        for (carrier, change) in changes {
            let doc = change.doc;
            items.entry(doc).or_insert_with(|| item_of(doc, Vec::new())).changes.push((carrier, change));
        }
        let tips = items.keys().filter_map(|doc| {
            let (n, fact) = self.docs.get(doc)?.last?;
            Some(Leaf { doc: *doc, n, fact })
        });
        let mut leaves: Vec<Leaf> = tips.collect();
        self.seals += 1;
        let life = self.author.incarnation;
        let seal = Seal::sign(&self.key, self.tenant, life, self.seals, 1_790_000_000_000, &mut leaves);
        let Some(seal) = seal else {
            return Page { seals: Vec::new(), items: items.into_values().collect(), mark: None };
        };
        for (index, leaf) in (0..).zip(leaves) {
            if let Some(item) = items.get_mut(&leaf.doc) {
                item.leaves.push(LeafRef { seal: 0, index, leaf, proof: Vec::new() });
            }
        }
        let shown = Shown { number: 0, seal: seal.raw().clone(), proof: Proof::Complete };
        Page { seals: vec![shown], items: items.into_values().collect(), mark: None }
    }

    /// Shows a job and what it needs to a person: the tag and the changes (the scope document's first fact included
    /// when this device hasn't written to it yet).
    pub fn enter(&mut self, person: &str, docs: &[DocId]) -> (FactId, Vec<(Carrier, Parsed)>) {
        let at = scope::doc(self.tenant, &person.parse().unwrap());
        let mut changes = Vec::new();
        if self.sheet(at).last.is_none() {
            changes.push(self.write(at, "created", json!({"dk": "scope", "regs": {"person": person}})).1);
        }
        let docs: Vec<String> = docs.iter().map(ToString::to_string).collect();
        let (tag, change) = self.write(at, "entered", json!({"docs": docs}));
        changes.push(change);
        (tag, changes)
    }

    /// Ends tags of a person's scope.
    pub fn leave(&mut self, person: &str, tags: &[FactId]) -> (Carrier, Parsed) {
        let at = scope::doc(self.tenant, &person.parse().unwrap());
        let over: Vec<String> = tags.iter().map(ToString::to_string).collect();
        self.write(at, "left", json!({"over": over})).1
    }
}
