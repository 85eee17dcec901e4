//! Rules cost what they find: no shipped rule reads every step, event or fact of the company. Measured by what SQLite
//! will do, not by a stop-watch; [`every_pack_over_a_hundred_thousand_jobs`] is the stop-watch (`--ignored`).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test that fails should say where"
)]

use std::collections::BTreeMap;
use std::time::Instant;

use crate::audit_common::Sheet;
use docket_device::audit::{Options, Pack, run};
use rusqlite::Connection;

/// Tables with many rows for each job.
const LARGE: [&str; 3] = ["p_step", "p_event", "fact"];

/// The b-trees that hold all rows of a large table: itself and its full indexes, by root page. Partial indexes are small.
fn large(sql: &Connection) -> BTreeMap<i64, String> {
    let mut statement = sql.prepare("SELECT rootpage, name, tbl_name, coalesce(sql, '') FROM sqlite_schema").unwrap();
    let rows = statement.query_map([], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?, row.get::<_, String>(3)?))
    });
    let all = rows.unwrap().map(Result::unwrap);
    all.filter(|(_, _, table, sql)| {
        LARGE.contains(&table.as_str()) && !(sql.contains("CREATE INDEX") && sql.contains("WHERE"))
    })
    .map(|(page, name, ..)| (page, name))
    .collect()
}

/// The large b-trees that a query walks from one end to the other.
fn walks(sql: &Connection, query: &str) -> Vec<String> {
    let large = large(sql);
    let mut statement = sql.prepare(&format!("EXPLAIN {query}")).unwrap();
    let mut rows = statement.raw_query();
    let (mut open, mut walked) = (BTreeMap::new(), Vec::new());
    while let Some(row) = rows.next().unwrap() {
        let (p1, p2): (i64, i64) = (row.get("p1").unwrap(), row.get("p2").unwrap());
        match row.get::<_, String>("opcode").unwrap().as_str() {
            "OpenRead" => drop(open.insert(p1, p2)),
            "Rewind" | "Last" => walked.extend(open.get(&p1).and_then(|page| large.get(page)).cloned()),
            _ => {}
        }
    }
    walked
}

#[test]
fn no_shipped_rule_walks_all_steps_events_or_facts() {
    let sheet = Sheet::empty();
    let pack = Pack::builtin().unwrap();
    let slow: Vec<String> = pack
        .rules
        .iter()
        .map(|rule| (rule, walks(&sheet.sql, &rule.sql)))
        .filter(|(_, walked)| !walked.is_empty())
        .map(|(rule, walked)| format!("{}: {}", rule.id, walked.join(", ")))
        .collect();
    assert!(
        slow.is_empty(),
        "these rules read whole tables; ask through a partial index or by `job`:\n{}",
        slow.join("\n")
    );
}

#[test]
fn the_check_of_plans_sees_a_walk() {
    let sheet = Sheet::empty();
    for (query, walked) in [
        ("SELECT doc FROM v_step WHERE answer = 'x'", true),
        ("SELECT count(*) FROM v_event WHERE person = 'T-1'", true),
        ("SELECT doc FROM v_fact WHERE kind = 'signed'", true),
        ("SELECT doc FROM v_step WHERE state = 'failed'", false),
        ("SELECT doc FROM v_event WHERE kind = 'complained'", false),
        ("SELECT s.doc FROM v_job j JOIN v_step s USING (job) WHERE j.override IS NOT NULL", false),
    ] {
        assert_eq!(!walks(&sheet.sql, query).is_empty(), walked, "{query}");
    }
}

/// 100,000 jobs with 24 steps each, one in fifty with something wrong.
fn company() -> Sheet {
    let sheet = Sheet::clean();
    // Every column as the first job has it, but for those that name the job.
    let copies = |sheet: &Sheet, table: &str| {
        let mut statement = sheet.sql.prepare("SELECT name FROM pragma_table_info(?1) ORDER BY cid").unwrap();
        let names = statement.query_map([table], |row| row.get::<_, String>(0)).unwrap().map(Result::unwrap);
        let columns: Vec<String> = names
            .map(|name| match name.as_str() {
                "doc" => "n.n".to_owned(),
                "id" => "unhex(printf('%032X', n.n))".to_owned(),
                "code" => "printf('JOB%05X', n.n)".to_owned(),
                "visit" => "'V' || n.n".to_owned(),
                _ => format!("t.\"{name}\""),
            })
            .collect();
        format!("INSERT INTO {table} SELECT {} FROM {table} t, n WHERE t.doc = 1;", columns.join(", "))
    };
    sheet.sql.execute_batch("UPDATE p_job SET outlet = 'O-1'; CREATE TABLE n(n INTEGER PRIMARY KEY)").unwrap();
    for step in 0..21 {
        let step = format!(
            "INSERT INTO p_step SELECT 1, 1, {}, 'X{step}', 'B', 'Title', 1, 'ok', 'true', NULL, 'T-1', 1, 'F', 0",
            10 + step
        );
        sheet.sql.execute_batch(&step).unwrap();
    }
    sheet
        .sql
        .execute_batch(&format!(
            "WITH RECURSIVE c(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM c WHERE i < 100000) INSERT INTO n SELECT i FROM c;
             INSERT INTO doc(id, doc, code, kind, max_op, changes, heads)
               SELECT n, unhex(printf('%032X', n)), printf('JOB%05XABCD', n), 'job', 2, 1, x'' FROM n;
             {}{}{}{}
             DROP TABLE n",
            copies(&sheet, "p_job"),
            copies(&sheet, "p_visit"),
            copies(&sheet, "p_step"),
            copies(&sheet, "p_gate"),
        ))
        .unwrap();
    sheet
        .sql
        .execute_batch(
            "UPDATE p_step SET state = 'missing', owed = 1 WHERE pos = 2 AND doc % 50 = 0;
             UPDATE p_visit SET late_min = 9 WHERE doc % 50 = 1; UPDATE p_gate SET passed = 0 WHERE doc % 50 = 2;
             UPDATE p_visit SET least_grade = 'A' WHERE doc % 50 = 3; UPDATE p_step SET state = 'failed' WHERE pos = 0 AND doc % 50 = 4",
        )
        .unwrap();
    sheet
}

#[test]
#[ignore = "a stop-watch; half a minute without --release"]
fn every_pack_over_a_hundred_thousand_jobs() {
    let mut sheet = company();
    let pack = Pack::builtin().unwrap();
    let mut whole = Vec::new();
    for rule in &pack.rules {
        let one = pack.clone().only(std::slice::from_ref(&rule.id)).unwrap();
        let began = Instant::now();
        let audit = run(&mut sheet.sql, &one, Options::as_of(0)).unwrap();
        whole.push((began.elapsed(), audit.findings.len(), rule.id.clone()));
    }
    whole.sort();
    for (took, findings, rule) in &whole {
        println!("{took:>12.1?} {findings:>6} {rule}");
    }
    let began = Instant::now();
    let audit = run(&mut sheet.sql, &pack, Options::as_of(0)).unwrap();
    println!("{:>12.1?} {:>6} all rules, one connection", began.elapsed(), audit.findings.len());
    assert!(began.elapsed().as_secs() < 6, "twice the goal: another machine may be slower");
}
