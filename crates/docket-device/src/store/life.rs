//! A new life of this device: its numbers start anew, so none that a copy may have used is used again.

use docket_format::Incarnation;
use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use super::counter::{self, Count};
use super::{Store, Tx, open};
use crate::error::StoreError;
use crate::keys;

/// Writes the next life down; its counter is flushed before the caller commits.
pub(super) fn begin(
    sql: &Connection,
    dir: &std::path::Path,
    counts: &[Count],
    reason: &str,
    now_ms: i64,
) -> Result<Count, StoreError> {
    let next = Count {
        incarnation: counts.iter().map(|count| count.incarnation).max().unwrap_or(0) + 1,
        generation: counts.iter().map(|count| count.generation).max().unwrap_or(0) + 1,
        nonce: keys::random()?,
    };
    sql.execute(
        "UPDATE meta SET incarnation = ?1, generation = ?2 - (SELECT coalesce(max(id), 0) FROM change), nonce = ?3",
        params![next.incarnation, next.generation as i64, next.nonce],
    )?;
    sql.execute("INSERT INTO incarnation VALUES (?1, ?2, ?3)", params![next.incarnation, now_ms, reason])?;
    // The counter first and flushed: should the commit be lost, the next open finds the same and starts over with a
    // life above this one. The other way round a power cut could forget that this life was begun.
    counter::write(dir, next, true)?;
    Ok(next)
}

impl Tx<'_> {
    /// Begins a new life of this device with this transaction: what it writes from here on has numbers of its own.
    pub(crate) fn begin_life(&mut self, reason: &str, now_ms: i64) -> Result<(), StoreError> {
        self.flush()?;
        let file = counter::read(self.dir);
        let counts: Vec<Count> = file.into_iter().chain([self.count]).collect();
        self.count = begin(&self.sql, self.dir, &counts, reason, now_ms)?;
        Ok(())
    }
}

impl Store {
    /// Begins a new life of this device. Seals of the present one that no relay has taken are forgotten: the copy that
    /// made the new life necessary may have used their numbers. What they covered is sealed again in the old name.
    pub fn begin_life(&mut self, reason: &str, now_ms: i64) -> Result<Incarnation, StoreError> {
        let dir = self.dir.clone();
        let run = |store: &mut Self| {
            let author = store.author();
            let tx = Transaction::new_unchecked(&store.conn, TransactionBehavior::Immediate)?;
            let (_, _, count, _) = open::read_meta(&tx)?;
            if count.incarnation != author.incarnation.0 {
                store.books.count = count; // another process was faster
                return Ok(Incarnation(count.incarnation));
            }
            forget_seals(&tx, author.device.as_bytes(), author.incarnation.0)?;
            tx.execute("UPDATE relay SET lease = 0, nonce = NULL", [])?;
            let file = counter::read(&store.dir);
            let counts: Vec<Count> = file.into_iter().chain([count]).collect();
            let next = begin(&tx, &store.dir, &counts, reason, now_ms)?;
            tx.commit()?;
            store.books.count = next;
            Ok(Incarnation(next.incarnation))
        };
        run(self).map_err(|error: StoreError| error.in_dir(&dir))
    }
}

fn forget_seals(sql: &Connection, device: &[u8], life: u32) -> Result<(), StoreError> {
    let own = "SELECT s.id FROM seal s JOIN author a ON a.id = s.author
                WHERE a.device = ?1 AND a.incarnation = ?2 AND s.id > (SELECT coalesce(max(seals), 0) FROM relay)";
    for table in ["seal_leaf WHERE seal", "seal_node WHERE seal", "seal WHERE id"] {
        sql.execute(&format!("DELETE FROM {table} IN ({own})"), params![device, life])?;
    }
    sql.execute(
        "UPDATE chain SET sealed_n = min(n, coalesce((SELECT max(l.n) FROM seal s JOIN seal_leaf l ON l.seal = s.id
                                                 WHERE s.author = chain.author AND l.doc = chain.doc), 0))
          WHERE author = (SELECT id FROM author WHERE device = ?1 AND incarnation = ?2)",
        params![device, life],
    )?;
    Ok(())
}
