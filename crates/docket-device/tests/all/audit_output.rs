//! Findings as other programs read them: `JUnit`, SARIF, JSON, CSV; baselines, differences and waivers. Equal audits,
//! equal bytes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that fails should say where"
)]

use crate::audit_common::Sheet;
use docket_device::audit::{Audit, Earlier, Format, Options, Pack, Severity, Standing, run, waivers};
use quick_xml::events::Event;
use serde_json::Value;

const NOW: i64 = 1_600_000_000_000;
/// 2020-09-14T00:00:00Z: the day of NOW is over.
const MIDNIGHT: i64 = 1_600_041_600_000;

const WORSE: &str = "UPDATE p_gate SET passed = 0; UPDATE p_visit SET late_min = 5;
                     UPDATE p_step SET state = 'missing', owed = 1, title = '<Use> & \"care\" ' || char(1, 9) WHERE step = 'B1'";

fn sheet(change: &str) -> Sheet {
    let mut sheet = Sheet::clean();
    sheet.add_job(2);
    sheet.sql.execute_batch(change).unwrap();
    sheet
}

fn audit(sheet: &mut Sheet) -> Audit {
    audit_at(sheet, NOW)
}

fn audit_at(sheet: &mut Sheet, as_of: i64) -> Audit {
    run(&mut sheet.sql, &Pack::builtin().unwrap(), Options::as_of(as_of)).unwrap()
}

fn text(audit: &Audit, format: Format) -> String {
    let mut out = Vec::new();
    audit.write(format, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// As `audit waive` projects it.
fn waive(sheet: &Sheet, finding: &str, until_ms: i64, ended: Option<&str>) {
    let count: i64 = sheet.sql.query_row("SELECT count(*) FROM p_waiver", [], |row| row.get(0)).unwrap();
    sheet
        .sql
        .execute(
            "INSERT INTO p_waiver VALUES (7, ?1, ?2, '2020-09-13', ?3, 'part on order', 'T-9', 1, ?4, NULL)",
            (format!("FACT{count}"), finding, until_ms, ended),
        )
        .unwrap();
}

#[test]
fn junit_has_a_suite_for_each_rule_and_a_failed_case_for_each_finding() {
    let mut sheet = sheet(WORSE);
    let plain = audit(&mut sheet);
    waive(&sheet, &plain.findings[0].id.to_string(), MIDNIGHT, None);
    let audit = audit(&mut sheet);
    let xml = text(&audit, Format::Junit);
    let mut reader = quick_xml::Reader::from_str(&xml);
    let (mut suites, mut cases, mut failures, mut skipped, mut depth) = (0, 0, 0, 0, 0_i32);
    loop {
        match reader.read_event().unwrap() {
            Event::Start(tag) | Event::Empty(tag) if tag.name().as_ref() == b"testsuite" => {
                suites += 1;
                let attribute = |name: &str| tag.try_get_attribute(name).unwrap().unwrap().value.into_owned();
                assert!(!attribute("name").is_empty() && attribute("timestamp") == b"2020-09-13T12:26:40Z");
                depth += 1;
            }
            Event::Start(tag) | Event::Empty(tag) => {
                for attribute in tag.attributes() {
                    attribute.unwrap().unescape_value().unwrap();
                }
                match tag.name().as_ref() {
                    b"testcase" => cases += 1,
                    b"failure" => failures += 1,
                    b"skipped" => skipped += 1,
                    _ => {}
                }
            }
            Event::Text(text) => drop(text.decode().unwrap()),
            Event::Eof => break,
            _ => {}
        }
    }
    assert!(depth > 0);
    assert_eq!(suites, audit.rules.len());
    let clean = audit.rules.iter().filter(|rule| rule.findings == 0).count();
    assert_eq!((cases, failures, skipped), (audit.findings.len() + clean, audit.findings.len() - 1, 1));
    assert!(xml.contains("&lt;Use&gt; &amp; &quot;care&quot; \u{fffd}&#9;"), "what XML cannot hold is replaced: {xml}");
}

#[test]
fn sarif_has_what_the_standard_requires() {
    let mut sheet = sheet(WORSE);
    let plain = audit(&mut sheet);
    let earlier = Earlier::parse(&plain.to_baseline().to_string(), "b.json").unwrap();
    waive(&sheet, &plain.findings[0].id.to_string(), MIDNIGHT, None);
    sheet.sql.execute_batch("UPDATE p_visit SET late_min = 0 WHERE doc = 1; UPDATE p_job SET override = 'x'").unwrap();
    let mut audit = audit(&mut sheet);
    audit.compare(&earlier);
    let log: Value = serde_json::from_str(&text(&audit, Format::Sarif)).unwrap();
    assert_eq!(log["version"], "2.1.0");
    assert!(log["$schema"].as_str().unwrap().ends_with("sarif-schema-2.1.0.json"));
    let run = &log["runs"][0];
    assert_eq!(run["tool"]["driver"]["name"], "docket");
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let results = run["results"].as_array().unwrap();
    assert_eq!((rules.len(), results.len()), (audit.rules.len(), audit.findings.len() + 1));
    for rule in rules {
        assert!(rule["shortDescription"]["text"].is_string() && rule["properties"]["row"].is_string());
    }
    let mut states = Vec::new();
    for result in results {
        let index = result["ruleIndex"].as_u64().unwrap() as usize;
        assert_eq!(rules[index]["id"], result["ruleId"], "the index and the id name one rule");
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap()));
        assert!(result["message"]["text"].is_string());
        assert_eq!(result["partialFingerprints"]["docketFinding/v1"].as_str().unwrap().len(), 26);
        let place = &result["locations"][0];
        let uri = place["physicalLocation"]["artifactLocation"]["uri"].as_str();
        assert!(uri.is_none_or(|uri| uri.starts_with("docket:")));
        assert!(place["logicalLocations"][0]["fullyQualifiedName"].is_string());
        states.push(result["baselineState"].as_str().unwrap());
    }
    for (state, count) in [("new", 2), ("unchanged", 5), ("absent", 1)] {
        assert_eq!(states.iter().filter(|known| **known == state).count(), count, "{state}");
    }
    let suppressed: Vec<&Value> = results.iter().filter(|result| result["suppressions"].is_array()).collect();
    assert_eq!(suppressed.len(), 1);
    assert_eq!(suppressed[0]["suppressions"][0]["kind"], "external");
    assert_eq!(suppressed[0]["suppressions"][0]["justification"], "part on order");
}

