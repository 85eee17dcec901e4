//! Answering for a finding is a record: sealed, carried to every office, judged by role, and over when its day is.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test that fails should say where"
)]

use crate::peers::{Device, joined, now, office};
use docket_device::app::{Session, audits};
use docket_device::audit::{self, Audit, Options, Pack, Severity};
use docket_device::store::read_only_pair;
use docket_device::{Mode, Store};
use docket_format::DocId;
use jiff::civil::{Date, date};
use serde_json::json;

/// 2026-09-21, the day of the tests' clock.
const TODAY: Date = date(2026, 9, 21);

fn session(device: &Device) -> Session {
    Session::open(device.path(), Mode::ReadWrite, Some(now().wall_ms)).unwrap()
}

fn audit_at(device: &Device, as_of_ms: i64) -> Audit {
    let mut connections = read_only_pair(device.path()).unwrap();
    assert_eq!(connections.len(), 2);
    audit::run_on(&mut connections, &Pack::builtin().unwrap(), Options::as_of(as_of_ms)).unwrap()
}

fn audit(device: &Device) -> Audit {
    audit_at(device, now().wall_ms)
}

/// A job that was finished without its checklist by somebody who was not sent.
fn bad_job(device: &mut Device) -> DocId {
    let body = json!({"dk": "job", "regs": {"kind": "repair", "appliances": 1}});
    let doc = device.store.create_doc(&[docket_device::Draft::new("created", body)], &now()).unwrap().0;
    device.state(doc, "arrived", json!({}));
    device.state(doc, "completed", json!({"resolution": "repaired"}));
    doc
}

/// An office whose supervisor did such a job.
fn company() -> (Device, Device) {
    let mut office = office();
    let mut supervisor = joined(&mut office, "S-1", "supervisor");
    bad_job(&mut supervisor);
    office.import(&supervisor.export());
    (office, supervisor)
}

#[test]
fn a_waiver_is_carried_sealed_and_ends() {
    let (mut office, mut supervisor) = company();
    let before = audit(&office);
    let finding = before.findings.iter().find(|finding| &*finding.rule == "not-assigned").unwrap();
    let mut desk = session(&office);
    let written = audits::waive(&mut desk, finding.id, TODAY, " on call that day ").unwrap();
    assert!(written.warnings.is_empty(), "{:?}", written.warnings);
    drop(desk);
    office.store = Store::open(office.path(), Mode::ReadWrite).unwrap();
    supervisor.import(&office.export());
    for device in [&office, &supervisor] {
        let now = audit(device);
        assert_eq!((now.waived(), now.findings.len()), (1, before.findings.len()));
        let waived = now.findings.iter().find_map(|finding| finding.waived.clone()).unwrap();
        assert_eq!((waived.why.as_str(), waived.person.as_deref()), ("on call that day", Some("A-1")));
        assert_eq!(now.at_or_above(Severity::Info), before.at_or_above(Severity::Info) - 1);
        assert!(device.verify().ok(), "{:?}", device.verify());
    }
    assert_eq!(audit(&office).to_json(), audit(&supervisor).to_json(), "the same on every device");
    // The day after it counts no longer.
    let tomorrow = audit_at(&office, 1_790_035_200_000);
    assert_eq!(tomorrow.waived(), 0);
    // A supervisor may take it back.
    let mut desk = session(&supervisor);
    let known = audits::waivers(&desk).unwrap();
    let live: Vec<&audit::Waiver> = known.iter().map(|waiver| &**waiver).collect();
    let ended = audits::unwaive(&mut desk, &live, Some("was not on call")).unwrap();
    assert!(ended[0].warnings.is_empty());
    drop(desk);
    supervisor.store = Store::open(supervisor.path(), Mode::ReadWrite).unwrap();
    office.import(&supervisor.export());
    assert_eq!((audit(&office).waived(), audit(&supervisor).waived()), (0, 0));
    let waiver = &audits::waivers(&session(&office)).unwrap()[0];
    assert_eq!(waiver.ended_by.as_deref(), Some(ended[0].fact.to_string().as_str()));
}

#[test]
fn who_may_not_waive_says_so_in_vain() {
    let (office, supervisor) = company();
    let finding = audit(&supervisor).findings[0].clone();
    let mut desk = session(&supervisor);
    let written = audits::waive(&mut desk, finding.id, TODAY, "I did it myself").unwrap();
    assert!(written.warnings[0].starts_with("a supervisor may not state `waived`"), "{:?}", written.warnings);
    drop(desk);
    let now = audit(&supervisor);
    assert_eq!(now.waived(), 0);
    assert!(now.findings.iter().any(|finding| &*finding.rule == "unauthorised-fact"), "and that is a finding");
    drop(office);
}

#[test]
fn a_waiver_needs_a_reason_and_a_day_to_come() {
    let (office, _) = company();
    let finding = audit(&office).findings[0].id;
    let mut desk = session(&office);
    let refused = |desk: &mut Session, until, why| audits::waive(desk, finding, until, why).unwrap_err().to_string();
    assert_eq!(refused(&mut desk, date(2026, 9, 20), "x"), "2026-09-20 is over: it is 2026-09-21");
    assert!(refused(&mut desk, TODAY, "  ").contains("`why` must be text"));
    assert_eq!(audit(&office).waived(), 0);
    assert!(audits::waivers(&desk).unwrap().is_empty());
}

#[test]
fn waivers_come_back_when_the_projections_are_made_anew() {
    let (office, _) = company();
    let finding = audit(&office).findings[0].id;
    audits::waive(&mut session(&office), finding, TODAY, "x").unwrap();
    let before = audit(&office).to_json();
    let mut store = Store::open(office.path(), Mode::ReadWrite).unwrap();
    store.rebuild_projections().unwrap();
    drop(store);
    assert_eq!(audit(&office).to_json(), before);
}
