//! The store's way of writing, in bare SQL: shows what SQLite itself keeps, and that the harness can tell.

use docket_faultvfs::{Disk, Image, Rng};
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, TransactionBehavior};

use super::Workload;

/// How SQLite syncs the write-ahead log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Synchronous {
    /// At every commit: what docket uses.
    Full,
    /// Only at checkpoints: what must show losses here.
    Normal,
}

/// Bare tables: one big row and one small one a transaction.
#[derive(Debug, Clone, Copy)]
pub struct Raw {
    /// The setting under test.
    pub synchronous: Synchronous,
    /// Makes the records' contents.
    pub seed: u64,
}

const NAME: &str = "/disk/docket.db";

impl Raw {
    fn open(self, vfs: &str) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags_and_vfs(NAME, flags, vfs)?;
        let synchronous = match self.synchronous {
            Synchronous::Full => "FULL",
            Synchronous::Normal => "NORMAL",
        };
        db.execute_batch(&format!(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous}; PRAGMA wal_autocheckpoint = 12;"
        ))?;
        Ok(db)
    }

    /// Record `n`: from 1 byte to three pages, so that some span overflow pages.
    fn body(self, n: usize) -> Vec<u8> {
        let mut rng = Rng::new(self.seed ^ n as u64);
        let words = if rng.chance(1, 6) { rng.below(1500) } else { rng.below(60) };
        (0..=words).flat_map(|_| rng.next().to_le_bytes()).collect()
    }

    fn write_all(
        self,
        vfs: &str,
        numbers: core::ops::RangeInclusive<usize>,
        rng: &mut Rng,
        ack: &mut dyn FnMut(usize),
    ) -> rusqlite::Result<()> {
        let mut db = self.open(vfs)?;
        db.execute_batch(
            "CREATE TABLE IF NOT EXISTS record (n INTEGER PRIMARY KEY, body BLOB NOT NULL);
             CREATE TABLE IF NOT EXISTS tip (one INTEGER PRIMARY KEY, n INTEGER NOT NULL);",
        )?;
        for n in numbers {
            let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            tx.execute("INSERT INTO record VALUES (?1, ?2)", (n as i64, self.body(n)))?;
            tx.execute("INSERT OR REPLACE INTO tip VALUES (1, ?1)", [n as i64])?;
            tx.commit()?;
            ack(n);
            match rng.below(24) {
                0 => db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?,
                1 => {
                    drop(db);
                    db = self.open(vfs)?;
                }
                _ => {}
            }
        }
        // The process dies here: no checkpoint, no tidy end.
        db.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        Ok(())
    }

    fn read_all(self, vfs: &str) -> rusqlite::Result<Result<usize, String>> {
        let db = self.open(vfs)?;
        let there: Option<i64> =
            db.query_row("SELECT 1 FROM sqlite_schema WHERE name = 'tip'", [], |row| row.get(0)).optional()?;
        if there.is_none() {
            return Ok(Ok(0));
        }
        let checked: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        if checked != "ok" {
            return Ok(Err(checked));
        }
        let tip: Option<i64> = db.query_row("SELECT n FROM tip", [], |row| row.get(0)).optional()?;
        let mut statement = db.prepare("SELECT n, body FROM record ORDER BY n")?;
        let mut rows = statement.query([])?;
        let mut count = 0;
        while let Some(row) = rows.next()? {
            count += 1;
            if row.get::<_, i64>(0)? != count as i64 {
                return Ok(Err(format!("record {count} is missing, later ones are there")));
            }
            if row.get_ref(1)?.as_blob().ok() != Some(self.body(count).as_slice()) {
                return Ok(Err(format!("record {count} changed")));
            }
        }
        Ok(if tip.unwrap_or(0) == count as i64 {
            Ok(count)
        } else {
            Err(format!("half of a transaction: {tip:?}, {count}"))
        })
    }
}

impl Workload for Raw {
    fn disk(&self) -> Result<(Disk, Image), String> {
        Ok((Disk::new(), Image::default()))
    }

    fn write(
        &self,
        vfs: &str,
        from: usize,
        count: usize,
        rng: &mut Rng,
        ack: &mut dyn FnMut(usize),
    ) -> Result<(), String> {
        self.write_all(vfs, from + 1..=from + count, rng, ack).map_err(|e| e.to_string())
    }

    fn survivors(&self, vfs: &str) -> Result<usize, String> {
        self.read_all(vfs).map_err(|e| e.to_string())?
    }
}
