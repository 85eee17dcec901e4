//! A document's rows in one projection table, written only where they differ from what is there: a tick changes a few
//! cells of a job, and every page that is not touched need not be flushed.

use std::collections::BTreeMap;

use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Row, ToSql, params_from_iter};

use super::Target;
use crate::error::StoreError;

/// A table whose primary key is `doc` and the first so many of `columns`.
pub(super) struct Table {
    pub name: &'static str,
    pub columns: &'static [&'static str],
    pub keys: usize,
}

/// Makes these the document's rows. Of two with one key the later counts.
pub(super) fn put(
    sql: &Connection,
    table: &Table,
    target: &Target<'_>,
    rows: Vec<Vec<Value>>,
) -> Result<(), StoreError> {
    let mut wanted: BTreeMap<Vec<u8>, Vec<Value>> = BTreeMap::new();
    for row in rows {
        wanted.insert(key(row.iter().take(table.keys).map(ValueRef::from)), row);
    }
    if !target.fresh {
        drop_others(sql, table, target.row, &mut wanted)?;
    }
    if wanted.is_empty() {
        return Ok(());
    }
    let places: Vec<String> = (0..=table.columns.len()).map(|i| format!("?{}", i + 1)).collect();
    let (name, columns) = (table.name, table.columns.join(", "));
    let mut insert =
        sql.prepare_cached(&format!("INSERT OR REPLACE INTO {name}(doc, {columns}) VALUES ({})", places.join(", ")))?;
    for row in wanted.values() {
        let doc: &dyn ToSql = &target.row;
        insert.execute(params_from_iter(core::iter::once(doc).chain(row.iter().map(|value| value as &dyn ToSql))))?;
    }
    Ok(())
}

/// Deletes what is not wanted, and leaves in `wanted` what is not there yet.
fn drop_others(
    sql: &Connection,
    table: &Table,
    doc: i64,
    wanted: &mut BTreeMap<Vec<u8>, Vec<Value>>,
) -> Result<(), StoreError> {
    let (name, columns) = (table.name, table.columns.join(", "));
    let mut others: Vec<Vec<Value>> = Vec::new();
    let mut select = sql.prepare_cached(&format!("SELECT {columns} FROM {name} WHERE doc = ?1"))?;
    let mut rows = select.query([doc])?;
    while let Some(row) = rows.next()? {
        let cells: Vec<ValueRef<'_>> = (0..table.keys).map(|i| row.get_ref(i)).collect::<Result<_, _>>()?;
        let key = key(cells.iter().copied());
        match wanted.get(&key) {
            Some(want) if is_same(row, want)? => drop(wanted.remove(&key)),
            Some(_) => {} // replaced
            None => others.push(cells.into_iter().map(Value::try_from).collect::<Result<_, _>>().unwrap_or_default()),
        }
    }
    if others.is_empty() {
        return Ok(());
    }
    let keys: Vec<String> =
        table.columns.iter().take(table.keys).enumerate().map(|(i, column)| format!("{column} = ?{}", i + 2)).collect();
    let mut delete = sql.prepare_cached(&format!("DELETE FROM {name} WHERE doc = ?1 AND {}", keys.join(" AND ")))?;
    for other in &others {
        let doc: &dyn ToSql = &doc;
        delete.execute(params_from_iter(core::iter::once(doc).chain(other.iter().map(|value| value as &dyn ToSql))))?;
    }
    Ok(())
}

fn is_same(row: &Row<'_>, want: &[Value]) -> Result<bool, StoreError> {
    for (i, value) in want.iter().enumerate() {
        if row.get_ref(i)? != ValueRef::from(value) {
            return Ok(false);
        }
    }
    Ok(true)
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
    use docket_format::{DocId, TenantId};

    const TABLE: Table = Table { name: "t", columns: &["a", "b", "note"], keys: 2 };

    #[test]
    fn only_what_differs_is_written() {
        let sql = Connection::open_in_memory().unwrap();
        sql.execute_batch("CREATE TABLE t(doc, a, b, note, PRIMARY KEY (doc, a, b)) WITHOUT ROWID;").unwrap();
        sql.execute_batch("INSERT INTO t VALUES (2, 1, 'x', 'of another document')").unwrap();
        let doc = DocId::new_v7(1, [1; 10]);
        let target = Target { tenant: TenantId::from_bytes([1; 32]), doc, row: 1, fresh: false, facts: &[] };
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
