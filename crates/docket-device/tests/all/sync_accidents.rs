//! Relays that are deleted, put back, swapped; devices that are put back, cloned, made anew: each is noticed, nothing is
//! lost, no number is used twice, and everything comes back without anybody's help.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test that fails should say where"
)]

use std::collections::BTreeSet;

use crate::common::{SENDER, imported_in};
use crate::sync_common::{Device, NOW, Relay, company, joined, now, same};
use docket_device::bundle::{self, Export};
use docket_device::sync::Options;
use docket_device::{Mode, Store};
use docket_format::fact::Origin;
use docket_format::{Author, DocId, FactId};

/// Every (author, document, number) names one fact.
fn numbers_are_unique(device: &Device) {
    let mut seen: BTreeSet<(DocId, Author, u64)> = BTreeSet::new();
    for doc in device.facts().keys() {
        for fact in device.store.facts(*doc).unwrap() {
            if let Origin::Device { author, n, .. } = fact.header.origin {
                assert!(seen.insert((*doc, author, n)), "{doc}: {n} twice");
            }
        }
    }
}

fn two() -> (Relay, Device, Device, Vec<DocId>) {
    let (relay, mut office) = company();
    let mut second = joined(&relay, &mut office, "S-1", "supervisor");
    let jobs = office.jobs(20);
    office.sync();
    second.sync();
    office.sync();
    second.note(jobs[3], "from the second");
    second.sync();
    office.sync();
    same(&office, &second);
    (relay, office, second, jobs)
}

/// The relay as it stood then.
fn put_back(relay: &Relay, log: &docket_sync::relay::MemoryLog) {
    let mut shop = relay.0.borrow_mut();
    shop.desk.log = log.clone();
    shop.desk.refresh();
}

fn settle(office: &mut Device, second: &mut Device) {
    for _ in 0..2 {
        office.sync();
        second.sync();
    }
    office.sync();
    same(office, second);
    for device in [&mut *office, &mut *second] {
        assert_eq!(device.check().healed, Some(0), "the next check heals nothing");
        assert_eq!(device.sync().exchanges, 1);
        numbers_are_unique(device);
    }
}

#[test]
fn a_relay_that_was_deleted_gets_everything_back_from_whoever_comes_first() {
    let (relay, mut office, mut second, jobs) = two();
    second.note(jobs[5], "waits");
    relay.wipe(50);
    relay.0.borrow_mut().desk.forget_tokens();
    let report = second.sync();
    assert!(report.reconciled && report.healed.is_some_and(|healed| healed >= 20), "{report:?}");
    assert_eq!(relay.0.borrow().desk.log.docs().count(), second.facts().len());
    office.note(jobs[6], "later");
    settle(&mut office, &mut second);
}

#[test]
fn what_an_answer_leaves_out_of_a_comparison_comes_in_the_same_synchronisation() {
    let (relay, mut office, mut second, _) = two();
    let text: String = (0..15_000_u32).map(|n| char::from(b'a' + (n * n % 26) as u8)).collect();
    let jobs = office.jobs(80);
    for doc in &jobs {
        office.note(*doc, &text);
    }
    relay.wipe(50);
    office.sync();
    // One page and no more.
    relay.0.borrow_mut().desk.answer_bytes = 1;
    let report = second.sync();
    assert!(report.reconciled && report.exchanges > 3, "{report:?}");
    assert!(report.healed.is_some_and(|healed| healed >= 80), "{report:?}");
    same(&office, &second);
    assert_eq!(second.check().healed, Some(0));
}

#[test]
fn a_relay_put_back_is_noticed_even_after_it_has_grown_past_what_was_known() {
    for regrown in [0, 1, 40] {
        let (relay, mut office, mut second, jobs) = two();
        let backup = relay.0.borrow().desk.log.clone();
        for doc in &jobs[..8] {
            office.note(*doc, "after the backup");
        }
        office.sync();
        second.sync();
        put_back(&relay, &backup);
        for _ in 0..regrown {
            let doc = second.job();
            assert!(second.store.info(doc).unwrap().is_some());
        }
        if regrown > 0 {
            // The one who lost the reply knows nothing of the accident yet: its push alone makes the log grow.
            second.try_sync(Options { push_only: true, ..Options::default() }).unwrap();
        }
        let report = office.sync();
        assert!(report.reconciled, "{regrown}: {report:?}");
        settle(&mut office, &mut second);
    }
}

