//! The log itself: entries in their order, and in the order of each view.

use docket_format::limits;
use docket_sync::relay::{EntryRow, NewEntry, first_digest, next_digest};
use docket_sync::wire::{Anchor, Cursor};
use rusqlite::{OptionalExtension as _, Row};

use super::pack::array;
use super::{LogError, SqliteLog, pack, scopes};

/// The longest body of an entry: it must fit a page with nothing beside it.
const BODY_BYTES: usize = limits::CHUNK_BYTES - 16;

impl SqliteLog {
    pub(super) fn last_entry(&self) -> Result<Anchor, LogError> {
        let mut query = self.conn.prepare_cached("SELECT pos, digest FROM entry ORDER BY pos DESC LIMIT 1")?;
        let found: Option<(u64, Vec<u8>)> = query.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        match found {
            Some((pos, digest)) => Ok(Anchor { pos, digest: array(&digest, "an entry's digest")? }),
            None => Ok(Anchor { pos: 0, digest: first_digest(self.meta.tenant, &self.meta.epoch) }),
        }
    }

    pub(super) fn entry_digest(&self, pos: u64) -> Result<Option<[u8; 32]>, LogError> {
        if pos == 0 {
            return Ok(Some(first_digest(self.meta.tenant, &self.meta.epoch)));
        }
        let Ok(pos) = i64::try_from(pos) else { return Ok(None) };
        let mut query = self.conn.prepare_cached("SELECT digest FROM entry WHERE pos = ?1")?;
        let found: Option<Vec<u8>> = query.query_row([pos], |row| row.get(0)).optional()?;
        found.map(|digest| array(&digest, "an entry's digest")).transpose()
    }

    pub(super) fn append_entry(&mut self, entry: &NewEntry<'_>) -> Result<u64, LogError> {
        if entry.body.len() > BODY_BYTES {
            return Err(LogError::EntryTooLong(entry.body.len()));
        }
        let doc = self.doc_of(entry.row)?;
        let before = match self.head {
            Some(head) => head,
            None => self.last_entry()?,
        };
        let pos = before.pos + 1;
        let digest = next_digest(&before.digest, pos, doc, entry.body);
        let mut query = self.conn.prepare_cached(
            "INSERT INTO entry (pos, doc, digest, at_ms, authors, leaves, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?;
        let (authors, leaves) = (pack::numbers(entry.authors), pack::leaves(entry.leaves));
        query.execute((pos, entry.row, digest, self.now_ms, authors, leaves, entry.body))?;
        drop(query);
        self.touch(entry.row, pos)?;
        self.head = self.in_transaction().then_some(Anchor { pos, digest });
        Ok(pos)
    }

    pub(super) fn all_entries(&self, after: Cursor, room: usize) -> Result<Vec<EntryRow>, LogError> {
        let first = after.pos.max(after.eff).saturating_add(1);
        let mut query = self
            .conn
            .prepare_cached("SELECT pos, pos, authors, leaves, body FROM entry WHERE pos >= ?1 ORDER BY pos")?;
        let mut rows = query.query([signed(first)])?;
        let (mut found, mut size) = (Vec::new(), 0);
        while let Some(row) = rows.next()? {
            if !take(row, room, &mut size, &mut found)? {
                break;
            }
        }
        Ok(found)
    }

    /// Of the members that moved since: the places of their entries in this view's order, then the bodies as far as
    /// there is room. Sorting must not carry the bodies along, and of a long document (the roster) in whose sight a device
    /// was all along only the entries behind the cursor are looked at.
    pub(super) fn scope_entries(&self, scope: u64, after: Cursor, room: usize) -> Result<Vec<EntryRow>, LogError> {
        let mut query = self.conn.prepare_cached(
            "SELECT entry.pos, max(entry.pos, moved.entered) AS eff
             FROM (
                 SELECT doc, (
                     SELECT min(entered_at) FROM member AS any WHERE any.doc = member.doc AND any.scope IN (?1, ?2)
                 ) AS entered
                 FROM member WHERE scope IN (?1, ?2) AND newest >= ?3
                 GROUP BY doc
             ) AS moved
             JOIN entry ON entry.doc = moved.doc AND entry.pos >= CASE
                 WHEN moved.entered > ?3 THEN 0
                 WHEN moved.entered = ?3 THEN ?4 + 1
                 ELSE ?3 + (?4 >= ?3) END
             WHERE (eff, entry.pos) > (?3, ?4)
             ORDER BY eff, entry.pos",
        )?;
        let mut one = self.conn.prepare_cached("SELECT pos, ?2, authors, leaves, body FROM entry WHERE pos = ?1")?;
        let (eff, pos) = (signed(after.eff), signed(after.pos));
        let mut places = query.query((scopes::COMMON, scope, eff, pos))?;
        let (mut found, mut size) = (Vec::new(), 0);
        while let Some(place) = places.next()? {
            let (pos, eff): (u64, u64) = (place.get(0)?, place.get(1)?);
            let mut rows = one.query((pos, eff))?;
            let Some(row) = rows.next()? else { return Err(LogError::Corrupt("an entry is missing")) };
            if !take(row, room, &mut size, &mut found)? {
                break;
            }
        }
        Ok(found)
    }

    pub(super) fn visit_back(
        &self,
        row: u64,
        visit: &mut dyn FnMut(EntryRow) -> Result<bool, LogError>,
    ) -> Result<(), LogError> {
        let mut query = self
            .conn
            .prepare_cached("SELECT pos, pos, authors, leaves, body FROM entry WHERE doc = ?1 ORDER BY pos DESC")?;
        let mut rows = query.query([row])?;
        while let Some(row) = rows.next()? {
            if !visit(entry(row)?)? {
                break;
            }
        }
        Ok(())
    }
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Takes an entry if there is room or it is the first; false when it had to stay.
fn take(row: &Row<'_>, room: usize, size: &mut usize, found: &mut Vec<EntryRow>) -> Result<bool, LogError> {
    let length = blob(row, 4)?.len();
    if !found.is_empty() && size.saturating_add(length) > room {
        return Ok(false);
    }
    *size = size.saturating_add(length);
    found.push(entry(row)?);
    Ok(true)
}

fn entry(row: &Row<'_>) -> Result<EntryRow, LogError> {
    Ok(EntryRow {
        at: Cursor { eff: row.get(1)?, pos: row.get(0)? },
        authors: pack::read_numbers(blob(row, 2)?)?,
        leaves: pack::read_leaves(blob(row, 3)?)?,
        body: blob(row, 4)?.to_vec(),
    })
}

fn blob<'r>(row: &'r Row<'_>, column: usize) -> Result<&'r [u8], LogError> {
    row.get_ref(column)?.as_blob().map_err(|_| LogError::Corrupt("an entry"))
}