#[test]
fn every_format_is_byte_identical_for_equal_records_and_times() {
    for format in [Format::Json, Format::Csv, Format::Junit, Format::Sarif] {
        let bytes = || text(&audit(&mut sheet(WORSE)), format);
        assert_eq!(bytes(), bytes());
        assert!(bytes().ends_with('\n'));
    }
    let value: Value = serde_json::from_str(&text(&audit(&mut sheet(WORSE)), Format::Json)).unwrap();
    let sorted = serde_json::to_string_pretty(&value).unwrap() + "\n";
    assert_eq!(text(&audit(&mut sheet(WORSE)), Format::Json), sorted, "written key by key, and sorted all the same");
}

#[test]
fn a_waived_finding_stays_listed_and_does_not_count_until_the_day_is_over() {
    let mut sheet = sheet("UPDATE p_gate SET passed = 0 WHERE doc = 1");
    let id = audit(&mut sheet).findings[0].id.to_string();
    waive(&sheet, &id, MIDNIGHT, None);
    let waived = audit(&mut sheet);
    assert_eq!((waived.findings.len(), waived.waived(), waived.at_or_above(Severity::Info)), (1, 1, 0));
    assert_eq!(waived.findings[0].waived.as_ref().unwrap().person.as_deref(), Some("T-9"));
    let json = waived.to_json();
    assert_eq!((&json["counts"]["critical"], &json["waived"]), (&0.into(), &1.into()));
    assert_eq!(json["findings"][0]["waived"]["until"], "2020-09-13");
    assert!(text(&waived, Format::Csv).lines().nth(1).unwrap().ends_with(",2020-09-13"));
    let counts = |sheet: &mut Sheet, as_of| audit_at(sheet, as_of).at_or_above(Severity::Critical);
    assert_eq!((counts(&mut sheet, MIDNIGHT - 1), counts(&mut sheet, MIDNIGHT)), (0, 1), "to the millisecond");
    let standing = |sheet: &Sheet| waivers(&sheet.sql).unwrap()[0].standing(NOW);
    assert_eq!(standing(&sheet), Standing::Open);
    assert_eq!(waivers(&sheet.sql).unwrap()[0].standing(MIDNIGHT), Standing::Expired);
    sheet.sql.execute_batch("UPDATE p_waiver SET ended_by = 'FACT9'").unwrap();
    assert_eq!((standing(&sheet), counts(&mut sheet, NOW)), (Standing::Ended, 1));
    waive(&sheet, &id, MIDNIGHT + 1, None);
    assert_eq!(counts(&mut sheet, MIDNIGHT), 0, "waived anew");
}

