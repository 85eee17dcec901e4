//! Looking for damage, and making anew what can be made anew. The truth is the changes; everything else follows.

use std::collections::{BTreeMap, BTreeSet};

use docket_format::change::{Carrier, genesis};
use docket_format::fact::Origin;
use docket_format::{Author, ChangeHash, DocId, Fact, FactId};
use rusqlite::Connection;

use crate::error::StoreError;
use crate::project::{self, TABLES};
use crate::store::{ChangeRow, Store, body, read};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Harm {
    /// Worth knowing: another device has what is missing, or it heals at the next write.
    Note,
    /// `docket doctor --rebuild` mends it.
    Derived,
    /// The record itself: other devices hold what was lost here.
    Record,
}

/// One thing that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad.
    pub harm: Harm,
    /// A stable short name: `file`, `change`, `heads`, `index`, `chain-gap`, `chain-fork`, `projection`, `malformed`.
    pub code: &'static str,
    /// The document, where there is one.
    pub doc: Option<DocId>,
    /// In words, with where.
    pub what: String,
}

/// What [`check`] found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Documents looked at.
    pub docs: u64,
    /// Changes whose hash was compared.
    pub changes: u64,
    /// Facts whose key was compared.
    pub facts: u64,
    /// Whether the projections were compared with a rebuild (not on a store that can't be written).
    pub projections_compared: bool,
    /// Everything found.
    pub findings: Vec<Finding>,
}

/// Findings listed; more are not looked for.
const MOST: usize = 1_000;

impl Report {
    /// Nothing that needs mending.
    pub fn is_sound(&self) -> bool {
        self.findings.iter().all(|finding| finding.harm == Harm::Note)
    }

    fn add(&mut self, harm: Harm, code: &'static str, doc: Option<DocId>, what: impl Into<String>) {
        if self.findings.len() < MOST {
            self.findings.push(Finding { harm, code, doc, what: what.into() });
        }
    }
}

/// Checks the file, every change against its hash, every fact against its key, heads, chains, the index, and the
/// projections against a rebuild that is then given up.
pub fn check(store: &mut Store) -> Result<Report, StoreError> {
    let mut report = Report::default();
    check_file(store.conn(), &mut report);
    if let Err(error) = check_record(store.conn(), &mut report) {
        report.add(Harm::Record, "file", None, error.in_dir(store.dir()).to_string());
    }
    if store.writable() {
        match compare_projections(store) {
            Ok(different) => {
                report.projections_compared = true;
                for (table, rows) in different {
                    report.add(
                        Harm::Derived,
                        "projection",
                        None,
                        format!("{table}: {rows} rows differ from a rebuild"),
                    );
                }
            }
            Err(error @ (StoreError::Corrupt { .. } | StoreError::Sql { .. })) => {
                report.add(Harm::Derived, "projection", None, format!("can't be compared: {error}"));
            }
            Err(error) => return Err(error.in_dir(store.dir())),
        }
    }
    Ok(report)
}

/// Makes the index and the projections anew from the changes, in one transaction. Returns the documents.
pub fn rebuild(store: &mut Store) -> Result<u64, StoreError> {
    let dir = store.dir().to_path_buf();
    let mut run = || {
        reindex(store)?;
        store.rebuild_projections()
    };
    run().map_err(|error: StoreError| error.in_dir(&dir))
}

fn check_file(sql: &Connection, report: &mut Report) {
    let run = || -> rusqlite::Result<Vec<String>> {
        sql.prepare("PRAGMA quick_check(20)")?.query_map([], |row| row.get(0))?.collect()
    };
    match run() {
        Ok(lines) => {
            for line in lines.into_iter().filter(|line| line != "ok") {
                report.add(Harm::Record, "file", None, format!("SQLite: {line}"));
            }
        }
        Err(error) => report.add(Harm::Record, "file", None, format!("SQLite: {error}")),
    }
}

fn check_record(sql: &Connection, report: &mut Report) -> Result<(), StoreError> {
    let mut statement = sql.prepare("SELECT id, doc, max_op, changes, heads FROM doc WHERE changes > 0 ORDER BY id")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        let Some(doc) = row.get::<_, Vec<u8>>(1).ok().and_then(|bytes| DocId::from_slice(&bytes)) else {
            report.add(Harm::Record, "file", None, format!("document row {id} has no document id"));
            continue;
        };
        report.docs += 1;
        let counts = (row.get::<_, i64>(2)? as u64, row.get::<_, i64>(3)? as u64);
        let heads = body::split(&row.get::<_, Vec<u8>>(4)?);
        if let Err(error) = check_doc(sql, (doc, id), counts, heads.as_deref(), report) {
            report.add(Harm::Record, "change", Some(doc), error.to_string());
        }
    }
    let stray = "SELECT count(*) FROM fact WHERE change NOT IN (SELECT id FROM change)";
    let stray: i64 = sql.query_row(stray, [], |row| row.get(0))?;
    if stray > 0 {
        report.add(Harm::Derived, "index", None, format!("{stray} facts are in the index and in no change"));
    }
    Ok(())
}