#[test]
fn who_only_pushed_to_a_relay_put_back_compares_once_more_before_pulling() {
    let (relay, mut office, mut second, jobs) = two();
    let backup = relay.0.borrow().desk.log.clone();
    for doc in &jobs[..12] {
        office.note(*doc, "after the backup");
    }
    office.sync();
    second.sync();
    put_back(&relay, &backup);
    // Fewer entries than the log had: a cursor of then lies above them.
    second.note(jobs[0], "pushed alone");
    second.try_sync(Options { push_only: true, ..Options::default() }).unwrap();
    let later = office.note(jobs[15], "what the second has not");
    office.sync();
    let report = second.sync();
    assert!(report.reconciled, "{report:?}");
    assert!(second.facts()[&jobs[15]].contains(&later));
    settle(&mut office, &mut second);
}

#[test]
fn what_one_log_acknowledged_is_not_taken_for_granted_in_another() {
    let (relay, mut office, mut second, jobs) = two();
    let older = relay.0.borrow().desk.log.clone();
    for doc in &jobs[..8] {
        office.note(*doc, "after the backup");
    }
    office.sync();
    second.sync();
    let mut cuts = 0;
    for cut in (60..1_500).step_by(60) {
        let newer = relay.0.borrow().desk.log.clone();
        // The older log takes what is new and says that it is another one; but its answer doesn't end.
        put_back(&relay, &older);
        second.note(jobs[2], "only in the older log");
        second.link.cut_answer = Some(cut);
        cuts += u32::from(second.try_sync(Options::default()).is_err());
        second.link.cut_answer = None;
        // Then the log that the device knew is back.
        put_back(&relay, &newer);
        second.sync();
        office.sync();
        same(&office, &second);
    }
    assert!(cuts > 5, "{cuts}");
    settle(&mut office, &mut second);
}

#[test]
fn a_seal_that_a_log_lost_comes_back_though_no_change_is_missing() {
    let (relay, mut office, mut second, _) = two();
    let row = imported_in(office.store.tenant(), "7", "row");
    // Both import the same row; the office hands it over first.
    for device in [&mut office, &mut second] {
        device.store.ingest(&SENDER, [row.clone()], |_| ()).unwrap();
    }
    office.sync();
    let older = relay.0.borrow().desk.log.clone();
    second.sync();
    office.sync();
    // Now the log knows that the second vouches for it too; the older one only has the change.
    put_back(&relay, &older);
    assert!(office.sync().reconciled);
    second.sync();
    let mut third = joined(&relay, &mut office, "S-2", "supervisor");
    third.sync();
    let doc = row.change.doc;
    let vouchers = |device: &Device| {
        let mut seals: Vec<_> = device.store.vouchers(doc).unwrap().iter().map(|one| (one.author, one.count)).collect();
        seals.sort_unstable();
        seals
    };
    assert_eq!(vouchers(&second).len(), 2);
    assert_eq!(vouchers(&third), vouchers(&second));
}

#[test]
fn seals_that_a_relay_took_outlive_a_life_that_begins_before_the_comparison() {
    let mut cuts = 0;
    for cut in (60..700).step_by(80) {
        let (relay, mut office, mut second, jobs) = two();
        let older = relay.0.borrow().desk.log.clone();
        second.note(jobs[0], "sealed and taken");
        second.sync();
        let seals = |device: &Device| device.store.vouchers(jobs[0]).unwrap().len();
        let before = seals(&second);
        put_back(&relay, &older);
        second.link.cut_answer = Some(cut);
        cuts += u32::from(second.try_sync(Options::default()).is_err());
        second.link.cut_answer = None;
        second.store.begin_life("a copy was noticed", NOW).unwrap();
        assert_eq!(seals(&second), before, "cut at {cut}");
        settle(&mut office, &mut second);
    }
    assert!(cuts > 0);
}

/// A technician's device whose whole folder is put back, so that nobody notices: it has written a record under a number
/// that was given out before.
fn put_back_whole(office: &mut Device, second: &mut Device, doc: DocId) -> FactId {
    let older = second.copied();
    for text in ["one", "two", "three"] {
        second.note(doc, text);
    }
    second.sync();
    office.sync();
    second.dir = older;
    second.reopen();
    second.note(doc, "under a number that was given out before")
}

