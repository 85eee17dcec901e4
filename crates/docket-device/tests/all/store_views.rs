//! The promise: the documented views show what the facts say, after every write, and a rebuild gives the same rows.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that fails is a test that fails"
)]

use crate::common::{Fixture, draft, stamp};
use docket_device::doctor;
use docket_format::DocId;
use serde_json::json;

/// A customer and a job for it.
fn job(fix: &mut Fixture) -> (DocId, DocId) {
    let regs = json!({"name": "Ms. Li", "phone": "555", "address": "1 Main St", "group": "VIP"});
    let (customer, _) =
        fix.store.create_doc(&[draft("created", json!({"dk": "customer", "regs": regs}))], &stamp(1)).unwrap();
    let regs = json!({"kind": "repair", "customer": customer.to_string(), "text": "drips",
                      "received_at": "2023-11-14T22:00:00Z", "appliances": 1});
    let (doc, _) = fix.store.create_doc(&[draft("created", json!({"dk": "job", "regs": regs}))], &stamp(2)).unwrap();
    (doc, customer)
}

#[test]
fn a_job_is_listed_with_its_customer_and_follows_changes_of_both() {
    let mut fix = Fixture::new();
    fix.certify("T-001", "supervisor");
    let (doc, customer) = job(&mut fix);
    let row = |fix: &Fixture| -> (String, String, String, String, i64) {
        let query = "SELECT doc, status, address, crew, received_ms FROM v_job";
        fix.store.conn().query_row(query, [], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?))).unwrap()
    };
    let received = 1_699_999_200_000;
    assert_eq!(row(&fix), (doc.to_string(), "new".into(), "1 Main St".into(), String::new(), received));
    let created = fix.store.facts(customer).unwrap()[0].id;
    let moved = json!({"r": "address", "v": "2 High St", "over": [created.to_string()]});
    fix.store.write(customer, &[draft("set", moved)], &stamp(3)).unwrap();
    let crew = json!({"regs": {"crew": ["T-042", "T-007"]}, "over": []});
    fix.store.write(doc, &[draft("assigned", crew)], &stamp(4)).unwrap();
    assert_eq!(row(&fix), (doc.to_string(), "assigned".into(), "2 High St".into(), "T-042,T-007".into(), received));
    assert_eq!(fix.value::<String>("SELECT standing FROM v_fact WHERE kind = 'assigned'"), "unsealed");
    fix.seal_all();
    assert_eq!(fix.value::<String>("SELECT standing FROM v_fact WHERE kind = 'assigned'"), "ok");
}

#[test]
fn a_conflict_shows_both_values() {
    let mut fix = Fixture::new();
    fix.certify("T-001", "supervisor");
    let (doc, _) = job(&mut fix);
    for outlet in ["north", "south"] {
        fix.store.write(doc, &[draft("set", json!({"r": "outlet", "v": outlet, "over": []}))], &stamp(3)).unwrap();
    }
    assert_eq!(fix.value::<i64>("SELECT count(*) FROM v_conflict WHERE register = 'outlet'"), 2);
    assert_eq!(fix.value::<i64>("SELECT conflicts FROM v_job"), 1);
    assert_eq!(fix.value::<i64>("SELECT count(*) FROM v_inbox WHERE kind = 'conflict' AND NOT decided"), 1);
}

#[test]
fn facts_written_before_their_device_was_known_count_once_it_is() {
    let mut fix = Fixture::new();
    let (_, _) = job(&mut fix);
    let unknown = "SELECT count(*) FROM v_inbox WHERE kind = 'unknown_device'";
    assert!(fix.value::<i64>(unknown) > 0);
    fix.certify("T-001", "supervisor");
    assert_eq!(fix.value::<i64>(unknown), 0);
    assert_eq!(fix.value::<String>("SELECT kind FROM v_job"), "repair");
    assert_eq!(
        fix.value::<String>("SELECT person || ' ' || role || ' ' || state FROM v_device WHERE person IS NOT NULL"),
        "T-001 supervisor active"
    );
}

