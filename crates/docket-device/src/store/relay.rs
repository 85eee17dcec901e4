//! Where this device stands with its relay: one row, the runs of changes that came from there, and the places of its
//! log that changes are known to lie at (`docs/schema.md`).

use std::collections::{BTreeMap, BTreeSet};

use docket_format::change::Carrier;
use docket_format::keys::PublicKey;
use docket_format::{ChangeHash, DocId};
use docket_sync::wire::{Anchor, Cursor, Epoch};
use rusqlite::{Connection, OptionalExtension as _, Row, ToSql, params};

use super::{RelayTime, Sender, Store, Tx, read};
use crate::error::StoreError;

/// The refusal of a change whose number another of the same author has.
pub(crate) const REUSED: &str = "seq-reused";
/// Most marks kept: older ones are merged into newer, which only makes `seen by a supervisor` come later.
const MARKS: i64 = 256;

/// Most documents asked for whole in one exchange.
const MOST_WANTED: i64 = 4_096;

/// A relay's word that it holds what was pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastReceipt {
    /// When, by the relay's clock, milliseconds since 1970.
    pub relay_ms: i64,
    /// Up to which place of the relay's log.
    pub pos: u64,
}

/// What this device remembers of its relay between exchanges.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RelayRow {
    /// Where the relay is.
    pub url: String,
    /// Its key, pinned at the first session.
    pub key: Option<PublicKey>,
    /// Which log, and the highest place in it that any reply showed.
    pub anchor: Option<(Epoch, Anchor)>,
    /// What may be seen, and how far that was pulled.
    pub cursor: Option<(u64, Cursor)>,
    /// The next push's number.
    pub lease: u64,
    /// Of a push that may be on its way.
    pub nonce: Option<[u8; 16]>,
    /// Every change up to this row is at the relay.
    pub pushed: i64,
    /// Every seal up to this row is at the relay.
    pub seals: i64,
    /// The relay's token.
    pub token: Option<String>,
    /// The relay's clock less this device's, milliseconds.
    pub offset_ms: Option<i64>,
    /// The relay's newest signed time, as seals carry it.
    pub beacon: Option<Vec<u8>>,
    /// The last receipt.
    pub receipt: Option<LastReceipt>,
    /// Up to which place of the log some supervisor's device has pulled.
    pub seen: u64,
    /// When the two records were last compared, by this device's clock, milliseconds since 1970.
    pub checked_ms: Option<i64>,
    /// Documents that comparisons ever had to repair.
    pub healed: u64,
    /// The relay's time, as far as the last exchange showed it.
    pub time: Option<RelayTime>,
}

/// How many facts are where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Whereabouts {
    /// Saved here and nowhere else that is known.
    pub here: u64,
    /// At the relay too.
    pub relay: u64,
    /// Of those, seen by a supervisor.
    pub seen: u64,
}

fn read_row(row: &Row<'_>) -> rusqlite::Result<RelayRow> {
    let unsigned = |number: i64| number as u64;
    let epoch: Option<[u8; 16]> = row.get(2)?;
    let (pos, digest): (Option<i64>, Option<[u8; 32]>) = (row.get(3)?, row.get(4)?);
    let (view, eff, at): (Option<i64>, Option<i64>, Option<i64>) = (row.get(5)?, row.get(6)?, row.get(7)?);
    let (relay_ms, receipt_pos): (Option<i64>, Option<i64>) = (row.get(14)?, row.get(15)?);
    let anchor = pos.zip(digest).map(|(pos, digest)| Anchor { pos: unsigned(pos), digest });
    // One that no entry can have is no place to go on from: everything in sight is asked for again.
    let cursor = eff.zip(at).and_then(|(eff, at)| Cursor::read(unsigned(eff), unsigned(at)));
    Ok(RelayRow {
        url: row.get(0)?,
        key: row.get::<_, Option<[u8; 32]>>(1)?.map(PublicKey::from_bytes),
        anchor: epoch.zip(anchor),
        cursor: view.map(unsigned).zip(cursor),
        lease: unsigned(row.get(8)?),
        nonce: row.get(9)?,
        pushed: row.get(10)?,
        seals: row.get(11)?,
        token: row.get(12)?,
        offset_ms: row.get(13)?,
        receipt: relay_ms.zip(receipt_pos).map(|(relay_ms, pos)| LastReceipt { relay_ms, pos: unsigned(pos) }),
        beacon: row.get(16)?,
        seen: unsigned(row.get(17)?),
        checked_ms: row.get(18)?,
        healed: unsigned(row.get(19)?),
        time: time(row)?,
    })
}

