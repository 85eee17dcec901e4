//! Seals and what they reach. Whoever stores a seal here has verified it (see [`docket_format::seal`]).

use docket_format::keys::Signature;
use docket_format::merkle::Leaf;
use docket_format::seal::{Seal, VerifiedSeal};
use docket_format::{Author, FactId};
use rusqlite::{OptionalExtension as _, params};

use super::{Store, Tx, read};
use crate::error::StoreError;

impl Tx<'_> {
    /// Stores a verified seal with all its leaves, and notes how far it reaches. False if it was here already.
    /// The changes that it covers are best ingested in the same transaction, before it.
    pub fn store_seal(&mut self, seal: &VerifiedSeal, leaves: &[Leaf]) -> Result<bool, StoreError> {
        self.flush()?;
        let body = seal.body();
        let author = self.author_row(body.author)?;
        let put = self
            .sql
            .prepare_cached(
                "INSERT OR IGNORE INTO seal(author, count, wall_ms, leaves, bytes) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![author, body.count as i64, body.wall_ms, body.leaves as i64, pack(seal.raw())])?;
        if put == 0 {
            return Ok(false);
        }
        let row = self.sql.last_insert_rowid();
        let judged = !self.in_good_standing(body.author)?;
        for (pos, leaf) in leaves.iter().enumerate() {
            let doc = self.doc_row(leaf.doc)?;
            self.sql
                .prepare_cached("INSERT INTO seal_leaf(seal, pos, doc, n, fact) VALUES (?1, ?2, ?3, ?4, ?5)")?
                .execute(params![row, pos as i64, doc, leaf.n as i64, leaf.fact.as_bytes()])?;
            if leaf.n == 0 {
                self.sql
                    .prepare_cached("DELETE FROM unvouched WHERE doc = ?1 AND fact = ?2")?
                    .execute(params![doc, leaf.fact.as_bytes()])?;
            } else {
                self.sql
                    .prepare_cached(
                        "UPDATE chain SET sealed_n = max(sealed_n, min(n, ?3)) WHERE doc = ?1 AND author = ?2",
                    )?
                    .execute(params![doc, author, leaf.n as i64])?;
            }
            if judged {
                self.touch(leaf.doc)?;
            }
        }
        Ok(true)
    }

    /// The row of a document, made if missing: a seal may name a document whose changes are not here.
    fn doc_row(&mut self, doc: docket_format::DocId) -> Result<i64, StoreError> {
        self.with_doc(doc, |sql, work| {
            if work.is_new {
                let mut code = doc.code();
                code.truncate(super::resolve::CODE_STORED);
                sql.prepare_cached(
                    "INSERT INTO doc(id, doc, code, max_op, changes, heads) VALUES (?1, ?2, ?3, 2, 0, x'')",
                )?
                .execute(params![work.row, doc.as_bytes(), code])?;
                work.is_new = false;
            }
            Ok(work.row)
        })
    }

    fn in_good_standing(&self, author: Author) -> Result<bool, StoreError> {
        let state: Option<String> = self
            .sql
            .prepare_cached("SELECT state FROM p_device WHERE device = ?1")?
            .query_row([author.device.as_bytes()], |row| row.get(0))
            .optional()?;
        Ok(state.is_none_or(|state| state == "active"))
    }

    /// Notes that another device is known to hold every seal of `author` up to `count`.
    pub fn note_peer(&mut self, peer: docket_format::DeviceId, author: Author, count: u64) -> Result<(), StoreError> {
        let author = self.author_row(author)?;
        self.sql
            .prepare_cached(
                "INSERT INTO peer(device, author, count) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET count = max(count, excluded.count)",
            )?
            .execute(params![peer.as_bytes(), author, count as i64])?;
        Ok(())
    }
}

