//! The shipped rules find what they name, and nothing in clean records; each finding keeps its id.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test that fails should say where"
)]

use crate::audit_common::{Sheet, ids};
use docket_device::audit::{FindingId, Format, Options, Pack, Severity, run};

const NOW: i64 = 1_600_000_000_000;

fn audit(sheet: &mut Sheet) -> docket_device::audit::Audit {
    run(&mut sheet.sql, &Pack::builtin().unwrap(), Options::as_of(NOW)).unwrap()
}

/// What `change` does to a clean record makes exactly these rules speak.
#[track_caller]
fn expect(change: &str, rules: &[&str]) {
    let mut sheet = Sheet::clean();
    sheet.sql.execute_batch(change).unwrap();
    let audit = audit(&mut sheet);
    assert_eq!(ids(&audit), rules, "{change}");
    for finding in &audit.findings {
        assert!(finding.message.contains(&finding.values.columns()["code"].as_str().unwrap()[..3]), "{finding:?}");
        assert!(!finding.message.contains('{'));
    }
}

#[test]
fn clean_records_have_no_findings() {
    expect("", &[]);
}

#[test]
fn d_h1_missing_steps_order_readings_and_stale_answers() {
    expect("UPDATE p_step SET state = 'missing', owed = 1, fact = NULL WHERE step = 'B1'", &["missing-step"]);
    expect("UPDATE p_step SET state = 'missing', required = 0 WHERE step = 'B1'", &[]);
    expect("UPDATE p_step SET state = 'missing'; UPDATE p_visit SET outcome = 'no_access'", &[]);
    expect("INSERT INTO p_order_break VALUES (1, 0, 1, '1', 'A1', '1 was done after A1')", &["step-order"]);
    expect("UPDATE p_step SET state = 'out_of_limits', answer = '9' WHERE step = 'A1'", &["reading-out-of-limits"]);
    expect("UPDATE p_step SET state = 'stale' WHERE step = 'B1'", &["stale-answer"]);
    expect("UPDATE p_step SET state = 'wrong_unit' WHERE step = 'A1'", &["invalid-answer"]);
}

#[test]
fn d_h14_the_safety_gate() {
    expect("UPDATE p_gate SET passed = 0", &["core-without-safety-test"]);
    expect("UPDATE p_gate SET passed = 0, core_step_fact = NULL", &[]);
    expect("UPDATE p_step SET state = 'failed' WHERE step = 'A1'", &["failed-test-and-completed"]);
    // Refused as unsafe is right: nobody is blamed for the reading that made it so.
    expect(
        "UPDATE p_step SET state = 'out_of_limits' WHERE step = 'A1';
         UPDATE p_visit SET outcome = 'refused', detail = 'unsafe'",
        &[],
    );
    let sign =
        |sign: &str| format!("INSERT INTO p_sign VALUES (1, 0, '{sign}', 'D-H14', 'K', 'said', NULL, NULL, NULL)");
    expect(&sign("seller_not_told"), &["seller-not-told"]);
    expect(&sign("hazard_left"), &["hazard-left"]);
    expect(&sign("five_contradicted"), &["five-contradicted"]);
    expect(&sign("resolution_not_of_kind"), &["resolution-not-of-kind"]);
}

#[test]
fn d_h2_and_d_h3_grades_are_those_of_the_day_and_of_the_whole_crew() {
    expect("UPDATE p_visit SET least_grade = 'A'", &["below-grade"]);
    expect("UPDATE p_job SET override = 'training'", &["below-grade-override"]);
    expect("UPDATE p_grade SET from_ms = 9999999999999", &["below-grade", "ungraded-alone"]);
    let rides_along =
        "INSERT INTO p_visit SELECT doc, 1, visit, 'T-9', least_grade, arrived_ms, ended_ms, outcome, detail,
        late_min, limit_min, spent_min, appliances, 0, NULL, 1 FROM p_visit";
    expect(rides_along, &["not-assigned"]);
    expect("UPDATE p_visit SET least_grade = 'ungraded'; DELETE FROM p_grade", &["ungraded-alone"]);
    expect(
        "INSERT INTO p_issue VALUES (1, 'I1', 'self_recorded', 'medium', 'T-1 recorded evidence', 0)",
        &["self-recorded-evidence"],
    );
}

#[test]
fn d_h4_times() {
    expect("UPDATE p_visit SET late_min = 1", &["late-arrival"]);
    expect("UPDATE p_visit SET late_min = 0", &[]);
    expect("UPDATE p_visit SET late_min = NULL, limit_min = NULL", &[]);
    expect("UPDATE p_visit SET spent_min = 121", &["over-time"]);
    expect("UPDATE p_visit SET spent_min = 120", &[]);
    let open = |arrived: i64| format!("UPDATE p_visit SET outcome = NULL, ended_ms = NULL, arrived_ms = {arrived}");
    expect(&open(NOW - 86_400_000), &[]);
    expect(&open(NOW - 86_400_001), &["visit-not-ended"]);
}

