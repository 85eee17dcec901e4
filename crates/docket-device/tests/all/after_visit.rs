//! The promise: what customers said, what they complained about and what is known of problems can be queried, and hangs on
//! nothing but the record: a rebuild gives the same rows.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that fails is a test that fails"
)]

use crate::audit_common::{Sheet, ids};
use crate::common::{Fixture, draft, stamp};
use docket_device::audit::{Options, Pack, run};
use docket_device::doctor;
use docket_format::{DocId, FactId};
use serde_json::{Value, json};

/// A store of a supervisor, with a customer, and a repair that was done.
fn repaired() -> (Fixture, DocId, DocId) {
    let mut fix = Fixture::new();
    fix.certify("S-1", "supervisor");
    let regs = json!({"name": "Ms. Li", "group": "urban"});
    let (customer, _) =
        fix.store.create_doc(&[draft("created", json!({"dk": "customer", "regs": regs}))], &stamp(1)).unwrap();
    let regs = json!({"kind": "repair", "product": "fridge", "customer": customer.to_string(), "outlet": "QD-01",
                      "received_at": "2023-11-14T22:13:00Z", "appliances": 1, "requester": "Mr. Wang"});
    let (job, _) = fix.store.create_doc(&[draft("created", json!({"dk": "job", "regs": regs}))], &stamp(2)).unwrap();
    put(&mut fix, job, 3, "diagnosed", json!({"fault": "filter_clogged", "remote": true}));
    put(&mut fix, job, 4, "completed", json!({"resolution": "repaired"}));
    put(&mut fix, job, 5, "found", json!({"cause": "defect", "fault": "refrigerant_leak"}));
    (fix, job, customer)
}

fn put(fix: &mut Fixture, doc: DocId, second: i64, kind: &str, body: Value) -> FactId {
    fix.store.write(doc, &[draft(kind, body)], &stamp(second)).unwrap()[0]
}

fn technician(fix: &mut Fixture, person: &str, outlet: &str) -> DocId {
    let tenant = crate::common::tenant();
    let doc = DocId::derived(tenant, "technician", "docket", person);
    let regs = json!({"person": person, "outlet": outlet});
    fix.store.write(doc, &[draft("created", json!({"dk": "technician", "regs": regs}))], &stamp(6)).unwrap();
    doc
}

fn sound(fix: &mut Fixture) {
    let report = doctor::check(&mut fix.store).unwrap();
    assert!(report.is_sound(), "{:?}", report.findings);
}

#[test]
fn d_e3_the_five_shared_databases_are_views() {
    let (mut fix, job, customer) = repaired();
    put(&mut fix, customer, 6, "coverage", json!({"what": "hardware", "from": "2023-01-01", "until": "2025-12-31"}));
    let regs = json!({"title": "leaks", "product": "fridge", "state": "open"});
    let (problem, _) =
        fix.store.create_doc(&[draft("created", json!({"dk": "problem", "regs": regs}))], &stamp(6)).unwrap();
    put(&mut fix, problem, 7, "noted", json!({"text": "tighten"}));
    put(&mut fix, job, 8, "linked", json!({"problem": problem.to_string()}));
    put(&mut fix, job, 9, "called_back", json!({"reached": true, "score": 80}));
    let text = |query: &str| fix.value::<String>(query);
    assert_eq!(text("SELECT title || jobs || notes FROM v_problem"), "leaks11");
    assert_eq!(text("SELECT name || jobs FROM v_customer"), "Ms. Li1");
    assert_eq!(text("SELECT what || until_day FROM v_coverage"), "hardware2025-12-31");
    assert_eq!(text("SELECT fault_guessed || ' ' || fault_found FROM v_repair"), "filter_clogged refrigerant_leak");
    assert_eq!(text("SELECT resolution || problem FROM v_repair"), format!("repaired{problem}"));
    assert_eq!(text("SELECT source || score FROM v_feedback"), "called_back80");
    assert_eq!(text("SELECT requester FROM v_course"), "Mr. Wang");
    sound(&mut fix);
}

