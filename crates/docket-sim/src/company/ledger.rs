//! Puts documents into one store, everybody's facts under seals of their own.

use std::path::Path;

use docket_device::Store;
use docket_device::store::{Next, Outcome, Sender};
use docket_format::fact::Stamp;
use docket_format::keys::SecretKey;
use docket_format::merkle::Leaf;
use docket_format::roster::{self, Draft as RosterDraft};
use docket_format::seal::Seal;
use docket_format::{Author, Incarnation, PersonId, digest};

use super::cast::Cast;
use super::page::{Scribe, Sheet, stamp};
use super::{DAY_MS, FIRST_DAY_MS};

/// Documents in one transaction.
const BATCH: usize = 2_000;

/// What the store is written with: it holds a whole company, which the pages that a phone keeps in memory do not. KiB.
const CACHE_KIB: i64 = 128 * 1024;

/// Pages in the log before they are put in their place: pages of indexes are written again by every transaction.
const LOG_PAGES: i64 = 60_000;

/// The store, and everybody's keys.
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

impl Ledger {
    /// The company's first device, and a device for everybody.
    pub(super) fn found(dir: &Path, seed: u64, cast: &Cast) -> Result<Self, String> {
        let now = stamp(FIRST_DAY_MS - 60 * DAY_MS);
        let root = key_of(seed, "root", 0);
        let first = key_of(seed, "office", 0);
        let fail = |bad: docket_device::StoreError| bad.to_string();
        let store = Store::create(dir, root.public().tenant(), first.public().device()).map_err(fail)?;
        docket_device::keys::save(dir, &first).map_err(fail)?;
        for (name, value) in [("cache_size", -CACHE_KIB), ("wal_autocheckpoint", LOG_PAGES)] {
            store.conn().pragma_update(None, name, value).map_err(|bad| bad.to_string())?;
        }
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

    /// Who writes what this ledger takes.
    pub(super) fn scribe(&mut self) -> Result<Scribe, String> {
        let tx = self.store.begin().map_err(|bad| bad.to_string())?;
        let (tenant, carrier) = (tx.tenant(), tx.author());
        drop(tx);
        Ok(Scribe { tenant, carrier, authors: self.pens.iter().map(|pen| pen.author).collect() })
    }

    /// Takes a document over.
    pub(super) fn take(&mut self, sheet: Sheet) -> Result<(), String> {
        for (who, leaf) in &sheet.tips {
            if let Some(pen) = self.pens.get_mut(*who) {
                pen.tips.push(*leaf);
            }
        }
        self.waiting.push(sheet);
        if self.waiting.len() >= BATCH { self.flush() } else { Ok(()) }
    }

    /// Stores what waits, and seals it.
    fn flush(&mut self) -> Result<(), String> {
        let fail = |bad: docket_device::StoreError| bad.to_string();
        let sender = Sender { name: "sample", now_ms: FIRST_DAY_MS, vouch: false };
        let mut tx = self.store.begin().map_err(fail)?;
        for sheet in self.waiting.drain(..) {
            self.facts += sheet.arrival.facts.len() as u64;
            let doc = sheet.arrival.change.doc;
            let outcome = tx.ingest(&sender, sheet.arrival).map_err(fail)?;
            if outcome != Outcome::New {
                return Err(format!("document {doc} was not taken in: {outcome:?}"));
            }
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

/// Everybody's key follows from the seed.
fn key_of(seed: u64, what: &str, index: u64) -> SecretKey {
    let parts: [&[u8]; 3] = [&seed.to_be_bytes(), what.as_bytes(), &index.to_be_bytes()];
    SecretKey::from_seed(&digest::labelled("sample-key", &parts))
}