fn check_doc(
    sql: &Connection,
    (doc, id): (DocId, i64),
    (max_op, changes): (u64, u64),
    heads: Option<&[ChangeHash]>,
    report: &mut Report,
) -> Result<(), StoreError> {
    let mut statement = sql.prepare_cached(&format!(
        "SELECT {} FROM change c LEFT JOIN author a ON a.id = c.carrier WHERE c.doc = ?1 ORDER BY c.id",
        read::CHANGE_COLUMNS
    ))?;
    let mut rows = statement.query([id])?;
    let (mut good, mut bad) = (Vec::new(), 0u64);
    while let Some(row) = rows.next()? {
        match read::change_of(doc, row) {
            Ok(change) => good.push(change),
            Err(error) => {
                bad += 1;
                report.add(Harm::Record, "change", Some(doc), error.to_string());
            }
        }
    }
    report.changes += good.len() as u64 + bad;
    let facts = facts_of(doc, &good, report);
    check_index(sql, (doc, id), &facts, report)?;
    if bad == 0 {
        check_state(doc, &good, (max_op, changes), heads, report);
        check_numbers(doc, &good, report);
        check_chains(doc, &facts, report);
    }
    Ok(())
}

fn facts_of(doc: DocId, changes: &[ChangeRow], report: &mut Report) -> BTreeMap<FactId, Fact> {
    let mut facts = BTreeMap::new();
    for (key, text) in changes.iter().flat_map(|change| &change.facts) {
        report.facts += 1;
        match Fact::read(doc, *key, text.as_bytes()) {
            Ok(fact) => {
                facts.insert(fact.id, fact);
            }
            Err(reason) => report.add(Harm::Note, "malformed", Some(doc), format!("{key}: {reason}")),
        }
    }
    facts
}

fn check_index(
    sql: &Connection,
    (doc, id): (DocId, i64),
    facts: &BTreeMap<FactId, Fact>,
    report: &mut Report,
) -> Result<(), StoreError> {
    let indexed = read::indexed(sql, id)?;
    let (rows, indexed) = (indexed.len(), BTreeSet::from_iter(indexed));
    if rows > indexed.len() {
        report.add(Harm::Derived, "index", Some(doc), format!("{} facts are indexed twice", rows - indexed.len()));
    }
    for fact in facts.keys().filter(|fact| !indexed.contains(fact)) {
        report.add(Harm::Derived, "index", Some(doc), format!("fact {fact} is not in the index"));
    }
    let counted: i64 = sql.prepare_cached("SELECT facts FROM doc WHERE id = ?1")?.query_row([id], |row| row.get(0))?;
    if counted != facts.len() as i64 {
        let what = format!("{} facts; the row says {counted}", facts.len());
        report.add(Harm::Derived, "index", Some(doc), what);
    }
    for fact in indexed.iter().filter(|fact| !facts.contains_key(fact)) {
        report.add(Harm::Derived, "index", Some(doc), format!("fact {fact} is in the index and in no change"));
    }
    Ok(())
}

fn check_state(
    doc: DocId,
    changes: &[ChangeRow],
    (max_op, count): (u64, u64),
    heads: Option<&[ChangeHash]>,
    report: &mut Report,
) {
    let known: BTreeSet<ChangeHash> = changes.iter().map(|change| change.hash).collect();
    let genesis = genesis(doc).hash;
    let deps: BTreeSet<ChangeHash> = changes.iter().flat_map(|change| change.deps.iter().copied()).collect();
    for dep in deps.iter().filter(|dep| **dep != genesis && !known.contains(dep)) {
        report.add(Harm::Record, "change", Some(doc), format!("change {dep} is built upon and missing"));
    }
    let expect: Vec<ChangeHash> = known.iter().filter(|hash| !deps.contains(hash)).copied().collect();
    let top = changes.iter().map(ChangeRow::max_op).max().unwrap_or(2);
    if heads != Some(expect.as_slice()) || max_op != top || count != changes.len() as u64 {
        let what = format!(
            "{} changes, highest operation {top}, {} heads; the row says otherwise",
            changes.len(),
            expect.len()
        );
        report.add(Harm::Record, "heads", Some(doc), what);
    }
}

/// Whoever takes a change in asks first whether its number is taken.
fn check_numbers(doc: DocId, changes: &[ChangeRow], report: &mut Report) {
    let mut taken = BTreeSet::new();
    for change in changes {
        let Carrier::Device(author) = change.carrier else { continue };
        if !taken.insert((author, change.seq)) {
            let what = format!(
                "device {} (life {}): two changes with number {}",
                author.device, author.incarnation, change.seq
            );
            report.add(Harm::Record, "change", Some(doc), what);
        }
    }
}

