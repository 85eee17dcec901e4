//! Reading the truth back: every change is rebuilt from its row and compared with its hash.

use std::collections::BTreeMap;

use docket_format::change::{Built, Carrier, NewChange, build, genesis};
use docket_format::{ActorId, Author, ChangeHash, DeviceId, DocId, Fact, FactId, Incarnation, TenantId};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{DATABASE, Status, Store, body};
use crate::error::StoreError;
use crate::project;

/// A change as its row has it, its hash compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeRow {
    /// The document.
    pub doc: DocId,
    /// Who put it together.
    pub carrier: Carrier,
    /// The actor's count.
    pub seq: u64,
    /// The number of its first operation.
    pub start_op: u64,
    /// What it builds on.
    pub deps: Vec<ChangeHash>,
    /// Seconds since 1970.
    pub time: i64,
    /// Its hash.
    pub hash: ChangeHash,
    /// Key and text of each fact.
    pub facts: Vec<(FactId, String)>,
}

impl ChangeRow {
    /// The number of its last operation: each fact is one.
    pub fn max_op(&self) -> u64 {
        self.start_op + self.facts.len() as u64 - 1
    }

    /// The change's bytes, as Automerge reads them.
    pub fn build(&self) -> Result<Built, StoreError> {
        let facts: Vec<(FactId, &str)> = self.facts.iter().map(|(key, text)| (*key, text.as_str())).collect();
        let new = NewChange {
            doc: self.doc,
            carrier: self.carrier,
            seq: self.seq,
            start_op: self.start_op,
            deps: &self.deps,
            time: self.time,
            facts: &facts,
        };
        Ok(build(&new)?)
    }
}

/// What the index knows about a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocInfo {
    /// The document.
    pub doc: DocId,
    /// Its kind, if a fact says one.
    pub kind: Option<String>,
    /// The source's number, if imported.
    pub number: Option<String>,
    /// Changes held.
    pub changes: u64,
    /// Highest operation.
    pub max_op: u64,
}

/// The columns that [`change_of`] reads, from `change c LEFT JOIN author a ON a.id = c.carrier`.
pub(crate) const CHANGE_COLUMNS: &str =
    "c.id, c.seq, c.start_op, c.time, c.deps, c.hash, c.body, a.device, a.incarnation";

/// Reads one change and compares its hash.
pub(crate) fn change_of(doc: DocId, row: &Row<'_>) -> Result<ChangeRow, StoreError> {
    let id: i64 = row.get(0)?;
    let damaged = |what: &str| StoreError::corrupt(format!("change {id} of document {doc}: {what}"));
    let deps = match row.get_ref(4)?.as_blob_or_null().map_err(|_| damaged("its dependencies are no bytes"))? {
        Some(bytes) => body::split(bytes).ok_or_else(|| damaged("its dependencies are cut"))?,
        None => vec![genesis(doc).hash],
    };
    let bytes = row.get_ref(6)?.as_blob().map_err(|_| damaged("its body is no bytes"))?;
    let facts = body::unframe(bytes).ok_or_else(|| damaged("its body is cut"))?;
    let new = NewChange {
        doc,
        carrier: carrier(row.get(7)?, row.get(8)?),
        seq: row.get::<_, i64>(1)? as u64,
        start_op: row.get::<_, i64>(2)? as u64,
        deps: &deps,
        time: row.get(3)?,
        facts: &facts,
    };
    let hash = hash(row, 5).map_err(|_| damaged("its hash is cut"))?;
    match build(&new) {
        Ok(built) if built.hash == hash => {}
        Ok(_) => return Err(damaged("its content does not fit its hash")),
        Err(refused) => return Err(damaged(&refused.to_string())),
    }
    let NewChange { carrier, seq, start_op, time, .. } = new;
    let facts = facts.into_iter().map(|(key, text)| (key, text.to_owned())).collect();
    Ok(ChangeRow { doc, carrier, seq, start_op, deps, time, hash, facts })
}

/// The hash in a column.
pub(crate) fn hash(row: &Row<'_>, column: usize) -> Result<ChangeHash, StoreError> {
    let hash = row.get_ref(column)?.as_blob().ok().and_then(ChangeHash::from_slice);
    hash.ok_or_else(|| StoreError::corrupt("a change's hash is cut"))
}

