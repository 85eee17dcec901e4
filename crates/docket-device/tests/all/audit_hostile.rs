//! A pack from outside can read the views and nothing else, can't write, and can't keep the program busy.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test that fails should say where"
)]

use std::time::{Duration, Instant};

use crate::audit_common::Sheet;
use docket_device::audit::{AuditError, Options, PACK_BYTES, Pack, check, run};

fn pack(sql: &str) -> String {
    format!(
        "name = \"t\"\n[[rule]]\nid = \"r\"\nseverity = \"minor\"\nrow = \"D-H1\"\ntitle = \"t\"\nmessage = \"{{subject}}\"\n\
         key = []\nsql = '''\n{sql}\n'''\n"
    )
}

#[track_caller]
fn refused(sql: &str, expect: &str) {
    let mut sheet = Sheet::clean();
    let error = match Pack::parse(&pack(sql), "p.toml") {
        Err(error) => error.to_string(),
        Ok(pack) => match check(&mut sheet.sql, &pack) {
            Err(AuditError::Rule(error)) => error.to_string(),
            other => panic!("{sql}: {other:?}"),
        },
    };
    assert!(error.starts_with("p.toml:"), "{sql}: {error}");
    assert!(error.contains("rule `r`") && error.contains(expect), "{sql}: {error}");
    let jobs: i64 = sheet.sql.query_row("SELECT count(*) FROM p_job", [], |row| row.get(0)).unwrap();
    assert_eq!(jobs, 1, "the connection is as it was");
}

#[test]
fn sql_that_writes_or_leaves_the_store_is_refused() {
    for sql in [
        "DELETE FROM p_job",
        "DELETE FROM p_job RETURNING code AS subject",
        "INSERT INTO p_grade VALUES (1, 1, 'a', 'b') RETURNING person AS subject",
        "UPDATE p_job SET code = 'x' RETURNING code AS subject",
        "DROP VIEW v_job",
        "CREATE TEMP TABLE t AS SELECT 1 AS subject",
        "ATTACH 'other.db' AS o",
        "PRAGMA writable_schema = 1",
        "VACUUM INTO 'copy.db'",
        "BEGIN",
        "EXPLAIN SELECT code AS subject FROM v_job",
    ] {
        refused(sql, "");
    }
}

#[test]
fn sql_that_reads_behind_the_views_is_refused() {
    refused("SELECT code AS subject FROM p_job", "`p_job` is no view");
    refused("SELECT name AS subject FROM sqlite_schema", "`sqlite_schema` is no view");
    refused("SELECT name AS subject FROM sqlite_master", "prohibited");
    refused("SELECT name AS subject FROM pragma_table_list", "");
    refused("SELECT count(*) AS subject FROM p_job", "no view");
    refused("SELECT 1 AS subject FROM P_Job", "no view");
    refused("SELECT 1 AS subject FROM 'p_job'", "no view");
    refused("SELECT 1 AS subject FROM main.p_job", "no view");
    refused("SELECT 1 AS subject FROM v_job j JOIN v_visit v ON j.job = v.job, [p_job]", "no view");
    refused("SELECT 1 AS subject FROM (p_job)", "no view");
    refused("SELECT 1 AS subject FROM sqlite_master", "");
    refused("SELECT value AS subject FROM json_each('[1]')", "");
    refused("WITH v_job AS (SELECT * FROM p_job) SELECT code AS subject FROM v_job", "the views' own");
    refused("WITH 'v_job' AS (SELECT * FROM p_job) SELECT code AS subject FROM v_job", "the views' own");
    refused("WITH a AS (SELECT * FROM p_job) SELECT code AS subject FROM a", "no view");
    refused("SELECT code AS subject FROM (SELECT * FROM p_job) AS v_job", "");
    refused("SELECT code AS subject FROM p_job AS v_job", "no view");
    refused("SELECT code AS subject FROM v_job WHERE EXISTS (SELECT 1 FROM quarantine)", "no view");
    refused("SELECT code AS subject FROM v_job WHERE (SELECT max(doc) FROM v_job, fact) > 0", "no view");
}

#[test]
fn functions_without_a_fixed_answer_are_refused() {
    for call in [
        "random()",
        "datetime('now')",
        "strftime('%s', 'now')",
        "current_timestamp",
        "randomblob(9)",
        "load_extension('x')",
        "crock(code)",
        "sqlite_version()",
        "zeroblob(9)",
    ] {
        refused(&format!("SELECT code AS subject, {call} AS x FROM v_job"), "");
    }
}

