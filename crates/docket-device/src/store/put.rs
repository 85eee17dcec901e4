//! What was admitted, written into the tables: the document's row, its changes, their facts, the ends of chains.

use std::collections::BTreeMap;

use docket_format::fact::Origin;
use docket_format::{DocId, Fact, FactId};
use rusqlite::params;

use super::docs::{Admitted, DocWork};
use super::{Arrival, ChangeRow, Tx, body, read};
use crate::error::StoreError;

impl Tx<'_> {
    pub(super) fn flush_doc(&mut self, work: &mut DocWork) -> Result<(), StoreError> {
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
            .prepare_cached(
                "UPDATE doc SET facts = (SELECT count(*) FROM change c JOIN fact f ON f.change = c.id WHERE c.doc = ?1)
                  WHERE id = ?1",
            )?
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
            let kind = read::kind_of(self.tenant(), work.doc, facts());
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
        if work.has(&self.sql, fact.id)? {
            return Ok(()); // carried again: the same fact
        }
        let (author, n) = match &fact.header.origin {
            Origin::Device { author, n, .. } => (Some(self.author_row(*author)?), Some(*n)),
            Origin::Import { .. } => (None, None),
        };
        // In a damaged index a row of no change may stand at this place.
        self.sql
            .prepare_cached(
                "INSERT OR REPLACE INTO fact(change, pos, id, kind, author, n, at_ms)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![
                change,
                pos as i64,
                fact.id.as_bytes(),
                fact.kind(),
                author,
                n.map(|n| n as i64),
                fact.wall_ms()
            ])?;
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
        work.add(fact);
        Ok(())
    }

    /// Puts a document's changes into the index anew; whoever calls took them out of it.
    pub(crate) fn reindex<'a>(
        &mut self,
        doc: DocId,
        changes: impl IntoIterator<Item = (i64, &'a ChangeRow)>,
    ) -> Result<(), StoreError> {
        let mut tips = BTreeMap::new();
        let mut work = DocWork::load(&self.sql, doc, &mut self.next_row)?;
        for (row, change) in changes {
            for (pos, (key, text)) in change.facts.iter().enumerate() {
                match Fact::read(doc, *key, text.as_bytes()) {
                    Ok(fact) => self.put_fact(&mut work, row, pos, fact, false, &mut tips)?,
                    Err(reason) => self.put_malformed(work.row, row, pos, *key, &reason.to_string())?,
                }
            }
        }
        self.put_tips(work.row, &tips)
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
}
