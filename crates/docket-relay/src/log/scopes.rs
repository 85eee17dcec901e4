//! Who is shown which documents: tags that hold them in scopes, and since when.

use std::collections::{BTreeMap, BTreeSet};

use docket_format::{DocId, FactId};
use rusqlite::OptionalExtension as _;

use super::{LogError, SqliteLog, pack};

/// The scope of documents that everybody is shown.
pub(super) const COMMON: u64 = 0;
/// A scope that nothing is ever held in: that of a person without a scope document. SQLite numbers rows from 1.
const NOBODY: u64 = i64::MAX as u64;

impl SqliteLog {
    /// A scope by its document; [`NOBODY`]'s when there is none yet.
    pub(super) fn scope_row(&self, doc: DocId) -> Result<u64, LogError> {
        Ok(self.find_row(doc)?.unwrap_or(NOBODY))
    }

    /// One more holds a document in a scope.
    pub(super) fn hold(&mut self, scope: u64, row: u64, pos: u64) -> Result<(), LogError> {
        let mut query = self.conn.prepare_cached(
            "INSERT INTO member (scope, doc, entered_at, newest, held) 
             VALUES (?1, ?2, ?3, max(?3, coalesce((SELECT max(pos) FROM entry WHERE doc = ?2), 0)), 1)
             ON CONFLICT (scope, doc) DO UPDATE SET held = held + 1",
        )?;
        query.execute((scope, row, pos))?;
        Ok(())
    }

    /// A document has a new entry: it moves to the newest place wherever it is held.
    pub(super) fn touch(&mut self, row: u64, pos: u64) -> Result<(), LogError> {
        self.conn.prepare_cached("UPDATE member SET newest = ?2 WHERE doc = ?1")?.execute((row, pos))?;
        Ok(())
    }

    pub(super) fn enter_under(&mut self, scope: u64, tag: FactId, rows: &[u64], pos: u64) -> Result<(), LogError> {
        let mut rows = rows.to_vec();
        rows.sort_unstable();
        rows.dedup();
        let mut query = self.conn.prepare_cached(
            "INSERT INTO tag (scope, tag, docs, ended) VALUES (?1, ?2, ?3, 0) ON CONFLICT DO NOTHING",
        )?;
        if query.execute((scope, tag.as_bytes(), pack::rows(&rows)))? == 0 {
            return Ok(());
        }
        drop(query);
        rows.into_iter().try_for_each(|row| self.hold(scope, row, pos))
    }

    pub(super) fn end_tag(&mut self, scope: u64, tag: FactId) -> Result<(), LogError> {
        let mut query = self.conn.prepare_cached("SELECT docs FROM tag WHERE scope = ?1 AND tag = ?2")?;
        let held: Option<Vec<u8>> = query.query_row((scope, tag.as_bytes()), |row| row.get(0)).optional()?;
        drop(query);
        let mut query = self.conn.prepare_cached(
            "INSERT INTO tag (scope, tag, docs, ended) VALUES (?1, ?2, x'', 1)
             ON CONFLICT (scope, tag) DO UPDATE SET docs = x'', ended = 1",
        )?;
        query.execute((scope, tag.as_bytes()))?;
        drop(query);
        for row in pack::read_rows(&held.unwrap_or_default())? {
            let mut less =
                self.conn.prepare_cached("UPDATE member SET held = held - 1 WHERE scope = ?1 AND doc = ?2")?;
            less.execute((scope, row))?;
            let mut gone =
                self.conn.prepare_cached("DELETE FROM member WHERE scope = ?1 AND doc = ?2 AND held <= 0")?;
            gone.execute((scope, row))?;
        }
        Ok(())
    }

    pub(super) fn all_scopes(&self) -> Result<Vec<u64>, LogError> {
        let mut query = self.conn.prepare_cached("SELECT DISTINCT scope FROM tag ORDER BY scope")?;
        let scopes = query.query_map([], |row| row.get(0))?;
        Ok(scopes.collect::<Result<_, _>>()?)
    }

    pub(super) fn replace_tags(
        &mut self,
        scope: u64,
        live: &BTreeMap<FactId, Vec<u64>>,
        ended: &BTreeSet<FactId>,
        pos: u64,
    ) -> Result<(), LogError> {
        let forget = "DELETE FROM tag WHERE scope = ?1 AND ended = 1";
        self.conn.prepare_cached(forget)?.execute([scope])?;
        // New tags first: what they hold in too stays in sight without a break.
        let mut query = self.conn.prepare_cached("SELECT tag FROM tag WHERE scope = ?1")?;
        let old = query.query_map([scope], |row| row.get::<_, [u8; 16]>(0))?.collect::<Result<Vec<_>, _>>()?;
        drop(query);
        for (tag, rows) in live {
            self.enter_under(scope, *tag, rows, pos)?;
        }
        for tag in old.into_iter().map(FactId::from_bytes).filter(|tag| !live.contains_key(tag)) {
            self.end_tag(scope, tag)?;
        }
        self.conn.prepare_cached(forget)?.execute([scope])?;
        ended.iter().try_for_each(|tag| self.end_tag(scope, *tag))
    }

    pub(super) fn holds(&self, scope: u64, row: u64) -> Result<bool, LogError> {
        let mut query = self.conn.prepare_cached("SELECT 1 FROM member WHERE scope IN (?1, ?2) AND doc = ?3")?;
        Ok(query.exists((COMMON, scope, row))?)
    }

    pub(super) fn newest_in(&self, scope: u64) -> Result<u64, LogError> {
        let mut query = self.conn.prepare_cached(
            "SELECT max(coalesce((SELECT max(newest) FROM member WHERE scope = ?1), 0),
                        coalesce((SELECT max(newest) FROM member WHERE scope = ?2), 0))",
        )?;
        Ok(query.query_row((COMMON, scope), |row| row.get(0))?)
    }
}
