//! A document's rows in one projection table, written only where they differ from what is there: a tick changes a few
//! cells of a job, and every page that is not touched need not be flushed.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, ToSql, params_from_iter};

use super::Target;
use crate::error::StoreError;

/// A table whose primary key is `doc` and the first so many of `columns`.
pub(super) struct Table {
    pub name: &'static str,
    pub columns: &'static [&'static str],
    pub keys: usize,
}

/// A document's rows by table: what is known to be stored need not be read to be compared.
#[derive(Debug, Default)]
pub(crate) struct Shelf(RefCell<BTreeMap<&'static str, Rows>>);

impl Shelf {
    pub(super) fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }
}

/// Tables in which a job has rows, most jobs in few of them.
const OF_JOBS: [&str; 17] = [
    "p_age",
    "p_as",
    "p_claim",
    "p_clock",
    "p_conflict",
    "p_course",
    "p_cover",
    "p_event",
    "p_gate",
    "p_issue",
    "p_order_break",
    "p_owner",
    "p_photo",
    "p_serial",
    "p_sign",
    "p_step",
    "p_visit",
];

/// In which tables a document is known to have no rows; in none, if nobody asked.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Blank(u32);

impl Blank {
    /// Asks once about all of a job's tables: a question for each costs most of what projecting a job does.
    pub(super) fn of_job(sql: &Connection, doc: i64) -> Result<Self, StoreError> {
        static QUERY: LazyLock<String> = LazyLock::new(|| {
            let held = |(place, table)| format!("(EXISTS (SELECT 1 FROM {table} WHERE doc = ?1) << {place})");
            let all: Vec<String> = OF_JOBS.iter().enumerate().map(held).collect();
            format!("SELECT {}", all.join(" | "))
        });
        let held: u32 = sql.prepare_cached(&QUERY)?.query_row([doc], |row| row.get(0))?;
        Ok(Self(!held))
    }

    fn has(self, table: &str) -> bool {
        OF_JOBS.iter().position(|name| *name == table).is_some_and(|place| self.0 >> place & 1 == 1)
    }
}

/// Rows by key.
type Rows = BTreeMap<Vec<u8>, Vec<Value>>;

/// Makes these the document's rows. Of two with one key the later counts.
pub(super) fn put(
    sql: &Connection,
    table: &Table,
    target: &Target<'_>,
    rows: Vec<Vec<Value>>,
) -> Result<(), StoreError> {
    let mut wanted = Rows::new();
    for row in rows {
        wanted.insert(key(row.iter().take(table.keys).map(ValueRef::from)), row);
    }
    let noted = target.shelf.and_then(|shelf| shelf.0.borrow_mut().remove(table.name));
    let stored = match noted {
        Some(rows) => rows,
        None if target.fresh || target.blank.has(table.name) => Rows::new(),
        None => stored(sql, table, target.row)?,
    };
    let gone: Vec<&Vec<Value>> =
        stored.iter().filter(|(key, _)| !wanted.contains_key(*key)).map(|(_, row)| row).collect();
    if !gone.is_empty() {
        delete(sql, table, target.row, &gone)?;
    }
    let new: Vec<&Vec<Value>> =
        wanted.iter().filter(|(key, row)| stored.get(*key) != Some(row)).map(|(_, row)| row).collect();
    if !new.is_empty() {
        insert(sql, table, target.row, &new)?;
    }
    if let Some(shelf) = target.shelf {
        shelf.0.borrow_mut().insert(table.name, wanted);
    }
    Ok(())
}

fn insert(sql: &Connection, table: &Table, doc: i64, rows: &[&Vec<Value>]) -> Result<(), StoreError> {
    let places: Vec<String> = (0..=table.columns.len()).map(|i| format!("?{}", i + 1)).collect();
    let (name, columns) = (table.name, table.columns.join(", "));
    let query = format!("INSERT OR REPLACE INTO {name}(doc, {columns}) VALUES ({})", places.join(", "));
    let mut insert = sql.prepare_cached(&query)?;
    for row in rows {
        let doc: &dyn ToSql = &doc;
        insert.execute(params_from_iter(core::iter::once(doc).chain(row.iter().map(|value| value as &dyn ToSql))))?;
    }
    Ok(())
}

fn delete(sql: &Connection, table: &Table, doc: i64, rows: &[&Vec<Value>]) -> Result<(), StoreError> {
    let keys = table.columns.iter().take(table.keys).enumerate();
    let keys = keys.map(|(i, column)| format!("{column} = ?{}", i + 2));
    let matching: Vec<String> = core::iter::once("doc = ?1".to_owned()).chain(keys).collect();
    let query = format!("DELETE FROM {} WHERE {}", table.name, matching.join(" AND "));
    let mut delete = sql.prepare_cached(&query)?;
    for row in rows {
        let doc: &dyn ToSql = &doc;
        let key = row.iter().take(table.keys).map(|value| value as &dyn ToSql);
        delete.execute(params_from_iter(core::iter::once(doc).chain(key)))?;
    }
    Ok(())
}