fn check_chains(doc: DocId, facts: &BTreeMap<FactId, Fact>, report: &mut Report) {
    let mut chains: BTreeMap<Author, BTreeMap<u64, Vec<&Fact>>> = BTreeMap::new();
    for fact in facts.values() {
        if let Origin::Device { author, n, .. } = fact.header.origin {
            chains.entry(author).or_default().entry(n).or_default().push(fact);
        }
    }
    for (author, chain) in chains {
        let who = format!("device {} (life {})", author.device, author.incarnation);
        let mut expect = 1;
        for (n, found) in chain {
            if n != expect {
                report.add(
                    Harm::Note,
                    "chain-gap",
                    Some(doc),
                    format!("{who}: facts {expect} to {} are not here", n - 1),
                );
            }
            if found.len() > 1 {
                report.add(
                    Harm::Note,
                    "chain-fork",
                    Some(doc),
                    format!("{who}: {} facts with number {n}", found.len()),
                );
            }
            expect = n + 1;
        }
    }
}

/// Rebuilds inside a transaction that is given up, and counts the rows that differ.
fn compare_projections(store: &mut Store) -> Result<Vec<(&'static str, i64)>, StoreError> {
    let tx = store.begin()?;
    let sql: &Connection = &tx.sql;
    for &table in TABLES {
        sql.execute_batch(&format!(
            "CREATE TEMP TABLE old_{table} AS SELECT * FROM main.{table}; DELETE FROM main.{table};"
        ))?;
    }
    project::fill(sql, tx.tenant())?;
    let mut different = Vec::new();
    for &table in TABLES {
        let rows: i64 = sql.query_row(
            &format!(
                "SELECT (SELECT count(*) FROM (SELECT * FROM main.{table} EXCEPT SELECT * FROM temp.old_{table}))
                      + (SELECT count(*) FROM (SELECT * FROM temp.old_{table} EXCEPT SELECT * FROM main.{table}))"
            ),
            [],
            |row| row.get(0),
        )?;
        if rows > 0 {
            different.push((table, rows));
        }
    }
    drop(tx); // rolls back, the temporary tables included
    Ok(different)
}

fn reindex(store: &mut Store) -> Result<(), StoreError> {
    let mut tx = store.begin()?;
    tx.forget_all();
    tx.sql.execute_batch("DELETE FROM fact; DELETE FROM malformed; DELETE FROM chain;")?;
    let docs: Vec<(i64, [u8; 16])> = {
        let mut statement = tx.sql.prepare("SELECT id, doc FROM doc WHERE changes > 0 ORDER BY id")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.collect::<Result<_, _>>()?
    };
    for (row, doc) in docs {
        let Some(doc) = DocId::from_bytes(doc) else { continue };
        let ids: Vec<i64> = {
            let mut statement = tx.sql.prepare_cached("SELECT id FROM change WHERE doc = ?1 ORDER BY id")?;
            statement.query_map([row], |row| row.get(0))?.collect::<Result<_, _>>()?
        };
        let changes = read::changes(&tx.sql, doc, row)?;
        tx.reindex(doc, ids.into_iter().zip(&changes))?;
    }
    tx.sql.execute_batch(
        "UPDATE doc SET facts = (SELECT count(*) FROM change c JOIN fact f ON f.change = c.id WHERE c.doc = doc.id);
         UPDATE chain SET sealed_n = min(n, coalesce((SELECT max(l.n) FROM seal s JOIN seal_leaf l ON l.seal = s.id
                                                 WHERE s.author = chain.author AND l.doc = chain.doc), 0))",
    )?;
    tx.commit()
}

#[cfg(test)]
mod tests {
    use super::*;
    use docket_format::{DeviceId, Incarnation};

    #[test]
    fn a_number_that_stands_twice_is_found() {
        let doc = DocId::new_v7(1, [1; 10]);
        let author = Author { device: DeviceId::from_bytes([2; 16]), incarnation: Incarnation(1) };
        let change = |carrier, seq, hash| ChangeRow {
            doc,
            carrier,
            seq,
            start_op: 3,
            deps: Vec::new(),
            time: 0,
            hash: ChangeHash::from_bytes([hash; 32]),
            facts: Vec::new(),
        };
        let (own, import) = (Carrier::Device(author), Carrier::Import);
        let mut report = Report::default();
        check_numbers(
            doc,
            &[change(own, 1, 1), change(own, 2, 2), change(import, 1, 3), change(import, 1, 4)],
            &mut report,
        );
        assert_eq!(report.findings, []);
        check_numbers(doc, &[change(own, 1, 1), change(own, 1, 2)], &mut report);
        let found: Vec<_> = report.findings.iter().map(|found| (found.harm, found.code, found.doc)).collect();
        assert_eq!(found, [(Harm::Record, "change", Some(doc))]);
    }
}