impl Store {
    /// The seals of an author above `after`, by count.
    pub fn seals_of(&self, author: Author, after: u64) -> Result<Vec<Seal>, StoreError> {
        let run = || -> Result<Vec<Seal>, StoreError> {
            let mut statement = self.conn.prepare_cached(
                "SELECT s.bytes FROM author a JOIN seal s ON s.author = a.id
                  WHERE a.device = ?1 AND a.incarnation = ?2 AND s.count > ?3 ORDER BY s.count",
            )?;
            let rows = statement
                .query_map(params![author.device.as_bytes(), author.incarnation.0, after as i64], |row| {
                    row.get::<_, Vec<u8>>(0)
                })?;
            rows.map(|bytes| unpack(&bytes?).ok_or_else(|| StoreError::corrupt("a seal's bytes are cut"))).collect()
        };
        run().map_err(|error| error.in_dir(&self.dir))
    }

    /// Every author of whom a seal or a change is here, and their last seal's count (0 = none).
    pub fn authors(&self) -> Result<Vec<(Author, u64)>, StoreError> {
        let run = || -> rusqlite::Result<Vec<(Author, u64)>> {
            let mut statement = self.conn.prepare_cached(
                "SELECT a.device, a.incarnation, coalesce((SELECT max(count) FROM seal s WHERE s.author = a.id), 0)
                   FROM author a ORDER BY 1, 2",
            )?;
            let rows = statement.query_map([], |row| {
                let author = read::author(row.get(0)?, row.get(1)?);
                Ok((author, row.get::<_, i64>(2)? as u64))
            })?;
            rows.collect()
        };
        run().map_err(|error| StoreError::from(error).in_dir(&self.dir))
    }

    /// The leaves of one stored seal, in the order signed.
    pub fn leaves_of(&self, author: Author, count: u64) -> Result<Vec<Leaf>, StoreError> {
        let run = || -> Result<Vec<Leaf>, StoreError> {
            let mut statement = self.conn.prepare_cached(
                "SELECT d.doc, l.n, l.fact FROM author a JOIN seal s ON s.author = a.id
                   JOIN seal_leaf l ON l.seal = s.id JOIN doc d ON d.id = l.doc
                  WHERE a.device = ?1 AND a.incarnation = ?2 AND s.count = ?3 ORDER BY l.pos",
            )?;
            let mut rows = statement.query(params![author.device.as_bytes(), author.incarnation.0, count as i64])?;
            let mut leaves = Vec::new();
            while let Some(row) = rows.next()? {
                let doc = docket_format::DocId::from_bytes(row.get(0)?);
                let doc = doc.ok_or_else(|| StoreError::corrupt("a document without id"))?;
                leaves.push(Leaf { doc, n: row.get::<_, i64>(1)? as u64, fact: FactId::from_bytes(row.get(2)?) });
            }
            Ok(leaves)
        };
        run().map_err(|error| error.in_dir(&self.dir))
    }

    /// How far a peer is known to hold an author's seals.
    pub fn peer_count(&self, peer: docket_format::DeviceId, author: Author) -> Result<u64, StoreError> {
        let run = || {
            self.conn
                .prepare_cached(
                    "SELECT p.count FROM author a JOIN peer p ON p.author = a.id
                      WHERE p.device = ?1 AND a.device = ?2 AND a.incarnation = ?3",
                )?
                .query_row(params![peer.as_bytes(), author.device.as_bytes(), author.incarnation.0], |row| {
                    row.get::<_, i64>(0)
                })
                .optional()
        };
        let count = run().map_err(|error| StoreError::from(error).in_dir(&self.dir))?;
        Ok(count.unwrap_or(0) as u64)
    }
}

/// Signature (64 bytes), then body.
fn pack(seal: &Seal) -> Vec<u8> {
    [seal.signature().as_bytes().as_slice(), seal.body_bytes()].concat()
}

fn unpack(bytes: &[u8]) -> Option<Seal> {
    let (signature, body) = bytes.split_at_checked(64)?;
    Some(Seal::from_parts(body.to_vec(), Signature::from_slice(signature)?))
}
