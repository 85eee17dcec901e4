//! Whatever somebody does to a relay's answers, the record stays what honest devices wrote: spoilt answers cost at most
//! the exchange, and the next honest one brings everything.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test that fails should say where"
)]

use std::cell::Cell;
use std::rc::Rc;

use crate::sync_common::{Device, company, joined, now, same};
use docket_device::sync::{Check, Options};
use docket_device::verify::{self, Verdict};
use docket_device::{bundle, keys};
use docket_format::bundle::{Header, SealEntry, Writer};
use docket_format::merkle::Leaf;
use docket_format::seal::{Seal, VerifiedSeal};
use docket_format::{DocId, FactId};
use docket_sync::wire::{self, Frames};

/// Everything that the device holds is what the office wrote.
fn honest(device: &Device, office: &Device) {
    let all = office.facts();
    for (doc, facts) in device.facts() {
        if doc == device.store.roster_doc() {
            continue; // the device's own enrolment
        }
        let known = all.get(&doc);
        let wrote = |fact| known.is_some_and(|known| known.contains(fact));
        assert!(facts.iter().all(wrote), "a fact that nobody wrote in {doc}");
    }
    // What a spoilt answer kept back may be missing; nothing may be forged or altered.
    let report = verify::verify(&device.store, None).unwrap();
    assert!(report.flaws.iter().all(|flaw| flaw.verdict == Verdict::Gap), "{report:?}");
}

#[test]
fn no_flipped_bit_of_an_answer_changes_the_record() {
    let (relay, mut office) = company();
    let mut second = joined(&relay, &mut office, "S-1", "supervisor");
    second.sync();
    let jobs = office.jobs(6);
    office.sync();
    let (mut failed, mut passed) = (0, 0);
    for round in 0..120usize {
        office.note(jobs[round % 6], &format!("round {round}"));
        office.sync();
        let place = Rc::new(Cell::new(round * 53));
        let at = place.clone();
        second.link.spoil = Some(Box::new(move |bytes: &mut Vec<u8>| {
            let bit = at.get() % (bytes.len() * 8);
            bytes[bit / 8] ^= 1 << (bit % 8);
        }));
        match second.try_sync(Options::default()) {
            Ok(_) => passed += 1,
            Err(_) => failed += 1,
        }
        second.link.spoil = None;
        honest(&second, &office);
    }
    assert!(failed > 10 && passed > 10, "{failed} noticed, {passed} passed");
    // What a spoilt cursor passed over is found by the comparison.
    for _ in 0..3 {
        second.try_sync(Options { check: Check::Now, ..Options::default() }).unwrap();
        office.try_sync(Options::default()).unwrap();
    }
    second.sync();
    same(&office, &second);
    second.check();
}

#[test]
fn an_old_answer_shown_again_changes_nothing() {
    let (relay, mut office) = company();
    let mut second = joined(&relay, &mut office, "S-1", "supervisor");
    second.sync();
    let jobs = office.jobs(3);
    office.sync();
    second.sync();
    let old = second.link.last.clone();
    office.note(jobs[0], "news");
    office.sync();
    second.sync();
    let before = second.facts();
    second.link.spoil = Some(Box::new(move |bytes: &mut Vec<u8>| bytes.clone_from(&old)));
    // The head lies below what was seen before: that is compared, and in the end refused.
    assert!(second.try_sync(Options::default()).is_err());
    second.link.spoil = None;
    assert_eq!(second.facts(), before);
    // A push is not believed to have arrived either.
    let fact = second.note(jobs[1], "mine");
    let stale = second.link.last.clone();
    second.link.spoil = Some(Box::new(move |bytes: &mut Vec<u8>| bytes.clone_from(&stale)));
    assert!(second.try_sync(Options::default()).is_err());
    assert_eq!(second.store.waiting().unwrap(), 1);
    second.link.spoil = None;
    second.sync();
    office.sync();
    assert!(office.facts()[&jobs[1]].contains(&fact));
    same(&office, &second);
}

