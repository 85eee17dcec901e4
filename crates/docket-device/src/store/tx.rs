//! A write transaction: documents in work, then rows, then projections, then the commit.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;

use docket_format::change::Carrier;
use docket_format::{ActorId, Author, ChangeHash, DeviceId, DocId, FactId, Incarnation, TenantId};
use rusqlite::{OptionalExtension as _, Transaction, TransactionBehavior, params};

use super::docs::DocWork;
use super::warm::Warm;
use super::{Count, Store, counter, ingest};
use crate::error::StoreError;
use crate::project;

/// Pages of the log after which a commit of many documents writes them back: an import then flushes the database once,
/// not after every transaction. The log then takes about 32 MiB, and one transaction more.
const LONG_LOG_PAGES: i64 = 8_000;

/// Facts of documents in work that are kept in memory from their admission to their projection: some 10 MB. Beyond
/// that each document's are read once more when its turn comes, however many somebody touches at once.
const HELD_FACTS: u64 = 8_192;

/// A write transaction on a store. Dropped without [`Tx::commit`], it leaves nothing behind.
pub struct Tx<'s> {
    pub(crate) sql: Transaction<'s>,
    store: &'s mut Bookkeeping,
    tenant: TenantId,
    device: DeviceId,
    pub(super) dir: &'s std::path::Path,
    pub(super) count: Count,
    docs: BTreeMap<DocId, DocWork>,
    pub(super) next_row: i64,
    parked: Option<u64>,
    unparked: u64,
    /// How many more facts admission may leave for the projection.
    room: u64,
}

/// What a committed transaction leaves in its [`Store`].
#[derive(Debug)]
pub(crate) struct Bookkeeping {
    pub count: Count,
    pub policies: project::policy::Policies,
    /// Rows of seals that were found to be held. The record only grows, so they stay so.
    pub held: BTreeSet<i64>,
    /// Documents as the last transactions left them.
    pub warm: Warm,
    /// Rows of authors.
    pub authors: BTreeMap<Author, i64>,
    /// The length of the log after which small transactions write it back, while larger ones have set another.
    pub usual_log: Option<i64>,
    /// The counter beside the database, once it was written.
    pub counter: Option<File>,
    /// The last transaction ended well, so what was cached is what is stored.
    pub clean: bool,
}

impl Bookkeeping {
    /// Of a store that was just opened.
    pub(super) fn of(count: Count) -> Self {
        Self {
            count,
            policies: project::policy::Policies::default(),
            held: BTreeSet::new(),
            warm: Warm::default(),
            authors: BTreeMap::new(),
            usual_log: None,
            counter: None,
            clean: true,
        }
    }
}

impl core::fmt::Debug for Tx<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Tx").field("count", &self.count).field("docs", &self.docs.len()).finish_non_exhaustive()
    }
}

impl<'s> Tx<'s> {
    pub(super) fn begin(store: &'s mut Store) -> Result<Self, StoreError> {
        if !store.writable {
            return Err(store.read_only_reason());
        }
        let sql = Transaction::new_unchecked(&store.conn, TransactionBehavior::Immediate)?;
        // Read under the lock: another process may have written since, or begun a new life.
        let (count, next_row) = sql
            .prepare_cached(
                "SELECT incarnation, generation + (SELECT coalesce(max(id), 0) FROM change), nonce,
                        (SELECT coalesce(max(id), 0) + 1 FROM doc) FROM meta",
            )?
            .query_row([], |row| {
                let generation = row.get::<_, i64>(1)? as u64;
                Ok((Count { incarnation: row.get(0)?, generation, nonce: row.get(2)? }, row.get(3)?))
            })?;
        // Cached policies may be of a transaction that was given up, or older than another process's.
        if !store.books.clean || count.generation != store.books.count.generation {
            store.books.policies.forget();
            store.books.warm.clear();
            store.books.authors.clear();
        }
        store.books.clean = false;
        let (tenant, device) = (store.tenant, store.device);
        Ok(Self {
            sql,
            store: &mut store.books,
            tenant,
            device,
            dir: &store.dir,
            count,
            docs: BTreeMap::new(),
            next_row,
            parked: None,
            unparked: 0,
            room: HELD_FACTS,
        })
    }

