//! Records pass from device to device by bundle: nothing is lost, nothing is believed that isn't sealed, and every
//! forgery is kept, named and without effect.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test that fails should say where"
)]

use std::collections::BTreeSet;

use crate::peers::{Device, joined, now, office, person};
use docket_device::bundle::{self, BundleError, Export};
use docket_device::company::{self, CompanyError};
use docket_device::verify::{self, Verdict};
use docket_device::{Draft, Mode, Store};
use docket_format::bundle::{Bundle, Header, Item, Writer};
use docket_format::change::{Carrier, NewChange, build, genesis, preflight};
use docket_format::fact::Stamp;
use docket_format::{Author, DocId, FactId, Incarnation};
use serde_json::json;

impl Device {
    fn reopen(&mut self) {
        self.store = Store::open(self.dir.path(), Mode::ReadWrite).unwrap();
    }
}

fn hour(hours: i64) -> i64 {
    now().wall_ms + hours * 3_600_000
}

fn technician(office: &mut Device, id: &str) -> Device {
    joined(office, id, "technician")
}

fn job(device: &mut Device) -> DocId {
    let body = json!({"dk": "job", "regs": {"kind": "repair", "appliances": 1}});
    device.store.create_doc(&[Draft::new("created", body)], &now()).unwrap().0
}

#[test]
fn work_goes_out_comes_back_and_is_proven_everywhere() {
    let mut office = office();
    let mut tao = technician(&mut office, "T-1");
    let doc = job(&mut office);
    let given = office.export();
    assert!(tao.import(&given).is_whole());
    for step in ["A1", "A2", "C1"] {
        tao.state(doc, "step", json!({"step": step, "v": true}));
    }
    let back = tao.export();
    let report = office.import(&back);
    assert!(report.is_whole(), "{report:?}");
    assert_eq!(office.store.heads(doc).unwrap(), tao.store.heads(doc).unwrap());
    assert_eq!(office.store.facts(doc).unwrap(), tao.store.facts(doc).unwrap());
    for device in [&office, &tao] {
        let report = device.verify();
        assert!(report.ok(), "{report:?}");
        assert_eq!(report.own_unsealed, 0);
        assert_eq!(report.proven, report.facts);
    }
    // The office's next bundle tells the technician that the work arrived.
    tao.import(&office.export());
    let own = tao.store.author();
    assert_eq!(tao.store.holders(own, 1).unwrap(), vec![office.store.device()]);
}

#[test]
fn importing_twice_or_out_of_order_or_over_a_third_device_is_harmless() {
    let mut office = office();
    let mut tao = technician(&mut office, "T-1");
    let mut uma = technician(&mut office, "T-2");
    let doc = job(&mut office);
    let given = office.export();
    tao.import(&given);
    tao.state(doc, "step", json!({"step": "A1", "v": true}));
    let first = tao.export();
    tao.state(doc, "step", json!({"step": "A2", "v": true}));
    let second = tao.export();
    uma.import(&given);
    uma.import(&second);
    uma.import(&first);
    let again = uma.import(&first);
    assert_eq!((again.counts.new, again.counts.refused), (0, 0), "{again:?}");
    // Uma, not Tao, meets the office.
    let relayed = office.import(&uma.export());
    assert!(relayed.is_whole(), "{relayed:?}");
    assert_eq!(office.store.facts(doc).unwrap(), tao.store.facts(doc).unwrap());
    assert!(office.verify().ok());
}

#[test]
fn a_bundle_to_a_technician_holds_what_they_may_see_and_not_again_what_they_hold() {
    let mut office = office();
    let mut tao = technician(&mut office, "T-1");
    let welcome = tao.export();
    office.import(&welcome);
    let docs: Vec<DocId> = (0..5).map(|_| job(&mut office)).collect();
    office.state(docs[2], "assigned", json!({"regs": {"crew": ["T-1"]}, "over": []}));
    let sent = office.export_to("T-1");
    let read = Bundle::open(&sent.bytes, None).unwrap();
    let items: Vec<Item> = read.chunks().flat_map(Result::unwrap).collect();
    assert!(items.iter().any(|item| item.doc == docs[2]));
    assert!(!items.iter().any(|item| item.doc == docs[0]), "another's job");
    assert!(tao.import(&sent.bytes).is_whole());
    assert!(tao.verify().ok(), "{:?}", tao.verify());
    office.import(&tao.export());
    let again = office.export_to("T-1");
    assert_eq!((again.documents, again.held_already), (0, 2), "the job and the roster");
    // Another device can't take in what was made for Tao.
    let mut uma = technician(&mut office, "T-2");
    let refused = bundle::import(&mut uma.store, &sent.bytes, "test", &now());
    assert!(matches!(refused, Err(BundleError::NotForUs(_))));
}

