//! What this device wrote and has not sealed yet.

use docket_format::{Author, DocId, FactId, Incarnation};
use rusqlite::Connection;

use super::Store;
use crate::error::StoreError;

/// One thing that the next seal of this device covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tip {
    /// The document.
    pub doc: DocId,
    /// The number of this device's newest fact in it; 0 for an imported fact.
    pub n: u64,
    /// The fact.
    pub fact: FactId,
}

/// What the next seal of this device's present life must cover.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outbox {
    /// Own tips above the last seal, then imported facts that this device vouches for.
    pub tips: Vec<Tip>,
    /// The last seal's count; 0 if there is none.
    pub last_count: u64,
}

impl Store {
    /// Own facts and imported facts that no seal covers. The roster's facts carry their own signatures but are listed
    /// too. Facts of earlier lives of this device are not: see [`Store::unsealed_lives`].
    pub fn outbox(&self) -> Result<Outbox, StoreError> {
        self.sql(|sql| outbox(sql, self.author()))
    }

    /// What earlier lives of this device left unsealed: facts that came back with a copy of the database. The device's
    /// present life seals them in the earlier one's name, or nobody else would ever take them in.
    pub fn left_behind(&self) -> Result<Vec<(Incarnation, Tip)>, StoreError> {
        self.sql(|sql| left_behind(sql, self.author()))
    }

    /// Tips of earlier lives of this device that no seal covers: facts that came back with a database copy. They were
    /// written by this device and may be sealed in that life's name only if the copy is known to be its own.
    pub fn unsealed_lives(&self) -> Result<u64, StoreError> {
        let author = self.author();
        let run = || {
            self.conn
                .prepare_cached(
                    "SELECT count(*) FROM author a JOIN unsealed u ON u.author = a.id
                      WHERE a.device = ?1 AND a.incarnation <> ?2",
                )?
                .query_row(rusqlite::params![author.device.as_bytes(), author.incarnation.0], |row| {
                    row.get::<_, i64>(0)
                })
        };
        run().map(|count| count as u64).map_err(|error| StoreError::from(error).in_dir(&self.dir))
    }
}

/// See [`Store::outbox`].
pub(crate) fn outbox(sql: &Connection, author: Author) -> Result<Outbox, StoreError> {
    let key = rusqlite::params![author.device.as_bytes(), author.incarnation.0];
    let mut tips = Vec::new();
    let own = "SELECT d.doc, c.n, c.tip FROM author a JOIN unsealed u ON u.author = a.id
                 JOIN chain c ON c.doc = u.doc AND c.author = u.author JOIN doc d ON d.id = u.doc
                WHERE a.device = ?1 AND a.incarnation = ?2 ORDER BY u.doc";
    let imported = "SELECT d.doc, 0, u.fact FROM unvouched u JOIN doc d ON d.id = u.doc ORDER BY u.doc, u.fact";
    for (query, key) in [(own, key), (imported, rusqlite::params![])] {
        let mut statement = sql.prepare_cached(query)?;
        let mut rows = statement.query(key)?;
        while let Some(row) = rows.next()? {
            let doc = DocId::from_bytes(row.get(0)?).ok_or_else(|| StoreError::corrupt("a document without id"))?;
            tips.push(Tip { doc, n: row.get::<_, i64>(1)? as u64, fact: FactId::from_bytes(row.get(2)?) });
        }
    }
    let last: i64 = sql
        .prepare_cached(
            "SELECT coalesce(max(s.count), 0) FROM author a JOIN seal s ON s.author = a.id
                  WHERE a.device = ?1 AND a.incarnation = ?2",
        )?
        .query_row(key, |row| row.get(0))?;
    Ok(Outbox { tips, last_count: last as u64 })
}

/// See [`Store::left_behind`].
pub(crate) fn left_behind(sql: &Connection, author: Author) -> Result<Vec<(Incarnation, Tip)>, StoreError> {
    let mut statement = sql.prepare_cached(
        "SELECT a.incarnation, d.doc, c.n, c.tip FROM author a JOIN unsealed u ON u.author = a.id
           JOIN chain c ON c.doc = u.doc AND c.author = u.author JOIN doc d ON d.id = u.doc
          WHERE a.device = ?1 AND a.incarnation < ?2 ORDER BY 1, u.doc",
    )?;
    let mut rows = statement.query(rusqlite::params![author.device.as_bytes(), author.incarnation.0])?;
    let mut left = Vec::new();
    while let Some(row) = rows.next()? {
        let doc = DocId::from_bytes(row.get(1)?).ok_or_else(|| StoreError::corrupt("a document without id"))?;
        let tip = Tip { doc, n: row.get::<_, i64>(2)? as u64, fact: FactId::from_bytes(row.get(3)?) };
        left.push((Incarnation(row.get(0)?), tip));
    }
    Ok(left)
}
