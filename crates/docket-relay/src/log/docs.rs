//! What is known of documents without their contents.

use docket_format::change::Stored;
use docket_format::{ActorId, ChangeHash, DocId};
use docket_sync::relay::DocRow;
use docket_sync::wire::{DocSum, Sum};
use rusqlite::{OptionalExtension as _, Row};

use super::{LogError, SqliteLog, pack, scopes};

impl SqliteLog {
    pub(super) fn row_of(&mut self, doc: DocId) -> Result<u64, LogError> {
        if let Some(row) = self.find_row(doc)? {
            return Ok(row);
        }
        let blank = DocRow::new(doc);
        let mut query = self.conn.prepare_cached(
            "INSERT INTO doc (id, heads, max_op, actors, sum, changes) VALUES (?1, ?2, ?3, x'', 0, 0)",
        )?;
        query.execute((doc.as_bytes(), pack::heads(&blank.heads), blank.max_op))?;
        let row = self.conn.last_insert_rowid() as u64;
        if self.in_transaction() {
            self.named.set(Some((row, doc)));
        }
        Ok(row)
    }

    /// The document of a row.
    pub(super) fn doc_of(&self, row: u64) -> Result<DocId, LogError> {
        if let Some((_, doc)) = self.named.get().filter(|(known, _)| *known == row) {
            return Ok(doc);
        }
        let mut query = self.conn.prepare_cached("SELECT id FROM doc WHERE row = ?1")?;
        let doc: Vec<u8> = query.query_row([row], |row| row.get(0))?;
        DocId::from_slice(&doc).ok_or(LogError::Corrupt("a document's id"))
    }

    pub(super) fn find_row(&self, doc: DocId) -> Result<Option<u64>, LogError> {
        let mut query = self.conn.prepare_cached("SELECT row FROM doc WHERE id = ?1")?;
        Ok(query.query_row([doc.as_bytes()], |row| row.get(0)).optional()?)
    }

    pub(super) fn doc_row(&self, doc: DocId) -> Result<Option<(u64, DocRow)>, LogError> {
        let mut query = self
            .conn
            .prepare_cached("SELECT row, kind, heads, max_op, actors, sum, changes, newest FROM doc WHERE id = ?1")?;
        let mut rows = query.query([doc.as_bytes()])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let blob = |column: usize| row.get_ref(column)?.as_blob().map_err(|_| LogError::Corrupt("a document's row"));
        let found = DocRow {
            kind: row.get(1)?,
            heads: pack::read_heads(blob(2)?)?,
            max_op: row.get(3)?,
            actors: pack::read_actors(blob(4)?)?,
            sum: Sum(row.get::<_, i64>(5)? as u64),
            changes: row.get(6)?,
            newest: pack::read_changes(blob(7)?)?,
        };
        let row: u64 = row.get(0)?;
        if self.in_transaction() {
            self.named.set(Some((row, doc)));
        }
        Ok(Some((row, found)))
    }

    pub(super) fn keep_doc(&mut self, row: u64, doc: &DocRow) -> Result<(), LogError> {
        let mut query = self.conn.prepare_cached(
            "UPDATE doc SET kind = ?2, heads = ?3, max_op = ?4, actors = ?5, sum = ?6, changes = ?7, newest = ?8
              WHERE row = ?1",
        )?;
        query.execute((
            row,
            &doc.kind,
            pack::heads(&doc.heads),
            doc.max_op,
            pack::actors(&doc.actors),
            doc.sum.0 as i64,
            doc.changes,
            pack::changes(&doc.newest),
        ))?;
        Ok(())
    }

    pub(super) fn stored(&self, row: u64, hash: ChangeHash) -> Result<Option<Stored>, LogError> {
        let mut query = self.conn.prepare_cached("SELECT actor, max_op FROM change WHERE doc = ?1 AND hash = ?2")?;
        let found: Option<(Vec<u8>, u64)> =
            query.query_row((row, hash.as_bytes()), |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        found
            .map(|(actor, max_op)| {
                let actor = ActorId::from_slice(&actor).ok_or(LogError::Corrupt("a change's actor"))?;
                Ok(Stored { actor, max_op })
            })
            .transpose()
    }

    pub(super) fn keep_change(&mut self, row: u64, hash: ChangeHash, stored: Stored) -> Result<(), LogError> {
        let mut query =
            self.conn.prepare_cached("INSERT INTO change (doc, hash, actor, max_op) VALUES (?1, ?2, ?3, ?4)")?;
        query.execute((row, hash.as_bytes(), stored.actor.as_bytes(), stored.max_op))?;
        Ok(())
    }

    pub(super) fn all_sums(&self, visit: &mut dyn FnMut(DocSum)) -> Result<(), LogError> {
        let mut query = self.conn.prepare_cached("SELECT id, sum FROM doc WHERE changes > 0")?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            visit(doc_sum(row)?);
        }
        Ok(())
    }

    pub(super) fn scope_sums(&self, scope: u64, visit: &mut dyn FnMut(DocSum)) -> Result<(), LogError> {
        let mut query = self.conn.prepare_cached(
            "SELECT id, sum FROM doc WHERE changes > 0
             AND row IN (SELECT doc FROM member WHERE scope IN (?1, ?2))",
        )?;
        let mut rows = query.query((scopes::COMMON, scope))?;
        while let Some(row) = rows.next()? {
            visit(doc_sum(row)?);
        }
        Ok(())
    }
}

fn doc_sum(row: &Row<'_>) -> Result<DocSum, LogError> {
    let corrupt = LogError::Corrupt("a document's id");
    let id = row.get_ref(0)?.as_blob().ok().and_then(DocId::from_slice).ok_or(corrupt)?;
    Ok(DocSum { doc: id, sum: Sum(row.get::<_, i64>(1)? as u64) })
}
