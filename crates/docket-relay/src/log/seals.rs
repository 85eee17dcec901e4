//! Seals, which of their leaves entries hold, and what is known of their trees.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use docket_format::keys::Signature;
use docket_format::merkle::{Known, Node, Span};
use docket_format::seal::{Seal, VerifiedSeal};
use docket_sync::relay::Log as _;
use rusqlite::OptionalExtension as _;

use super::{LogError, SqliteLog, pack};

/// Leaves in one row of `seal_shown`.
const BLOCK: u64 = 2_048;

impl SqliteLog {
    pub(super) fn keep_seal(&mut self, seal: &VerifiedSeal) -> Result<u32, LogError> {
        let id = seal.id();
        let mut query = self.conn.prepare_cached("SELECT number FROM seal WHERE id = ?1")?;
        if let Some(number) = query.query_row([id.as_bytes()], |row| row.get(0)).optional()? {
            return Ok(number);
        }
        drop(query);
        let author = self.author_number(seal.body().author)?;
        let count = seal.body().count.min(i64::MAX as u64);
        let mut query = self
            .conn
            .prepare_cached("INSERT INTO seal (id, author, count, body, signature) VALUES (?1, ?2, ?3, ?4, ?5)")?;
        let raw = seal.raw();
        query.execute((id.as_bytes(), author, count, raw.body_bytes(), raw.signature().as_bytes()))?;
        u32::try_from(self.conn.last_insert_rowid()).map_err(|_| LogError::Corrupt("seal numbers have run out"))
    }

    pub(super) fn seal_of(&self, number: u32) -> Result<Option<Seal>, LogError> {
        let mut query = self.conn.prepare_cached("SELECT body, signature FROM seal WHERE number = ?1")?;
        let found: Option<(Vec<u8>, Vec<u8>)> =
            query.query_row([number], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        found
            .map(|(body, signature)| {
                let signature = Signature::from_slice(&signature).ok_or(LogError::Corrupt("a seal's signature"))?;
                Ok(Seal::from_parts(body, signature))
            })
            .transpose()
    }

    pub(super) fn held_leaves(&self, seal: u32, places: &[u64]) -> Result<Vec<bool>, LogError> {
        let mut blocks: BTreeMap<u64, Vec<u8>> = BTreeMap::new();
        let held = places.iter().map(|place| Ok(is_set(self.block(&mut blocks, seal, place / BLOCK)?, place % BLOCK)));
        held.collect()
    }

    pub(super) fn keep_nodes(
        &mut self,
        seal: u32,
        leaves: &[(u64, Node)],
        given: &[(Span, Node)],
    ) -> Result<(), LogError> {
        let mut blocks: BTreeMap<u64, Vec<u8>> = BTreeMap::new();
        for (place, _) in leaves {
            set(self.block(&mut blocks, seal, place / BLOCK)?, place % BLOCK);
        }
        let mut query = self.conn.prepare_cached(
            "INSERT INTO seal_shown (seal, block, bits) VALUES (?1, ?2, ?3)
             ON CONFLICT (seal, block) DO UPDATE SET bits = excluded.bits",
        )?;
        for (block, bits) in &blocks {
            query.execute((seal, block, bits))?;
        }
        let leaves = leaves.iter().map(|(place, node)| (Span { first: *place, len: 1 }, node));
        let nodes = pack::nodes(leaves.chain(given.iter().map(|(span, node)| (*span, node))));
        self.conn.prepare_cached("INSERT INTO seal_part (seal, nodes) VALUES (?1, ?2)")?.execute((seal, nodes))?;
        Ok(())
    }

    /// A block of a seal's bits, read when it is asked for first.
    fn block<'b>(
        &self,
        blocks: &'b mut BTreeMap<u64, Vec<u8>>,
        seal: u32,
        block: u64,
    ) -> Result<&'b mut Vec<u8>, LogError> {
        Ok(match blocks.entry(block) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(open) => open.insert(self.shown(seal, block)?),
        })
    }

    fn shown(&self, seal: u32, block: u64) -> Result<Vec<u8>, LogError> {
        let mut query = self.conn.prepare_cached("SELECT bits FROM seal_shown WHERE seal = ?1 AND block = ?2")?;
        let found: Option<Vec<u8>> = query.query_row((seal, block), |row| row.get(0)).optional()?;
        Ok(found.unwrap_or_default())
    }

    pub(super) fn known_nodes(&self, seal: u32, size: u64) -> Result<Known, LogError> {
        let mut known = Known::new(size);
        let mut query = self.conn.prepare_cached("SELECT nodes FROM seal_part WHERE seal = ?1")?;
        let mut parts = query.query([seal])?;
        while let Some(part) = parts.next()? {
            let bytes = part.get_ref(0)?.as_blob().map_err(|_| LogError::Corrupt("nodes of a seal"))?;
            for (span, node) in pack::read_nodes(bytes)? {
                known.node(span, node);
            }
        }
        Ok(known)
    }
}

fn is_set(bits: &[u8], place: u64) -> bool {
    bits.get((place / 8) as usize).is_some_and(|byte| byte & (1 << (place % 8)) != 0)
}

fn set(bits: &mut Vec<u8>, place: u64) {
    let byte = (place / 8) as usize;
    if bits.len() <= byte {
        bits.resize(byte + 1, 0);
    }
    if let Some(byte) = bits.get_mut(byte) {
        *byte |= 1 << (place % 8);
    }
}
