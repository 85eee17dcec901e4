//! A page into the store: judged, then kept in one transaction together with its mark, so that whatever is cut or killed
//! costs at most one page. Nothing of a page is trusted: what no seal reaches goes to quarantine.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use docket_format::roster::Roster;
use docket_format::{ChangeHash, DocId, Fact, TenantId};
use docket_sync::judge::{self, Bad, Good, Judged};
use docket_sync::wire::{BadPage, Cursor, Page};

use crate::company;
use crate::error::StoreError;
use crate::store::{Outcome, RelayRow, Sender, Store, Tx};
use crate::taking::Taken;

/// What pages brought.
#[derive(Debug, Default)]
pub(super) struct Pulled {
    /// What became of their changes.
    pub taken: Taken,
    /// Seals that don't hold, and why.
    pub bad_seals: Vec<String>,
    /// Documents that got something new.
    pub changed: BTreeSet<DocId>,
    /// How many pages.
    pub pages: u64,
}

/// Judges pages one after another. It needs no store while it does, so it runs beside the storing.
pub(super) struct Judge {
    tenant: TenantId,
    /// The roster's facts that this device holds, and those of pages so far: each proves itself.
    facts: Arc<Vec<Fact>>,
    roster: Arc<Roster>,
}

/// A page whose seals and facts were checked.
pub(super) struct JudgedPage {
    good: Vec<Good>,
    bad: Vec<Bad>,
    changes: Vec<Judged>,
    /// The cursor to keep with it.
    pub(super) mark: Option<Cursor>,
}

impl JudgedPage {
    /// The documents in it.
    pub(super) fn docs(&self) -> impl Iterator<Item = DocId> {
        self.changes.iter().map(|one| one.arrival.change.doc)
    }
}

impl Judge {
    pub(super) fn new(store: &Store) -> Result<Self, StoreError> {
        let known = company::known_roster(store)?;
        Ok(Self { tenant: store.tenant(), facts: known.facts, roster: known.roster })
    }

    /// Reads and checks a page.
    pub(super) fn judge(&mut self, payload: &[u8]) -> Result<JudgedPage, BadPage> {
        let page = Page::decode(self.tenant, payload)?;
        let roster_doc = docket_format::roster::doc(self.tenant);
        let mut items = judge::whole(page.items);
        items.sort_by_key(|item| item.doc != roster_doc);
        let stated = judge::roster_facts(self.tenant, &items);
        if !stated.is_empty() {
            Arc::make_mut(&mut self.facts).extend(stated);
            self.roster = Arc::new(Roster::fold(self.tenant, &self.facts));
        }
        let (good, bad) = judge::seals(&page.seals, &self.roster, &items);
        let tips = judge::tips(&good);
        let changes = items.into_iter().flat_map(|item| judge::judge(item, &self.roster, &tips)).collect();
        Ok(JudgedPage { good, bad, changes, mark: page.mark })
    }
}

/// Puts a judged page into a transaction. `mark` is the cursor to keep with it, and the view that it belongs to.
pub(super) fn page(
    tx: &mut Tx<'_>,
    page: JudgedPage,
    mark: Option<(u64, Cursor)>,
    relay: &mut RelayRow,
    sender: &Sender<'_>,
    pulled: &mut Pulled,
) -> Result<(), StoreError> {
    for bad in &page.bad {
        let detail = bad.reason.to_string();
        tx.quarantine(sender, None, &bad.bytes, "bad-seal", &detail)?;
        pulled.bad_seals.push(detail);
    }
    take(tx, relay, sender, page.changes, pulled)?;
    keep_seals(tx, relay, &page.good)?;
    if let Some(mark) = mark {
        relay.cursor = Some(mark);
    }
    pulled.pages += 1;
    Ok(())
}

fn take(
    tx: &mut Tx<'_>,
    relay: &mut RelayRow,
    sender: &Sender<'_>,
    judged: Vec<Judged>,
    pulled: &mut Pulled,
) -> Result<(), StoreError> {
    let (before, _) = tx.newest_rows()?;
    let waiting = before > relay.pushed;
    let mut hashes: Vec<ChangeHash> = Vec::with_capacity(judged.len());
    let mut known: BTreeMap<DocId, BTreeSet<ChangeHash>> = BTreeMap::new();
    for one in judged {
        let (doc, hash) = (one.arrival.change.doc, one.arrival.change.hash);
        hashes.push(hash);
        match pulled.taken.take(tx, sender, one)? {
            Some(Outcome::New) => {
                pulled.changed.insert(doc);
            }
            Some(Outcome::Known) if waiting => {
                known.entry(doc).or_default().insert(hash);
            }
            _ => {}
        }
    }
    pulled.taken.settle(tx, sender)?;
    hashes.sort_unstable();
    tx.note_from_relay(before, &hashes)?;
    for (doc, hashes) in known {
        tx.note_known_at_relay(relay.pushed, doc, &hashes)?;
    }
    tx.settle_pushed(relay)
}

fn keep_seals(tx: &mut Tx<'_>, relay: &mut RelayRow, good: &[Good]) -> Result<(), StoreError> {
    let (_, before) = tx.newest_rows()?;
    for Good { seal, leaves, given, .. } in good {
        if leaves.is_empty() {
            continue; // it vouches for nothing here
        }
        tx.store_seal_part(seal, leaves)?;
        tx.store_seal_nodes(seal, given)?;
    }
    // Seals that wait to be pushed come first; what came behind them from the relay goes there once more.
    if relay.seals == before {
        relay.seals = tx.newest_rows()?.1;
    }
    Ok(())
}
