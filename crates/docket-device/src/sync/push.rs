//! What a push carries: everything above `relay.pushed` that the relay is not known to hold, in pages that are complete
//! in themselves, each fact with what vouches for it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use docket_format::bundle::{Item, LeafRef, item_bytes, join_items};
use docket_format::change::Carrier;
use docket_format::roster::{self, Roster};
use docket_format::{Author, ChangeHash, DocId, Fact, FactId, limits};
use docket_sync::Prover;
use docket_sync::judge::{self, Shown};
use docket_sync::wire::PageParts;

use crate::bundle;
use crate::error::StoreError;
use crate::store::{ChangeRow, RelayRow, Store, Voucher};

/// Bytes of items, about, at which a page is closed.
const PAGE_BYTES: usize = 512 * 1024;
/// Most bytes of items in a page, with room for what [`bundle::change_weight`] does not see.
const MOST_BYTES: usize = limits::CHUNK_BYTES / 2;
/// zstd's level for pages.
const LEVEL: i32 = 3;

/// What is to be pushed.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// Changes up to this row.
    pub to: i64,
    /// Documents with new changes, in the order of [`Store::line`].
    docs: VecDeque<DocId>,
    /// Documents that go whole.
    whole: BTreeSet<DocId>,
    /// Leaves that are new, by document.
    leaves: BTreeMap<DocId, Vec<Voucher>>,
}

impl Plan {
    /// Decides what is pushed: what waits in rows of changes and seals above the first pair up to the second, and some
    /// documents whole.
    pub(super) fn make(
        store: &Store,
        (pushed, seals): (i64, i64),
        (to, seals_to): (i64, i64),
        whole: &BTreeSet<DocId>,
    ) -> Result<Self, StoreError> {
        let mut leaves: BTreeMap<DocId, Vec<Voucher>> = BTreeMap::new();
        for voucher in store.new_leaves(seals, seals_to)? {
            leaves.entry(voucher.placed.leaf.doc).or_default().push(voucher);
        }
        let waiting = store.waiting_docs(pushed, to)?.into_iter();
        let all: BTreeSet<DocId> = waiting.chain(whole.iter().copied()).chain(leaves.keys().copied()).collect();
        let mut docs: Vec<DocId> = all.into_iter().collect();
        if docs.len() > 1 {
            let place = store.line()?;
            docs.sort_unstable_by_key(|doc| place(*doc));
        }
        Ok(Self { to, docs: docs.into(), whole: whole.clone(), leaves })
    }

    /// How many documents are in it.
    pub(super) fn documents(&self) -> u64 {
        self.docs.len() as u64
    }

    pub(super) fn is_empty(&self) -> bool {
        self.docs.is_empty()
    }
}

/// Makes a push's pages, one after the other.
pub(super) struct Pages<'s> {
    store: &'s Store,
    roster: Option<Arc<Roster>>,
    pushed: i64,
    plan: Plan,
    prover: Prover<i64>,
    next: Option<Part>,
    /// What was put into pages so far.
    pub sent: BTreeMap<DocId, Vec<ChangeHash>>,
    /// Documents that are done.
    pub done: u64,
}

/// A document's share of a push.
struct Part {
    doc: DocId,
    changes: Vec<ChangeRow>,
    vouchers: Vec<Voucher>,
    weight: usize,
}

impl<'s> Pages<'s> {
    pub(super) fn new(store: &'s Store, relay: &RelayRow, plan: Plan) -> Self {
        let (prover, sent) = (Prover::default(), BTreeMap::new());
        Self { store, roster: None, pushed: relay.pushed, plan, prover, next: None, sent, done: 0 }
    }

    /// The next page's bytes; `None` when everything is in pages.
    pub(super) fn next_page(&mut self) -> Result<Option<Vec<u8>>, StoreError> {
        let (mut parts, mut weight) = (Vec::new(), 0);
        loop {
            let part = match self.next.take() {
                Some(part) => part,
                None => match self.plan.docs.pop_front() {
                    Some(doc) => self.part(doc)?,
                    None => break,
                },
            };
            if weight > 0 && weight + part.weight > PAGE_BYTES {
                self.next = Some(part);
                break;
            }
            let (part, rest) = split(part);
            self.next = rest;
            weight += part.weight;
            parts.push(part);
        }
        if parts.is_empty() { Ok(None) } else { self.page(parts).map(Some) }
    }

