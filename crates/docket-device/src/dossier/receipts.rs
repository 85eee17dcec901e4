//! The relay's receipts in an evidence pack: which changes of the record were at the relay, by the relay's own time.

use std::collections::{BTreeMap, BTreeSet};

use docket_format::keys::{PublicKey, Signature};
use docket_format::roster::Roster;
use docket_format::{ChangeHash, DeviceId, DocId, TenantId, crockford};
use docket_sync::wire::{Anchor, Receipt, accepted_digest};
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::store::{KeptReceipt, Store};

/// A receipt as the file has it: ids and keys as text, binary parts in Crockford base 32.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Written {
    relay: String,
    device: String,
    epoch: String,
    pos: u64,
    digest: String,
    relay_ms: i64,
    accepted: Vec<String>,
    signature: String,
}

/// The receipts that cover a change of these documents, as JSON.
pub(super) fn write(store: &Store, docs: &BTreeSet<DocId>) -> Result<Vec<u8>, StoreError> {
    let mut changes: BTreeSet<ChangeHash> = BTreeSet::new();
    for doc in docs {
        changes.extend(store.changes(*doc)?.iter().map(|change| change.hash));
    }
    let device = store.device();
    let about = |receipt: &KeptReceipt| receipt.accepted.iter().any(|hash| changes.contains(hash));
    let written: Vec<Written> =
        store.receipts()?.into_iter().filter(about).map(|kept| written(device, &kept)).collect();
    let mut text = serde_json::to_vec_pretty(&written).map_err(|error| StoreError::corrupt(error.to_string()))?;
    text.push(b'\n');
    Ok(text)
}

fn written(device: DeviceId, kept: &KeptReceipt) -> Written {
    Written {
        relay: kept.relay.to_string(),
        device: device.to_string(),
        epoch: crockford::encode(&kept.epoch),
        pos: kept.head.pos,
        digest: crockford::encode(&kept.head.digest),
        relay_ms: kept.relay_ms,
        accepted: kept.accepted.iter().map(ToString::to_string).collect(),
        signature: kept.signature.to_text(),
    }
}

/// What the receipts prove.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Received {
    /// Changes for which a relay that the roster names gave a receipt.
    pub certified: u64,
    /// Changes for which only another relay did: its word is worth what its operator's is.
    pub others: u64,
    /// Changes in the record.
    pub changes: u64,
    /// The relay's latest time in any of these receipts, milliseconds since 1970: the record of these changes is no
    /// younger.
    pub until_ms: Option<i64>,
}

/// Checks the receipts; the errors say which is wrong. `changes` are those of the record.
pub(super) fn check(
    text: &[u8],
    tenant: TenantId,
    roster: &Roster,
    changes: &BTreeSet<ChangeHash>,
) -> Result<Received, String> {
    let all: Vec<Written> = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    // Whether the best receipt for a change is by a relay that the roster names.
    let mut found: BTreeMap<ChangeHash, bool> = BTreeMap::new();
    let mut until_ms: Option<i64> = None;
    for (index, written) in all.iter().enumerate() {
        let (relay, accepted) =
            verified(written, tenant).ok_or_else(|| format!("receipt {index} is not signed by its relay"))?;
        let certified = roster.relays().any(|key| *key == relay);
        for hash in accepted.into_iter().filter(|hash| changes.contains(hash)) {
            *found.entry(hash).or_default() |= certified;
            until_ms = until_ms.max(Some(written.relay_ms));
        }
    }
    let certified = found.values().filter(|certified| **certified).count() as u64;
    Ok(Received { certified, others: found.len() as u64 - certified, changes: changes.len() as u64, until_ms })
}

fn verified(written: &Written, tenant: TenantId) -> Option<(PublicKey, Vec<ChangeHash>)> {
    let relay: PublicKey = written.relay.parse().ok()?;
    let accepted: Vec<ChangeHash> = written.accepted.iter().map(|hash| hash.parse().ok()).collect::<Option<_>>()?;
    let digest = accepted_digest(accepted.clone());
    let receipt = Receipt {
        tenant,
        device: written.device.parse().ok()?,
        epoch: crockford::decode_strict(&written.epoch)?,
        head: Anchor { pos: written.pos, digest: crockford::decode_strict(&written.digest)? },
        relay_ms: written.relay_ms,
        accepted: &digest,
    };
    receipt.verify(&relay, &Signature::from_text(&written.signature)?).ok()?;
    Some((relay, accepted))
}
