//! The promise: what customers said, what they complained about and what is known of problems can be queried, and hangs on
//! nothing but the record: a rebuild gives the same rows.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that fails is a test that fails"
)]

mod common;

use common::{Fixture, draft, stamp};
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
    let tenant = common::tenant();
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
    let (mut fix, job, _) = repaired();
    let regs = json!({"title": "leaks", "product": "fridge", "state": "open"});
    let (problem, _) =
        fix.store.create_doc(&[draft("created", json!({"dk": "problem", "regs": regs}))], &stamp(6)).unwrap();
    put(&mut fix, problem, 7, "noted", json!({"text": "tighten"}));
    put(&mut fix, job, 8, "linked", json!({"problem": problem.to_string()}));
    put(&mut fix, job, 9, "called_back", json!({"reached": true, "score": 80}));
    let text = |query: &str| fix.value::<String>(query);
    assert_eq!(text("SELECT title || jobs || notes FROM v_problem"), "leaks11");
    assert_eq!(text("SELECT name || jobs FROM v_customer"), "Ms. Li1");
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