    /// This device's present life.
    pub fn author(&self) -> Author {
        Author { device: self.device, incarnation: Incarnation(self.count.incarnation) }
    }

    /// The company.
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Runs `work` on a document's state, reading it first if need be.
    pub(crate) fn with_doc<T>(
        &mut self,
        doc: DocId,
        run: impl FnOnce(&Transaction<'_>, &mut DocWork) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let work = match self.docs.entry(doc) {
            std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::btree_map::Entry::Vacant(entry) => entry.insert(match self.store.warm.take(doc) {
                Some(work) => work,
                None => DocWork::load(&self.sql, doc, &mut self.next_row)?,
            }),
        };
        run(&self.sql, work)
    }

    /// Reads what admission will ask about a document ([`DocWork::prefetch`]).
    pub(super) fn prefetch(
        &mut self,
        doc: DocId,
        actor: ActorId,
        own: Option<ChangeHash>,
        deps: &[ChangeHash],
    ) -> Result<(), StoreError> {
        let mut room = self.room;
        self.with_doc(doc, |sql, work| work.prefetch(sql, actor, own, deps, &mut room))?;
        self.room = room;
        Ok(())
    }

    /// The row of a document that this transaction works on, if it has one already.
    pub(super) fn known_row(&self, doc: DocId) -> Option<i64> {
        self.docs.get(&doc).filter(|work| !work.is_new).map(|work| work.row)
    }

    /// Whether the document holds all these facts.
    pub fn holds(&mut self, doc: DocId, facts: &[FactId]) -> Result<bool, StoreError> {
        if let Some(mut work) = self.docs.remove(&doc) {
            let flushed = if work.pending.is_empty() { Ok(()) } else { self.flush_doc(&mut work) };
            self.docs.insert(doc, work);
            flushed?;
        }
        self.with_doc(doc, |sql, work| {
            for fact in facts {
                if !work.has(sql, *fact)? {
                    return Ok(false);
                }
            }
            Ok(true)
        })
    }

    /// Writes what was admitted into the tables.
    pub(crate) fn flush(&mut self) -> Result<(), StoreError> {
        let mut docs = std::mem::take(&mut self.docs);
        // In the order of their rows, so that new ones are appended.
        let mut works: Vec<&mut DocWork> = docs.values_mut().filter(|work| !work.pending.is_empty()).collect();
        works.sort_by_key(|work| work.row);
        let flushed = works.into_iter().try_for_each(|work| self.flush_doc(work));
        self.docs = docs;
        flushed
    }

    /// The row of an author, made if missing.
    pub(crate) fn author_row(&mut self, author: Author) -> Result<i64, StoreError> {
        if let Some(row) = self.store.authors.get(&author) {
            return Ok(*row);
        }
        let key = params![author.device.as_bytes(), author.incarnation.0];
        let found = self
            .sql
            .prepare_cached("SELECT id FROM author WHERE device = ?1 AND incarnation = ?2")?
            .query_row(key, |row| row.get(0))
            .optional()?;
        let row = match found {
            Some(row) => row,
            None => self
                .sql
                .prepare_cached("INSERT INTO author(device, incarnation) VALUES (?1, ?2) RETURNING id")?
                .query_row(key, |row| row.get(0))?,
        };
        self.store.authors.insert(author, row);
        Ok(row)
    }

    pub(crate) fn carrier_row(&mut self, carrier: Carrier) -> Result<Option<i64>, StoreError> {
        ingest::author_of(carrier).map(|author| self.author_row(author)).transpose()
    }

    /// Forgets what was read of a document whose rows were changed beside this transaction's bookkeeping; it is
    /// projected at the commit.
    pub(super) fn forget_doc(&mut self, doc: DocId) -> Result<(), StoreError> {
        self.docs.remove(&doc);
        self.store.warm.take(doc);
        self.with_doc(doc, |_, work| {
            (work.to_project, work.projected) = (true, true);
            Ok(())
        })
    }

    /// Has a document's projection made anew at the commit.
    pub(crate) fn touch(&mut self, doc: DocId) -> Result<(), StoreError> {
        self.with_doc(doc, |_, work| {
            work.to_project = true;
            Ok(())
        })
    }

