//! A company's log in SQLite: [`docket_sync::relay::Log`] over one database file, in WAL mode and flushed at each
//! commit.

mod docs;
mod entries;
mod error;
mod open;
mod pack;
mod scopes;
mod seals;

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use docket_format::change::Stored;
use docket_format::merkle::{Known, Node, Span};
use docket_format::seal::{Seal, VerifiedSeal};
use docket_format::{Author, ChangeHash, DeviceId, DocId, FactId, Incarnation, TenantId};
use docket_sync::relay::{DocRow, EntryRow, LeaseRow, Log, NewEntry, View};
use docket_sync::wire::{Anchor, Cursor, DocSum, Epoch};
use rusqlite::{Connection, OptionalExtension as _};

pub use error::LogError;
pub use open::Birth;
pub(crate) use open::make_private;

use pack::array;

/// Pages of the write-ahead log, 8 MiB, that are worth writing back.
const LONG_LOG_PAGES: i32 = 2_000;
/// Refused changes that are kept as evidence; older ones go.
const QUARANTINE_ROWS: i64 = 2_000;
/// Bytes of one of them that are kept.
const QUARANTINE_BYTES: usize = docket_format::limits::CHANGE_BYTES;

/// What a log says of itself.
#[derive(Clone)]
pub struct Meta {
    /// Whose log.
    pub tenant: TenantId,
    /// Its name.
    pub epoch: Epoch,
    /// The seed of the relay's key for this company.
    pub seed: [u8; 32],
    /// What tokens are authenticated with.
    pub secret: [u8; 32],
    /// When it was begun, milliseconds since 1970.
    pub created_ms: i64,
}

/// How far a device said that it has pulled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pulled {
    /// How far.
    pub cursor: Cursor,
    /// Whether its sight counts as a supervisor's.
    pub office: bool,
}

/// What a log holds, for `relay status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Documents that have changes.
    pub documents: u64,
    /// Their changes.
    pub changes: u64,
    /// Bytes of the database file, without its write-ahead log.
    pub bytes: u64,
}

/// A company's log.
pub struct SqliteLog {
    conn: Connection,
    meta: Meta,
    now_ms: i64,
    /// The last entry, as long as this transaction appends.
    head: Option<Anchor>,
    /// The document whose row was asked for last in this transaction.
    named: Cell<Option<(u64, DocId)>>,
    /// Pages in the write-ahead log after the last commit.
    unfolded: Arc<AtomicI32>,
}

impl SqliteLog {
    fn with(conn: Connection) -> Result<Self, LogError> {
        let meta = read_meta(&conn)?;
        let unfolded = Arc::new(AtomicI32::new(0));
        Ok(Self { conn, meta, now_ms: 0, head: None, named: Cell::new(None), unfolded })
    }