#[test]
fn one_document_of_a_large_seal_travels_on_with_its_proof() {
    let mut office = office();
    let mut tao = technician(&mut office, "T-1");
    let mut super_visor = technician(&mut office, "S-1");
    let docs: Vec<DocId> = (0..9).map(|_| job(&mut tao)).collect();
    // One seal over nine documents; the office passes one of them on.
    office.import(&tao.export());
    office.state(docs[4], "assigned", json!({"regs": {"crew": ["S-1"]}, "over": []}));
    office.import(&super_visor.export());
    let passed = office.export_to("S-1");
    assert!(super_visor.import(&passed.bytes).is_whole());
    let report = super_visor.verify();
    assert!(report.ok(), "{report:?}");
    assert!(super_visor.store.facts(docs[4]).unwrap().len() == 2);
    assert!(super_visor.store.facts(docs[0]).unwrap().is_empty());
    // And from there on to a third, again with the proof.
    let mut third = technician(&mut office, "T-3");
    let report = third.import(&super_visor.export());
    assert!(report.is_whole(), "{report:?}");
    assert!(third.verify().ok());
}

/// A bundle that an enrolled device makes by hand, with facts in another's name.
fn forged(thief: &Device, doc: DocId, text: &str, carrier: Author) -> Vec<u8> {
    let key = docket_device::keys::load(thief.path(), thief.store.device()).unwrap();
    let id = FactId::of(doc, text.as_bytes());
    let deps = [genesis(doc).hash];
    let facts = [(id, text)];
    let carrier = Carrier::Device(carrier);
    let built = build(&NewChange { doc, carrier, seq: 1, start_op: 3, deps: &deps, time: 0, facts: &facts }).unwrap();
    let change = preflight(doc, carrier, &built.bytes).unwrap();
    let Carrier::Device(author) = carrier else { unreachable!() };
    let header = Header {
        tenant: thief.store.tenant(),
        from: thief.store.author(),
        key: key.public(),
        to: None,
        made_ms: 0,
        authors: vec![author],
        held: vec![],
        documents: 1,
        changes: 1,
    };
    let mut writer = Writer::new(&header, &[], 3).unwrap();
    writer.chunk(&[Item { doc, changes: vec![(carrier, change)], leaves: vec![] }]).unwrap();
    writer.finish(&key)
}

#[test]
fn nobody_can_state_a_fact_in_anothers_name() {
    let mut office = office();
    let tao = technician(&mut office, "T-1");
    let mallory = technician(&mut office, "T-666");
    let doc = job(&mut office);
    let victim = tao.store.author();
    let text = format!(
        r#"{{"at":[1,"B",1],"by":["{}",{}],"k":"completed","n":1,"resolution":"repaired"}}"#,
        victim.device, victim.incarnation
    );
    let mut mallory = mallory;
    office.import(&mallory.export());
    for carrier in [victim, mallory.store.author()] {
        let report = office.import(&forged(&mallory, doc, &text, carrier));
        assert_eq!((report.counts.refused, report.counts.new), (1, 0), "{report:?}");
    }
    assert!(!office.store.facts(doc).unwrap().iter().any(|fact| fact.kind() == "completed"));
    assert_eq!(office.store.status().unwrap().quarantined, 2, "kept as evidence");
    assert!(office.verify().ok());
}