    /// Forgets what is known of documents: their rows are about to be changed beside this transaction's bookkeeping.
    pub(crate) fn forget_all(&mut self) {
        self.docs.clear();
        self.store.warm.clear();
    }

    /// How many changes are parked.
    pub fn parked(&mut self) -> Result<u64, StoreError> {
        if let Some(parked) = self.parked {
            return Ok(parked);
        }
        let parked: i64 = self.sql.query_row("SELECT count(*) FROM parked", [], |row| row.get(0))?;
        self.parked = Some(parked as u64);
        Ok(parked as u64)
    }

    pub(super) fn any_parked(&mut self) -> Result<bool, StoreError> {
        Ok(self.parked()? > 0)
    }

    pub(super) fn note_parked(&mut self, by: i64) {
        self.parked = self.parked.map(|parked| parked.saturating_add_signed(by));
    }

    pub(super) fn note_unparked(&mut self) {
        self.unparked += 1;
    }

    /// Changes that were parked and came in because this transaction brought what they waited for.
    pub fn unparked(&self) -> u64 {
        self.unparked
    }

    /// Projects every touched document, then those that must be because of it.
    fn project(&mut self) -> Result<(), StoreError> {
        let mut docs = std::mem::take(&mut self.docs);
        let mut works: Vec<&mut DocWork> = docs.values_mut().filter(|work| work.to_project).collect();
        let again = project::run(&self.sql, self.tenant, &mut self.store.policies, &mut works);
        self.docs = docs;
        for doc in again? {
            self.store.warm.take(doc);
            self.docs.remove(&doc);
            let mut work = DocWork::load(&self.sql, doc, &mut self.next_row)?;
            // These are judged by what was just projected and change nobody else.
            project::run(&self.sql, self.tenant, &mut self.store.policies, &mut [&mut work])?;
        }
        Ok(())
    }

    /// The generation that this transaction ends with: above the one that it began with. New changes raise it by
    /// themselves; where there are none, or some were taken out, `meta` does.
    fn generation(&self) -> Result<u64, StoreError> {
        let now = self
            .sql
            .prepare_cached("SELECT generation + (SELECT coalesce(max(id), 0) FROM change) FROM meta")?
            .query_row([], |row| row.get::<_, i64>(0))? as u64;
        if now > self.count.generation {
            return Ok(now);
        }
        let next = self.count.generation + 1;
        self.sql.prepare_cached("UPDATE meta SET generation = generation + ?1")?.execute([(next - now) as i64])?;
        Ok(next)
    }

    /// A short log is soon written over from its beginning, and a commit that need not make the file longer is a third
    /// faster; but what an import brings in many transactions is better written back once.
    fn size_log(&mut self) -> Result<(), StoreError> {
        let many = self.docs.len() > Warm::DOCS;
        let set = |pages: i64| self.sql.pragma_update(None, "wal_autocheckpoint", pages);
        match (many, self.store.usual_log) {
            (true, None) => {
                let usual = self.sql.pragma_query_value(None, "wal_autocheckpoint", |row| row.get(0))?;
                set(LONG_LOG_PAGES)?;
                self.store.usual_log = Some(usual);
            }
            (false, Some(usual)) => {
                set(usual)?;
                self.store.usual_log = None;
            }
            _ => {}
        }
        Ok(())
    }

    /// Projects what changed and commits. [`StoreError::CommitUnknown`] means what it says.
    pub fn commit(mut self) -> Result<(), StoreError> {
        self.flush()?;
        self.project()?;
        self.count.generation = self.generation()?;
        self.size_log()?;
        let Self { sql, store, dir, count, docs, .. } = self;
        let committed = sql.prepare_cached("COMMIT").and_then(|mut commit| commit.execute([]));
        committed.map_err(|error| StoreError::CommitUnknown {
            path: super::DATABASE.into(),
            prepared: None,
            source: Box::new(StoreError::from(error).in_dir(dir)),
        })?;
        store.count = count;
        store.clean = true;
        store.warm.keep(docs);
        // The record is safe. A counter that lags is tolerated; one that can't be written at all shows at the next
        // opening as lost.
        let _ = counter::note(&mut store.counter, dir, count);
        Ok(())
    }
}