    fn part(&mut self, doc: DocId) -> Result<Part, StoreError> {
        self.done += 1;
        let fresh = self.plan.leaves.remove(&doc).unwrap_or_default();
        let (changes, mut vouchers) = if self.plan.whole.contains(&doc) {
            self.whole(doc)?
        } else {
            let changes = self.store.changes_between(doc, self.pushed, self.plan.to, true)?;
            match self.covering(doc, &changes)? {
                Some(vouchers) => (changes, vouchers),
                // What vouches for these facts stands above them in changes that the relay holds already.
                None => self.whole(doc)?,
            }
        };
        for voucher in fresh {
            if !vouchers.iter().any(|one| (one.row, one.placed.pos) == (voucher.row, voucher.placed.pos)) {
                vouchers.push(voucher);
            }
        }
        let weight =
            changes.iter().map(weight_of).sum::<usize>() + vouchers.len() * bundle::LEAF_WEIGHT + bundle::ITEM_WEIGHT;
        self.sent.entry(doc).or_default().extend(changes.iter().map(|change| change.hash));
        Ok(Part { doc, changes, vouchers, weight })
    }

    fn whole(&mut self, doc: DocId) -> Result<(Vec<ChangeRow>, Vec<Voucher>), StoreError> {
        let changes = self.store.changes_between(doc, 0, self.plan.to, false)?;
        let roster = match self.roster.take() {
            Some(roster) => roster,
            None => crate::company::roster(self.store)?,
        };
        Ok((changes, bundle::needed(self.store, self.roster.insert(roster), doc)?))
    }

    /// The leaves that vouch for every fact of these changes, walking `prev` within them; `None` if some fact isn't
    /// reached.
    fn covering(&self, doc: DocId, changes: &[ChangeRow]) -> Result<Option<Vec<Voucher>>, StoreError> {
        let texts = changes.iter().flat_map(|change| &change.facts);
        let facts: Vec<Fact> = texts.filter_map(|(key, text)| Fact::read(doc, *key, text.as_bytes()).ok()).collect();
        let facts: BTreeMap<FactId, &Fact> = facts.iter().map(|fact| (fact.id, fact)).collect();
        let mut vouchers = self.store.vouchers(doc)?;
        vouchers.sort_by_key(|voucher| core::cmp::Reverse((voucher.placed.leaf.n, voucher.count, voucher.row)));
        let mut covered = BTreeSet::new();
        vouchers.retain(|voucher| judge::cover(&facts, voucher.author, &voucher.placed.leaf, &mut covered));
        let own = doc == self.store.roster_doc();
        let fine = |fact: &Fact| covered.contains(&fact.id) || own && roster::is_kind(fact.kind());
        Ok(facts.values().all(|fact| fine(fact)).then_some(vouchers))
    }

    fn page(&mut self, parts: Vec<Part>) -> Result<Vec<u8>, StoreError> {
        let tenant = self.store.tenant();
        let mut authors: BTreeMap<Author, u32> = BTreeMap::new();
        let mut picked: BTreeMap<i64, BTreeSet<u64>> = BTreeMap::new();
        for part in &parts {
            for change in &part.changes {
                if let Carrier::Device(author) = change.carrier {
                    let next = authors.len() as u32;
                    authors.entry(author).or_insert(next);
                }
            }
            for voucher in &part.vouchers {
                picked.entry(voucher.row).or_default().insert(voucher.placed.pos);
            }
        }
        let (mut seals, mut numbers) = (Vec::new(), BTreeMap::new());
        for (row, places) in picked {
            let places: Vec<u64> = places.into_iter().collect();
            if let Some(shown) = self.shown(row, &places, seals.len() as u32)? {
                numbers.insert(row, shown.number);
                seals.push(shown);
            }
        }
        let items = parts.into_iter().map(|part| item_bytes(tenant, &authors, &item(part, &numbers)));
        let items: Vec<Vec<u8>> = items.collect();
        let items = join_items(items.iter().map(Vec::as_slice));
        let page = PageParts { authors: &authors, seals: &seals, items: &items, mark: None, level: LEVEL }.encode();
        page.map_err(|bad| StoreError::corrupt(format!("a page that can't be sent: {bad}")))
    }