#[test]
fn one_flipped_byte_in_the_store_is_named() {
    let mut office = office();
    let doc = job(&mut office);
    office.state(doc, "noted", json!({"text": "the earth wire is loose"}));
    drop(office.store);
    let path = office.dir.path().join("docket.db");
    // As a disk or a hand would: past SQLite.
    let store = Store::open(office.dir.path(), Mode::ReadWrite).unwrap();
    store.conn().execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    drop(store);
    let mut bytes = std::fs::read(&path).unwrap();
    let needle = b"earth wire is loose";
    let at = bytes.windows(needle.len()).position(|window| window == needle).unwrap();
    bytes[at] ^= 0x20;
    std::fs::write(&path, bytes).unwrap();
    let store = Store::open(office.dir.path(), Mode::ReadOnly).unwrap();
    let report = verify::verify(&store, None).unwrap();
    assert!(!report.ok());
    assert!(report.flaws.iter().any(|flaw| flaw.verdict == Verdict::Altered && flaw.doc == Some(doc)), "{report:?}");
}

#[test]
fn a_withheld_tail_is_proven_by_a_later_seal() {
    let mut office = office();
    let mut tao = technician(&mut office, "T-1");
    let doc = job(&mut tao);
    tao.state(doc, "noted", json!({"text": "one"}));
    office.import(&tao.export());
    assert!(office.verify().ok());
    // The change with the last fact vanishes from the office's store; its seal stays.
    let conn = rusqlite::Connection::open(office.path().join("docket.db")).unwrap();
    conn.execute_batch(
        "DELETE FROM change WHERE id = (SELECT max(c.id) FROM change c JOIN doc d ON d.id = c.doc WHERE d.kind = 'job')",
    )
    .unwrap();
    drop(conn);
    let report = office.verify();
    assert!(report.flaws.iter().any(|flaw| flaw.verdict == Verdict::Gap), "{report:?}");
}

#[test]
fn a_revoked_device_delivers_claims_and_loses_nothing() {
    let mut office = office();
    let mut tao = technician(&mut office, "T-1");
    let doc = job(&mut office);
    tao.import(&office.export());
    tao.state(doc, "noted", json!({"text": "before"}));
    office.import(&tao.export());
    let device = tao.store.device().to_string();
    company::revoke(&mut office.store, &device[..8], "phone lost", &now()).unwrap();
    tao.state(doc, "noted", json!({"text": "after"}));
    let report = office.import(&tao.export());
    assert!(report.is_whole(), "{report:?}");
    let texts = office.store.facts(doc).unwrap().iter().filter(|fact| fact.kind() == "noted").count();
    assert_eq!(texts, 2, "both are kept");
    let report = office.verify();
    assert!(report.ok(), "{report:?}");
    assert_eq!(report.claims, 1);
}

#[test]
fn invitations_are_for_one_device_one_company_and_a_time() {
    let mut office = office();
    let invited = company::invite(&mut office.store, &person("T-1"), "Tao", "technician", hour(2), &now()).unwrap();
    let code = invited.code.to_string();
    let welcome = office.export();
    let late = Stamp { wall_ms: hour(4), ..now() };
    let join = |bytes: &[u8], code: &str, now: &Stamp| {
        let dir = tempfile::tempdir().unwrap();
        let joined = company::join(dir.path(), code, bytes, now).map(|joined| joined.store);
        let empty = std::fs::read_dir(dir.path()).unwrap().next().is_none();
        (joined, empty, dir)
    };
    let (refused, empty, _) = join(&welcome, &code, &late);
    assert!(matches!(refused, Err(CompanyError::Expired { .. })) && empty, "nothing half-written");
    let mut rival = self::office();
    let (refused, empty, _) = join(&rival.export(), &code, &now());
    assert!(matches!(refused, Err(CompanyError::OtherCompany { .. })) && empty);
    let (refused, empty, _) = join(&welcome, "AAAAA", &now());
    assert!(matches!(refused, Err(CompanyError::Code(_))) && empty);

    let (joined, _, dir) = join(&welcome, &code, &now());
    let mut tao = Device { dir, store: joined.unwrap() };
    office.import(&tao.export());
    let (refused, empty, _) = join(&office.export(), &code, &now());
    assert!(matches!(refused, Err(CompanyError::Used { .. })) && empty);
    // With the old bundle a second device can use the code too: both are contested as soon as they meet.
    let (joined, _, dir) = join(&welcome, &code, &now());
    let mut second = Device { dir, store: joined.unwrap() };
    office.import(&second.export());
    let roster = company::roster(&office.store).unwrap();
    for device in [tao.store.device(), second.store.device()] {
        assert_eq!(roster.device(device).unwrap().state, docket_format::roster::State::Contested);
    }
}

