//! An evidence pack carries the relay's receipts: that records were there by a time which no device can claim.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test that fails should say where"
)]

use crate::sync_common::{Device, NOW, company};
use docket_device::Mode;
use docket_device::app::Session;
use docket_device::audit::{self, Options, Pack};
use docket_device::dossier::{self, Checked, What};
use docket_device::store::read_only;
use serde_json::json;

fn checked(office: &Device) -> (Vec<u8>, Checked) {
    let dir = office.store.dir();
    let pack = Pack::builtin().unwrap();
    let audit = audit::run(&mut read_only(dir).unwrap(), &pack, Options::as_of(NOW)).unwrap();
    assert!(!audit.findings.is_empty());
    let mut session = Session::open(dir, Mode::ReadWrite, Some(NOW)).unwrap();
    let made = dossier::make(&mut session, &What { pack: &pack, audit: &audit, without_customers: false }).unwrap();
    let scratch = tempfile::tempdir().unwrap();
    let checked = dossier::check(&made.bytes, None, &scratch.path().join("record")).unwrap();
    assert!(checked.ok(), "{:?}", checked.flaws);
    (made.bytes, checked)
}

#[test]
fn what_the_relay_had_is_proven_by_its_word() {
    let (relay, mut office) = company();
    let job = office.jobs(1)[0];
    // Nobody in the office may say that they arrived: a finding.
    office.write(job, "arrived", json!({}));
    let (_, before) = checked(&office);
    assert_eq!((before.received.certified, before.received.others, before.received.until_ms), (0, 0, None));
    assert!(before.received.changes >= 2);
    office.sync();
    assert_eq!(office.store.receipts().unwrap().last().unwrap().relay, relay.0.borrow().desk.key.public());
    let (_, after) = checked(&office);
    let proven = after.received.certified + after.received.others;
    assert_eq!(proven, after.received.changes, "{:?}", after.received);
    assert!(after.received.until_ms.is_some());
    // An exchange with nothing new gives no receipt, and none is kept.
    let kept = office.store.receipts().unwrap().len();
    office.sync();
    assert_eq!(office.store.receipts().unwrap().len(), kept);
    // What came later is not covered.
    office.note(job, "later");
    let (_, later) = checked(&office);
    assert_eq!(later.received.certified + later.received.others, proven);
    assert_eq!(later.received.changes, proven + 1);
}