#[test]
fn the_record_itself() {
    expect("UPDATE p_visit SET signed = 0", &["unsigned-visit"]);
    expect("UPDATE p_job SET closed_ms = received_ms - 1", &["contradicting-dates"]);
    expect(
        "INSERT INTO p_conflict VALUES (1, 'phone', 'F1', '1', 'T-1', 1), (1, 'phone', 'F2', '2', 'T-2', 1)",
        &["unresolved-conflict"],
    );
    for (kind, rule) in [
        ("two_visits", "second-visit"),
        ("unauthorised", "unauthorised-fact"),
        ("answers_differ", "contradiction"),
        ("claim", "untrusted-fact"),
        ("late_work", "late-work"),
    ] {
        let put = |decided: u8| format!("INSERT INTO p_issue VALUES (1, 'I1', '{kind}', 'medium', 's', {decided})");
        expect(&put(0), &[rule]);
        expect(&put(1), &[]);
    }
    expect(
        "INSERT INTO quarantine VALUES (1, x'00000000000000000000000000000001', x'00', 'grammar', 'no put', 'b', 1, x'')",
        &["untrusted-fact"],
    );
    expect(
        "INSERT INTO quarantine VALUES (1, NULL, x'00', 'grammar', 'no put', 'bundle', 1, x'')",
        &["untrusted-fact"],
    );
    let sheet = Sheet::empty();
    sheet
        .sql
        .execute_batch("INSERT INTO quarantine VALUES (1, NULL, x'00', 'grammar', 'no put', 'b', 1, x'')")
        .unwrap();
    let doc: Option<String> = sheet.sql.query_row("SELECT doc FROM v_inbox", [], |row| row.get(0)).unwrap();
    assert_eq!(doc, None, "bytes that belong to no document");
}