fn time(row: &Row<'_>) -> rusqlite::Result<Option<RelayTime>> {
    let Some(boot) = row.get(20)? else { return Ok(None) };
    Ok(Some(RelayTime { boot, up_ms: row.get(21)?, relay_ms: row.get(22)?, off_ms: row.get(23)? }))
}

const COLUMNS: &str = "url, key, epoch, pos, digest, view, eff, at, lease, nonce, pushed, seals, token, offset_ms,
    receipt_ms, receipt_pos, beacon, seen, checked_ms, healed, time_boot, time_up, time_ms, time_off";

/// The relay's row; `None` before the first session.
pub(crate) fn load(sql: &Connection) -> Result<Option<RelayRow>, StoreError> {
    let mut statement = sql.prepare_cached(&format!("SELECT {COLUMNS} FROM relay"))?;
    Ok(statement.query_row([], read_row).optional()?)
}

/// A change above `pushed` that the relay is not known to hold.
const WAITING: &str = "c.id > (SELECT coalesce(max(pushed), 0) FROM relay)
    AND NOT EXISTS (SELECT 1 FROM relay_skip s WHERE c.id BETWEEN s.first AND s.last)";

impl Tx<'_> {
    /// Keeps the relay's row.
    pub(crate) fn put_relay(&mut self, relay: &RelayRow) -> Result<(), StoreError> {
        let (epoch, anchor) = relay.anchor.unzip();
        let (view, cursor) = relay.cursor.unzip();
        self.sql
            .prepare_cached(&format!(
                "INSERT OR REPLACE INTO relay(one, {COLUMNS}) VALUES
                 (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20,
                  ?21, ?22, ?23, ?24)"
            ))?
            .execute(params![
                relay.url,
                relay.key.as_ref().map(PublicKey::as_bytes),
                epoch,
                anchor.map(|anchor| anchor.pos as i64),
                anchor.map(|anchor| anchor.digest),
                view.map(|view| view as i64),
                cursor.map(|cursor| cursor.eff as i64),
                cursor.map(|cursor| cursor.pos as i64),
                relay.lease as i64,
                relay.nonce,
                relay.pushed,
                relay.seals,
                relay.token,
                relay.offset_ms,
                relay.receipt.map(|receipt| receipt.relay_ms),
                relay.receipt.map(|receipt| receipt.pos as i64),
                relay.beacon,
                relay.seen as i64,
                relay.checked_ms,
                relay.healed as i64,
                relay.time.as_ref().map(|time| &time.boot),
                relay.time.as_ref().map(|time| time.up_ms),
                relay.time.as_ref().map(|time| time.relay_ms),
                relay.time.as_ref().map(|time| time.off_ms)
            ])?;
        Ok(())
    }

    /// The newest change's and the newest seal's row.
    pub(crate) fn newest_rows(&mut self) -> Result<(i64, i64), StoreError> {
        self.flush()?;
        newest_rows(&self.sql)
    }

    /// Notes that the relay holds, of the changes above row `before`, those with these hashes (sorted).
    pub(crate) fn note_from_relay(&mut self, before: i64, hashes: &[ChangeHash]) -> Result<(), StoreError> {
        self.flush()?;
        let mut statement = self.sql.prepare_cached("SELECT id, hash FROM change WHERE id > ?1 ORDER BY id")?;
        let mut rows = statement.query([before])?;
        let mut runs: Vec<(i64, i64)> = Vec::new();
        let mut last_row = before;
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            if hashes.binary_search(&read::hash(row, 1)?).is_ok() {
                match runs.last_mut() {
                    // Rows in between were taken away.
                    Some((_, last)) if *last == last_row => *last = id,
                    _ => runs.push((id, id)),
                }
            }
            last_row = id;
        }
        drop(rows);
        drop(statement);
        for (first, last) in runs {
            self.add_run(first, last)?;
        }
        Ok(())
    }

    /// Notes that the relay holds changes of a document that were here before they came from there.
    pub(crate) fn note_known_at_relay(
        &mut self,
        pushed: i64,
        doc: DocId,
        hashes: &BTreeSet<ChangeHash>,
    ) -> Result<(), StoreError> {
        let Some(row) = read::row_of(&self.sql, doc)? else { return Ok(()) };
        let ids = read::change_ids(&self.sql, row)?;
        let mut found: Vec<i64> = hashes.iter().filter_map(|hash| ids.get(hash).copied()).collect();
        found.retain(|id| *id > pushed);
        found.sort_unstable();
        found.into_iter().try_for_each(|row| self.add_run(row, row))
    }

    fn add_run(&mut self, first: i64, last: i64) -> Result<(), StoreError> {
        let sql = &self.sql;
        // Grown at its end or taken whole: a run that touches the one before becomes part of it.
        let joined = sql
            .prepare_cached("UPDATE relay_skip SET last = max(last, ?2) WHERE first <= ?1 AND last >= ?1 - 1")?
            .execute([first, last])?;
        if joined == 0 {
            sql.prepare_cached(
                "INSERT INTO relay_skip(first, last) VALUES (?1, ?2)
                 ON CONFLICT DO UPDATE SET last = max(last, excluded.last)",
            )?
            .execute([first, last])?;
        }
        Ok(())
    }

    /// Moves `pushed` up over everything that is known to be at the relay, and forgets the runs below.
    pub(crate) fn settle_pushed(&mut self, relay: &mut RelayRow) -> Result<(), StoreError> {
        loop {
            let next: Option<(i64, i64)> = self
                .sql
                .prepare_cached("SELECT first, last FROM relay_skip ORDER BY first LIMIT 1")?
                .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            let Some((first, last)) = next else { return Ok(()) };
            let gap: bool = self
                .sql
                .prepare_cached("SELECT EXISTS (SELECT 1 FROM change WHERE id > ?1 AND id < ?2)")?
                .query_row([relay.pushed, first], |row| row.get(0))?;
            if gap && last > relay.pushed {
                return Ok(());
            }
            relay.pushed = relay.pushed.max(last);
            self.sql.prepare_cached("DELETE FROM relay_skip WHERE first = ?1")?.execute([first])?;
        }
    }

    /// Rows above the newest change will be given out again: nothing may speak of them.
    pub(crate) fn clip_relay(&mut self, relay: &mut RelayRow) -> Result<(), StoreError> {
        let (newest, _) = self.newest_rows()?;
        relay.pushed = relay.pushed.min(newest);
        self.sql.execute("DELETE FROM relay_skip WHERE first > ?1", [newest])?;
        self.sql.execute("UPDATE relay_skip SET last = min(last, ?1)", [newest])?;
        self.sql.execute("UPDATE OR REPLACE relay_mark SET change = ?1 WHERE change > ?1", [newest])?;
        Ok(())
    }

    /// All that the relay holds of the changes so far lies at or below a place of its log.
    pub(crate) fn put_mark(&mut self, change: i64, pos: u64, seen: u64) -> Result<(), StoreError> {
        let (pos, seen) = (pos as i64, seen as i64);
        self.sql
            .prepare_cached(
                "INSERT INTO relay_mark(change, pos) SELECT ?1, ?2
                  WHERE NOT EXISTS (SELECT 1 FROM relay_mark WHERE change >= ?1 AND pos <= ?2)
                 ON CONFLICT DO UPDATE SET pos = max(pos, excluded.pos)",
            )?
            .execute([change, pos])?;
        // Of those that were seen the newest says it all; of the others the newest are kept.
        self.sql
            .prepare_cached(
                "DELETE FROM relay_mark WHERE change < (SELECT coalesce(max(change), 0) FROM relay_mark WHERE pos <= ?1)
                    OR change < (SELECT max(change) FROM relay_mark) AND pos > ?1 AND change <
                       (SELECT coalesce(min(change), 0) FROM
                          (SELECT change FROM relay_mark ORDER BY change DESC LIMIT ?2))",
            )?
            .execute([seen, MARKS])?;
        Ok(())
    }

    /// Changes above a row were pushed only now: what is said to lie lower than that was said without them.
    pub(crate) fn raise_marks(&mut self, above: i64, pos: u64) -> Result<(), StoreError> {
        self.sql
            .prepare_cached("UPDATE relay_mark SET pos = max(pos, ?2) WHERE change > ?1")?
            .execute([above, pos as i64])?;
        Ok(())
    }

    /// Forgets everything about a log that is gone: what lies where in it says nothing any more.
    pub(crate) fn forget_marks(&mut self) -> Result<(), StoreError> {
        self.sql.execute("DELETE FROM relay_mark", [])?;
        Ok(())
    }

    /// Sorts refused changes of a document into those whose facts are refused for the first time and those that were
    /// carried again before. Remembers the first.
    pub(crate) fn sort_refused(
        &mut self,
        doc: DocId,
        refused: &BTreeMap<ChangeHash, String>,
    ) -> Result<(BTreeMap<ChangeHash, String>, Vec<ChangeHash>), StoreError> {
        let (mut first, mut again) = (BTreeMap::new(), Vec::new());
        let present = Carrier::Device(self.author());
        let Some(row) = read::row_of(&self.sql, doc)? else { return Ok((first, again)) };
        let mut insert = self.sql.prepare_cached("INSERT OR IGNORE INTO relay_refused(doc, fact) VALUES (?1, ?2)")?;
        for change in read::changes(&self.sql, doc, row)? {
            let Some(code) = refused.get(&change.hash) else { continue };
            let mut new = true;
            for (fact, _) in &change.facts {
                new &= insert.execute(params![row, fact.as_bytes()])? > 0;
            }
            // In the present life it is carried under a number of its own, however often copies were in the way before.
            let number_taken = code == REUSED && change.carrier != present;
            if new || number_taken {
                first.insert(change.hash, code.clone());
            } else {
                again.push(change.hash);
            }
        }
        Ok((first, again))
    }

    /// A change that was refused again stays in the record and is not pushed any more; its bytes go to quarantine, so
    /// that the inbox shows it.
    pub(crate) fn leave_refused(
        &mut self,
        sender: &Sender<'_>,
        doc: DocId,
        hash: ChangeHash,
        code: &str,
    ) -> Result<(), StoreError> {
        let Some(row) = read::row_of(&self.sql, doc)? else { return Ok(()) };
        let changes = read::changes(&self.sql, doc, row)?;
        if let Some(change) = changes.iter().find(|change| change.hash == hash) {
            let detail = "the relay refused it twice; it is kept here";
            self.quarantine(sender, Some(doc), &change.build()?.bytes, code, detail)?;
        }
        self.note_known_at_relay(0, doc, &BTreeSet::from([hash]))
    }

    /// What was carried again was accepted.
    pub(crate) fn forget_refused(&mut self) -> Result<(), StoreError> {
        self.sql.execute("DELETE FROM relay_refused", [])?;
        Ok(())
    }
}