    /// Leaves it to [`SqliteLog::fold_back`] to write the write-ahead log back.
    fn count_pages(&mut self) -> Result<(), LogError> {
        let unfolded = Arc::clone(&self.unfolded);
        Ok(self.conn.wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, pages| {
            unfolded.store(pages, Ordering::Relaxed);
            Ok(())
        }))?)
    }

    /// What it says of itself.
    pub fn meta(&self) -> &Meta {
        &self.meta
    }

    /// Whose log.
    pub fn tenant(&self) -> TenantId {
        self.meta.tenant
    }

    /// The time that goes with what is written from now on, milliseconds since 1970.
    pub fn set_now(&mut self, now_ms: i64) {
        self.now_ms = now_ms;
    }

    /// What was remembered of a transaction that is no more.
    fn forget(&mut self) {
        self.head = None;
        self.named.set(None);
    }

    /// Begins a transaction for writing.
    pub fn begin(&mut self) -> Result<(), LogError> {
        self.forget();
        Ok(self.conn.execute_batch("BEGIN IMMEDIATE")?)
    }

    /// Begins a transaction for reading.
    pub fn begin_read(&mut self) -> Result<(), LogError> {
        Ok(self.conn.execute_batch("BEGIN DEFERRED")?)
    }

    /// Commits and flushes. After an error it is unknown whether what was written will be there.
    pub fn commit(&mut self) -> Result<(), LogError> {
        self.forget();
        Ok(self.conn.execute_batch("COMMIT")?)
    }

    /// Gives up the transaction, if there still is one.
    pub fn roll_back(&mut self) {
        self.forget();
        if !self.conn.is_autocommit()
            && let Err(error) = self.conn.execute_batch("ROLLBACK")
        {
            tracing::error!(%error, "rolling back");
        }
    }

    /// Does one part of a transaction: if it fails, nothing of it stays, and the rest does.
    pub fn part<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, LogError>) -> Result<T, LogError> {
        self.conn.execute_batch("SAVEPOINT part")?;
        match work(self) {
            Ok(done) => {
                self.conn.execute_batch("RELEASE part")?;
                Ok(done)
            }
            Err(error) => {
                self.forget();
                // Some failures (a full disk) have ended the whole transaction already.
                if !self.conn.is_autocommit() {
                    self.conn.execute_batch("ROLLBACK TO part; RELEASE part")?;
                }
                Err(error)
            }
        }
    }

    /// Whether a transaction is open.
    pub fn in_transaction(&self) -> bool {
        !self.conn.is_autocommit()
    }

    /// Moves what was written into the database file if that has become much, as far as no reader needs it. A commit does
    /// not do it: nobody who waits for one should wait for this too.
    pub fn fold_back(&mut self) -> Result<(), LogError> {
        if self.unfolded.load(Ordering::Relaxed) < LONG_LOG_PAGES {
            return Ok(());
        }
        Ok(self.conn.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?)
    }

    /// Moves what was written into the database file and empties the write-ahead log, as far as no reader needs it.
    pub fn checkpoint(&mut self) -> Result<(), LogError> {
        Ok(self.conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?)
    }

    /// How far a device said that it has pulled.
    pub fn pulled(&self, device: DeviceId) -> Result<Option<Pulled>, LogError> {
        let mut query = self.conn.prepare_cached("SELECT eff, pos, office FROM pulled WHERE device = ?1")?;
        let found = query.query_row([device.as_bytes()], |row| {
            Ok(Pulled { cursor: Cursor { eff: row.get(0)?, pos: row.get(1)? }, office: row.get(2)? })
        });
        Ok(found.optional()?)
    }

    /// Notes how far a device has pulled.
    pub fn put_pulled(&mut self, device: DeviceId, pulled: Pulled) -> Result<(), LogError> {
        let mut query = self.conn.prepare_cached(
            "INSERT INTO pulled (device, eff, pos, office) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (device) DO UPDATE SET eff = excluded.eff, pos = excluded.pos, office = excluded.office",
        )?;
        query.execute((device.as_bytes(), pulled.cursor.eff, pulled.cursor.pos, pulled.office))?;
        Ok(())
    }

    /// Up to where some supervisor's device has pulled.
    pub fn seen(&self) -> Result<u64, LogError> {
        let mut query = self.conn.prepare_cached("SELECT max(eff) FROM pulled WHERE office = 1")?;
        Ok(query.query_row([], |row| row.get::<_, Option<u64>>(0))?.unwrap_or(0))
    }

    /// What it holds.
    pub fn size(&self) -> Result<Size, LogError> {
        let (documents, changes): (u64, Option<u64>) =
            self.conn.query_row("SELECT count(*), sum(changes) FROM doc WHERE changes > 0", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
        let pages: u64 = self.conn.pragma_query_value(None, "page_count", |row| row.get(0))?;
        let page: u64 = self.conn.pragma_query_value(None, "page_size", |row| row.get(0))?;
        Ok(Size { documents, changes: changes.unwrap_or(0), bytes: pages * page })
    }
}

impl SqliteLog {
    pub(crate) fn connection(&self) -> &Connection {
        &self.conn
    }
}

