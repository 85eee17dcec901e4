//! Bundles that no honest device makes: any change, any seal that a key can sign, any claim about what is held.
#![allow(clippy::unwrap_used, reason = "a test's helpers fail by panicking, as its tests do")]

use super::{job, technician};
use crate::peers::{Device, now, office};
use docket_device::Store;
use docket_format::bundle::{Bundle, Header, Held, Item, LeafRef, SealEntry, Writer};
use docket_format::change::{Carrier, NewChange, Parsed, build, build_import, preflight};
use docket_format::fact::Origin;
use docket_format::keys::SecretKey;
use docket_format::merkle::Leaf;
use docket_format::seal::Seal;
use docket_format::{Author, ChangeHash, DocId, Fact, FactHeader, FactId, Incarnation};
use serde_json::Value;

/// What a hostile device writes by hand.
pub(super) struct Forge {
    pub(super) key: SecretKey,
    pub(super) from: Author,
    pub(super) authors: Vec<Author>,
    pub(super) seals: Vec<SealEntry>,
    pub(super) items: Vec<Item>,
    pub(super) held: Vec<Held>,
}

impl Forge {
    pub(super) fn of(device: &Device) -> Self {
        Self::with(device.key(), device.store.author())
    }

    pub(super) fn with(key: SecretKey, from: Author) -> Self {
        Self { key, from, authors: vec![from], seals: vec![], items: vec![], held: vec![] }
    }

    /// A fact of this device, whatever its number.
    pub(super) fn fact(&self, doc: DocId, n: u64, prev: Option<FactId>, kind: &str, body: Value) -> (FactId, String) {
        let origin = Origin::Device { author: self.from, n, prev, at: now() };
        let Value::Object(body) = body else { unreachable!() };
        let (fact, text) = Fact::write(doc, FactHeader { kind: kind.into(), origin }, body).unwrap();
        (fact.id, text)
    }

    pub(super) fn item(&mut self, doc: DocId) -> &mut Item {
        if self.items.last().is_none_or(|item| item.doc != doc) {
            self.items.push(Item { doc, changes: vec![], leaves: vec![] });
        }
        self.items.last_mut().unwrap()
    }

    pub(super) fn change(
        &mut self,
        doc: DocId,
        carrier: Author,
        (seq, start_op): (u64, u64),
        deps: &[ChangeHash],
        facts: &[(FactId, String)],
    ) -> ChangeHash {
        if !self.authors.contains(&carrier) {
            self.authors.push(carrier);
        }
        let change = change(doc, Carrier::Device(carrier), (seq, start_op), deps, facts);
        let hash = change.hash;
        self.item(doc).changes.push((Carrier::Device(carrier), change));
        hash
    }

    /// Copies of honest changes.
    pub(super) fn copy(&mut self, store: &Store, doc: DocId, only: impl Fn(usize) -> bool) {
        for (place, row) in store.changes(doc).unwrap().into_iter().enumerate() {
            if !only(place) {
                continue;
            }
            if let Carrier::Device(author) = row.carrier
                && !self.authors.contains(&author)
            {
                self.authors.push(author);
            }
            let change = preflight(doc, row.carrier, &row.build().unwrap().bytes).unwrap();
            self.item(doc).changes.push((row.carrier, change));
        }
    }

    /// A seal of this device over leaves of its choice, all of them shown.
    pub(super) fn seal(&mut self, count: u64, leaves: &[Leaf]) {
        self.seal_as(self.from.incarnation, count, leaves);
    }

    pub(super) fn seal_as(&mut self, life: Incarnation, count: u64, leaves: &[Leaf]) {
        let mut leaves = leaves.to_vec();
        let tenant = Self::tenant();
        let seal = Seal::sign(&self.key, tenant, life, count, 7, &mut leaves).unwrap();
        let place = self.seals.len() as u32;
        self.seals.push(SealEntry { seal: seal.raw().clone(), complete: true });
        for (index, leaf) in leaves.into_iter().enumerate() {
            let leaf = LeafRef { seal: place, index: index as u64, leaf, proof: vec![] };
            self.item(leaf.leaf.doc).leaves.push(leaf);
        }
    }

    /// The seals that a bundle of somebody else brought over a document, copied.
    pub(super) fn seals_of(&mut self, bytes: &[u8], docs: &[DocId]) {
        let bundle = Bundle::open(bytes, None).unwrap();
        let base = self.seals.len() as u32;
        self.seals.extend(bundle.seals().iter().cloned());
        for item in bundle.chunks().flat_map(Result::unwrap) {
            if docs.contains(&item.doc) || !item.leaves.is_empty() {
                let leaves = item.leaves.into_iter().map(|leaf| LeafRef { seal: base + leaf.seal, ..leaf });
                let leaves: Vec<LeafRef> = leaves.collect();
                self.item(item.doc).leaves.extend(leaves);
            }
        }
    }

    pub(super) fn tenant() -> docket_format::TenantId {
        TENANT.with(|tenant| tenant.get().unwrap())
    }

    pub(super) fn bytes(self) -> Vec<u8> {
        let header = Header {
            tenant: Self::tenant(),
            from: self.from,
            key: self.key.public(),
            to: None,
            made_ms: 0,
            authors: self.authors.clone(),
            held: self.held.clone(),
            documents: 77,
            changes: 77,
        };
        let mut writer = Writer::new(&header, &self.seals, 3).unwrap();
        for items in self.items.chunks(1) {
            writer.chunk(items).unwrap();
        }
        writer.finish(&self.key)
    }
}

thread_local! {
    static TENANT: std::cell::Cell<Option<docket_format::TenantId>> = const { std::cell::Cell::new(None) };
}

pub(super) fn setting() -> (Device, Device, Device, DocId) {
    let mut office = office();
    TENANT.with(|tenant| tenant.set(Some(office.store.tenant())));
    let mut victim = technician(&mut office, "T-1");
    let mut mallory = technician(&mut office, "T-666");
    let doc = job(&mut office);
    let given = office.export();
    victim.import(&given);
    mallory.import(&given);
    (office, victim, mallory, doc)
}

pub(super) fn change(
    doc: DocId,
    carrier: Carrier,
    (seq, start_op): (u64, u64),
    deps: &[ChangeHash],
    facts: &[(FactId, String)],
) -> Parsed {
    let facts: Vec<(FactId, &str)> = facts.iter().map(|(key, text)| (*key, text.as_str())).collect();
    let built = match carrier {
        Carrier::Import => build_import(doc, &facts).unwrap(),
        Carrier::Device(_) => build(&NewChange { doc, carrier, seq, start_op, deps, time: 0, facts: &facts }).unwrap(),
    };
    preflight(doc, carrier, &built.bytes).unwrap()
}

pub(super) fn texts(store: &Store, doc: DocId, facts: &[FactId]) -> Vec<(FactId, String)> {
    facts.iter().map(|fact| (*fact, store.fact_text(doc, *fact).unwrap().unwrap())).collect()
}

pub(super) fn leaf(doc: DocId, n: u64, fact: FactId) -> Leaf {
    Leaf { doc, n, fact }
}
