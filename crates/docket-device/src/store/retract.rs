//! Taking changes back out of the record: those that everybody else refuses, and what was built on them. Their facts
//! are carried again on good heads, so nothing is lost; their bytes stay in quarantine.

use std::collections::{BTreeMap, BTreeSet};

use docket_format::change::{Carrier, GENESIS_MAX_OP, genesis};
use docket_format::{ChangeHash, DocId, FactId};
use rusqlite::params;

use super::{ChangeRow, Sender, Tx, body, read};
use crate::error::StoreError;

/// Why a life began that no copy made necessary.
pub const RETRACTED: &str = "own changes were carried again: nobody can take in what they built on";

/// What was taken out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Retracted {
    /// Changes that left the record.
    pub changes: u64,
    /// Their facts, in the order in which they were carried: for [`Tx::carry_again`].
    pub facts: Vec<(FactId, String)>,
    /// This device's ends of chains before: their numbers are never given out again.
    tips: Vec<(i64, i64, FactId)>,
}

impl Tx<'_> {
    /// Takes changes and everything built on them out of a document. What isn't there is passed over, so doing it twice
    /// is harmless. The facts are gone from the record until they are carried again: do that in the same transaction,
    /// then call [`Tx::reseat`]. Taking out changes of this device's present life begins another: their numbers may
    /// have left the device and are never given out again.
    pub(crate) fn retract(
        &mut self,
        sender: &Sender<'_>,
        doc: DocId,
        refused: &BTreeMap<ChangeHash, String>,
    ) -> Result<Retracted, StoreError> {
        self.flush()?;
        let Some(row) = read::row_of(&self.sql, doc)? else { return Ok(Retracted::default()) };
        let mut gone: BTreeSet<ChangeHash> = BTreeSet::new();
        let (mut out, mut stay) = (Vec::new(), Vec::new());
        // What a change builds on has a lower row: one pass finds everything.
        for change in read::changes(&self.sql, doc, row)? {
            if refused.contains_key(&change.hash) || change.deps.iter().any(|dep| gone.contains(dep)) {
                gone.insert(change.hash);
                out.push(change);
            } else {
                stay.push(change);
            }
        }
        if out.is_empty() {
            return Ok(Retracted::default());
        }
        for change in &out {
            let code = refused.get(&change.hash).map_or("builds-on-refused", String::as_str);
            let detail = "the relay can't take it in; its facts are carried again";
            self.quarantine(sender, Some(doc), &change.build()?.bytes, code, detail)?;
        }
        let tips = self.own_tips(row)?;
        // What is carried again must not get the numbers of what was taken out: whoever holds that would take this
        // device for two. Numbers have no gaps, so they start anew.
        if out.iter().any(|change| change.carrier == Carrier::Device(self.author())) {
            self.begin_life(RETRACTED, sender.now_ms)?;
        }
        let lost = self.unindex(row, &out)?;
        self.put_state(doc, row, &stay)?;
        // What another change carries too is still here.
        self.forget_doc(doc)?;
        let stay = self.rows_of(row)?.into_iter().zip(&stay);
        self.reindex(doc, stay.filter(|(_, change)| change.facts.iter().any(|(key, _)| lost.contains(key))))?;
        self.count_facts(row)?;
        self.forget_doc(doc)?;
        let facts = out.iter().flat_map(|change| change.facts.iter().cloned()).collect();
        Ok(Retracted { changes: out.len() as u64, facts, tips })
    }

    fn own_tips(&self, doc: i64) -> Result<Vec<(i64, i64, FactId)>, StoreError> {
        let mut tips = self.sql.prepare_cached(
            "SELECT c.author, c.n, c.tip FROM chain c JOIN author a ON a.id = c.author
              WHERE c.doc = ?1 AND a.device = ?2",
        )?;
        let rows = tips.query_map(params![doc, self.author().device.as_bytes()], |row| {
            Ok((row.get(0)?, row.get(1)?, FactId::from_bytes(row.get(2)?)))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// After a retraction and what was carried again: how far chains and seals reach, counted anew.
    pub(crate) fn reseat(&mut self, doc: DocId, out: &Retracted) -> Result<(), StoreError> {
        self.flush()?;
        let Some(row) = read::row_of(&self.sql, doc)? else { return Ok(()) };
        for (author, n, tip) in &out.tips {
            self.sql
                .prepare_cached(
                    "INSERT INTO chain(doc, author, n, tip) VALUES (?1, ?2, ?3, ?4)
                     ON CONFLICT DO UPDATE SET n = excluded.n, tip = excluded.tip WHERE excluded.n > n",
                )?
                .execute(params![row, author, n, tip.as_bytes()])?;
        }
        self.sql.execute(
            "DELETE FROM unvouched WHERE doc = ?1
                AND fact NOT IN (SELECT f.id FROM change c JOIN fact f ON f.change = c.id WHERE c.doc = ?1)",
            [row],
        )?;
        self.sql.execute(
            "UPDATE chain SET sealed_n = min(n, coalesce((SELECT max(l.n) FROM seal s JOIN seal_leaf l ON l.seal = s.id
                                                     WHERE s.author = chain.author AND l.doc = chain.doc), 0))
              WHERE doc = ?1",
            [row],
        )?;
        Ok(())
    }

    /// Deletes changes and their index; gives the facts that may be gone.
    fn unindex(&mut self, doc: i64, out: &[ChangeRow]) -> Result<BTreeSet<FactId>, StoreError> {
        let mut lost = BTreeSet::new();
        let ids = read::change_ids(&self.sql, doc)?;
        for change in out {
            let Some(&id) = ids.get(&change.hash) else { continue };
            for query in [
                "DELETE FROM fact WHERE change = ?2",
                "DELETE FROM malformed WHERE doc = ?1 AND change = ?2",
                "DELETE FROM change WHERE doc = ?1 AND id = ?2",
            ] {
                self.sql.prepare_cached(query)?.execute([doc, id])?;
            }
            lost.extend(change.facts.iter().map(|(key, _)| *key));
        }
        // The chains end where the facts do now.
        self.sql.execute("DELETE FROM chain WHERE doc = ?1", [doc])?;
        self.sql.execute(
            "INSERT INTO chain(doc, author, n, tip)
             SELECT c.doc, f.author, max(f.n), f.id FROM change c JOIN fact f ON f.change = c.id
              WHERE c.doc = ?1 AND f.author IS NOT NULL GROUP BY f.author",
            [doc],
        )?;
        Ok(lost)
    }

    fn put_state(&mut self, doc: DocId, row: i64, stay: &[ChangeRow]) -> Result<(), StoreError> {
        let built_on: BTreeSet<ChangeHash> = stay.iter().flat_map(|change| change.deps.iter().copied()).collect();
        let mut heads: Vec<ChangeHash> =
            stay.iter().map(|change| change.hash).filter(|hash| !built_on.contains(hash)).collect();
        heads.sort_unstable();
        if heads.as_slice() == [genesis(doc).hash] {
            heads.clear();
        }
        let max_op = stay.iter().map(ChangeRow::max_op).max().unwrap_or(0).max(GENESIS_MAX_OP);
        self.sql.execute(
            "UPDATE doc SET max_op = ?2, changes = ?3, heads = ?4 WHERE id = ?1",
            params![row, max_op as i64, stay.len() as i64, body::join(&heads)],
        )?;
        Ok(())
    }

    fn rows_of(&self, doc: i64) -> Result<Vec<i64>, StoreError> {
        let mut ids = self.sql.prepare_cached("SELECT id FROM change WHERE doc = ?1 ORDER BY id")?;
        Ok(ids.query_map([doc], |row| row.get(0))?.collect::<Result<_, _>>()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{self, at};
    use crate::{Draft, Store};
    use docket_format::{Author, DeviceId, Incarnation};
    use docket_sync::Arrival;
    use serde_json::json;

    const SENDER: Sender<'static> = Sender { name: "relay", now_ms: 1_700_000_000_000, vouch: false };

    /// A store with a job in it.
    fn with_job() -> (tempfile::TempDir, Store, DocId) {
        let (dir, mut store) = testing::store();
        let (doc, _) = store.create_doc(&[Draft::new("created", json!({"dk": "job"}))], &at()).unwrap();
        (dir, store, doc)
    }

    fn retract(store: &mut Store, doc: DocId, hash: ChangeHash) -> Retracted {
        let mut tx = store.begin().unwrap();
        let out = tx.retract(&SENDER, doc, &BTreeMap::from([(hash, "seq-reused".to_owned())])).unwrap();
        tx.carry_again(doc, out.facts.clone(), SENDER.now_ms).unwrap();
        tx.reseat(doc, &out).unwrap();
        tx.commit().unwrap();
        out
    }

    /// What has a number of this device's in the document; no number was another change's before.
    fn note_numbers(used: &mut BTreeMap<(Carrier, u64), ChangeHash>, store: &Store, doc: DocId) {
        for change in store.changes(doc).unwrap() {
            let before = used.insert((change.carrier, change.seq), change.hash);
            assert!(before.is_none_or(|hash| hash == change.hash), "{:?} {} twice", change.carrier, change.seq);
        }
    }

    #[test]
    fn facts_of_what_is_taken_out_stand_on_good_heads_and_twice_is_harmless() {
        let (_dir, mut store, doc) = with_job();
        for text in ["a", "b", "c"] {
            store.write(doc, &[Draft::new("noted", json!({"text": text}))], &at()).unwrap();
        }
        let mut used: BTreeMap<(Carrier, u64), ChangeHash> = BTreeMap::new();
        for place in 0..4 {
            note_numbers(&mut used, &store, doc);
            let (facts, changes) = (store.facts(doc).unwrap(), store.changes(doc).unwrap());
            let out = retract(&mut store, doc, changes[place].hash);
            assert_eq!(out.changes as usize, changes.len() - place, "it and what was built on it");
            assert_eq!(store.facts(doc).unwrap(), facts);
            let now = store.changes(doc).unwrap();
            assert_eq!(now.len(), place + 1, "the rest is one change now");
            assert!(!now.iter().any(|change| change.hash == changes[place].hash));
            assert_eq!(store.heads(doc).unwrap(), [now[place].hash]);
            assert_eq!(store.info(doc).unwrap().unwrap().max_op, GENESIS_MAX_OP + facts.len() as u64);
            assert_eq!(store.outbox().unwrap().tips.len() + store.left_behind().unwrap().len(), place + 1);
            note_numbers(&mut used, &store, doc);
            // It isn't there any more: nothing happens.
            assert_eq!(retract(&mut store, doc, changes[place].hash), Retracted::default());
            assert_eq!(store.changes(doc).unwrap(), now);
            // Writing goes on from there.
            for text in ["d", "e", "f"] {
                store.write(doc, &[Draft::new("noted", json!({"text": text, "place": place}))], &at()).unwrap();
            }
        }
        let facts = store.facts(doc).unwrap();
        let numbers: BTreeSet<_> = facts
            .iter()
            .map(|fact| match fact.header.origin {
                docket_format::fact::Origin::Device { author, n, .. } => (author, n),
                docket_format::fact::Origin::Import { .. } => panic!("nothing was imported"),
            })
            .collect();
        assert_eq!((numbers.len(), facts.len()), (16, 16), "no number was used twice");
        assert!(store.status().unwrap().quarantined > 0);
        let before = store.facts(doc).unwrap();
        store.rebuild_projections().unwrap();
        assert_eq!(store.facts(doc).unwrap(), before);
    }

    #[test]
    fn a_fact_that_two_changes_brought_is_carried_again_once() {
        let (_dir, mut store, doc) = with_job();
        store.write(doc, &[Draft::new("noted", json!({"text": "a"}))], &at()).unwrap();
        let change = store.changes(doc).unwrap().pop().unwrap();
        let mut tx = store.begin().unwrap();
        tx.append(doc, &change.facts, &at()).unwrap();
        tx.commit().unwrap();
        let facts = store.facts(doc).unwrap();
        assert_eq!((store.changes(doc).unwrap().len(), facts.len()), (3, 2));
        assert_eq!(retract(&mut store, doc, change.hash).changes, 2);
        assert_eq!(store.facts(doc).unwrap(), facts);
        let carried: Vec<usize> = store.changes(doc).unwrap().iter().map(|change| change.facts.len()).collect();
        assert_eq!(carried, [1, 1]);
    }

    #[test]
    fn a_fact_that_an_unrelated_change_brought_too_stays_and_is_counted() {
        let (_dir, mut store, doc) = with_job();
        let first = store.changes(doc).unwrap().pop().unwrap();
        store.write(doc, &[Draft::new("noted", json!({"text": "a"}))], &at()).unwrap();
        let change = store.changes(doc).unwrap().pop().unwrap();
        let other = Author { device: DeviceId::from_bytes([3; 16]), incarnation: Incarnation(1) };
        let beside = ChangeRow {
            carrier: Carrier::Device(other),
            seq: 1,
            start_op: first.max_op() + 1,
            deps: vec![first.hash],
            ..change.clone()
        };
        let bytes = beside.build().unwrap().bytes;
        let mut tx = store.begin().unwrap();
        tx.ingest(&SENDER, Arrival::read(doc, beside.carrier, &bytes).unwrap()).unwrap();
        tx.commit().unwrap();
        let facts = store.facts(doc).unwrap();
        assert_eq!((store.changes(doc).unwrap().len(), facts.len()), (3, 2));
        assert_eq!(retract(&mut store, doc, change.hash).changes, 1);
        assert_eq!(store.facts(doc).unwrap(), facts);
        let report = crate::doctor::check(&mut store).unwrap();
        assert!(report.is_sound(), "{report:?}");
    }
}
