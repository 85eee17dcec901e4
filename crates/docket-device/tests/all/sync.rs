//! Devices and a relay: what one records, everybody who may see it gets, once, whatever is cut on the way.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test that fails should say where"
)]

use crate::sync_common::{Device, company, joined, now, same};
use docket_device::bundle;
use docket_device::sync::{Options, SyncError};
use serde_json::json;

#[test]
fn work_goes_up_comes_down_and_an_idle_exchange_is_one_request_without_a_write() {
    let (relay, mut office) = company();
    let mut second = joined(&relay, &mut office, "S-1", "supervisor");
    assert_eq!(second.sync().exchanges, 1);
    let jobs = office.jobs(30);
    for doc in &jobs {
        office.note(*doc, "hello");
    }
    let report = office.sync();
    assert_eq!((report.exchanges, report.pushed_new), (1, 60));
    assert_eq!(second.sync().exchanges, 1);
    for doc in &jobs[..5] {
        second.write(*doc, "set", json!({"r": "product", "v": "AC", "over": []}));
    }
    second.sync();
    office.sync();
    same(&office, &second);
    for device in [&mut office, &mut second] {
        device.sync();
        device.link.asked.clear();
        let before = device.generation();
        let report = device.sync();
        assert_eq!(device.link.asked.len(), 1, "{:?}", device.link.asked);
        assert_eq!(device.generation(), before, "nothing was written");
        assert_eq!((report.pushed, report.pages, report.exchanges), (0, 0, 1));
        assert!(report.sent_bytes + report.received_bytes < 400, "{report:?}");
    }
    let whereabouts = office.store.whereabouts(None).unwrap();
    assert_eq!(whereabouts.here, 0);
    office.note(jobs[0], "later");
    assert_eq!(office.store.whereabouts(Some(jobs[0])).unwrap().here, 1);
    assert_eq!(office.store.waiting().unwrap(), 1);
}

#[test]
fn the_records_are_compared_by_themselves_and_then_once_a_day() {
    let (_relay, mut office) = company();
    office.jobs(3);
    // `company` has spoken to the relay once already: that exchange brought everything there.
    assert_eq!(office.sync().healed, Some(0));
    assert_eq!(office.sync().healed, None);
    let day = docket_device::sync::Options::default();
    let clock = || docket_format::fact::Stamp {
        wall_ms: crate::sync_common::now().wall_ms + 25 * 3_600_000,
        ..crate::sync_common::now()
    };
    let report = docket_device::sync::sync(&mut office.store, &mut office.link, day, &clock, &mut |_| {});
    assert_eq!(report.unwrap().healed, Some(0), "a day later");
}

#[test]
fn a_technician_sees_only_what_was_shown_and_hands_back_what_was_done() {
    let (relay, mut office) = company();
    let mut tao = joined(&relay, &mut office, "T-1", "technician");
    tao.sync();
    let jobs = office.jobs(4);
    office.show("T-1", &jobs[..2]);
    office.sync();
    tao.sync();
    let seen = tao.facts();
    assert!(jobs[..2].iter().all(|doc| seen.contains_key(doc)) && jobs[2..].iter().all(|doc| !seen.contains_key(doc)));
    tao.write(jobs[0], "arrived", json!({}));
    let report = tao.sync();
    assert_eq!(report.pushed_new, 1);
    office.sync();
    assert_eq!(office.store.facts(jobs[0]).unwrap(), tao.store.facts(jobs[0]).unwrap());
    // A document that comes into sight late arrives whole.
    office.note(jobs[3], "for later");
    office.sync();
    office.show("T-1", &jobs[3..]);
    office.sync();
    tao.sync();
    assert_eq!(office.store.facts(jobs[3]).unwrap(), tao.store.facts(jobs[3]).unwrap());
    tao.verified();
    office.verified();
}

#[test]
fn cut_anywhere_and_repeated_it_converges_and_lost_replies_are_no_forks() {
    let (relay, mut office) = company();
    let mut second = joined(&relay, &mut office, "S-1", "supervisor");
    second.sync();
    let mut cuts = 0;
    for round in 0.. {
        let jobs = office.jobs(3);
        for doc in &jobs {
            office.note(*doc, &format!("round {round}"));
        }
        second.note(jobs_of(&second)[0], &format!("round {round}"));
        // Both directions, at growing places: inside heads, frames, at their ends.
        office.link.cut_request = Some(3 + round * 61);
        let cut = office.try_sync(Options::default());
        office.link.cut_request = None;
        office.link.cut_answer = Some(2 + round * 47);
        let lost = office.try_sync(Options::default());
        office.link.cut_answer = None;
        second.link.cut_answer = Some(2 + round * 47);
        let also = second.try_sync(Options::default());
        second.link.cut_answer = None;
        for result in [&cut, &lost, &also] {
            assert!(matches!(result, Ok(_) | Err(SyncError::Transport { .. })), "{result:?}");
        }
        cuts += usize::from(cut.is_err()) + usize::from(lost.is_err()) + usize::from(also.is_err());
        if cut.is_ok() && lost.is_ok() && also.is_ok() {
            break;
        }
        assert!(office.sync().new_life.is_none(), "a lost reply is no fork");
        assert!(second.sync().new_life.is_none());
    }
    assert!(cuts > 25, "{cuts}");
    second.sync();
    office.sync();
    second.sync();
    same(&office, &second);
    assert_eq!(office.store.author().incarnation.0, 1);
}

