//! A page into the store: judged, then kept in one transaction together with its mark, so that whatever is cut or killed
//! costs at most one page. Nothing of a page is trusted: what no seal reaches goes to quarantine.

use docket_format::roster::Roster;
use docket_format::{ChangeHash, DocId};
use docket_sync::judge::{self, Good, Judged};
use docket_sync::wire::{Cursor, Page};

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
    pub changed: std::collections::BTreeSet<DocId>,
    /// How many pages.
    pub pages: u64,
}

/// Takes a page in. `roster` is kept from page to page and made anew when one brings roster facts. `mark` is the cursor
/// to keep with it.
pub(super) fn page(
    store: &mut Store,
    roster: &mut Option<Roster>,
    page: Page,
    mark: Option<(u64, Cursor)>,
    relay: &mut RelayRow,
    sender: &Sender<'_>,
    pulled: &mut Pulled,
) -> Result<(), StoreError> {
    let roster_doc = store.roster_doc();
    let mut items = judge::whole(page.items);
    items.sort_by_key(|item| item.doc != roster_doc);
    if roster.is_none() || items.iter().any(|item| item.doc == roster_doc) {
        let mut facts = store.facts(roster_doc)?;
        facts.extend(judge::roster_facts(store.tenant(), &items));
        *roster = Some(Roster::fold(store.tenant(), &facts));
    }
    let Some(roster) = roster.as_ref() else { return Ok(()) };
    let (good, bad) = judge::seals(&page.seals, roster, &items);
    let tips = judge::tips(&good);
    let judged: Vec<Judged> = items.into_iter().flat_map(|item| judge::judge(item, roster, &tips)).collect();

    let mut tx = store.begin()?;
    for bad in &bad {
        let detail = bad.reason.to_string();
        tx.quarantine(sender, None, &bad.bytes, "bad-seal", &detail)?;
        pulled.bad_seals.push(detail);
    }
    take(&mut tx, relay, sender, judged, pulled)?;
    keep_seals(&mut tx, relay, &good)?;
    if let Some(mark) = mark {
        relay.cursor = Some(mark);
    }
    tx.put_relay(relay)?;
    tx.commit()?;
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
    let mut known: Vec<(DocId, ChangeHash)> = Vec::new();
    for one in judged {
        let (doc, hash) = (one.arrival.change.doc, one.arrival.change.hash);
        hashes.push(hash);
        match pulled.taken.take(tx, sender, one)? {
            Some(Outcome::New) => {
                pulled.changed.insert(doc);
            }
            Some(Outcome::Known) if waiting => known.push((doc, hash)),
            _ => {}
        }
    }
    pulled.taken.settle(tx, sender)?;
    hashes.sort_unstable();
    tx.note_from_relay(before, &hashes)?;
    for (doc, hash) in known {
        tx.note_known_at_relay(relay.pushed, doc, hash)?;
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