fn hand_over(from: &mut Device, to: &mut Device) {
    let what = Export { full: true, ..Export::default() };
    let bundle = bundle::export(&mut from.store, &what, &now()).unwrap();
    bundle::import(&mut to.store, &bundle.bytes, "by hand", &now()).unwrap();
}

#[test]
fn records_behind_a_chain_that_came_back_are_sealed_and_delivered() {
    let (_, mut office, mut second, jobs) = two();
    let behind = put_back_whole(&mut office, &mut second, jobs[0]);
    // It is sealed for a push that never goes out.
    second.link.cut_request = Some(3);
    assert!(second.try_sync(Options::default()).is_err());
    second.link.cut_request = None;
    // What the device wrote before comes back. Then the copy is noticed, and the seal, whose number may have been used,
    // is forgotten.
    hand_over(&mut office, &mut second);
    let report = second.try_sync(Options::default()).unwrap();
    assert_eq!((report.stuck, report.waiting), (0, 0), "{report:?}");
    office.sync();
    assert!(office.facts()[&jobs[0]].contains(&behind));
    assert_eq!(second.sync().exchanges, 1);
    assert_eq!(office.store.heads(jobs[0]).unwrap(), second.store.heads(jobs[0]).unwrap());
}

#[test]
fn what_a_bundle_would_hide_is_sealed_before_it_is_taken_in() {
    let (_, mut office, mut second, jobs) = two();
    let behind = put_back_whole(&mut office, &mut second, jobs[0]);
    hand_over(&mut office, &mut second);
    hand_over(&mut second, &mut office);
    assert!(office.facts()[&jobs[0]].contains(&behind));
}

#[test]
fn copies_that_share_the_nonce_of_a_push_under_way_are_told_apart_when_their_changes_clash() {
    let (_, mut office, mut second, jobs) = two();
    second.note(jobs[0], "before");
    second.link.cut_request = Some(3); // the nonce is durable now, and nothing was sent
    assert!(second.try_sync(Options::default()).is_err());
    second.link.cut_request = None;
    let mut twin = twin(&second);
    let one = second.note(jobs[0], "the original's");
    let other = twin.note(jobs[0], "the twin's");
    assert!(twin.sync().new_life.is_none());
    let report = second.sync();
    assert!(report.new_life.is_some() && report.recarried > 0, "{report:?}");
    assert_eq!((report.waiting, report.stuck), (0, 0));
    office.sync();
    twin.sync();
    for device in [&office, &second, &twin] {
        let facts = &device.facts()[&jobs[0]];
        assert!(facts.contains(&one) && facts.contains(&other));
        assert_eq!(device.store.heads(jobs[0]).unwrap(), office.store.heads(jobs[0]).unwrap());
    }
}

#[test]
fn another_companys_relay_gets_nothing() {
    let (_, mut office, _, jobs) = two();
    let (other, _) = company();
    office.note(jobs[0], "ours");
    let own = std::mem::replace(&mut office.link, other.link());
    assert!(office.try_sync(Options::default()).is_err());
    assert_eq!(office.store.waiting().unwrap(), 1);
    assert!(!other.0.borrow().desk.log.docs().any(|(doc, _)| jobs.contains(&doc)));
    office.link = own;
    office.sync();
    assert_eq!(office.store.waiting().unwrap(), 0);
}

#[test]
fn a_device_put_back_from_a_copy_goes_on_in_a_new_life_and_gets_its_own_work_back() {
    let (_, mut office, mut second, jobs) = two();
    let unsent = second.note(jobs[1], "not sent before the copy");
    let backup = second.copied();
    second.note(jobs[2], "sent after the copy");
    second.sync();
    let before = second.facts();
    // Only the database is put back: the counter beside it tells.
    let db = |dir: &std::path::Path| dir.join("docket.db");
    second.store = Store::create(&second.path().join("aside"), second.store.tenant(), second.store.device()).unwrap();
    for end in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(second.path().join(format!("docket.db{end}")));
    }
    std::fs::copy(db(backup.path()), db(second.path())).unwrap();
    second.reopen();
    assert_eq!(second.store.author().incarnation.0, 2);
    second.note(jobs[2], "in the new life");
    second.sync();
    let after = second.facts();
    for (doc, facts) in &before {
        assert!(facts.iter().all(|fact| after[doc].contains(fact)));
    }
    assert!(after[&jobs[1]].contains(&unsent));
    settle(&mut office, &mut second);
}