/// The newest change's and the newest seal's row.
pub(crate) fn newest_rows(sql: &Connection) -> Result<(i64, i64), StoreError> {
    let query = "SELECT (SELECT coalesce(max(id), 0) FROM change), (SELECT coalesce(max(id), 0) FROM seal)";
    Ok(sql.prepare_cached(query)?.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

impl Store {
    /// What this device remembers of its relay; `None` before the first session with one.
    pub fn relay(&self) -> Result<Option<RelayRow>, StoreError> {
        self.sql(load)
    }

    /// Documents with changes that wait for others.
    pub(crate) fn parked_docs(&self) -> Result<BTreeSet<DocId>, StoreError> {
        self.sql(|sql| {
            let mut statement = sql.prepare_cached("SELECT DISTINCT doc FROM parked LIMIT ?1")?;
            let ids = statement.query_map([MOST_WANTED], |row| row.get::<_, [u8; 16]>(0))?;
            ids.filter_map(|id| id.map(DocId::from_bytes).transpose()).map(|id| Ok(id?)).collect()
        })
    }

    /// A number that changes when another connection has written.
    pub fn data_version(&self) -> Result<i64, StoreError> {
        self.sql(|sql| Ok(sql.pragma_query_value(None, "data_version", |row| row.get(0))?))
    }

    /// How many changes wait to be pushed.
    pub fn waiting(&self) -> Result<u64, StoreError> {
        self.sql(|sql| {
            let nothing = "NOT EXISTS (SELECT 1 FROM relay WHERE pushed > 0) AND NOT EXISTS (SELECT 1 FROM relay_skip)";
            // A device that has handed over nothing yet need not walk its whole record for that.
            let query = format!(
                "SELECT CASE WHEN {nothing} THEN (SELECT coalesce(sum(changes), 0) FROM doc)
                             ELSE (SELECT count(*) FROM change c WHERE {WAITING}) END"
            );
            Ok(sql.prepare_cached(&query)?.query_row([], |row| row.get::<_, i64>(0))? as u64)
        })
    }

    /// Whether any change waits to be pushed.
    pub(crate) fn any_waiting(&self) -> Result<bool, StoreError> {
        self.sql(|sql| {
            let query = format!("SELECT EXISTS (SELECT 1 FROM change c WHERE {WAITING})");
            Ok(sql.prepare_cached(&query)?.query_row([], |row| row.get(0))?)
        })
    }

    /// Documents with changes up to row `to` that wait to be pushed.
    pub(crate) fn waiting_docs(&self, pushed: i64, to: i64) -> Result<Vec<DocId>, StoreError> {
        self.sql(|sql| {
            let mut statement = sql.prepare_cached(
                "SELECT DISTINCT d.doc FROM change c JOIN doc d ON d.id = c.doc
                  WHERE c.id > ?1 AND c.id <= ?2
                    AND NOT EXISTS (SELECT 1 FROM relay_skip s WHERE c.id BETWEEN s.first AND s.last)",
            )?;
            let mut rows = statement.query([pushed, to])?;
            let mut docs = Vec::new();
            while let Some(row) = rows.next()? {
                let doc = DocId::from_bytes(row.get(0)?);
                docs.push(doc.ok_or_else(|| StoreError::corrupt("a document without id"))?);
            }
            Ok(docs)
        })
    }

    /// The newest change's and the newest seal's row.
    pub(crate) fn newest_rows(&self) -> Result<(i64, i64), StoreError> {
        self.sql(newest_rows)
    }

    /// A document's changes in rows above `from` (those in runs left out if `skip`) up to `to`.
    pub(crate) fn changes_between(
        &self,
        doc: DocId,
        from: i64,
        to: i64,
        skip: bool,
    ) -> Result<Vec<super::ChangeRow>, StoreError> {
        self.sql(|sql| {
            let mut statement = sql.prepare_cached(&format!(
                "SELECT {} FROM doc d JOIN change c ON c.doc = d.id LEFT JOIN author a ON a.id = c.carrier
                  WHERE d.doc = ?1 AND c.id > ?2 AND c.id <= ?3
                    AND NOT (?4 AND EXISTS (SELECT 1 FROM relay_skip s WHERE c.id BETWEEN s.first AND s.last))
                  ORDER BY c.id",
                read::CHANGE_COLUMNS
            ))?;
            let mut rows = statement.query(params![doc.as_bytes(), from, to, skip])?;
            let mut changes = Vec::new();
            while let Some(row) = rows.next()? {
                changes.push(read::change_of(doc, row)?);
            }
            Ok(changes)
        })
    }

    /// Leaves of seals above row `seals`: a push takes them along whatever else it carries.
    pub(crate) fn new_leaves(&self, seals: i64, to: i64) -> Result<Vec<super::Voucher>, StoreError> {
        self.sql(|sql| super::seals::vouchers_above(sql, seals, to))
    }

    /// Where the facts are, of one document or of all.
    pub fn whereabouts(&self, doc: Option<DocId>) -> Result<Whereabouts, StoreError> {
        self.sql(|sql| {
            let row = match doc {
                Some(doc) => Some(read::row_of(sql, doc)?.unwrap_or(0)),
                None => None,
            };
            let seen_to: i64 = sql
                .prepare_cached(
                    "SELECT coalesce(max(change), 0) FROM relay_mark WHERE pos <= (SELECT max(seen) FROM relay)",
                )?
                .query_row([], |row| row.get(0))?;
            let known = load(sql)?.is_some();
            let count = |query: &str, params: &[&dyn ToSql]| {
                Ok::<u64, rusqlite::Error>(
                    sql.prepare_cached(query)?.query_row(params, |row| row.get::<_, i64>(0))? as u64
                )
            };
            let all = match row {
                Some(row) => count("SELECT coalesce(max(facts), 0) FROM doc WHERE id = ?1", &[&row])?,
                None => count("SELECT coalesce(sum(facts), 0) FROM doc", &[])?,
            };
            if !known {
                return Ok(Whereabouts { here: all, relay: 0, seen: 0 });
            }
            // Only what is on its way is looked at: the rest of the record may be large.
            let on_its_way = |which: &str, params: &[&dyn ToSql]| {
                let query = format!(
                    "SELECT count(*) FROM change c JOIN fact f ON f.change = c.id
                      WHERE (?1 IS NULL OR c.doc = ?1) AND {which}"
                );
                count(&query, params)
            };
            let here = on_its_way(WAITING, &[&row])?;
            let unseen = match seen_to {
                0 => all,
                _ => on_its_way(&format!("c.id > ?2 AND NOT ({WAITING})"), &[&row, &seen_to])?,
            };
            // Another process may have written between two of these questions.
            let relay = all.saturating_sub(here);
            Ok(Whereabouts { here, relay, seen: relay.saturating_sub(unseen) })
        })
    }
}
