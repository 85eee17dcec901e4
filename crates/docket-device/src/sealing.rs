//! Sealing what this device wrote: one signature over all of its unsealed tips, for a bundle or a push.

use std::collections::{BTreeMap, BTreeSet};

use docket_format::fact::Origin;
use docket_format::keys::SecretKey;
use docket_format::merkle::Leaf;
use docket_format::seal::Seal;
use docket_format::{Author, DocId, Fact, FactId, Incarnation, limits};
use docket_sync::judge::cover;

use crate::error::StoreError;
use crate::store::{Store, Tx, outbox, read, seals};

/// Whether any of this device's tips in these documents is unsealed.
pub(crate) fn any_unsealed(store: &Store, docs: &BTreeSet<DocId>) -> Result<bool, StoreError> {
    if docs.is_empty() {
        return Ok(false);
    }
    let left = store.left_behind()?.into_iter().map(|(_, tip)| tip);
    Ok(store.outbox()?.tips.into_iter().chain(left).any(|tip| docs.contains(&tip.doc)))
}

/// Seals this device's unsealed tips in some documents, durably. Returns how many.
pub(crate) fn seal_in(
    store: &mut Store,
    key: &SecretKey,
    docs: &BTreeSet<DocId>,
    wall_ms: i64,
) -> Result<u64, StoreError> {
    let beacon = store.relay()?.and_then(|relay| relay.beacon);
    let mut tx = store.begin()?;
    let sealed = seal_own(&mut tx, key, Some(docs), beacon.as_deref(), wall_ms)?;
    tx.commit()?;
    Ok(sealed)
}

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
    let author = tx.author();
    let own = outbox::outbox(&tx.sql, author)?.tips.into_iter().map(|tip| (author.incarnation, tip));
    let all = outbox::left_behind(&tx.sql, author)?.into_iter().chain(own);
    let mut lives: BTreeMap<Incarnation, Vec<Leaf>> = BTreeMap::new();
    for (life, tip) in all.filter(|(_, tip)| only.is_none_or(|only| only.contains(&tip.doc))) {
        lives.entry(life).or_default().push(Leaf { doc: tip.doc, n: tip.n, fact: tip.fact });
    }
    sign(tx, key, lives, beacon, wall_ms)
}

/// Seals what this device wrote in a document and no seal reaches: ends of chains that stand behind another one of the
/// same life. A folder that was put back gives numbers out again; what it wrote before comes back and hides them.
pub(crate) fn seal_unreached(
    tx: &mut Tx<'_>,
    key: &SecretKey,
    doc: DocId,
    beacon: Option<&[u8]>,
    wall_ms: i64,
) -> Result<u64, StoreError> {
    tx.flush()?;
    let Some(row) = read::row_of(&tx.sql, doc)? else { return Ok(0) };
    let facts = read::facts(&tx.sql, doc, row)?;
    let facts: BTreeMap<FactId, &Fact> = facts.iter().map(|fact| (fact.id, fact)).collect();
    let mut reached = BTreeSet::new();
    for voucher in seals::vouchers(&tx.sql, doc)? {
        cover(&facts, voucher.author, &voucher.placed.leaf, &mut reached);
    }
    let device = tx.author().device;
    let mut lives: BTreeMap<Incarnation, Vec<Leaf>> = BTreeMap::new();
    // The highest numbers first: each end is met before what it follows.
    let mut own: Vec<(Author, u64, FactId)> = facts.values().filter_map(|fact| numbered(fact)).collect();
    own.sort_unstable_by_key(|(_, n, _)| core::cmp::Reverse(*n));
    for (author, n, fact) in own.into_iter().filter(|(author, ..)| author.device == device) {
        let leaf = Leaf { doc, n, fact };
        if !reached.contains(&fact) && cover(&facts, author, &leaf, &mut reached) {
            lives.entry(author.incarnation).or_default().push(leaf);
        }
    }
    sign(tx, key, lives, beacon, wall_ms)
}

fn numbered(fact: &Fact) -> Option<(Author, u64, FactId)> {
    match fact.header.origin {
        Origin::Device { author, n, .. } => Some((author, n, fact.id)),
        Origin::Import { .. } => None,
    }
}

fn sign(
    tx: &mut Tx<'_>,
    key: &SecretKey,
    lives: BTreeMap<Incarnation, Vec<Leaf>>,
    beacon: Option<&[u8]>,
    wall_ms: i64,
) -> Result<u64, StoreError> {
    let tenant = tx.tenant();
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
