//! Which seals are held whole: here, and at other devices as they said.

use std::collections::BTreeSet;

use docket_format::bundle::Held;
use docket_format::{Author, DeviceId};
use rusqlite::params;

use super::{Store, read};
use crate::error::StoreError;

impl Store {
    /// The runs of seals of which every leaf is here and everything that it vouches for is part of the record: what
    /// this device tells others that it holds. What waits or was refused is not held.
    pub fn held(&mut self) -> Result<Vec<Held>, StoreError> {
        let seals = self.seals_counted()?;
        let mut held: Vec<Held> = Vec::new();
        for (row, author, count) in seals {
            // Asking costs a look at every leaf, so each seal is asked about only until the answer is yes.
            if !self.books.held.contains(&row) {
                if !self.sql(|sql| holds_all(sql, row))? {
                    continue;
                }
                self.books.held.insert(row);
            }
            match held.last_mut().filter(|run| run.author == author) {
                Some(run) if run.last + 1 >= count => run.last = count,
                _ => held.push(Held { author, first: count, last: count }),
            }
        }
        Ok(held)
    }

    /// Row, author and count of every seal, by author and count.
    fn seals_counted(&self) -> Result<Vec<(i64, Author, u64)>, StoreError> {
        self.sql(|sql| {
            let mut statement = sql.prepare_cached(
                "SELECT s.id, a.device, a.incarnation, s.count FROM seal s JOIN author a ON a.id = s.author
                  ORDER BY 2, 3, 4, 1",
            )?;
            let rows = statement.query_map([], |row| {
                Ok((row.get(0)?, read::author(row.get(1)?, row.get(2)?), row.get::<_, i64>(3)? as u64))
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// What another device last said it holds.
    pub fn held_by(&self, peer: DeviceId) -> Result<Vec<Held>, StoreError> {
        self.sql(|sql| {
            let mut statement = sql.prepare_cached(
                "SELECT a.device, a.incarnation, p.first, p.last FROM peer p JOIN author a ON a.id = p.author
                  WHERE p.device = ?1 ORDER BY 1, 2, 3",
            )?;
            let rows = statement.query_map([peer.as_bytes()], |row| {
                let author = read::author(row.get(0)?, row.get(1)?);
                Ok(Held { author, first: row.get::<_, i64>(2)? as u64, last: row.get::<_, i64>(3)? as u64 })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// The devices that are known to hold a seal whole.
    pub fn holders(&self, author: Author, count: u64) -> Result<Vec<DeviceId>, StoreError> {
        self.sql(|sql| {
            let mut statement = sql.prepare_cached(
                "SELECT DISTINCT p.device FROM peer p JOIN author a ON a.id = p.author
                  WHERE a.device = ?1 AND a.incarnation = ?2 AND ?3 BETWEEN p.first AND p.last ORDER BY 1",
            )?;
            let key = params![author.device.as_bytes(), author.incarnation.0, count as i64];
            let rows = statement.query_map(key, |row| row.get(0).map(DeviceId::from_bytes))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}

/// Whether all leaves of a seal are here, and every fact that they reach.
fn holds_all(sql: &rusqlite::Connection, seal: i64) -> Result<bool, StoreError> {
    let mut statement = sql.prepare_cached(
        "SELECT author, leaves = (SELECT count(*) FROM seal_leaf WHERE seal = ?1) FROM seal WHERE id = ?1",
    )?;
    let (author, complete): (i64, bool) = statement.query_row([seal], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if !complete {
        return Ok(false);
    }
    let mut leaves = sql.prepare_cached("SELECT doc, n, fact FROM seal_leaf WHERE seal = ?1 ORDER BY pos")?;
    let mut facts = sql.prepare_cached(
        "SELECT f.id, CASE f.author WHEN ?2 THEN f.n END FROM change c JOIN fact f ON f.change = c.id WHERE c.doc = ?1",
    )?;
    let mut rows = leaves.query([seal])?;
    let (mut of, mut here, mut own) = (None, BTreeSet::new(), Vec::new());
    while let Some(row) = rows.next()? {
        let (doc, n, fact): (i64, i64, [u8; 16]) = (row.get(0)?, row.get(1)?, row.get(2)?);
        // Leaves of one document stand together.
        if of.replace(doc) != Some(doc) {
            (here, own) = (BTreeSet::new(), Vec::new());
            let mut rows = facts.query([doc, author])?;
            while let Some(row) = rows.next()? {
                here.insert(row.get::<_, [u8; 16]>(0)?);
                own.extend(row.get::<_, Option<i64>>(1)?);
            }
        }
        if !here.contains(&fact) || n > 1 && n > own.iter().filter(|own| **own <= n).count() as i64 {
            return Ok(false);
        }
    }
    Ok(true)
}