#[test]
fn a_visit_shows_its_steps_and_the_grade_of_the_day() {
    let mut fix = Fixture::new();
    fix.certify("T-001", "supervisor");
    let (doc, _) = job(&mut fix);
    let arrival = fix.store.write(doc, &[draft("arrived", json!({}))], &stamp(10)).unwrap()[0];
    let visit = arrival.to_string();
    fix.store
        .write(doc, &[draft("completed", json!({"resolution": "repaired", "visit": visit}))], &stamp(100))
        .unwrap();
    assert_eq!(fix.value::<String>("SELECT visit FROM v_visit WHERE person = 'T-001'"), visit);
    assert_eq!(fix.value::<String>("SELECT outcome || ' ' || detail FROM v_visit"), "completed repaired");
    assert_eq!(fix.value::<String>("SELECT grade_at_arrival FROM v_visit"), "ungraded");
    assert!(fix.value::<i64>("SELECT count(*) FROM v_step WHERE state = 'missing' AND required") > 0);
    assert_eq!(fix.value::<String>("SELECT status FROM v_job"), "done");
}

#[test]
fn a_rebuild_gives_the_same_rows_and_mends_what_was_tampered_with() {
    let mut fix = Fixture::new();
    fix.certify("T-001", "technician");
    let (doc, _) = job(&mut fix);
    fix.store.write(doc, &[draft("arrived", json!({}))], &stamp(10)).unwrap();
    fix.seal_all();
    let report = doctor::check(&mut fix.store).unwrap();
    assert!(report.is_sound() && report.projections_compared, "{report:?}");
    assert_eq!((report.docs, report.changes), (3, 4));
    fix.store
        .conn()
        .execute_batch("UPDATE p_job SET status = 'closed'; DELETE FROM fact WHERE kind = 'arrived';")
        .unwrap();
    let codes: Vec<&str> = doctor::check(&mut fix.store).unwrap().findings.iter().map(|f| f.code).collect();
    assert_eq!(codes, ["index", "projection"]);
    doctor::rebuild(&mut fix.store).unwrap();
    let report = doctor::check(&mut fix.store).unwrap();
    assert!(report.is_sound(), "{report:?}");
    assert_eq!(fix.store.outbox().unwrap().tips, [], "how far the seals reach is found again");
    assert_eq!(fix.value::<String>("SELECT status FROM v_job"), "on_site");
}

#[test]
fn older_projections_are_made_anew_at_the_next_opening() {
    let mut fix = Fixture::new();
    fix.certify("T-001", "technician");
    job(&mut fix);
    fix.store.conn().execute_batch("UPDATE meta SET projection = 0; DROP VIEW v_gate; DROP TABLE p_gate;").unwrap();
    fix.reopen();
    assert_eq!(fix.value::<i64>("SELECT count(*) FROM v_gate"), 0);
    assert_eq!(fix.value::<i64>("SELECT count(*) FROM v_job"), 1);
}

#[test]
fn every_view_can_be_read_by_a_read_only_connection() {
    let fix = Fixture::new();
    let sql = docket_device::store::read_only(fix.dir.path()).unwrap();
    let mut names = sql.prepare("SELECT name FROM sqlite_schema WHERE type = 'view'").unwrap();
    let names: Vec<String> = names.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert!(names.len() >= 12, "{names:?}");
    for name in names {
        sql.query_row(&format!("SELECT count(*) FROM (SELECT * FROM {name})"), [], |_| Ok(())).unwrap();
    }
    assert!(sql.execute("DELETE FROM doc", []).is_err());
}

#[test]
fn what_a_revoked_device_sealed_in_time_stays_and_the_rest_is_a_claim() {
    let mut fix = Fixture::new();
    fix.certify("T-001", "supervisor");
    let (doc, _) = job(&mut fix);
    fix.seal_all();
    fix.store.write(doc, &[draft("cancelled", json!({"why": "late"}))], &stamp(9)).unwrap();
    fix.seal_all();
    assert_eq!(fix.value::<String>("SELECT status FROM v_job"), "cancelled");
    let device = fix.store.device();
    let first = fix.store.seals().unwrap()[0].row;
    let seals = [docket_format::roster::seal_tag(fix.store.seal(first).unwrap().id())];
    fix.roster(&[docket_format::roster::Draft::Revoke { device, why: "stolen", seals: &seals, seen: &[] }]);
    let standing =
        |kind: &str| format!("SELECT standing FROM v_fact WHERE kind = '{kind}' AND n > 0 ORDER BY doc LIMIT 1");
    assert_eq!(fix.value::<String>(&standing("created")), "ok");
    assert_eq!(fix.value::<String>(&standing("cancelled")), "claim");
    assert_eq!(fix.value::<String>("SELECT status FROM v_job"), "new", "a claim has no effect");
    assert_eq!(fix.value::<i64>("SELECT count(*) FROM v_inbox WHERE kind = 'claim' AND NOT decided"), 1);
    assert!(doctor::check(&mut fix.store).unwrap().is_sound());
}