#[test]
fn d_c4_complaints_show_how_far_they_are() {
    let (mut fix, job, _) = repaired();
    let body = json!({"cause": "dust", "about": "quality", "step": "E", "when": "2023-11-14T22:20:00Z"});
    let complaint = put(&mut fix, job, 6, "complained", body).to_string();
    let state = |fix: &Fixture| fix.value::<String>("SELECT state FROM v_complaint");
    assert_eq!(state(&fix), "open");
    put(&mut fix, job, 7, "handled", json!({"complaint": complaint, "result": "cleaned"}));
    assert_eq!(state(&fix), "handled");
    put(&mut fix, job, 8, "answered", json!({"complaint": complaint}));
    assert_eq!(state(&fix), "answered");
    assert_eq!(fix.value::<String>("SELECT step || result || handled_by FROM v_complaint"), "EcleanedS-1");
    assert_eq!(fix.value::<i64>("SELECT complained_ms FROM v_complaint"), 1_700_000_400_000, "as stated");
    sound(&mut fix);
}

#[test]
fn d_h18_satisfaction_is_kept_for_each_visit() {
    let (mut fix, job, _) = repaired();
    put(&mut fix, job, 10, "reopened", json!({"why": "again"}));
    let visit = put(&mut fix, job, 11, "arrived", json!({}));
    put(&mut fix, job, 12, "completed", json!({"resolution": "repaired", "visit": visit.to_string()}));
    put(&mut fix, job, 13, "called_back", json!({"reached": true, "score": 30}));
    put(&mut fix, job, 14, "called_back", json!({"reached": true, "score": 90, "visit": visit.to_string()}));
    let of = format!("SELECT count(*) FROM v_callback WHERE visit = '{visit}'");
    assert_eq!(fix.value::<i64>(&of), 2, "named, or the last one before");
    assert_eq!(fix.value::<i64>("SELECT count(*) FROM v_callback WHERE bad_answer AND score = 30"), 1);
    assert_eq!(fix.value::<i64>("SELECT count(*) FROM v_callback WHERE bad_answer"), 1);
}

#[test]
fn d_c2_who_belongs_to_the_serving_outlet_does_not_close_the_job_by_asking() {
    let (mut fix, job, _) = repaired();
    put(&mut fix, job, 6, "called_back", json!({"reached": true}));
    let status = |fix: &Fixture| fix.value::<String>("SELECT status FROM v_job");
    assert_eq!(status(&fix), "closed", "no outlet is known of the asker");
    let doc = technician(&mut fix, "S-1", "QD-01");
    assert_eq!(status(&fix), "done");
    assert_eq!(fix.value::<String>("SELECT asker_outlet || serving FROM v_callback"), "QD-011");
    let first = fix.store.facts(doc).unwrap()[0].id.to_string();
    put(&mut fix, doc, 7, "set", json!({"r": "outlet", "v": "QD-02", "over": [first]}));
    assert_eq!(status(&fix), "closed", "another outlet asked");
    assert_eq!(fix.value::<i64>("SELECT serving FROM v_callback"), 0);
    sound(&mut fix);
}

#[test]
fn d_k1_a_new_owner_judges_the_jobs_anew() {
    let (mut fix, job, customer) = repaired();
    put(&mut fix, job, 6, "scheduled", json!({"regs": {"appointment": "2023-11-15T09:00:00Z"}}));
    let signs = "SELECT count(*) FROM v_sign WHERE sign = 'owner_overruled'";
    assert_eq!(fix.value::<i64>(signs), 0);
    put(&mut fix, customer, 7, "set", json!({"r": "owner", "v": "R-1"}));
    assert_eq!(fix.value::<i64>(signs), 1);
    assert_eq!(fix.value::<String>("SELECT owner FROM v_customer"), "R-1");
    sound(&mut fix);
}

/// The rules that one sign makes speak.
fn found(pack: &str, change: &str) -> Vec<String> {
    let mut sheet = Sheet::clean();
    sheet.sql.execute_batch(change).unwrap();
    let audit = run(&mut sheet.sql, &Pack::shipped(pack).unwrap().unwrap(), Options::as_of(1_600_000_000_000)).unwrap();
    assert!(audit.findings.iter().all(|finding| !finding.message.contains('{')), "{:?}", audit.findings);
    ids(&audit).into_iter().map(str::to_owned).collect()
}

