//! The promise: what is recorded in a boot that saw an exchange says when it was by the relay's time (DESIGN §6), for
//! everybody who gets it, and nothing else does.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that fails should say where")]

use crate::sync_common::{self, Device, company};
use docket_core::RELAY_TIME;
use docket_device::app::session::Session;
use docket_device::sync::{self, Options};
use docket_device::{Draft, Mode, clock};
use docket_format::DocId;
use docket_format::fact::Stamp;
use serde_json::json;

/// Records something in a session; gives what it says about the relay's time: when, and how many milliseconds off.
fn noted(office: &Device, doc: DocId, pretended_ms: Option<i64>) -> Option<(i64, i64)> {
    let mut session = Session::open(office.path(), Mode::ReadWrite, pretended_ms).unwrap();
    let fact = session.write(doc, &[Draft::new("noted", json!({"text": "x"}))]).unwrap()[0];
    let facts = session.facts(doc).unwrap();
    let known = facts.iter().find(|one| one.id == fact).unwrap().body.get(RELAY_TIME)?.as_array()?.clone();
    Some((known[0].as_i64()?, known[1].as_i64()?))
}

fn exchange(office: &mut Device, clock: &dyn Fn() -> Stamp) {
    sync::sync(&mut office.store, &mut office.link, Options::default(), clock, &mut |_| {}).unwrap();
}

#[test]
fn a_boot_that_saw_an_exchange_dates_what_it_records_by_the_relay() {
    let (_relay, mut office) = company();
    let doc = office.job();
    assert_eq!(noted(&office, doc, None), None, "another boot saw the last exchange");
    office.reopen();
    // The relay's clock is far from this device's: that is what makes the difference.
    exchange(&mut office, &clock::now);
    let time = office.store.relay().unwrap().unwrap().time.unwrap();
    let (at_ms, off_ms) = noted(&office, doc, None).unwrap();
    assert!((time.relay_ms..time.relay_ms + 600_000).contains(&at_ms), "{at_ms} after {time:?}");
    assert!((time.off_ms..time.off_ms + 1_000).contains(&off_ms), "{off_ms} of {time:?}");
    assert_eq!(noted(&office, doc, Some(sync_common::NOW)), None, "a pretended time is of no boot");
}

#[test]
fn a_boots_first_exchange_is_kept_though_it_brings_nothing_and_no_later_one() {
    let (_relay, mut office) = company();
    office.sync();
    let boot = |name: &'static str, up_ms| move || Stamp { boot: name.into(), up_ms, ..sync_common::now() };
    let before = office.generation();
    exchange(&mut office, &boot("NEXT", 5));
    assert_eq!(office.generation(), before + 1, "what this boot records is dated by it");
    exchange(&mut office, &boot("NEXT", 9));
    assert_eq!(office.generation(), before + 1, "idle: nothing is written");
    let time = office.store.relay().unwrap().unwrap().time.unwrap();
    assert_eq!((time.boot.as_str(), time.up_ms), ("NEXT", 5));
}