#[test]
fn against_a_baseline_only_what_is_new_is_listed_and_counts() {
    let mut sheet = sheet("UPDATE p_gate SET passed = 0; UPDATE p_visit SET late_min = 5 WHERE doc = 1");
    let before = audit(&mut sheet);
    assert_eq!(before.findings.len(), 3);
    let written = serde_json::to_string(&before.to_baseline()).unwrap();
    let baseline = Earlier::parse(&written, "b.json").unwrap();
    assert_eq!(baseline, Earlier::parse(&written, "b.json").unwrap());
    // The message of a known finding changes with the minutes; its id doesn't.
    sheet
        .sql
        .execute_batch(
            "UPDATE p_gate SET passed = 1 WHERE doc = 2; UPDATE p_visit SET late_min = late_min + 4;
             UPDATE p_step SET state = 'stale' WHERE doc = 2 AND step = 'B1'",
        )
        .unwrap();
    let mut now = audit(&mut sheet);
    assert_eq!(now.hold_against(&baseline), 2);
    let rules: Vec<&str> = now.findings.iter().map(|finding| &*finding.rule).collect();
    assert_eq!(rules, ["stale-answer", "late-arrival"]);
    let compared = now.compared.as_ref().unwrap();
    assert_eq!((compared.still.len(), compared.gone.len()), (2, 1));
    assert_eq!(now.at_or_above(Severity::Critical), 0, "the old ones don't count");
    // A rule that was not run says nothing about what it would find.
    let one = Pack::builtin().unwrap().only(&["late-arrival".to_owned()]).unwrap();
    let mut one = run(&mut sheet.sql, &one, Options::as_of(NOW)).unwrap();
    one.compare(&baseline);
    assert!(one.compared.unwrap().gone.is_empty());
}

#[test]
fn two_audits_differ_by_ids_and_a_rule_that_did_not_run_makes_nothing_gone() {
    let mut sheet = sheet("UPDATE p_gate SET passed = 0; UPDATE p_visit SET late_min = 5 WHERE doc = 1");
    let earlier = |audit: &Audit| Earlier::parse(&text(audit, Format::Json), "a.json").unwrap();
    let old = earlier(&audit(&mut sheet));
    sheet.sql.execute_batch("UPDATE p_gate SET passed = 1 WHERE doc = 1; UPDATE p_job SET override = 'x'").unwrap();
    let difference = old.against(&earlier(&audit(&mut sheet)));
    let counts = |difference: &docket_device::audit::Difference| {
        (difference.new.len(), difference.gone.len(), difference.still.len())
    };
    assert_eq!(counts(&difference), (2, 1, 2));
    let one = Pack::builtin().unwrap().only(&["late-arrival".to_owned()]).unwrap();
    let one = earlier(&run(&mut sheet.sql, &one, Options::as_of(NOW)).unwrap());
    assert_eq!(counts(&old.against(&one)), (0, 0, 1));
    assert_eq!(counts(&old.against(&old)), (0, 0, 3));
}

#[test]
fn a_file_that_is_no_audit_is_refused_at_its_place() {
    let refused = |text: &str| Earlier::parse(text, "b.json").unwrap_err();
    assert!(refused("{\n  \"as_of\": 1}").starts_with("b.json:2:"), "{}", refused("{\n  \"as_of\": 1}"));
    let with = |finding: &str| format!("{{\"as_of\": \"x\", \"pack\": \"p\", \"findings\": [{finding}]}}");
    let bad_id = r#"{"id": "nonsense", "rule": "r", "severity": "minor", "subject": "s"}"#;
    assert!(refused(&with(bad_id)).starts_with("b.json: findings[0]: `nonsense` is not a finding id"));
    let bad_severity = r#"{"id": "CYZ4REQ7H6HG0PXNATJHS81N9R", "rule": "r", "severity": "bad", "subject": "s"}"#;
    assert!(refused(&with(bad_severity)).contains("`bad` is not a severity"));
    assert!(refused("[1").starts_with("b.json:1:"));
}