#[test]
fn an_answer_that_breaks_off_behind_its_reply_acknowledges_all_the_same() {
    let (_relay, mut office) = company();
    let doc = office.job();
    office.sync();
    office.note(doc, "measured once");
    office.sync();
    let receipts = office.store.receipts().unwrap().len();
    office.note(doc, "measured twice");
    // In the middle of the last frame.
    office.link.cut_answer = Some(office.link.last.len() - 4);
    assert!(matches!(office.try_sync(Options::default()), Err(SyncError::Transport { .. })));
    assert_eq!(office.store.waiting().unwrap(), 0, "the relay said that it holds them");
    assert_eq!(office.store.receipts().unwrap().len(), receipts + 1);
}

/// Puts another body into a document's first change; gives what was there.
fn swap(device: &Device, doc: docket_format::DocId, body: &[u8]) -> Vec<u8> {
    let (sql, first) =
        (device.store.conn(), "(SELECT min(c.id) FROM change c JOIN doc d ON d.id = c.doc WHERE d.doc = ?1)");
    let before = format!("SELECT body FROM change WHERE id = {first}");
    let before = sql.query_row(&before, [doc.as_bytes()], |row| row.get(0)).unwrap();
    let put = format!("UPDATE change SET body = ?2 WHERE id = {first}");
    assert_eq!(sql.execute(&put, (doc.as_bytes(), body)).unwrap(), 1);
    before
}

#[test]
fn what_was_acknowledged_is_noted_though_the_page_beside_it_cannot_be_stored() {
    let (relay, mut office) = company();
    let mut second = joined(&relay, &mut office, "S-1", "supervisor");
    let (doc, other) = (office.job(), office.job());
    office.sync();
    second.sync();
    second.note(doc, "what the office can't take in");
    second.sync();
    let receipts = office.store.receipts().unwrap().len();
    office.note(other, "what the relay takes");
    let whole = swap(&office, doc, b"damaged");
    for _ in 0..2 {
        let failed = office.try_sync(Options::default());
        assert!(matches!(failed, Err(SyncError::Store(_))), "{failed:?}");
        assert_eq!(office.store.waiting().unwrap(), 0, "the relay said that it holds them");
        assert_eq!(office.store.receipts().unwrap().len(), receipts + 1, "once");
    }
    // What could not be stored was not passed over.
    swap(&office, doc, &whole);
    office.sync();
    second.sync();
    same(&office, &second);
}

#[test]
fn a_damaged_row_is_in_nobodys_way_who_brings_nothing_new_for_it() {
    let (relay, mut office) = company();
    let mut second = joined(&relay, &mut office, "S-1", "supervisor");
    let doc = office.job();
    office.sync();
    second.sync();
    let new = second.job();
    let all = bundle::Export { full: true, ..bundle::Export::default() };
    let made = bundle::export(&mut second.store, &all, &now()).unwrap();
    swap(&office, doc, b"damaged");
    // What it knew of the document before is not in memory any more.
    office.reopen();
    let taken = bundle::import(&mut office.store, &made.bytes, "hand to hand", &now()).unwrap();
    assert!(taken.counts.new > 0 && taken.is_whole(), "{taken:?}");
    assert!(office.store.info(new).unwrap().is_some());
}

fn jobs_of(device: &Device) -> Vec<docket_format::DocId> {
    let jobs = device.store.docs_of_kind("job").unwrap();
    if jobs.is_empty() { vec![device.store.roster_doc()] } else { jobs }
}

#[test]
fn a_large_first_pull_goes_on_at_the_page_where_it_was_cut() {
    let (relay, mut office) = company();
    let mut second = joined(&relay, &mut office, "S-1", "supervisor");
    second.sync();
    let long: String =
        (0..3_000u32).map(|n| char::from(b'a' + (n.wrapping_mul(2_654_435_761) >> 27) as u8 % 26)).collect();
    for doc in office.jobs(700) {
        office.note(doc, &format!("{long}{doc}"));
    }
    office.sync();
    let whole = {
        let mut third = joined(&relay, &mut office, "S-2", "supervisor");
        third.sync();
        third.link.last.len()
    };
    let (mut got, mut tries) = (0, 0);
    loop {
        second.link.cut_answer = Some(whole / 3);
        tries += 1;
        match second.try_sync(Options::default()) {
            Ok(_) => break,
            Err(SyncError::Transport { .. }) => got += whole / 3,
            Err(error) => panic!("{error}"),
        }
        assert!(tries < 12);
    }
    assert!(tries > 2, "{tries}");
    assert!(got < 2 * whole, "{got} of {whole}");
    second.link.cut_answer = None;
    office.sync();
    second.sync();
    same(&office, &second);
}

#[test]
fn a_token_that_is_forgotten_is_renewed_and_a_foreign_relay_gets_nothing() {
    let (relay, mut office) = company();
    let mut tao = joined(&relay, &mut office, "T-1", "technician");
    tao.sync();
    relay.0.borrow_mut().desk.forget_tokens();
    let doc = office.jobs(1)[0];
    assert_eq!(office.sync().pushed_new, 1);
    // Somebody else answers at the address, with another key: nothing of a technician's goes there.
    let foreign = crate::sync_common::Relay::new(tao.store.tenant(), 99);
    tao.write(doc, "noted", json!({"text": "secret"}));
    let own = std::mem::replace(&mut tao.link, foreign.link());
    let refused = tao.try_sync(Options::default());
    assert!(matches!(refused, Err(SyncError::UnknownRelay { .. } | SyncError::Refused { .. })), "{refused:?}");
    assert_eq!(foreign.0.borrow().desk.log.docs().filter(|(id, _)| *id == doc).count(), 0);
    tao.link = own;
    tao.sync();
    assert_eq!(tao.store.waiting().unwrap(), 0);
}