/// Puts a frame of another kind, or with another payload, in the place of the answer's end.
fn spoil_the_end(bytes: &mut Vec<u8>, kind: u8, payload: Option<&[u8]>) {
    let (mut frames, mut out) = (Frames::new(), Vec::new());
    frames.push(bytes);
    while let Some(frame) = frames.next_frame().unwrap() {
        let is_end = frame.kind == wire::END;
        let kind = if is_end { kind } else { frame.kind };
        wire::put_frame(&mut out, kind, payload.filter(|_| is_end).unwrap_or(&frame.payload));
    }
    *bytes = out;
}

/// What came whole counts, whatever comes after it.
#[test]
fn a_page_before_something_that_cannot_be_read_is_kept() {
    let (relay, mut office) = company();
    let mut second = joined(&relay, &mut office, "S-1", "supervisor");
    second.sync();
    for (kind, payload) in [(wire::REPLY, None), (b'?', None), (wire::END, Some(b"none".as_slice()))] {
        let doc = office.jobs(1)[0];
        office.sync();
        second.link.spoil = Some(Box::new(move |bytes: &mut Vec<u8>| spoil_the_end(bytes, kind, payload)));
        assert!(second.try_sync(Options::default()).is_err());
        second.link.spoil = None;
        assert!(second.store.info(doc).unwrap().is_some(), "frame {kind}");
    }
    second.sync();
    same(&office, &second);
}

#[test]
fn another_relays_word_is_not_believed() {
    let (relay, mut office) = company();
    let jobs = office.jobs(2);
    // The same log served under another key: what it says about time and receipts counts for nothing.
    {
        let mut shop = relay.0.borrow_mut();
        shop.desk.key = docket_format::keys::SecretKey::from_seed(&[200; 32]);
    }
    let mut tao = joined_by_hand(&relay, &mut office);
    office.note(jobs[0], "x");
    let report = office.try_sync(Options::default());
    // An admin's device makes the new key known to the company and goes on; a technician's then believes it.
    assert!(report.is_ok(), "{report:?}");
    tao.sync();
    assert_eq!(tao.store.waiting().unwrap(), 0);
}

fn joined_by_hand(relay: &crate::sync_common::Relay, office: &mut Device) -> Device {
    joined(relay, office, "T-1", "technician")
}

/// A seal of a device over something that nobody has.
fn bare_seal(maker: &Device, count: u64) -> VerifiedSeal {
    let (key, tenant) = (keys::load(maker.path(), maker.store.device()).unwrap(), maker.store.tenant());
    let mut leaves = vec![Leaf { doc: DocId::new_v7(9, [9; 10]), n: 1, fact: FactId::from_bytes([9; 16]) }];
    Seal::sign(&key, tenant, maker.store.author().incarnation, count, 7, &mut leaves).unwrap()
}

/// A bundle that shows nothing under a seal.
fn bare_bundle(maker: &Device, seal: &VerifiedSeal) -> Vec<u8> {
    let key = keys::load(maker.path(), maker.store.device()).unwrap();
    let (tenant, from) = (maker.store.tenant(), maker.store.author());
    let header = Header {
        tenant,
        from,
        key: key.public(),
        to: None,
        made_ms: 0,
        authors: vec![from],
        held: Vec::new(),
        documents: 0,
        changes: 0,
    };
    let seals = [SealEntry { seal: seal.raw().clone(), complete: false }];
    Writer::new(&header, &seals, 3).unwrap().finish(&key)
}

#[test]
fn a_seal_with_nothing_under_it_keeps_nobody_from_synchronising() {
    let (relay, mut office) = company();
    let mut mallory = joined(&relay, &mut office, "T-666", "technician");
    mallory.sync();
    office.sync();
    let bytes = bare_bundle(&mallory, &bare_seal(&mallory, 8));
    bundle::import(&mut office.store, &bytes, "bare", &now()).unwrap();
    assert_eq!(office.sync().exchanges, 1);
    // A store may have kept such a seal before it was known to be of no use.
    let mut tx = office.store.begin().unwrap();
    tx.store_seal_part(&bare_seal(&mallory, 9), &[]).unwrap();
    tx.commit().unwrap();
    office.sync();
    let job = office.job();
    office.sync();
    assert_eq!(office.store.waiting().unwrap(), 0);
    let mut second = joined(&relay, &mut office, "S-1", "supervisor");
    second.sync();
    assert!(second.facts().contains_key(&job));
}