/// The rows of a document's changes by their hash.
pub(crate) fn change_ids(sql: &Connection, doc: i64) -> Result<BTreeMap<ChangeHash, i64>, StoreError> {
    let mut statement = sql.prepare_cached("SELECT hash, id FROM change WHERE doc = ?1")?;
    let rows = statement.query_and_then([doc], |row| Ok((hash(row, 0)?, row.get(1)?)))?;
    rows.collect()
}

pub(crate) fn carrier(device: Option<[u8; 16]>, incarnation: Option<u32>) -> Carrier {
    match (device, incarnation) {
        (Some(device), Some(incarnation)) => Carrier::Device(author(device, incarnation)),
        _ => Carrier::Import,
    }
}

pub(crate) fn author(device: [u8; 16], incarnation: u32) -> Author {
    Author { device: DeviceId::from_bytes(device), incarnation: Incarnation(incarnation) }
}

/// Visits a document's changes by row id, with their actors; what a change builds on comes before it.
pub(crate) fn each_change(
    sql: &Connection,
    doc: DocId,
    row: i64,
    mut visit: impl FnMut(ActorId, ChangeRow),
) -> Result<(), StoreError> {
    let mut statement = sql.prepare_cached(&format!(
        "SELECT {CHANGE_COLUMNS}, c.actor FROM change c LEFT JOIN author a ON a.id = c.carrier
          WHERE c.doc = ?1 ORDER BY c.id"
    ))?;
    let mut rows = statement.query([row])?;
    while let Some(row) = rows.next()? {
        visit(ActorId::from_bytes(row.get(9)?), change_of(doc, row)?);
    }
    Ok(())
}

/// A document's changes by row id; what a change builds on comes before it.
pub(crate) fn changes(sql: &Connection, doc: DocId, row: i64) -> Result<Vec<ChangeRow>, StoreError> {
    let mut changes = Vec::new();
    each_change(sql, doc, row, |_, change| changes.push(change))?;
    Ok(changes)
}

/// A document's well-formed facts, each once, by id.
pub(crate) fn facts(sql: &Connection, doc: DocId, row: i64) -> Result<Vec<Fact>, StoreError> {
    let mut facts = Vec::new();
    each_change(sql, doc, row, |_, change| facts.extend(well_formed(&change)))?;
    Ok(each_once(facts))
}

/// The facts of a document as the index has them.
pub(crate) fn indexed(sql: &Connection, row: i64) -> Result<Vec<FactId>, StoreError> {
    let mut ids = sql.prepare_cached("SELECT f.id FROM change c JOIN fact f ON f.change = c.id WHERE c.doc = ?1")?;
    let ids = ids.query_map([row], |row| row.get(0).map(FactId::from_bytes))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

/// A change's well-formed facts.
pub(crate) fn well_formed(change: &ChangeRow) -> impl Iterator<Item = Fact> {
    change.facts.iter().filter_map(|(key, text)| Fact::read(change.doc, *key, text.as_bytes()).ok())
}

/// Facts by id, each once, however many changes carry it.
pub(crate) fn each_once(mut facts: Vec<Fact>) -> Vec<Fact> {
    facts.sort_unstable_by_key(|fact| fact.id);
    facts.dedup_by_key(|fact| fact.id);
    facts
}

pub(crate) fn row_of(sql: &Connection, doc: DocId) -> Result<Option<i64>, StoreError> {
    let mut statement = sql.prepare_cached("SELECT id FROM doc WHERE doc = ?1")?;
    Ok(statement.query_row([doc.as_bytes()], |row| row.get(0)).optional()?)
}

pub(super) fn status(store: &Store) -> Result<Status, StoreError> {
    let sql = store.conn();
    let count = |query: &str| sql.query_row(query, [], |row| row.get::<_, i64>(0)).map(|count| count as u64);
    let mut kinds = sql.prepare(
        "SELECT coalesce(kind, 'unknown'), count(*), sum(changes), sum(facts) FROM doc GROUP BY 1 ORDER BY 1",
    )?;
    let (mut docs, mut changes, mut facts) = (Vec::new(), 0, 0);
    let mut rows = kinds.query([])?;
    while let Some(row) = rows.next()? {
        docs.push((row.get(0)?, row.get::<_, i64>(1)? as u64));
        changes += row.get::<_, i64>(2)? as u64;
        facts += row.get::<_, i64>(3)? as u64;
    }
    let mut lives = sql.prepare("SELECT incarnation, began_ms, reason FROM incarnation ORDER BY 1")?;
    let lives = lives.query_map([], |row| Ok((Incarnation(row.get(0)?), row.get(1)?, row.get(2)?)))?;
    let size = |end: &str| std::fs::metadata(store.dir().join(format!("{DATABASE}{end}"))).map_or(0, |meta| meta.len());
    let unsealed: i64 = sql.query_row(
        "SELECT (SELECT coalesce(sum(c.n - c.sealed_n), 0) FROM author a JOIN unsealed u ON u.author = a.id
                   JOIN chain c ON c.doc = u.doc AND c.author = u.author WHERE a.device = ?1)
              + (SELECT count(*) FROM unvouched)",
        [store.device().as_bytes()],
        |row| row.get(0),
    )?;
    Ok(Status {
        docs,
        changes,
        facts,
        parked: count("SELECT count(*) FROM parked")?,
        quarantined: count("SELECT count(*) FROM quarantine")?,
        unsealed: unsealed as u64,
        blobs_unsent: store.blobs().count(),
        lives: lives.collect::<Result<_, _>>()?,
        disk_bytes: size("") + size("-wal"),
    })
}

