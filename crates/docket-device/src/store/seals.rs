//! Seals and what they reach. Whoever stores a seal here has verified it (see [`docket_format::seal`]).

use docket_format::bundle::Held;
use docket_format::keys::Signature;
use docket_format::merkle::{Known, Leaf, Node, Span};
use docket_format::seal::{Seal, VerifiedSeal};
use docket_format::{Author, DeviceId, DocId, FactId, Incarnation, SealId};
use docket_sync::judge::PlacedLeaf;
use rusqlite::{OptionalExtension as _, Row, params};

use super::{Store, Tx, read};
use crate::error::StoreError;

/// A stored seal that vouches for something in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Voucher {
    /// The seal's row: names it within this store.
    pub row: i64,
    /// Whose seal.
    pub author: Author,
    /// Its count.
    pub count: u64,
    /// The leaf and its place.
    pub placed: PlacedLeaf,
}

/// A stored seal, without its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredSeal {
    /// The seal's row.
    pub row: i64,
    /// Whose seal.
    pub author: Author,
    /// Its count.
    pub count: u64,
    /// How many leaves it covers.
    pub leaves: u64,
    /// Whether all of them are here.
    pub whole: bool,
}

impl Tx<'_> {
    /// Stores a verified seal with all its leaves in the order signed, and notes how far it reaches. False if it was
    /// here whole already.
    pub fn store_seal(&mut self, seal: &VerifiedSeal, leaves: &[Leaf]) -> Result<bool, StoreError> {
        let placed = leaves.iter().enumerate();
        let placed: Vec<PlacedLeaf> =
            placed.map(|(pos, &leaf)| PlacedLeaf { pos: pos as u64, leaf, proof: None }).collect();
        self.store_seal_part(seal, &placed)
    }

    /// As [`Tx::store_seal`], for some of the leaves. The changes that they cover are best ingested before, in the
    /// same transaction. False if all of it was here already.
    pub fn store_seal_part(&mut self, seal: &VerifiedSeal, leaves: &[PlacedLeaf]) -> Result<bool, StoreError> {
        self.flush()?;
        let body = seal.body();
        let author = self.author_row(body.author)?;
        let bytes = pack(seal.raw());
        self.sql
            .prepare_cached(
                "INSERT OR IGNORE INTO seal(author, count, wall_ms, leaves, bytes) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![author, body.count as i64, body.wall_ms, body.leaves as i64, bytes])?;
        let row: i64 = self
            .sql
            .prepare_cached("SELECT id FROM seal WHERE author = ?1 AND count = ?2 AND bytes = ?3")?
            .query_row(params![author, body.count as i64, bytes], |row| row.get(0))?;
        // A seal changes what facts of a device in good standing are called, not what they do; those of one that lost
        // it may turn from claims into work.
        let judged = !self.in_good_standing(body.author)?;
        // Somebody else's word for an imported fact doesn't stand in for this device's: it may lose its standing.
        let own = body.author.device == self.author().device;
        let waiting = self.any_unvouched()?;
        let doubtful = self.is_technician(body.author)?;
        let claims = self.sql.query_row("SELECT EXISTS (SELECT 1 FROM p_claim)", [], |row| row.get::<_, bool>(0))?;
        let mut news = false;
        for placed in leaves {
            let doc = self.doc_row(placed.leaf.doc)?;
            let new = self.put_leaf(row, doc, placed)?;
            // A leaf can come before the facts that it reaches, which may have waited for something.
            if placed.leaf.n > 0 || new && own && waiting {
                self.reach(author, doc, &placed.leaf)?;
            }
            if new {
                news = true;
                if judged || placed.leaf.n == 0 && (doubtful || claims && self.is_claim(doc, placed.leaf.fact)?) {
                    self.touch(placed.leaf.doc)?;
                }
            }
        }
        Ok(news)
    }

    /// Keeps nodes of a stored seal's tree: what proves its leaves when they travel on. A seal of which every leaf is
    /// here needs none.
    pub(crate) fn store_seal_nodes(&mut self, seal: &VerifiedSeal, given: &[(Span, Node)]) -> Result<(), StoreError> {
        let author = self.author_row(seal.body().author)?;
        let key = params![author, seal.body().count as i64, pack(seal.raw())];
        let (row, whole): (i64, bool) = self
            .sql
            .prepare_cached(
                "SELECT s.id, s.leaves = (SELECT count(*) FROM seal_leaf l WHERE l.seal = s.id) FROM seal s
                  WHERE s.author = ?1 AND s.count = ?2 AND s.bytes = ?3",
            )?
            .query_row(key, |row| Ok((row.get(0)?, row.get(1)?)))?;
        if whole {
            self.sql.prepare_cached("DELETE FROM seal_node WHERE seal = ?1")?.execute([row])?;
            return Ok(());
        }
        let mut insert = self
            .sql
            .prepare_cached("INSERT OR IGNORE INTO seal_node(seal, first, len, node) VALUES (?1, ?2, ?3, ?4)")?;
        for (span, node) in given {
            insert.execute(params![row, span.first as i64, span.len as i64, node])?;
        }
        Ok(())
    }

    /// True if the leaf was not here. A leaf that was here with its own proof drops it when it comes without: what came
    /// with it proves it too.
    fn put_leaf(&mut self, seal: i64, doc: i64, placed: &PlacedLeaf) -> Result<bool, StoreError> {
        let leaf = &placed.leaf;
        let proof = placed.proof.as_ref().map(|nodes| nodes.concat());
        let mut insert = self.sql.prepare_cached(
            "INSERT OR IGNORE INTO seal_leaf(seal, pos, doc, n, fact, proof) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        let put = insert.execute(params![seal, placed.pos as i64, doc, leaf.n as i64, leaf.fact.as_bytes(), proof])?;
        if put == 0 && placed.proof.is_none() {
            self.sql
                .prepare_cached("UPDATE seal_leaf SET proof = NULL WHERE seal = ?1 AND pos = ?2 AND proof IS NOT NULL")?
                .execute(params![seal, placed.pos as i64])?;
        }
        Ok(put > 0)
    }

    fn reach(&mut self, author: i64, doc: i64, leaf: &Leaf) -> Result<(), StoreError> {
        if leaf.n == 0 {
            self.sql
                .prepare_cached("DELETE FROM unvouched WHERE doc = ?1 AND fact = ?2")?
                .execute(params![doc, leaf.fact.as_bytes()])?;
        } else {
            self.sql
                .prepare_cached(
                    "UPDATE chain SET sealed_n = min(n, ?3) WHERE doc = ?1 AND author = ?2 AND sealed_n < min(n, ?3)",
                )?
                .execute(params![doc, author, leaf.n as i64])?;
        }
        Ok(())
    }

    /// Whether there are imported facts that nobody vouches for yet.
    fn any_unvouched(&self) -> Result<bool, StoreError> {
        let mut any = self.sql.prepare_cached("SELECT EXISTS (SELECT 1 FROM unvouched)")?;
        Ok(any.query_row([], |row| row.get(0))?)
    }

    /// Whether a device's unsealed facts count; one that the roster does not know yet is judged when it comes to.
    fn in_good_standing(&self, author: Author) -> Result<bool, StoreError> {
        let state: Option<String> = self
            .sql
            .prepare_cached("SELECT state FROM p_device WHERE device = ?1")?
            .query_row([author.device.as_bytes()], |row| row.get(0))
            .optional()?;
        Ok(state.is_none_or(|state| matches!(state.as_str(), "active" | "rotated")))
    }

    /// An imported fact that was a claim may get somebody's word that counts.
    fn is_claim(&self, doc: i64, fact: FactId) -> Result<bool, StoreError> {
        let mut any = self.sql.prepare_cached("SELECT EXISTS (SELECT 1 FROM p_claim WHERE doc = ?1 AND fact = ?2)")?;
        Ok(any.query_row(params![doc, fact.as_bytes()], |row| row.get(0))?)
    }

    fn is_technician(&self, author: Author) -> Result<bool, StoreError> {
        let role = self
            .sql
            .prepare_cached("SELECT role FROM p_device WHERE device = ?1")?
            .query_row([author.device.as_bytes()], |row| row.get::<_, String>(0))
            .optional()?;
        Ok(role.is_some_and(|role| !crate::project::evidence::may_vouch(&role)))
    }

    /// The row of a document, made if missing: a seal may name a document whose changes are not here.
    fn doc_row(&mut self, doc: DocId) -> Result<i64, StoreError> {
        // Nearly always it is there: its state is not needed then.
        let known = self.known_row(doc);
        if let Some(row) = known.map_or_else(|| read::row_of(&self.sql, doc), |row| Ok(Some(row)))? {
            return Ok(row);
        }
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

    /// Notes what another device says it holds. `before` is the newest life of it that was known: a device that began
    /// a new one was put back from a copy and may hold less than it did. Authors of whom nothing is here are passed over.
    pub fn note_held(&mut self, peer: Author, before: Option<Incarnation>, held: &[Held]) -> Result<(), StoreError> {
        let device = peer.device.as_bytes();
        if before.is_some_and(|before| before > peer.incarnation) {
            return Ok(()); // an old file
        }
        if before.is_some_and(|before| before < peer.incarnation) {
            self.sql.prepare_cached("DELETE FROM peer WHERE device = ?1")?.execute([device])?;
        }
        for run in held {
            self.sql
                .prepare_cached(
                    "INSERT INTO peer(device, author, first, last)
                     SELECT ?1, id, ?4, ?5 FROM author WHERE device = ?2 AND incarnation = ?3
                     ON CONFLICT DO UPDATE SET last = max(last, excluded.last)",
                )?
                .execute(params![
                    device,
                    run.author.device.as_bytes(),
                    run.author.incarnation.0,
                    i64::try_from(run.first).unwrap_or(i64::MAX),
                    i64::try_from(run.last).unwrap_or(i64::MAX)
                ])?;
        }
        Ok(())
    }

    /// The count for this device's next seal in the name of one of its lives. What an earlier life counted after the
    /// copy was made is unknown here, so a later life counts on from its own number × 2^32.
    pub fn next_seal_count(&mut self, life: Incarnation) -> Result<u64, StoreError> {
        let present = self.author();
        let base = if life == present.incarnation { 0 } else { u64::from(present.incarnation.0) << 32 };
        let author = self.author_row(Author { incarnation: life, ..present })?;
        let last: i64 = self
            .sql
            .prepare_cached("SELECT coalesce(max(count), 0) FROM seal WHERE author = ?1")?
            .query_row([author], |row| row.get(0))?;
        Ok((last as u64).max(base) + 1)
    }
}

impl Store {
    /// Every author of whom a seal or a change is here, and their last seal's count (0 = none).
    pub fn authors(&self) -> Result<Vec<(Author, u64)>, StoreError> {
        self.sql(|sql| {
            let mut statement = sql.prepare_cached(
                "SELECT a.device, a.incarnation, coalesce((SELECT max(count) FROM seal s WHERE s.author = a.id), 0)
                   FROM author a ORDER BY 1, 2",
            )?;
            let rows = statement
                .query_map([], |row| Ok((read::author(row.get(0)?, row.get(1)?), row.get::<_, i64>(2)? as u64)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// The seal in a row.
    pub fn seal(&self, row: i64) -> Result<Seal, StoreError> {
        self.sql(|sql| {
            let bytes: Vec<u8> =
                sql.prepare_cached("SELECT bytes FROM seal WHERE id = ?1")?.query_row([row], |row| row.get(0))?;
            unpack(&bytes).ok_or_else(|| StoreError::corrupt(format!("seal {row}: its bytes are cut")))
        })
    }

    /// Every stored seal, by author and count.
    pub fn seals(&self) -> Result<Vec<StoredSeal>, StoreError> {
        self.sql(|sql| {
            let mut statement = sql.prepare_cached(
                "SELECT s.id, a.device, a.incarnation, s.count, s.leaves,
                        s.leaves = (SELECT count(*) FROM seal_leaf l WHERE l.seal = s.id)
                   FROM seal s JOIN author a ON a.id = s.author ORDER BY 2, 3, 4, 1",
            )?;
            let rows = statement.query_map([], |row| {
                let (count, leaves) = (row.get::<_, i64>(3)? as u64, row.get::<_, i64>(4)? as u64);
                let author = read::author(row.get(1)?, row.get(2)?);
                Ok(StoredSeal { row: row.get(0)?, author, count, leaves, whole: row.get(5)? })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// The leaves of one stored seal, in the order signed.
    pub fn leaves_of(&self, seal: i64) -> Result<Vec<PlacedLeaf>, StoreError> {
        self.sql(|sql| {
            let mut statement = sql.prepare_cached(
                "SELECT l.pos, d.doc, l.n, l.fact, l.proof FROM seal_leaf l JOIN doc d ON d.id = l.doc
                  WHERE l.seal = ?1 ORDER BY l.pos",
            )?;
            let mut rows = statement.query([seal])?;
            let mut leaves = Vec::new();
            while let Some(row) = rows.next()? {
                leaves.push(placed(row, 0)?);
            }
            Ok(leaves)
        })
    }

    /// Everything that is known of a stored seal's tree of `size` leaves.
    pub(crate) fn known_of(&self, seal: i64, size: u64) -> Result<Known, StoreError> {
        let mut known = Known::new(size);
        for PlacedLeaf { pos, leaf, proof } in self.leaves_of(seal)? {
            known.leaf(pos, leaf.node());
            if let Some(path) = proof {
                known.path(pos, &path);
            }
        }
        self.sql(|sql| {
            let mut statement = sql.prepare_cached("SELECT first, len, node FROM seal_node WHERE seal = ?1")?;
            let mut rows = statement.query([seal])?;
            while let Some(row) = rows.next()? {
                let span = Span { first: row.get::<_, i64>(0)? as u64, len: row.get::<_, i64>(1)? as u64 };
                known.node(span, row.get(2)?);
            }
            Ok(known)
        })
    }

    /// What vouches for a document's facts: every leaf of every stored seal in it.
    pub fn vouchers(&self, doc: DocId) -> Result<Vec<Voucher>, StoreError> {
        self.sql(|sql| vouchers(sql, doc))
    }

    /// The newest life of a device of which a seal is here.
    pub fn newest_sealed_life(&self, device: DeviceId) -> Result<Option<Incarnation>, StoreError> {
        self.sql(|sql| {
            let mut statement = sql.prepare_cached(
                "SELECT max(a.incarnation) FROM author a
                  WHERE a.device = ?1 AND EXISTS (SELECT 1 FROM seal s WHERE s.author = a.id)",
            )?;
            Ok(statement.query_row([device.as_bytes()], |row| row.get::<_, Option<u32>>(0))?.map(Incarnation))
        })
    }

    /// How far seals reach in an author's facts of a document; `None` if the author has none there.
    pub fn sealed_to(&self, doc: DocId, author: Author) -> Result<Option<u64>, StoreError> {
        self.sql(|sql| {
            let mut statement = sql.prepare_cached(
                "SELECT c.sealed_n FROM doc d JOIN chain c ON c.doc = d.id JOIN author a ON a.id = c.author
                  WHERE d.doc = ?1 AND a.device = ?2 AND a.incarnation = ?3",
            )?;
            let key = params![doc.as_bytes(), author.device.as_bytes(), author.incarnation.0];
            Ok(statement.query_row(key, |row| row.get::<_, i64>(0)).optional()?.map(|n| n as u64))
        })
    }

    /// Runs a read and names the store's directory in its error.
    pub(crate) fn sql<T>(
        &self,
        read: impl FnOnce(&rusqlite::Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        read(&self.conn).map_err(|error| error.in_dir(&self.dir))
    }
}

/// What [`voucher`] reads.
macro_rules! voucher_columns {
    () => {
        "SELECT s.id, a.device, a.incarnation, s.count, l.pos, d.doc, l.n, l.fact, l.proof"
    };
}

/// See [`Store::vouchers`].
pub(crate) fn vouchers(sql: &rusqlite::Connection, doc: DocId) -> Result<Vec<Voucher>, StoreError> {
    let mut statement = sql.prepare_cached(concat!(
        voucher_columns!(),
        " FROM doc d JOIN seal_leaf l ON l.doc = d.id JOIN seal s ON s.id = l.seal
           JOIN author a ON a.id = s.author WHERE d.doc = ?1"
    ))?;
    let rows = statement.query_and_then([doc.as_bytes()], voucher)?;
    rows.collect()
}

/// The leaves of seals in rows above `from` up to `to`.
pub(super) fn vouchers_above(sql: &rusqlite::Connection, from: i64, to: i64) -> Result<Vec<Voucher>, StoreError> {
    let mut statement = sql.prepare_cached(concat!(
        voucher_columns!(),
        " FROM seal s JOIN seal_leaf l ON l.seal = s.id JOIN doc d ON d.id = l.doc JOIN author a ON a.id = s.author
          WHERE s.id > ?1 AND s.id <= ?2"
    ))?;
    let rows = statement.query_and_then([from, to], voucher)?;
    rows.collect()
}

fn voucher(row: &Row<'_>) -> Result<Voucher, StoreError> {
    let author = read::author(row.get(1)?, row.get(2)?);
    Ok(Voucher { row: row.get(0)?, author, count: row.get::<_, i64>(3)? as u64, placed: placed(row, 4)? })
}

fn placed(row: &Row<'_>, from: usize) -> Result<PlacedLeaf, StoreError> {
    let doc = DocId::from_bytes(row.get(from + 1)?).ok_or_else(|| StoreError::corrupt("a document without id"))?;
    let leaf = Leaf { doc, n: row.get::<_, i64>(from + 2)? as u64, fact: FactId::from_bytes(row.get(from + 3)?) };
    let proof: Option<Vec<u8>> = row.get(from + 4)?;
    let proof = proof.map(|bytes| bytes.chunks_exact(32).filter_map(|node| node.try_into().ok()).collect());
    Ok(PlacedLeaf { pos: row.get::<_, i64>(from)? as u64, leaf, proof })
}

/// The id of a seal as it is stored.
pub(crate) fn id_of(packed: &[u8]) -> Option<SealId> {
    unpack(packed).map(|seal| seal.id())
}

/// Signature (64 bytes), then body.
fn pack(seal: &Seal) -> Vec<u8> {
    [seal.signature().as_bytes().as_slice(), seal.body_bytes()].concat()
}

fn unpack(bytes: &[u8]) -> Option<Seal> {
    let (signature, body) = bytes.split_at_checked(64)?;
    Some(Seal::from_parts(body.to_vec(), Signature::from_slice(signature)?))
}
