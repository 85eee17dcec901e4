//! Numbered migrations. `user_version` says how far a store has come; before a store that holds anything is changed,
//! a copy of it is put beside it.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::error::StoreError;
use crate::{files, project};

/// Step `i` brings a store from version `i` to `i + 1`. Never edit one that was released: add another.
pub(crate) const STEPS: &[&str] = &[
    include_str!("schema.sql"),
    include_str!("schema_2.sql"),
    include_str!("schema_3.sql"),
    include_str!("schema_4.sql"),
    include_str!("schema_5.sql"),
    include_str!("schema_6.sql"),
    include_str!("schema_7.sql"),
    include_str!("schema_8.sql"),
    include_str!("schema_9.sql"),
];

/// The version of a store that this program makes.
pub(crate) const VERSION: i64 = STEPS.len() as i64;

/// The store's version.
pub(crate) fn version(conn: &Connection) -> rusqlite::Result<i64> {
    conn.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Brings a store up to the last of `steps`. Returns the copy that was made before, if there was anything to do.
pub(crate) fn migrate(conn: &Connection, path: &Path, steps: &[&str]) -> Result<Option<PathBuf>, StoreError> {
    let found = version(conn)?;
    if found >= steps.len() as i64 {
        return Ok(None);
    }
    let copy = back_up(conn, path, found)?;
    // A step may sort a table that is larger than the memory.
    conn.pragma_update(None, "temp_store", "FILE")?;
    let done = steps_above(conn, steps);
    conn.pragma_update(None, "temp_store", "MEMORY")?;
    done.map(|()| Some(copy))
}

fn steps_above(conn: &Connection, steps: &[&str]) -> Result<(), StoreError> {
    let tx = Transaction::new_unchecked(conn, TransactionBehavior::Immediate)?;
    // Another process may have been faster; the version is read again under the lock.
    let found = version(&tx)?;
    apply(&tx, found, steps)?;
    project::remake_views(&tx)?;
    Ok(tx.commit()?)
}

/// Runs the steps above `found` inside the caller's transaction.
pub(crate) fn apply(tx: &Connection, found: i64, steps: &[&str]) -> Result<(), StoreError> {
    for step in steps.iter().skip(usize::try_from(found).unwrap_or(0)) {
        tx.execute_batch(step)?;
    }
    tx.pragma_update(None, "user_version", steps.len() as i64)?;
    Ok(())
}

fn back_up(conn: &Connection, path: &Path, version: i64) -> Result<PathBuf, StoreError> {
    let copy = path.with_extension(format!("db.v{version}.bak"));
    let beside = path.with_extension(format!("db.v{version}.{}.tmp", std::process::id()));
    match std::fs::remove_file(&beside) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(StoreError::io(&beside, error)),
        _ => {}
    }
    files::make_empty(&beside)?;
    conn.execute("VACUUM INTO ?1", [beside.to_string_lossy()])?;
    let flushed = std::fs::File::open(&beside).and_then(|file| file.sync_all());
    flushed.and_then(|()| std::fs::rename(&beside, &copy)).map_err(|error| StoreError::io(&copy, error))?;
    path.parent().map_or(Ok(()), files::sync_dir)?;
    Ok(copy)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &[&str] = &["CREATE TABLE a(x); INSERT INTO a VALUES (7);"];
    const NEW: &[&str] = &["CREATE TABLE a(x);", "ALTER TABLE a ADD COLUMN y; UPDATE a SET y = x + 1;"];

    fn old_store(dir: &Path) -> (PathBuf, Connection) {
        let path = dir.join("docket.db");
        let conn = Connection::open(&path).unwrap();
        apply(&conn, 0, OLD).unwrap();
        (path, conn)
    }

    #[test]
    fn an_upgrade_leaves_a_copy_of_what_was() {
        let dir = tempfile::tempdir().unwrap();
        let (path, conn) = old_store(dir.path());
        let copy = migrate(&conn, &path, NEW).unwrap().unwrap();
        assert_eq!(conn.query_row("SELECT y FROM a", [], |row| row.get::<_, i64>(0)).unwrap(), 8);
        assert_eq!(version(&conn).unwrap(), 2);
        let before = Connection::open(copy).unwrap();
        assert_eq!(version(&before).unwrap(), 1);
        assert!(before.prepare("SELECT y FROM a").is_err());
        assert_eq!(migrate(&conn, &path, NEW).unwrap(), None, "nothing left to do");
    }

    #[test]
    fn a_step_that_fails_changes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let (path, conn) = old_store(dir.path());
        let broken = ["", "CREATE TABLE b(x); CREATE TABLE a(x);"];
        assert!(migrate(&conn, &path, &broken).is_err());
        assert_eq!(version(&conn).unwrap(), 1);
        assert!(conn.prepare("SELECT * FROM b").is_err());
    }

    #[test]
    fn the_generation_and_the_unsealed_chains_survive_schema_4() {
        let conn = Connection::open_in_memory().unwrap();
        apply(&conn, 0, &STEPS[..3]).unwrap();
        conn.execute_batch(
            "INSERT INTO meta VALUES (1, x'00', x'00', 1, 40, x'00', 4, 0);
             INSERT INTO doc(id, doc, code, max_op, changes, heads) VALUES (1, x'01', 'A', 2, 1, x'');
             INSERT INTO change(id, doc, actor, seq, start_op, ops, time, hash, body)
             VALUES (7, 1, x'01', 1, 2, 1, 0, x'01', x'');
             INSERT INTO chain VALUES (1, 1, 5, x'01', 3), (1, 2, 5, x'02', 5);",
        )
        .unwrap();
        apply(&conn, 3, STEPS).unwrap();
        let one = |query: &str| conn.query_row(query, [], |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!(one("SELECT generation + (SELECT max(id) FROM change) FROM meta"), 40);
        // However chains change, the table says which have facts that no seal reaches.
        let steps = [
            "INSERT INTO chain(doc, author, n, tip) VALUES (1, 3, 1, x'03')",
            "INSERT INTO chain(doc, author, n, tip) VALUES (1, 2, 6, x'04')
               ON CONFLICT DO UPDATE SET n = excluded.n, tip = excluded.tip WHERE excluded.n > n",
            "UPDATE chain SET sealed_n = n WHERE author < 3",
            "UPDATE chain SET sealed_n = 0",
            "UPDATE chain SET n = 0 WHERE author = 1",
            "DELETE FROM chain WHERE author = 3",
            "DELETE FROM chain",
        ];
        for step in steps {
            conn.execute_batch(step).unwrap();
            let unlike = "SELECT count(*) FROM (SELECT author, doc FROM chain WHERE n > sealed_n) c
                            FULL JOIN unsealed u USING (author, doc) WHERE c.doc IS NULL OR u.doc IS NULL";
            assert_eq!(one(unlike), 0, "after {step}");
        }
    }

    #[test]
    fn every_fact_survives_schema_9() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("docket.db");
        let conn = Connection::open(&path).unwrap();
        crate::store::open::register(&conn).unwrap();
        apply(&conn, 0, &STEPS[..8]).unwrap();
        project::make_tables(&conn).unwrap();
        conn.execute_batch(
            "DROP VIEW v_fact; CREATE VIEW v_fact AS SELECT f.doc, f.kind FROM fact f;
             INSERT INTO author VALUES (3, x'0a', 1);
             INSERT INTO doc(id, doc, code, max_op, changes, heads) VALUES (1, x'01', 'A', 4, 1, x''),
                                                                           (2, x'02', 'B', 4, 1, x'');
             INSERT INTO change(id, doc, actor, seq, start_op, ops, time, hash, body)
             VALUES (7, 1, x'01', 1, 2, 2, 0, x'01', x''), (8, 2, x'01', 1, 2, 1, 0, x'02', x'');
             INSERT INTO fact VALUES (1, x'0f', 7, 0, 'noted', 3, 2, 90), (1, x'0e', 7, 1, 'imported', NULL, NULL, NULL),
                                     (2, x'0a', 8, 0, 'noted', 3, 1, 80);",
        )
        .unwrap();
        let all = |doc: &str| -> Vec<String> {
            let columns = "concat_ws('|', hex(f.id), f.change, f.pos, f.kind, f.author, f.n, f.at_ms)";
            let query = format!("SELECT {columns} FROM change c JOIN fact f ON f.change = c.id {doc} ORDER BY 1");
            let mut rows = conn.prepare(&query).unwrap();
            rows.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
        };
        let before = all("AND f.doc = c.doc");
        assert_eq!(before, ["0A|8|0|noted|3|1|80", "0E|7|1|imported", "0F|7|0|noted|3|2|90"]);
        migrate(&conn, &path, STEPS).unwrap();
        assert_eq!(all(""), before);
        let viewed: i64 = conn.query_row("SELECT count(standing) FROM v_fact", [], |row| row.get(0)).unwrap();
        assert_eq!(viewed, 3, "the views are made for the new tables");
    }

    #[test]
    fn every_change_survives_schemas_7_and_8() {
        let conn = Connection::open_in_memory().unwrap();
        apply(&conn, 0, &STEPS[..6]).unwrap();
        conn.execute_batch(
            "INSERT INTO author VALUES (3, x'0a', 1);
             INSERT INTO doc(id, doc, code, max_op, changes, heads) VALUES (1, x'01', 'A', 2, 1, x'');
             INSERT INTO change VALUES (7, 1, NULL, x'01', 1, 2, 1, 9, NULL, x'01', x'41'),
                                       (9, 1, 3, x'02', 1, 3, 1, 8, x'01', x'02', x'42');",
        )
        .unwrap();
        let all = |conn: &Connection| -> Vec<String> {
            let columns = "id, doc, carrier, hex(actor), seq, start_op, ops, time, hex(deps), hex(hash), hex(body)";
            let mut rows = conn.prepare(&format!("SELECT concat_ws('|', {columns}) FROM change ORDER BY id")).unwrap();
            rows.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
        };
        let before = all(&conn);
        apply(&conn, 6, STEPS).unwrap();
        assert_eq!((all(&conn), before.len()), (before, 2));
        let mut plan = conn.prepare("EXPLAIN QUERY PLAN SELECT id FROM change WHERE doc = 1 ORDER BY id").unwrap();
        let plan: Vec<String> = plan.query_map([], |row| row.get(3)).unwrap().map(Result::unwrap).collect();
        assert_eq!(plan, ["SEARCH change USING COVERING INDEX change_doc (doc=?)"], "found in their order, not sorted");
    }
}
