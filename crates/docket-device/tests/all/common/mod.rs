//! What the store's tests share.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses its part")]
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a helper that fails is a test that fails")]

use docket_device::store::{Arrival, Next, Sender};
use docket_device::{Draft, Mode, Store, keys};
use docket_format::fact::{Origin, Stamp};
use docket_format::keys::SecretKey;
use docket_format::merkle::Leaf;
use docket_format::roster::{self, Draft as RosterDraft};
use docket_format::seal::Seal;
use docket_format::{Author, DocId, Fact, FactHeader, FactId, Incarnation, TenantId};
use serde_json::Value;

/// A store in a temporary directory.
pub struct Fixture {
    pub dir: tempfile::TempDir,
    pub store: Store,
    pub key: SecretKey,
}

const ROOT: [u8; 32] = [9; 32];

pub fn tenant() -> TenantId {
    SecretKey::from_seed(&ROOT).public().tenant()
}

/// An imported job of two facts, as a change from outside.
pub fn imported(number: &str, text: &str) -> Arrival {
    imported_in(tenant(), number, text)
}

/// A row of another system as that company imports it.
pub fn imported_in(tenant: TenantId, number: &str, text: &str) -> Arrival {
    let doc = DocId::derived(tenant, "job", "src", number);
    let header =
        FactHeader { kind: "imported".into(), origin: Origin::Import { source: "src".into(), number: number.into() } };
    let body = serde_json::json!({"dk": "job", "regs": {
        "kind": "repair", "text": text, "received_at": "2020-01-01T00:05:00-08:00",
        "closed_at": "2020-01-02T08:43:00-08:00", "channel": "phone",
    }});
    let serde_json::Value::Object(body) = body else { unreachable!() };
    let (fact, text) = Fact::write(doc, header, body).unwrap();
    Arrival::import(doc, &[(fact.id, text.as_str())]).unwrap()
}

/// Every change of a document as another device would receive it.
pub fn arrivals(store: &Store, doc: DocId) -> Vec<Arrival> {
    let changes = store.changes(doc).unwrap();
    changes.iter().map(|change| Arrival::read(doc, change.carrier, &change.build().unwrap().bytes).unwrap()).collect()
}

pub const SENDER: Sender<'static> = Sender { name: "test", now_ms: 1_700_000_000_000, vouch: true };

pub fn draft(kind: &str, body: Value) -> Draft {
    Draft::new(kind, body)
}

pub fn stamp(second: i64) -> Stamp {
    Stamp { wall_ms: 1_700_000_000_000 + second * 1000, boot: "BOOT".into(), up_ms: second * 1000 }
}

impl Fixture {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let key = keys::generate().unwrap();
        let store = Store::create(dir.path(), tenant(), key.public().device()).unwrap();
        Self { dir, store, key }
    }

    /// Closes the store and opens it again.
    pub fn reopen(&mut self) {
        self.store = Store::open(self.dir.path(), Mode::ReadWrite).unwrap();
    }

    /// Founds the company: the fixture's device becomes `person` with `role` in the roster.
    pub fn certify(&mut self, person: &str, role: &str) {
        let (key, person) = (self.key.public(), person.parse().unwrap());
        self.roster(&[
            RosterDraft::Founded { name: "Test" },
            RosterDraft::Certify { key, person: &person, name: "Name", role },
        ]);
    }

    /// Roster facts by the root key.
    pub fn roster(&mut self, drafts: &[RosterDraft<'_>]) {
        let root = SecretKey::from_seed(&ROOT);
        let doc = roster::doc(tenant());
        let author = Author { device: root.public().device(), incarnation: Incarnation(1) };
        let mut tx = self.store.begin().unwrap();
        let mut facts: Vec<(FactId, String)> = Vec::new();
        let mut next = tx.next(doc, author).unwrap();
        for draft in drafts {
            let (fact, text) = roster::sign(tenant(), &root, next.origin(stamp(0)), draft).unwrap();
            next = Next { author, n: next.n + 1, prev: Some(fact.id) };
            facts.push((fact.id, text));
        }
        tx.append(doc, &facts, &stamp(0)).unwrap();
        tx.commit().unwrap();
    }

    /// One value of a query.
    pub fn value<T: rusqlite::types::FromSql>(&self, query: &str) -> T {
        self.store.conn().query_row(query, [], |row| row.get(0)).unwrap_or_else(|error| panic!("{query}: {error}"))
    }

    /// Seals everything in the outbox.
    pub fn seal_all(&mut self) {
        let outbox = self.store.outbox().unwrap();
        let mut leaves: Vec<Leaf> =
            outbox.tips.iter().map(|tip| Leaf { doc: tip.doc, n: tip.n, fact: tip.fact }).collect();
        let life = self.store.author().incarnation;
        let seal = Seal::sign(&self.key, tenant(), life, outbox.last_count + 1, 7, &mut leaves).unwrap();
        let mut tx = self.store.begin().unwrap();
        tx.store_seal(&seal, &leaves).unwrap();
        tx.commit().unwrap();
    }
}