fn stored(sql: &Connection, table: &Table, doc: i64) -> Result<Rows, StoreError> {
    let query = format!("SELECT {} FROM {} WHERE doc = ?1", table.columns.join(", "), table.name);
    let mut select = sql.prepare_cached(&query)?;
    let mut rows = select.query([doc])?;
    let mut stored = Rows::new();
    while let Some(row) = rows.next()? {
        let cells: Vec<Value> = (0..table.columns.len()).map(|i| row.get(i)).collect::<Result<_, _>>()?;
        stored.insert(key(cells.iter().take(table.keys).map(ValueRef::from)), cells);
    }
    Ok(stored)
}

/// The cells of a key, so that different keys have different bytes.
fn key<'a>(cells: impl Iterator<Item = ValueRef<'a>>) -> Vec<u8> {
    let mut key = Vec::with_capacity(40);
    for cell in cells {
        match cell {
            ValueRef::Integer(number) => key.extend_from_slice(&number.to_be_bytes()),
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
                key.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
                key.extend_from_slice(bytes);
            }
            ValueRef::Null | ValueRef::Real(_) => key.push(0), // no key has them
        }
    }
    key
}

/// A row of values of different types.
macro_rules! row {
    ($($value:expr),* $(,)?) => { vec![$(rusqlite::types::Value::from($value)),*] };
}
pub(super) use row;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::DocEvidence;
    use docket_format::{DocId, TenantId};

    const TABLE: Table = Table { name: "t", columns: &["a", "b", "note"], keys: 2 };

    #[test]
    fn only_tables_without_rows_of_a_job_are_blank() {
        let sql = Connection::open_in_memory().unwrap();
        crate::project::make_tables(&sql).unwrap();
        sql.execute_batch("INSERT INTO p_gate VALUES (7, 0, 0, 'g', 1, NULL)").unwrap();
        for doc in [6, 7, 8] {
            let blank = Blank::of_job(&sql, doc).unwrap();
            for table in OF_JOBS {
                assert_eq!(blank.has(table), (doc, table) != (7, "p_gate"), "{table}");
                assert!(!Blank::default().has(table));
            }
            assert!(!blank.has("p_job"), "nobody asked");
        }
        for table in OF_JOBS {
            let plan = format!("EXPLAIN QUERY PLAN SELECT 1 FROM {table} WHERE doc = 1");
            let plan: String = sql.query_row(&plan, [], |row| row.get(3)).unwrap();
            assert!(plan.starts_with("SEARCH"), "{table}: {plan}");
        }
    }

    #[test]
    fn only_what_differs_is_written() {
        differences_are_written(false);
        differences_are_written(true);
    }

    fn differences_are_written(shelved: bool) {
        let sql = Connection::open_in_memory().unwrap();
        sql.execute_batch("CREATE TABLE t(doc, a, b, note, PRIMARY KEY (doc, a, b)) WITHOUT ROWID;").unwrap();
        sql.execute_batch("INSERT INTO t VALUES (2, 1, 'x', 'of another document')").unwrap();
        let doc = DocId::new_v7(1, [1; 10]);
        let (evidence, shelf) = (DocEvidence::default(), Shelf::default());
        let tenant = TenantId::from_bytes([1; 32]);
        let target = Target {
            tenant,
            doc,
            row: 1,
            fresh: false,
            facts: &[],
            evidence: &evidence,
            shelf: shelved.then_some(&shelf),
            blank: Blank::default(),
        };
        let check = |rows: Vec<Vec<Value>>, expect: &[(i64, &str, Option<&str>)], writes: u64| {
            let before = sql.total_changes();
            put(&sql, &TABLE, &target, rows).unwrap();
            let mut statement = sql.prepare("SELECT a, b, note FROM t WHERE doc = 1 ORDER BY a, b").unwrap();
            let found = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
            let found: Vec<(i64, String, Option<String>)> = found.map(Result::unwrap).collect();
            let expect: Vec<_> = expect.iter().map(|(a, b, c)| (*a, (*b).to_owned(), c.map(str::to_owned))).collect();
            assert_eq!(found, expect);
            assert_eq!(sql.total_changes() - before, writes);
        };
        let (one, two) = (row![1_i64, "x".to_owned(), None::<String>], row![2_i64, "y".to_owned(), "n".to_owned()]);
        check(vec![two.clone(), one.clone()], &[(1, "x", None), (2, "y", Some("n"))], 2);
        check(vec![one.clone(), two.clone()], &[(1, "x", None), (2, "y", Some("n"))], 0);
        let moved = row![2_i64, "y".to_owned(), "m".to_owned()];
        check(vec![one, two, moved.clone()], &[(1, "x", None), (2, "y", Some("m"))], 1);
        check(vec![moved], &[(2, "y", Some("m"))], 1);
        check(vec![], &[], 1);
        assert_eq!(sql.query_row("SELECT count(*) FROM t WHERE doc = 2", [], |row| row.get::<_, i64>(0)).unwrap(), 1);
    }
}
