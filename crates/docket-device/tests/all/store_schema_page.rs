//! The promise: `docs/schema.md` names exactly the views there are, with exactly their columns.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a helper that fails is a test that fails")]

use std::collections::BTreeMap;

use crate::common::Fixture;

const PAGE: &str = include_str!("../../../../docs/schema.md");

#[test]
fn the_page_names_every_view_and_column() {
    let fix = Fixture::new();
    let sql = fix.store.conn();
    let mut names = sql.prepare("SELECT name FROM sqlite_schema WHERE type = 'view' ORDER BY name").unwrap();
    let names = names.query_map([], |row| row.get::<_, String>(0)).unwrap().map(Result::unwrap);
    let have: BTreeMap<String, String> = names
        .map(|name| {
            let statement = sql.prepare(&format!("SELECT * FROM {name}")).unwrap();
            let columns = statement.column_names().collect::<Vec<_>>().join(", ");
            (name, columns)
        })
        .collect();
    let rows = PAGE.lines().filter(|line| line.starts_with("| `v_"));
    let said: BTreeMap<String, String> = rows
        .map(|line| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            (cells[1].replace('`', ""), cells[3].replace('`', ""))
        })
        .collect();
    assert_eq!(said, have);
}
