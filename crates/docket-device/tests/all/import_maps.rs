//! A map that can't be right is refused before a row is read: with file, line, column and what to do.
#![allow(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

use docket_device::import::{ImportMap, MAP_BYTES};

const GOOD: &str = r#"source = "test"
time_zone = "Europe/Berlin"
number = "no"
[formats]
timestamp = "%Y-%m-%d %H:%M"
[columns]
received_at = "in"
kind = "type"
[customer]
address = "where"
"#;

#[test]
fn the_shipped_map_and_the_examples_are_good() {
    let shipped = ImportMap::parse(include_str!("../../../../fixtures/import/myla311.toml"), "myla311.toml").unwrap();
    assert_eq!(shipped.source(), "myla311");
    assert!(shipped.title().is_some());
    ImportMap::parse(GOOD, "good.toml").unwrap();
}

/// `from` in the good map replaced by `to` gives this error.
#[track_caller]
fn check(from: &str, to: &str, place: &str, what: &str) {
    assert!(GOOD.contains(from), "{from}");
    let error = ImportMap::parse(&GOOD.replacen(from, to, 1), "m.toml").unwrap_err();
    let shown = format!("{error} / {}", error.hint.clone().unwrap_or_default());
    assert!(shown.starts_with(&format!("m.toml:{place}: ")), "{shown}");
    assert!(shown.contains(what), "{shown}");
}

#[test]
fn toml_that_is_none_is_refused_at_its_place() {
    check("\"no\"", "\"no", "3:13", "invalid basic string");
    check("number = \"no\"", "numer = \"no\"", "3:1", "unknown field `numer`");
    check("source = \"test\"\n", "", "1:1", "missing field `source`");
    check("kind = \"type\"", "received_at = \"x\"", "8:1", "duplicate key");
}

#[test]
fn names_and_words_are_checked() {
    check("\"test\"", "\"Te st\"", "1:10", "`source` must be");
    check("Europe/Berlin", "Europe/Berlen", "2:13", "unknown time zone");
    check("number", "encoding = \"utf-7\"\nnumber", "3:12", "known: utf-8");
    check("number", "delimiter = \";;\"\nnumber", "3:13", "one ASCII character");
    check("number", "ambiguous = \"maybe\"\nnumber", "3:13", "\"earlier\"");
    check("number", "required = [\"recieved_at\"]\nnumber", "3:13", "did you mean `received_at`?");
    check("kind = \"type\"", "Kind = \"type\"", "8:8", "can't be a register's name");
}

#[test]
fn registers_hold_what_docket_knows_of_them() {
    check("kind = \"type\"", "customer = \"type\"", "8:12", "filled by docket");
    check("kind = \"type\"", "phone = \"tel\"", "8:9", "move the line to [customer]");
    check("address", "outlet", "10:10", "move the line to [columns]");
    check("kind = \"type\"", "kind = { column = \"type\", type = \"int\" }", "8:8", "holds slug, not int");
    check("kind = \"type\"", "x = { column = \"type\", type = \"float\" }", "8:5", "known: text");
    check("kind = \"type\"", "x = { column = \"type\", type = \"bool\" }", "8:5", "[values.x]");
    check("kind = \"type\"", "x = { colum = \"type\" }", "8:5", "unknown field");
    check("kind = \"type\"", "x = 5", "8:5", "write x = \"column\"");
    check("kind = \"type\"", "kind = \"in\"", "8:8", "feeds both `kind` and `received_at`");
}

#[test]
fn values_are_checked_against_their_register() {
    let add = |tail: &str| format!("{GOOD}{tail}");
    let check = |tail: &str, what: &str| {
        let error = ImportMap::parse(&add(tail), "m.toml").unwrap_err().to_string();
        assert!(error.contains(what), "{error}");
    };
    check("[values.kind]\n\"Repair\" = \"Repair!\"\n", "not a short name");
    check("[values.knd]\n\"Repair\" = \"repair\"\n", "no column");
    check("[values.kind]\n\"a\" = \"a\"\n[otherwise]\nkind = \"drop\"\n", "\"keep\", \"reject\"");
    check("[otherwise]\nkind = \"keep\"\n", "no value table");
    check("[constants]\nappliances = 0\n", "outside 1 to");
    check("[constants]\nkind = \"repair\"\n", "a constant and a column");
    check("[constants]\nphone = \"1\"\n", "personal data");
    let good =
        add("[values.kind]\n\"a\" = \"a\"\n[otherwise]\nkind = { use = \"other\" }\n[constants]\nappliances = 2\n");
    ImportMap::parse(&good, "m.toml").unwrap();
}

#[test]
fn times_need_a_format_that_reads_back_and_a_zone() {
    check("timestamp = \"%Y-%m-%d %H:%M\"", "", "7:15", "needs a format");
    check("%Y-%m-%d %H:%M", "%d %H:%M", "5:13", "format `%d %H:%M`");
    check("time_zone = \"Europe/Berlin\"\n", "", "4:13", "`time_zone` is not set");
    check("kind = \"type\"", "kind = { column = \"type\", format = \"%Y\" }", "8:8", "only times and dates");
}

#[test]
fn the_size_is_bounded_at_the_limit() {
    for (extra, good) in [(0, true), (1, false)] {
        let text = format!("{GOOD}#{}", "x".repeat(MAP_BYTES - GOOD.len() - 1 + extra));
        assert_eq!(ImportMap::parse(&text, "m.toml").is_ok(), good, "{extra}");
    }
}