#[test]
fn the_recovery_key_appoints_a_new_admin_when_the_office_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let founded = company::found(dir.path(), "Cellar & Sons", &person("A-1"), "Ada", &now()).unwrap();
    let recovery = founded.recovery;
    let mut office = Device { dir, store: founded.store };
    let mut tao = technician(&mut office, "T-1");
    let mut uma = technician(&mut office, "T-2");
    // Everybody holds everything, and knows it of the others.
    office.import(&tao.export());
    office.import(&uma.export());
    let all = office.export();
    uma.import(&all);
    tao.import(&all);
    tao.import(&uma.export());
    drop(office);
    let key = docket_device::keys::load(tao.path(), tao.store.device()).unwrap().public();
    let other = if recovery.starts_with('Z') { "Y" } else { "Z" };
    let wrong = format!("{other}{}", &recovery[1..]);
    for wrong in [wrong.as_str(), "", "not a key"] {
        let refused = company::recover(&mut tao.store, wrong, key, &person("A-2"), "Tao", "admin", &now());
        assert!(matches!(refused, Err(CompanyError::BadRecoveryKey)), "{wrong}");
    }
    company::recover(&mut tao.store, &recovery.to_lowercase(), key, &person("A-2"), "Tao", "admin", &now()).unwrap();
    let sent = tao.export_to("T-2");
    assert!(uma.import(&sent.bytes).is_whole());
    let roster = company::roster(&uma.store).unwrap();
    assert_eq!(roster.device(tao.store.device()).unwrap().role, "admin");
    company::invite(&mut tao.store, &person("T-3"), "New", "technician", hour(1), &now()).unwrap();
    for device in [&tao, &uma] {
        assert!(device.verify().ok(), "{:?}", device.verify());
    }
}

#[test]
fn only_an_admin_device_changes_the_roster() {
    let mut office = office();
    let mut tao = technician(&mut office, "T-1");
    let refused = company::invite(&mut tao.store, &person("X"), "X", "admin", hour(1), &now());
    assert!(matches!(refused, Err(CompanyError::NotAdmin { .. })));
}

#[test]
fn a_life_begun_after_a_restore_reuses_no_number() {
    let mut office = office();
    let mut tao = technician(&mut office, "T-1");
    let doc = job(&mut tao);
    let copy = std::fs::read(tao.path().join("docket.db")).unwrap();
    let wal = std::fs::read(tao.path().join("docket.db-wal")).unwrap_or_default();
    tao.state(doc, "noted", json!({"text": "lost with the phone's storage?"}));
    office.import(&tao.export());
    let before = tao.store.author();
    let dir = tao.path().to_path_buf();
    let other = tempfile::tempdir().unwrap();
    let placeholder = Store::create(other.path(), office.store.tenant(), before.device).unwrap();
    drop(std::mem::replace(&mut tao.store, placeholder));
    let _ = std::fs::remove_file(dir.join("docket.db-shm"));
    std::fs::write(dir.join("docket.db"), copy).unwrap();
    std::fs::write(dir.join("docket.db-wal"), wal).unwrap();
    tao.reopen();
    assert_eq!(tao.store.author().incarnation, Incarnation(before.incarnation.0 + 1));
    tao.state(doc, "noted", json!({"text": "after the restore"}));
    office.import(&tao.export());
    tao.import(&office.export());
    assert_eq!(office.store.facts(doc).unwrap(), tao.store.facts(doc).unwrap());
    assert_eq!(office.store.facts(doc).unwrap().len(), 3, "nothing is lost");
    for device in [&office, &tao] {
        assert!(device.verify().ok(), "{:?}", device.verify());
    }
}

#[test]
fn a_single_job_is_handed_over_with_what_proves_it() {
    let mut office = office();
    let mut tao = technician(&mut office, "T-1");
    let (one, other) = (job(&mut office), job(&mut office));
    let only = BTreeSet::from([one]);
    let what = Export { only: Some(&only), ..Export::default() };
    let bytes = bundle::export(&mut office.store, &what, &now()).unwrap().bytes;
    assert!(tao.import(&bytes).is_whole());
    assert_eq!(tao.store.facts(one).unwrap(), office.store.facts(one).unwrap());
    assert!(tao.store.info(other).unwrap().is_none());
    assert!(tao.verify().flaws.is_empty(), "{:?}", tao.verify());
}
