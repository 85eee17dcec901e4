//! The relay's receipts for what this device pushed: evidence that records were there by the relay's time.

use docket_format::ChangeHash;
use docket_format::keys::{PublicKey, Signature};
use docket_sync::wire::{Anchor, Epoch, Reply};
use rusqlite::params;

use super::{Store, Tx};
use crate::error::StoreError;

/// A receipt, as the relay signed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptReceipt {
    /// The relay's key.
    pub relay: PublicKey,
    /// Which log.
    pub epoch: Epoch,
    /// Its head after the exchange.
    pub head: Anchor,
    /// The relay's time, milliseconds since 1970.
    pub relay_ms: i64,
    /// The changes taken, sorted.
    pub accepted: Vec<ChangeHash>,
    /// The relay's signature.
    pub signature: Signature,
}

impl Tx<'_> {
    /// Keeps a reply's receipt, which was checked. One over nothing proves nothing.
    pub(crate) fn keep_receipt(
        &mut self,
        relay: &PublicKey,
        reply: &Reply,
        accepted: &[ChangeHash],
    ) -> Result<(), StoreError> {
        let Some(signature) = reply.receipt.filter(|_| !accepted.is_empty()) else { return Ok(()) };
        let accepted: Vec<u8> = accepted.iter().flat_map(|hash| *hash.as_bytes()).collect();
        self.sql
            .prepare_cached(
                "INSERT INTO receipt(relay, epoch, pos, digest, relay_ms, accepted, signature)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![
                relay.as_bytes(),
                reply.epoch,
                reply.head.pos as i64,
                reply.head.digest,
                reply.relay_ms,
                accepted,
                signature.as_bytes()
            ])?;
        Ok(())
    }
}

impl Store {
    /// Every receipt kept, in the order they came.
    pub fn receipts(&self) -> Result<Vec<KeptReceipt>, StoreError> {
        self.sql(|sql| {
            let mut statement = sql.prepare_cached(
                "SELECT relay, epoch, pos, digest, relay_ms, accepted, signature FROM receipt ORDER BY id",
            )?;
            let mut rows = statement.query([])?;
            let mut receipts = Vec::new();
            while let Some(row) = rows.next()? {
                let (accepted, signature): (Vec<u8>, Vec<u8>) = (row.get(5)?, row.get(6)?);
                let signature = Signature::from_slice(&signature);
                receipts.push(KeptReceipt {
                    relay: PublicKey::from_bytes(row.get(0)?),
                    epoch: row.get(1)?,
                    head: Anchor { pos: row.get::<_, i64>(2)? as u64, digest: row.get(3)? },
                    relay_ms: row.get(4)?,
                    accepted: accepted.chunks_exact(ChangeHash::LEN).filter_map(ChangeHash::from_slice).collect(),
                    signature: signature.ok_or_else(|| StoreError::corrupt("a receipt without signature"))?,
                });
            }
            Ok(receipts)
        })
    }
}