impl Store {
    /// What the index knows about a document; `None` if it is not here.
    pub fn info(&self, doc: DocId) -> Result<Option<DocInfo>, StoreError> {
        let run = || -> rusqlite::Result<Option<DocInfo>> {
            self.conn
                .prepare_cached("SELECT kind, number, changes, max_op FROM doc WHERE doc = ?1")?
                .query_row([doc.as_bytes()], |row| {
                    let (changes, max_op) = (row.get::<_, i64>(2)? as u64, row.get::<_, i64>(3)? as u64);
                    Ok(DocInfo { doc, kind: row.get(0)?, number: row.get(1)?, changes, max_op })
                })
                .optional()
        };
        run().map_err(|error| StoreError::from(error).in_dir(&self.dir))
    }

    /// Every document of a kind ("job", "technician" …), in the order in which they came.
    pub fn docs_of_kind(&self, kind: &str) -> Result<Vec<DocId>, StoreError> {
        let run = || -> rusqlite::Result<Vec<DocId>> {
            let mut statement = self.conn.prepare_cached("SELECT doc FROM doc WHERE kind = ?1 ORDER BY id")?;
            let ids = statement.query_map([kind], |row| row.get::<_, [u8; 16]>(0))?;
            ids.filter_map(|id| id.map(DocId::from_bytes).transpose()).collect()
        };
        run().map_err(|error| StoreError::from(error).in_dir(&self.dir))
    }

    /// The order in which documents are sent: the roster, which says who the others are, what jobs are judged by
    /// ([`project::place_in_line`]), then the others by id, which is the order of a seal's leaves.
    pub(crate) fn line(&self) -> Result<impl Fn(DocId) -> (u8, DocId), StoreError> {
        let first = self.sql(|sql| {
            // These two kinds are in no index, and wait for the others.
            let mut documents =
                sql.prepare_cached("SELECT doc, kind FROM doc WHERE kind NOT IN ('job', 'customer')")?;
            let mut rows = documents.query([])?;
            let mut first = BTreeMap::from([(self.roster_doc(), 0)]);
            while let Some(row) = rows.next()? {
                let place = project::place_in_line(row.get_ref(1)?.as_str_or_null().unwrap_or_default());
                let doc = DocId::from_bytes(row.get(0)?);
                first.entry(doc.ok_or_else(|| StoreError::corrupt("a document without id"))?).or_insert(place);
            }
            Ok(first)
        })?;
        let last = project::place_in_line(None);
        Ok(move |doc| (first.get(&doc).copied().unwrap_or(last), doc))
    }

    /// A document's well-formed facts, each once, by id; empty for a document that is not here.
    pub fn facts(&self, doc: DocId) -> Result<Vec<Fact>, StoreError> {
        let run = || match row_of(&self.conn, doc)? {
            Some(row) => facts(&self.conn, doc, row),
            None => Ok(Vec::new()),
        };
        run().map_err(|error| error.in_dir(&self.dir))
    }

    /// A document's changes, what a change builds on before it; empty for a document that is not here.
    pub fn changes(&self, doc: DocId) -> Result<Vec<ChangeRow>, StoreError> {
        let run = || match row_of(&self.conn, doc)? {
            Some(row) => changes(&self.conn, doc, row),
            None => Ok(Vec::new()),
        };
        run().map_err(|error| error.in_dir(&self.dir))
    }

