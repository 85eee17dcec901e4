//! What an exchange begins with: whether anything is to be pushed, sealed, planned, and under which lease.

use docket_format::fact::Stamp;
use docket_format::keys::SecretKey;
use docket_sync::wire::{Anchor, Epoch, Lease};

use super::job::Job;
use super::lease;
use super::push::Plan;
use crate::error::StoreError;
use crate::sealing;
use crate::store::{RelayRow, Store};

/// The anchor of no log: whatever relay is shown it asks for a comparison.
pub(super) const NO_LOG: (Epoch, Anchor) = ([0; 16], Anchor { pos: 0, digest: [0; 32] });

/// Up to which row seals need not be offered to this log. A comparison shows which changes differ but not which seals: to
/// a log that isn't the known one all are offered once more. That others took them stays known: a new life must not
/// forget those.
fn offered(relay: &RelayRow) -> i64 {
    if relay.anchor == Some(NO_LOG) { 0 } else { relay.seals }
}

/// What an exchange pushes.
pub(super) struct Push {
    pub plan: Plan,
    /// Up to which rows of changes and seals.
    pub rows: (i64, i64),
    pub lease: Lease,
}

/// Seals what is not sealed and plans the push; `None` when nothing goes out. A seal of which no leaf is here, say, shows
/// the relay nothing: without a page there is no lease to use and no receipt.
pub(super) fn push(
    store: &mut Store,
    relay: &mut RelayRow,
    stored: &mut RelayRow,
    job: &Job,
    signer: &SecretKey,
    now: &Stamp,
) -> Result<Option<Push>, StoreError> {
    if job.whole.is_empty() && job.seal.is_empty() && !anything(store, relay)? {
        return Ok(None);
    }
    let mut tx = store.begin()?;
    let mut sealed = sealing::seal_own(&mut tx, signer, None, relay.beacon.as_deref(), now.wall_ms)?;
    for doc in &job.seal {
        sealed += sealing::seal_unreached(&mut tx, signer, *doc, relay.beacon.as_deref(), now.wall_ms)?;
    }
    let rows = tx.newest_rows()?;
    let (lease, new) = lease::show(relay)?;
    if sealed > 0 || new {
        tx.put_relay(relay)?;
        tx.commit()?;
        stored.clone_from(relay);
    } else {
        drop(tx);
    }
    let plan = Plan::make(store, (relay.pushed, offered(relay)), rows, &job.whole)?;
    Ok((!plan.is_empty()).then_some(Push { plan, rows, lease }))
}

/// Whether anything waits to be pushed.
fn anything(store: &Store, relay: &RelayRow) -> Result<bool, StoreError> {
    let (change, seal) = store.newest_rows()?;
    if seal > offered(relay) || change > relay.pushed && store.any_waiting()? {
        return Ok(true);
    }
    Ok(!store.outbox()?.tips.is_empty() || !store.left_behind()?.is_empty())
}