fn read_meta(conn: &Connection) -> Result<Meta, LogError> {
    type Row = (Vec<u8>, Vec<u8>, Vec<u8>, Vec<u8>, i64);
    let query = "SELECT tenant, epoch, seed, secret, created_ms FROM meta WHERE one = 1";
    let row: Row = conn
        .query_row(query, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)))
        .optional()?
        .ok_or(LogError::Corrupt("no identity"))?;
    let (tenant, epoch, seed, secret, created_ms) = row;
    Ok(Meta {
        tenant: TenantId::from_slice(&tenant).ok_or(LogError::Corrupt("tenant"))?,
        epoch: array(&epoch, "epoch")?,
        seed: array(&seed, "relay key")?,
        secret: array(&secret, "token secret")?,
        created_ms,
    })
}

impl SqliteLog {
    fn find_author(&self, author: Author) -> Result<Option<u32>, LogError> {
        let mut query = self.conn.prepare_cached("SELECT number FROM author WHERE device = ?1 AND incarnation = ?2")?;
        let found = query.query_row((author.device.as_bytes(), author.incarnation.0), |row| row.get(0));
        Ok(found.optional()?)
    }
}

impl Log for SqliteLog {
    type Error = LogError;

    fn epoch(&self) -> Epoch {
        self.meta.epoch
    }

    fn head(&self) -> Result<Anchor, LogError> {
        self.last_entry()
    }

    fn digest_at(&self, pos: u64) -> Result<Option<[u8; 32]>, LogError> {
        self.entry_digest(pos)
    }

    fn author_number(&mut self, author: Author) -> Result<u32, LogError> {
        if let Some(number) = self.find_author(author)? {
            return Ok(number);
        }
        let mut query = self.conn.prepare_cached("INSERT INTO author (device, incarnation) VALUES (?1, ?2)")?;
        query.execute((author.device.as_bytes(), author.incarnation.0))?;
        u32::try_from(self.conn.last_insert_rowid()).map_err(|_| LogError::Corrupt("author numbers have run out"))
    }