#[test]
fn mistakes_are_shown_at_their_place() {
    refused("SELECT code AS subject,\n  colour FROM v_job", "no such column: colour");
    let pack = Pack::parse(&pack("SELECT code AS subject,\n  colour FROM v_job"), "p.toml").unwrap();
    let Err(AuditError::Rule(error)) = check(&mut Sheet::clean().sql, &pack) else { panic!("accepted") };
    assert_eq!(error.place.to_string(), "11:3");
    refused("SELECT code FROM v_job", "no column `subject`");
    refused("SELECT code AS subject FROM v_job; SELECT 1", "more than one statement");
    refused("SELECT code AS subject, doc AS subject FROM v_job", "twice");
    refused("SELECT code AS subject FROM v_job WHERE code = ?1", "only parameter is :as_of_ms");
    refused("SELECT code AS subject FROM v_jobs", "no such table");
    refused("SELEKT", "syntax error");
    refused("", "must be one SELECT");
}

#[test]
fn reading_the_views_in_every_usual_way_is_allowed() {
    for sql in [
        "SELECT code AS subject FROM v_job WHERE received_ms < :as_of_ms",
        "WITH a AS (SELECT doc FROM v_job) SELECT cast(count(*) AS text) AS subject FROM a",
        "SELECT printf('%d', count(*)) AS subject FROM v_job",
        // No column of the tables inside is read: SQLite does not say that a view asks.
        "SELECT code AS subject FROM v_job j WHERE EXISTS (SELECT 1 FROM v_visit v WHERE v.job = j.job)",
        "SELECT code AS subject FROM v_job j WHERE NOT EXISTS (SELECT 1 FROM v_event e WHERE e.job = j.job AND e.kind = 'x')",
        "SELECT max(j.code) AS subject FROM v_job j LEFT JOIN v_visit v ON v.doc = j.doc GROUP BY j.doc",
        "SELECT code AS subject FROM v_fact WHERE standing = 'ok' UNION SELECT code FROM v_inbox",
        "SELECT code AS subject, row_number() OVER (ORDER BY code) AS n FROM v_job;  -- the end",
    ] {
        let pack = Pack::parse(&pack(sql), "p.toml").unwrap();
        run(&mut Sheet::clean().sql, &pack, Options::as_of(0)).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

#[test]
fn an_endless_query_is_stopped_and_the_connection_works_on() {
    let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) AS subject FROM n";
    let endless = Pack::parse(&pack(sql), "p.toml").unwrap();
    let mut sheet = Sheet::clean();
    let began = Instant::now();
    let options = Options { rule_time: Duration::from_millis(50), ..Options::as_of(0) };
    let error = run(&mut sheet.sql, &endless, options).unwrap_err().to_string();
    assert!(error.contains("rule `r`: stopped after 50ms of processor time"), "{error}");
    assert!(began.elapsed() < Duration::from_secs(5));
    sheet.sql.execute_batch("DELETE FROM p_job").unwrap();
    assert!(sheet.sql.is_autocommit());
}

#[test]
fn output_without_bound_is_stopped() {
    let sql =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT printf('%d', i) AS subject FROM n";
    let error =
        run(&mut Sheet::clean().sql, &Pack::parse(&pack(sql), "p.toml").unwrap(), Options::as_of(0)).unwrap_err();
    assert!(error.to_string().contains("more than 500000 findings"), "{error}");
    let sql = "SELECT printf('%.*c', 999999999, 'x') AS subject FROM v_job";
    let error =
        run(&mut Sheet::clean().sql, &Pack::parse(&pack(sql), "p.toml").unwrap(), Options::as_of(0)).unwrap_err();
    assert!(error.to_string().contains("over the limit"), "{error}");
}

#[test]
fn a_misspelt_name_is_shown_at_its_place_with_what_was_meant() {
    let good = "name = \"t\"\n[[rule]]\nid = \"r\"\nseverity = \"minor\"\nrow = \"D-H1\"\ntitle = \"t\"\nmessage = \"{code} {status}\"\n\
                key = [\"kind\"]\ntypes = { status = \"text\" }\nsql = \"\"\"\nSELECT doc AS subject, code, status, kind\n  FROM v_job j\n\"\"\"\n";
    let check = |from: &str, to: &str, place: &str, what: &str, hint: &str| {
        let text = good.replacen(from, to, 1);
        assert_ne!(text, good);
        let pack = Pack::parse(&text, "p.toml").unwrap();
        let Err(AuditError::Rule(error)) = check(&mut Sheet::clean().sql, &pack) else { panic!("accepted: {text}") };
        assert_eq!((error.place.to_string().as_str(), error.hint.as_deref()), (place, Some(hint)), "{error}");
        assert!(error.to_string().contains(what), "{error}");
    };
    check(
        "{status}",
        "{statis}",
        "7:19",
        "no column `statis`; it has subject, code, status, kind",
        "did you mean `status`?",
    );
    check("[\"kind\"]", "[\"kimd\"]", "8:8", "no column `kimd`", "did you mean `kind`?");
    check("{ status", "{ stattus", "9:21", "no column `stattus`", "did you mean `status`?");
    check("subject, code", "subjekt, code", "11:1", "no column `subject`", "did you mean `subjekt`?");
    check(", status", ", j.statsu AS status", "11:30", "no such column: j.statsu", "did you mean `status`?");
    check("v_job", "v_jobb", "12:8", "no such table: v_jobb", "did you mean `v_job`?");
}

#[test]
fn a_column_of_another_type_is_refused_at_load_or_when_a_row_has_it() {
    let typed = |types: &str, sql: &str| pack(sql).replace("key = []", &format!("key = []\ntypes = {{ {types} }}"));
    let load = |types: &str, sql: &str| {
        let pack = Pack::parse(&typed(types, sql), "p.toml").unwrap();
        check(&mut Sheet::clean().sql, &pack).map_err(|error| error.to_string())
    };
    let run = |types: &str, sql: &str| {
        let pack = Pack::parse(&typed(types, sql), "p.toml").unwrap();
        run(&mut Sheet::clean().sql, &pack, Options::as_of(0)).map(drop).map_err(|error| error.to_string())
    };
    let sql = "SELECT doc AS subject,\n received_ms AS r, number FROM v_job";
    assert_eq!(load("r = \"integer\", number = \"text?\"", sql), Ok(()));
    let late = load("r = \"text\"", sql).unwrap_err();
    assert_eq!(late, "p.toml:12:17: rule `r`: `r` must be text, and the column is integer");
    let subject = load("", "SELECT received_ms AS subject FROM v_job").unwrap_err();
    assert_eq!(subject, "p.toml:11:23: rule `r`: `subject` must be text, and the column is integer");
    let null = run("number = \"text\"", sql).unwrap_err();
    assert_eq!(null, "p.toml:12:20: rule `r`: `number` must be text, and a row has nothing");
    let computed = run("", "SELECT 1 + 1 AS subject FROM v_job").unwrap_err();
    assert_eq!(computed, "p.toml:11:17: rule `r`: `subject` must be text, and a row has an integer");
    let unknown = Pack::parse(&typed("r = \"string\"", sql), "p.toml").unwrap_err().to_string();
    assert!(unknown.starts_with("p.toml:9:15: rule `r`: `string` is no type"), "{unknown}");
}

#[test]
fn packs_that_are_none_are_refused_at_their_place() {
    let good = pack("SELECT code AS subject FROM v_job");
    let check = |from: &str, to: &str, place: &str, what: &str| {
        let error = Pack::parse(&good.replacen(from, to, 1), "p.toml").unwrap_err().to_string();
        assert!(error.starts_with(&format!("p.toml:{place}: ")) && error.contains(what), "{error}");
    };
    check("\"r\"", "\"R r\"", "3:6", "a-z, 0-9");
    check("\"minor\"", "\"bad\"", "4:12", "expected info, minor, major or critical");
    check("\"D-H1\"", "\"H1\"", "5:7", "no row");
    check("{subject}", "{subject", "7:11", "not closed");
    check("key = []", "keys = []", "8:1", "unknown field");
    check("key = []\n", "", "2:1", "missing field `key`");
    check("'''\nSELECT", "''\nSELECT", "10:8", "");
    let twice = format!("{good}{}", good.split_once('\n').unwrap().1);
    assert!(Pack::parse(&twice, "p.toml").unwrap_err().to_string().contains("rule `r`: is there twice"));
    assert!(Pack::parse("name = \"empty\"", "p.toml").unwrap_err().to_string().contains("1 to 500 rules"));
    for (extra, ok) in [(0, true), (1, false)] {
        let text = format!("{good}#{}", "x".repeat(PACK_BYTES - good.len() - 1 + extra));
        assert_eq!(Pack::parse(&text, "p.toml").is_ok(), ok, "{extra}");
    }
    assert_eq!(Pack::parse(&good, "p.toml").unwrap().only(&["x".to_owned()]).unwrap_err(), "x");
}