#[test]
fn a_cloned_folder_is_noticed_at_the_next_push_and_both_go_on() {
    let (_, mut office, mut second, jobs) = two();
    let mut twin = twin(&second);
    let mut written: Vec<(DocId, FactId)> = Vec::new();
    let mut forks = 0;
    for round in 0..6 {
        // Different documents, so that not even an honest clone states two facts under one number …
        let (a, b) = (jobs[round], jobs[10 + round]);
        written.push((a, second.note(a, &format!("original {round}"))));
        written.push((b, twin.note(b, &format!("twin {round}"))));
        forks += usize::from(second.sync().new_life.is_some());
        forks += usize::from(twin.sync().new_life.is_some());
    }
    assert_eq!(forks, 1, "the copies go different ways once it was noticed");
    assert_ne!(second.store.author(), twin.store.author());
    for _ in 0..2 {
        second.sync();
        twin.sync();
        office.sync();
    }
    let all = office.facts();
    assert!(written.iter().all(|(doc, fact)| all[doc].contains(fact)));
    same(&office, &twin);
    settle(&mut office, &mut second);
}

/// A copy of a device's folder as it is now, with a link of its own.
fn twin(of: &Device) -> Device {
    let dir = of.copied();
    let store = Store::open(dir.path(), Mode::ReadWrite).unwrap();
    Device { dir, store, link: Relay(of.link.shop.clone()).link() }
}

/// Found by simulation: each life that another copy had used cost a comparison, and there were more of them than one
/// synchronisation was allowed.
#[test]
fn an_old_copy_gets_past_all_the_lives_of_others_though_the_relay_lost_its_leases() {
    let (relay, mut office, mut second, jobs) = two();
    second.note(jobs[0], "before");
    second.sync();
    let mut copies: Vec<Device> = (0..6).map(|_| twin(&second)).collect();
    second.note(jobs[0], "the original's");
    second.sync();
    let mut late = copies.pop().unwrap();
    for (place, copy) in copies.iter_mut().enumerate() {
        copy.note(jobs[0], &format!("copy {place}"));
        copy.sync();
    }
    office.sync();
    relay.wipe(51);
    relay.0.borrow_mut().desk.forget_tokens();
    office.sync();
    let written = late.note(jobs[0], "the late one's");
    let report = late.sync();
    assert!(report.reconciled && report.new_life.is_some_and(|life| life.0 > 4), "{report:?}");
    assert_eq!((report.waiting, report.stuck), (0, 0));
    office.sync();
    assert!(office.facts()[&jobs[0]].contains(&written));
    assert_eq!(late.sync().exchanges, 1, "and then it is quiet");
}

#[test]
fn a_clone_that_wrote_to_the_same_document_has_its_facts_carried_again() {
    let (_, mut office, mut second, jobs) = two();
    second.note(jobs[0], "before"); // both copies hold a chain in this document
    second.sync();
    let mut twin = twin(&second);
    let one = second.note(jobs[0], "the original's");
    let other = [twin.note(jobs[0], "the twin's"), twin.note(jobs[0], "and one more")];
    second.sync();
    let report = twin.sync();
    assert!(report.new_life.is_some());
    assert_eq!(report.refused.get("seq-reused"), Some(&1), "{report:?}");
    assert!(report.recarried >= 2, "{report:?}");
    assert_eq!((report.waiting, report.stuck), (0, 0));
    office.sync();
    second.sync();
    for device in [&office, &second, &twin] {
        let facts = &device.facts()[&jobs[0]];
        assert!(facts.contains(&one) && other.iter().all(|fact| facts.contains(fact)));
        assert_eq!(device.store.heads(jobs[0]).unwrap(), office.store.heads(jobs[0]).unwrap());
        assert!(device.store.parked_count() == 0);
    }
}

trait Parked {
    fn parked_count(&self) -> u64;
}

impl Parked for Store {
    fn parked_count(&self) -> u64 {
        self.status().unwrap().parked
    }
}

#[test]
fn a_device_made_anew_gets_all_that_it_may_see() {
    let (relay, mut office, mut second, _) = two();
    second.sync();
    let mut anew = joined(&relay, &mut office, "S-1", "supervisor");
    anew.sync();
    office.sync();
    second.sync();
    same(&office, &anew);
    same(&second, &anew);
}