    fn author(&self, number: u32) -> Result<Option<Author>, LogError> {
        let mut query = self.conn.prepare_cached("SELECT device, incarnation FROM author WHERE number = ?1")?;
        let found: Option<(Vec<u8>, u32)> =
            query.query_row([number], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        found
            .map(|(device, incarnation)| {
                let device = DeviceId::from_slice(&device).ok_or(LogError::Corrupt("author"))?;
                Ok(Author { device, incarnation: Incarnation(incarnation) })
            })
            .transpose()
    }

    fn put_seal(&mut self, seal: &VerifiedSeal) -> Result<u32, LogError> {
        self.keep_seal(seal)
    }

    fn seal(&self, number: u32) -> Result<Option<Seal>, LogError> {
        self.seal_of(number)
    }

    fn held(&self, seal: u32, places: &[u64]) -> Result<Vec<bool>, LogError> {
        self.held_leaves(seal, places)
    }

    fn put_nodes(&mut self, seal: u32, leaves: &[(u64, Node)], given: &[(Span, Node)]) -> Result<(), LogError> {
        self.keep_nodes(seal, leaves, given)
    }

    fn nodes(&self, seal: u32, size: u64) -> Result<Known, LogError> {
        self.known_nodes(seal, size)
    }

    fn row(&mut self, doc: DocId) -> Result<u64, LogError> {
        self.row_of(doc)
    }

    fn doc(&self, doc: DocId) -> Result<Option<(u64, DocRow)>, LogError> {
        self.doc_row(doc)
    }

    fn put_doc(&mut self, row: u64, doc: &DocRow) -> Result<(), LogError> {
        self.keep_doc(row, doc)
    }

    fn change(&self, row: u64, hash: ChangeHash) -> Result<Option<Stored>, LogError> {
        self.stored(row, hash)
    }

    fn put_change(&mut self, row: u64, hash: ChangeHash, stored: Stored) -> Result<(), LogError> {
        self.keep_change(row, hash, stored)
    }

    fn append(&mut self, entry: &NewEntry<'_>) -> Result<u64, LogError> {
        self.append_entry(entry)
    }

    fn make_common(&mut self, row: u64, pos: u64) -> Result<(), LogError> {
        self.hold(scopes::COMMON, row, pos)
    }

    fn enter(&mut self, scope: u64, tag: FactId, rows: &[u64], pos: u64) -> Result<(), LogError> {
        self.enter_under(scope, tag, rows, pos)
    }

    fn leave(&mut self, scope: u64, tag: FactId) -> Result<(), LogError> {
        self.end_tag(scope, tag)
    }

    fn scopes(&self) -> Result<Vec<u64>, LogError> {
        self.all_scopes()
    }

    fn put_scope(
        &mut self,
        scope: u64,
        live: &BTreeMap<FactId, Vec<u64>>,
        ended: &BTreeSet<FactId>,
        pos: u64,
    ) -> Result<(), LogError> {
        self.replace_tags(scope, live, ended, pos)
    }

    fn entries(&self, view: &View, after: Cursor, room: usize) -> Result<Vec<EntryRow>, LogError> {
        match view {
            View::Nothing => Ok(Vec::new()),
            View::All => self.all_entries(after, room),
            View::Scope(doc) => self.scope_entries(self.scope_row(*doc)?, after, room),
        }
    }

    fn look_back(&self, row: u64, visit: &mut dyn FnMut(EntryRow) -> Result<bool, LogError>) -> Result<(), LogError> {
        self.visit_back(row, visit)
    }

    fn newest(&self, view: &View) -> Result<u64, LogError> {
        match view {
            View::Nothing => Ok(0),
            View::All => Ok(self.last_entry()?.pos),
            View::Scope(doc) => self.newest_in(self.scope_row(*doc)?),
        }
    }

    fn sees(&self, view: &View, row: u64) -> Result<bool, LogError> {
        match view {
            View::Nothing => Ok(false),
            View::All => Ok(true),
            View::Scope(doc) => self.holds(self.scope_row(*doc)?, row),
        }
    }

    fn sums(&self, view: &View, visit: &mut dyn FnMut(DocSum)) -> Result<(), LogError> {
        match view {
            View::Nothing => Ok(()),
            View::All => self.all_sums(visit),
            View::Scope(doc) => self.scope_sums(self.scope_row(*doc)?, visit),
        }
    }

    fn lease(&self, author: Author) -> Result<Option<LeaseRow>, LogError> {
        let mut query =
            self.conn.prepare_cached("SELECT next, nonce FROM lease WHERE device = ?1 AND incarnation = ?2")?;
        let found: Option<(u64, Vec<u8>)> = query
            .query_row((author.device.as_bytes(), author.incarnation.0), |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        found.map(|(next, nonce)| Ok(LeaseRow { next, nonce: array(&nonce, "lease")? })).transpose()
    }

    fn put_lease(&mut self, author: Author, lease: LeaseRow) -> Result<(), LogError> {
        let mut query = self.conn.prepare_cached(
            "INSERT INTO lease (device, incarnation, next, nonce) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (device, incarnation) DO UPDATE SET next = excluded.next, nonce = excluded.nonce",
        )?;
        // A hostile device may show any number; SQLite's are signed.
        let next = lease.next.min(i64::MAX as u64);
        query.execute((author.device.as_bytes(), author.incarnation.0, next, lease.nonce))?;
        Ok(())
    }

    fn quarantine(&mut self, by: DeviceId, doc: DocId, code: &str, bytes: &[u8]) -> Result<(), LogError> {
        let bytes = bytes.get(..QUARANTINE_BYTES).unwrap_or(bytes);
        let mut query = self
            .conn
            .prepare_cached("INSERT INTO quarantine (device, doc, code, at_ms, bytes) VALUES (?1, ?2, ?3, ?4, ?5)")?;
        query.execute((by.as_bytes(), doc.as_bytes(), code, self.now_ms, bytes))?;
        let newest = self.conn.last_insert_rowid();
        self.conn
            .prepare_cached("DELETE FROM quarantine WHERE id <= ?1")?
            .execute([newest.saturating_sub(QUARANTINE_ROWS)])?;
        Ok(())
    }
}