    /// A seal with the proof of the leaves at these places; `None` for one that nothing here proves.
    fn shown(&mut self, row: i64, places: &[u64], number: u32) -> Result<Option<Shown>, StoreError> {
        let seal = self.store.seal(row)?;
        let Ok(body) = seal.claims() else { return Ok(None) };
        let known = || self.store.known_of(row, body.leaves);
        let proof = self.prover.prove(row, body.leaves, places, known)?;
        Ok(proof.map(|proof| Shown { number, seal, proof }))
    }
}

fn weight_of(change: &ChangeRow) -> usize {
    bundle::change_weight(&change.deps, &change.facts)
}

/// A document too large for one page goes in several; each brings all that vouches for it.
fn split(part: Part) -> (Part, Option<Part>) {
    if part.weight <= MOST_BYTES || part.changes.len() < 2 {
        return (part, None);
    }
    let leaves = part.vouchers.len() * bundle::LEAF_WEIGHT;
    let mut size = leaves;
    let fit = part.changes.iter().take_while(|change| {
        size += weight_of(change);
        size <= MOST_BYTES
    });
    let fit = fit.count().max(1);
    let Part { doc, mut changes, vouchers, weight } = part;
    let rest = changes.split_off(fit);
    let first: usize = changes.iter().map(weight_of).sum();
    let after = Part { doc, changes: rest, vouchers: vouchers.clone(), weight: weight.saturating_sub(first) };
    (Part { doc, changes, vouchers, weight: first + leaves }, Some(after))
}

fn item(part: Part, numbers: &BTreeMap<i64, u32>) -> Item {
    let leaf = |voucher: Voucher| {
        let (index, leaf) = (voucher.placed.pos, voucher.placed.leaf);
        Some(LeafRef { seal: *numbers.get(&voucher.row)?, index, leaf, proof: Vec::new() })
    };
    let changes = part.changes.iter().map(|row| bundle::parsed(part.doc, row)).collect();
    Item { doc: part.doc, changes, leaves: part.vouchers.into_iter().filter_map(leaf).collect() }
}

/// The roster's pages: for a relay that does not know this device yet, or is new.
pub(super) fn roster_pages(store: &Store) -> Result<Vec<Vec<u8>>, StoreError> {
    let (to, _) = store.newest_rows()?;
    let doc = store.roster_doc();
    let plan = Plan { to, docs: VecDeque::from([doc]), whole: BTreeSet::from([doc]), ..Plan::default() };
    let mut pages = Pages::new(store, &RelayRow::default(), plan);
    let mut all = Vec::new();
    while let Some(page) = pages.next_page()? {
        all.push(page);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Draft;
    use crate::store::testing;
    use serde_json::json;

    #[test]
    fn what_jobs_are_judged_by_goes_before_them() {
        let (_dir, mut store) = testing::store();
        let mut kinds = BTreeMap::new();
        for kind in ["job", "outlet", "customer", "technician", "job", "policy", "job"] {
            let (doc, _) = store.create_doc(&[Draft::new("created", json!({ "dk": kind }))], &testing::at()).unwrap();
            kinds.insert(doc, kind);
        }
        let newest = store.newest_rows().unwrap();
        let plan = Plan::make(&store, (0, 0), newest, &BTreeSet::new()).unwrap();
        let sent: Vec<&str> = plan.docs.iter().map(|doc| kinds[doc]).collect();
        assert_eq!(sent[..3], ["policy", "technician", "outlet"]);
        let rest: Vec<DocId> = plan.docs.iter().skip(3).copied().collect();
        assert!(rest.is_sorted() && rest.len() == 4, "{sent:?}");
    }
}
