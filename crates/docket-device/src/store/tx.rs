//! A write transaction: documents in work, then rows, then projections, then the commit.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;

use docket_format::change::Carrier;
use docket_format::fact::Origin;
use docket_format::{Author, DeviceId, DocId, Fact, FactId, Incarnation, TenantId};
use rusqlite::{OptionalExtension as _, Transaction, TransactionBehavior, params};

use super::docs::{Admitted, DocWork};
use super::warm::Warm;
use super::{Arrival, Count, Store, body, counter, ingest, read};
use crate::error::StoreError;
use crate::project;

/// Pages of the log after which a commit of many documents writes them back: an import then flushes the database once,
/// not after every transaction. The log then takes about 32 MiB, and one transaction more.
const LONG_LOG_PAGES: i64 = 8_000;

/// A write transaction on a store. Dropped without [`Tx::commit`], it leaves nothing behind.
pub struct Tx<'s> {
    pub(crate) sql: Transaction<'s>,
    store: &'s mut Bookkeeping,
    tenant: TenantId,
    device: DeviceId,
    pub(super) dir: &'s std::path::Path,
    pub(super) count: Count,
    docs: BTreeMap<DocId, DocWork>,
    next_row: i64,
    parked: Option<u64>,
    unparked: u64,
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
            let mut statement = sql.prepare_cached("SELECT EXISTS (SELECT 1 FROM fact WHERE doc = ?1 AND id = ?2)")?;
            for fact in facts {
                if !statement.query_row(params![work.row, fact.as_bytes()], |row| row.get::<_, bool>(0))? {
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

    fn flush_doc(&mut self, work: &mut DocWork) -> Result<(), StoreError> {
        let brought = work.pending.iter().flat_map(|admitted| admitted.arrival.facts.iter().flatten()).count() as u64;
        let expected = work.facts + brought;
        self.put_doc(work, expected)?;
        let mut tips: BTreeMap<i64, (u64, FactId)> = BTreeMap::new();
        for Admitted { arrival: Arrival { carrier, change, facts }, vouch } in std::mem::take(&mut work.pending) {
            let carrier_row = self.carrier_row(carrier)?;
            let alone = matches!(change.deps.as_slice(), [dep] if *dep == work.genesis());
            self.sql
                .prepare_cached(
                    "INSERT INTO change(doc, carrier, actor, seq, start_op, ops, time, deps, hash, body)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                )?
                .execute(params![
                    work.row,
                    carrier_row,
                    change.actor.as_bytes(),
                    change.seq as i64,
                    change.start_op as i64,
                    change.facts.len() as i64,
                    change.time,
                    (!alone).then(|| body::join(&change.deps)),
                    change.hash.as_bytes(),
                    body::of(&change)
                ])?;
            let row = self.sql.last_insert_rowid();
            for (pos, (fact, (key, _))) in facts.into_iter().zip(&change.facts).enumerate() {
                match fact {
                    Ok(fact) => self.put_fact(work, row, pos, fact, vouch, &mut tips)?,
                    Err(reason) => self.put_malformed(work.row, row, pos, *key, &reason.to_string())?,
                }
            }
        }
        if work.facts != expected {
            self.count_facts(work.row)?; // some were carried again
        }
        self.put_tips(work.row, &tips)
    }

    /// Counts a document's facts anew.
    pub(super) fn count_facts(&mut self, doc: i64) -> Result<(), StoreError> {
        self.sql
            .prepare_cached("UPDATE doc SET facts = (SELECT count(*) FROM fact WHERE doc = ?1) WHERE id = ?1")?
            .execute([doc])?;
        Ok(())
    }

    /// Writes the document's row; `facts` is how many it has if none of those pending is carried again.
    fn put_doc(&mut self, work: &mut DocWork, facts: u64) -> Result<(), StoreError> {
        use docket_format::change::DocState as _;
        let heads = match work.heads() {
            [only] if *only == work.genesis() => Vec::new(),
            heads => body::join(heads),
        };
        let (max_op, changes, count) = (work.max_op() as i64, work.changes as i64, facts as i64);
        if work.is_new {
            let mut code = work.doc.code();
            code.truncate(super::resolve::CODE_STORED);
            let facts = || work.pending.iter().flat_map(|admitted| admitted.arrival.facts.iter().flatten());
            let kind = read::kind_of(self.tenant, work.doc, facts());
            let (source, number) = read::number_of(facts()).unzip();
            self.sql
                .prepare_cached(
                    "INSERT INTO doc(id, doc, code, kind, number, source, max_op, changes, heads, facts)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                )?
                .execute(params![
                    work.row,
                    work.doc.as_bytes(),
                    code,
                    kind,
                    number,
                    source,
                    max_op,
                    changes,
                    heads,
                    count
                ])?;
            (work.is_new, work.named, work.kind) = (false, true, kind);
        } else {
            work.named = false;
            self.sql
                .prepare_cached("UPDATE doc SET max_op = ?2, changes = ?3, heads = ?4, facts = ?5 WHERE id = ?1")?
                .execute(params![work.row, max_op, changes, heads, count])?;
        }
        Ok(())
    }

    fn put_fact(
        &mut self,
        work: &mut DocWork,
        change: i64,
        pos: usize,
        fact: Fact,
        vouch: bool,
        tips: &mut BTreeMap<i64, (u64, FactId)>,
    ) -> Result<(), StoreError> {
        let (author, n) = match &fact.header.origin {
            Origin::Device { author, n, .. } => (Some(self.author_row(*author)?), Some(*n)),
            Origin::Import { .. } => (None, None),
        };
        let put = self
            .sql
            .prepare_cached(
                "INSERT OR IGNORE INTO fact(doc, id, change, pos, kind, author, n, at_ms)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                work.row,
                fact.id.as_bytes(),
                change,
                pos as i64,
                fact.kind(),
                author,
                n.map(|n| n as i64),
                fact.wall_ms()
            ])?;
        if put == 0 {
            return Ok(()); // re-carried: the same fact
        }
        if let (Some(author), Some(n)) = (author, n) {
            let tip = tips.entry(author).or_insert((n, fact.id));
            if n > tip.0 {
                *tip = (n, fact.id);
            }
        } else if vouch {
            self.sql
                .prepare_cached("INSERT OR IGNORE INTO unvouched(doc, fact) VALUES (?1, ?2)")?
                .execute(params![work.row, fact.id.as_bytes()])?;
        }
        work.facts += 1;
        work.fresh.push(fact);
        Ok(())
    }

    /// Makes the index of one stored change anew. For `docket doctor --rebuild`, which emptied it.
    pub(crate) fn reindex(
        &mut self,
        doc: DocId,
        row: i64,
        change: i64,
        facts: &[(FactId, String)],
    ) -> Result<(), StoreError> {
        let mut tips = BTreeMap::new();
        let mut work = DocWork::load(&self.sql, doc, &mut self.next_row)?;
        for (pos, (key, text)) in facts.iter().enumerate() {
            match Fact::read(doc, *key, text.as_bytes()) {
                Ok(fact) => self.put_fact(&mut work, change, pos, fact, false, &mut tips)?,
                Err(reason) => self.put_malformed(row, change, pos, *key, &reason.to_string())?,
            }
        }
        self.put_tips(row, &tips)
    }

    fn put_malformed(
        &mut self,
        doc: i64,
        change: i64,
        pos: usize,
        key: FactId,
        reason: &str,
    ) -> Result<(), StoreError> {
        self.sql
            .prepare_cached("INSERT INTO malformed(doc, change, pos, key, reason) VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute(params![doc, change, pos as i64, key.as_bytes(), reason])?;
        Ok(())
    }

    fn put_tips(&mut self, doc: i64, tips: &BTreeMap<i64, (u64, FactId)>) -> Result<(), StoreError> {
        if tips.is_empty() {
            return Ok(());
        }
        let mut statement = self.sql.prepare_cached(
            "INSERT INTO chain(doc, author, n, tip) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO UPDATE SET n = excluded.n, tip = excluded.tip WHERE excluded.n > n",
        )?;
        for (author, (n, tip)) in tips {
            statement.execute(params![doc, author, *n as i64, tip.as_bytes()])?;
        }
        Ok(())
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