#[test]
fn d_c2_d_c4_d_c6_d_e1_d_e2_d_h7_d_k1_signs_are_found_by_the_operators_packs() {
    for (pack, sign, rule) in [
        ("changhong", "own_outlet", "own-outlet"),
        ("changhong", "answer_without_result", "answer-without-result"),
        ("changhong", "unknown_complaint", "unknown-complaint"),
        ("changhong", "unknown_resolution", "unknown-resolution"),
        ("hengji", "reclassified", "reclassified"),
        ("hengji", "unknown_nature", "unknown-nature"),
        ("haier", "late_intake", "late-intake"),
        ("default", "owner_overruled", "overruled-without-reason"),
        ("default", "owner_overruled_with_reason", "overruled"),
    ] {
        let put = format!("INSERT INTO p_sign VALUES (1, 0, '{sign}', 'D-X', 'k', 'what happened', 'F1', 'T-1', 1)");
        assert_eq!(found(pack, &put), [rule], "{sign}");
        assert_eq!(found("default", &put), [rule], "{sign}: the union has it too");
        // A bad answer steers the sample, and is nobody's breach.
        assert!(found("default", &put.replace(sign, "bad_answer")).is_empty());
    }
}

#[test]
fn d_h4_coming_again_for_what_was_completed_is_found_but_not_for_a_part() {
    let put = |repeat: &str| {
        format!(
            "INSERT INTO p_course(doc, resolution, call_back, repeat, unpenalised, work_visits, intake_corrections, reclassified)
             VALUES (1, 'repaired', 1, '{repeat}', 0, 2, 0, 0)"
        )
    };
    assert_eq!(found("haier", &put("fault")), ["once"]);
    for excused in ["part", "unfinished", "unsolved"] {
        assert!(found("default", &put(excused)).is_empty(), "{excused}");
    }
}

#[test]
fn d_c1_d_c2_d_c3_d_c4_d_e4_d_h15_d_k1_d_s1_d_s2_d_s3_d_s4_late_clocks_are_found_as_of_a_moment() {
    let (now, hour) = (1_600_000_000_000_i64, 3_600_000_i64);
    let put = |clock: &str, due: i64, stop: Option<i64>, paused: Option<i64>, verdict: Option<&str>| {
        let sql = |value: Option<String>| value.unwrap_or_else(|| "NULL".to_owned());
        let verdict = sql(verdict.map(|word| format!("'{word}'")));
        let (stop, paused) = (sql(stop.map(|at| at.to_string())), sql(paused.map(|at| at.to_string())));
        format!(
            "INSERT INTO p_clock(doc, pos, clock, row, scope, start_ms, due_ms, stop_ms, paused_ms, verdict, evidence, suspect)
             VALUES (1, 0, '{clock}', 'D-X', NULL, 1, {due}, {stop}, {paused}, {verdict}, 'claimed', 0)"
        )
    };
    for (pack, clock, rule) in [
        ("changhong", "contact", "late-contact"),
        ("changhong", "call_back", "late-call-back"),
        ("changhong", "sundown", "late-response"),
        ("changhong", "complaint", "late-complaint-answer"),
        ("hengji", "repair", "late-repair"),
        ("haier", "part", "late-part"),
        ("severity", "general_contact", "late-general-contact"),
        ("severity", "urgent_contact", "late-urgent-contact"),
        ("severity", "urgent_head", "escalate-head-urgent"),
        ("severity", "urgent_daily", "daily-urgent"),
        ("severity", "critical_leader", "escalate-leader-critical"),
        ("severity", "critical_continuous", "continuous-critical"),
        ("severity", "complaint_contact", "late-complaint-contact"),
        ("severity", "complaint_head", "escalate-head-complaint"),
        ("default", "answer", "late-answer"),
        ("default", "told", "late-told"),
    ] {
        let late = put(clock, now - hour, Some(now - 1), None, Some("breached"));
        assert_eq!(found(pack, &late), [rule]);
        assert_eq!(found("default", &late), [rule], "the union judges each alone (D-K5)");
        assert_eq!(found(pack, &put(clock, now - 1, None, None, None)), [rule], "overdue and running");
        assert!(found(pack, &put(clock, now, None, None, None)).is_empty(), "due this very moment");
        assert!(found(pack, &put(clock, now - hour, None, Some(now - hour), None)).is_empty(), "paused in time");
        assert_eq!(found(pack, &put(clock, now - hour, None, Some(now - 1), None)), [rule], "paused too late");
        assert!(found(pack, &put(clock, now - hour, Some(now - hour), None, Some("met"))).is_empty());
    }
}
