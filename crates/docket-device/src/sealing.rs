//! Sealing what this device wrote: one signature over all of its unsealed tips, for a bundle or a push.

use std::collections::{BTreeMap, BTreeSet};

use docket_format::keys::SecretKey;
use docket_format::merkle::Leaf;
use docket_format::seal::Seal;
use docket_format::{DocId, Incarnation, limits};

use crate::error::StoreError;
use crate::store::{Tx, outbox};

/// Seals this device's unsealed tips, all or those in some documents, in the running transaction: what earlier lives
/// left behind in their names, and imported facts that it vouches for. `beacon` is the newest relay time that it holds.
/// Returns how many tips.
pub(crate) fn seal_own(
    tx: &mut Tx<'_>,
    key: &SecretKey,
    only: Option<&BTreeSet<DocId>>,
    beacon: Option<&[u8]>,
    wall_ms: i64,
) -> Result<u64, StoreError> {
    tx.flush()?;
    let (tenant, author) = (tx.tenant(), tx.author());
    let own = outbox::outbox(&tx.sql, author)?.tips.into_iter().map(|tip| (author.incarnation, tip));
    let all = outbox::left_behind(&tx.sql, author)?.into_iter().chain(own);
    let mut lives: BTreeMap<Incarnation, Vec<Leaf>> = BTreeMap::new();
    for (life, tip) in all.filter(|(_, tip)| only.is_none_or(|only| only.contains(&tip.doc))) {
        lives.entry(life).or_default().push(Leaf { doc: tip.doc, n: tip.n, fact: tip.fact });
    }
    let mut sealed = 0;
    for (life, leaves) in lives {
        for part in leaves.chunks(limits::SEAL_LEAVES) {
            let mut part = part.to_vec();
            let count = tx.next_seal_count(life)?;
            sealed += part.len() as u64;
            let beacon = beacon.map(<[u8]>::to_vec);
            if let Some(seal) = Seal::sign_after(key, tenant, life, count, wall_ms, beacon, &mut part) {
                tx.store_seal(&seal, &part)?;
            }
        }
    }
    Ok(sealed)
}