#[test]
fn findings_are_equal_for_equal_records_whatever_the_order_of_rows() {
    let worse =
        "UPDATE p_step SET state = 'missing', owed = 1 WHERE step IN ('A1', 'B1'); UPDATE p_gate SET passed = 0;
                 UPDATE p_visit SET late_min = 5, spent_min = 500";
    let bytes = |jobs: &[i64]| {
        let mut sheet = Sheet::empty();
        for &job in jobs {
            sheet.add_job(job);
        }
        sheet.sql.execute_batch(worse).unwrap();
        let audit = audit(&mut sheet);
        let mut csv = Vec::new();
        audit.write(Format::Csv, &mut csv).unwrap();
        assert_eq!(audit.findings[0].severity, Severity::Critical, "the gravest come first");
        (audit.to_json().to_string(), String::from_utf8(csv).unwrap())
    };
    let (json, csv) = bytes(&[1, 2, 3]);
    assert_eq!((json.clone(), csv.clone()), bytes(&[3, 1, 2]));
    assert_eq!(csv.lines().count(), 1 + 3 * 5);
    assert!(json.contains(r#""as_of":"2020-09-13T12:26:40Z""#));
}

#[test]
fn the_severity_filter_counts_what_is_at_least_as_grave() {
    let mut sheet = Sheet::clean();
    sheet.sql.execute_batch("UPDATE p_gate SET passed = 0; UPDATE p_visit SET late_min = 1").unwrap();
    let audit = audit(&mut sheet);
    let counts = Severity::ALL.map(|severity| audit.at_or_above(severity));
    assert_eq!(counts, [2, 2, 1, 1]);
}

#[test]
fn a_findings_id_depends_on_rule_subject_and_key_alone() {
    let id = FindingId::of("late-arrival", "doc", &["visit".into()]);
    assert_eq!(id.to_string(), "CYZ4REQ7H6HG0PXNATJHS81N9R", "for ever: waivers name it");
    assert_ne!(id, FindingId::of("late-arrival", "do", &["cvisit".into()]));
    let mut sheet = Sheet::clean();
    sheet.sql.execute_batch("UPDATE p_visit SET late_min = 1").unwrap();
    let before = audit(&mut sheet).findings[0].clone();
    sheet.sql.execute_batch("UPDATE p_visit SET late_min = 2").unwrap();
    let after = audit(&mut sheet).findings[0].clone();
    assert_eq!(before.id, after.id);
    assert_ne!(before.message, after.message);
}

/// A sign that the fold gave makes exactly its rule speak.
fn expect_sign(sign: &str, rule: &str) {
    let values = format!("(1, 0, '{sign}', 'D', 'k', 'the detail', 'F1', 'T-1', 1100000)");
    let insert = format!("INSERT INTO p_sign(doc, pos, sign, row, key, detail, fact, person, at_ms) VALUES {values}");
    expect(&insert, &[rule]);
    // An imported fact has no author.
    expect(&insert.replace("'F1', 'T-1', 1100000", "NULL, NULL, NULL"), &[rule]);
}

#[test]
fn d_h4_d_h5_d_h9_and_d_h10_signs_of_goods_and_whole_sets_become_findings() {
    expect_sign("goods_missing", "goods-missing");
    expect_sign("free_item_charged", "free-item-charged");
    for (sign, rule) in [
        ("second_report", "second-report"),
        ("second_entry", "second-entry"),
        ("second_delivery", "second-delivery"),
        ("second_dispatch", "second-dispatch"),
        ("second_visit", "whole-set-second-visit"),
        ("arrivals_spread", "arrivals-spread"),
        ("no_vehicle", "no-vehicle"),
        ("not_asked_first", "not-asked-first"),
        ("contract_other_outlet", "contract-other-outlet"),
    ] {
        expect_sign(sign, rule);
    }
}

#[test]
fn d_h9_a_second_job_for_a_whole_set_that_is_open_is_a_second_entry() {
    let found = |changes: &str| {
        let mut sheet = Sheet::clean();
        sheet.add_job(2);
        sheet.add_job(3);
        let customers = "UPDATE p_job SET customer = x'00000000000000000000000000000C01', status = 'assigned';";
        // The first is open until 500, the second is entered at 300, the third after both.
        let courses = "INSERT INTO p_course(doc, call_back, unpenalised, work_visits, intake_corrections, reclassified,
                           recorded_ms, resolved_ms, whole_set)
                         VALUES (1, 0, 0, 0, 0, 0, 100, 500, 1), (2, 0, 0, 0, 0, 0, 300, 600, 1), (3, 0, 0, 0, 0, 0, 700, NULL, 1);";
        sheet.sql.execute_batch(&format!("{customers}{courses}{changes}")).unwrap();
        let audit = audit(&mut sheet);
        let of = audit.findings.iter().filter(|finding| &*finding.rule == "whole-set-entered-again");
        of.map(|finding| finding.message.to_string()).collect::<Vec<_>>()
    };
    let again = ["JOB00002: entered at 1970-01-01T00:00:00Z while JOB00001 was open"];
    assert_eq!(found(""), again);
    assert_eq!(found("UPDATE p_course SET resolved_ms = NULL WHERE doc = 1").len(), 2, "the third, too");
    assert_eq!(found("UPDATE p_course SET whole_set = 0 WHERE doc = 1"), [""; 0], "an ordinary job");
    assert_eq!(found("UPDATE p_job SET status = 'cancelled' WHERE doc = 2"), [""; 0]);
    let other = "UPDATE p_job SET customer = x'00000000000000000000000000000C02' WHERE doc = 2;";
    assert_eq!(found(other), [""; 0], "another customer");
    let one = "INSERT INTO p_link VALUES (x'00000000000000000000000000000C02', x'00000000000000000000000000000C01')";
    assert_eq!(found(&format!("{other}{one}")), again, "who was entered twice is one customer (D-K3)");
}

#[test]
fn d_h15_d_h19_and_d_k4_signs_of_parts_and_projects_become_findings() {
    for (sign, rule) in [
        ("foreseeable_part", "foreseeable-part"),
        ("part_not_received", "part-not-received"),
        ("part_sequence", "part-sequence"),
        ("part_not_told", "part-not-told"),
        ("promise_before_lead_time", "promise-before-lead-time"),
        ("core_before_plan", "core-before-plan"),
        ("plan_self_approved", "plan-self-approved"),
        ("works_not_witnessed", "witness"),
        ("witness_is_doer", "witness"),
        ("works_not_accepted", "acceptor"),
        ("acceptor_is_doer", "acceptor"),
    ] {
        expect_sign(sign, rule);
    }
}

#[test]
fn d_e4_d_e5_and_d_e9_signs_of_money_and_sending_on_become_findings() {
    for (sign, rule) in [
        ("sent_on_without_fault", "sent-on-without-fault"),
        ("loaner_not_returned", "loaner-not-returned"),
        ("overcharged", "overcharged"),
        ("covered_item_charged", "covered-item-charged"),
        ("unlisted_item_charged", "unlisted-item-charged"),
    ] {
        expect_sign(sign, rule);
    }
}