    /// One fact's canonical text.
    pub fn fact_text(&self, doc: DocId, fact: FactId) -> Result<Option<String>, StoreError> {
        let changes = self.changes(doc)?;
        let mut all = changes.into_iter().flat_map(|change| change.facts);
        // A malformed string may lie under the same key: only the one that the key is the digest of counts.
        Ok(all.find(|(key, text)| *key == fact && FactId::of(doc, text.as_bytes()) == fact).map(|(_, text)| text))
    }

    /// A document's heads; the genesis hash alone for a document that nobody wrote to.
    pub fn heads(&self, doc: DocId) -> Result<Vec<ChangeHash>, StoreError> {
        let run = || -> Result<Vec<ChangeHash>, StoreError> {
            let bytes: Option<Vec<u8>> = self
                .conn
                .prepare_cached("SELECT heads FROM doc WHERE doc = ?1")?
                .query_row([doc.as_bytes()], |row| row.get(0))
                .optional()?;
            let heads = body::split(&bytes.unwrap_or_default());
            let heads = heads.ok_or_else(|| StoreError::corrupt(format!("heads of document {doc}")))?;
            Ok(if heads.is_empty() { vec![genesis(doc).hash] } else { heads })
        };
        run().map_err(|error| error.in_dir(&self.dir))
    }

    /// Visits every document with changes, in the order in which they came, and its changes. Stops at the first error.
    pub fn for_each_doc<E: From<StoreError>>(
        &self,
        mut visit: impl FnMut(DocId, Vec<ChangeRow>) -> Result<(), E>,
    ) -> Result<(), E> {
        let fail = |error: rusqlite::Error| StoreError::from(error).in_dir(&self.dir);
        let mut docs = self.conn.prepare("SELECT id, doc FROM doc WHERE changes > 0 ORDER BY id").map_err(fail)?;
        let mut rows = docs.query([]).map_err(fail)?;
        while let Some(row) = rows.next().map_err(fail)? {
            let (id, doc): (i64, [u8; 16]) = (row.get(0).map_err(fail)?, row.get(1).map_err(fail)?);
            let doc = DocId::from_bytes(doc);
            let doc = doc.ok_or_else(|| StoreError::corrupt(format!("document row {id}: no id")).in_dir(&self.dir))?;
            let changes = changes(&self.conn, doc, id).map_err(|error| error.in_dir(&self.dir))?;
            visit(doc, changes)?;
        }
        Ok(())
    }

    /// The roster's document.
    pub fn roster_doc(&self) -> DocId {
        docket_format::roster::doc(self.tenant)
    }
}

/// Reads a job's number: kept here so that every caller spells the query the same way.
pub(crate) fn number_of<'a>(facts: impl IntoIterator<Item = &'a Fact>) -> Option<(String, String)> {
    use docket_format::fact::Origin;
    facts
        .into_iter()
        .filter_map(|fact| match &fact.header.origin {
            Origin::Import { source, number } => Some((fact.id, source, number)),
            Origin::Device { .. } => None,
        })
        .min()
        .map(|(_, source, number)| (source.clone(), number.clone()))
}

/// A document's kind: what its first facts say; of several the one with the lowest id, so that all devices agree.
pub(crate) fn kind_of<'a>(tenant: TenantId, doc: DocId, facts: impl IntoIterator<Item = &'a Fact>) -> Option<String> {
    if doc == docket_format::roster::doc(tenant) {
        return Some("roster".into());
    }
    if doc == crate::project::audit::doc(tenant) {
        return Some("audit".into());
    }
    let named = facts.into_iter().filter(|fact| matches!(fact.kind(), "created" | "imported"));
    let named = named.filter_map(|fact| Some((fact.id, fact.str("dk").filter(|dk| dk.len() <= 40)?)));
    named.min().map(|(_, kind)| kind.to_owned())
}

/// Stores a document's kind and number in its row.
pub(crate) fn put_kind(
    sql: &Connection,
    row: i64,
    kind: Option<&str>,
    number: Option<&(String, String)>,
) -> rusqlite::Result<()> {
    sql.prepare_cached("UPDATE doc SET kind = ?2, source = ?3, number = ?4 WHERE id = ?1")?.execute(params![
        row,
        kind,
        number.map(|(source, _)| source),
        number.map(|(_, number)| number)
    ])?;
    Ok(())
}
