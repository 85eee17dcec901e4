//! An enrolled device turned hostile, with its key and a mind of its own: nothing that others recorded is lost, nothing
//! is overwritten, nothing counts in a name that did not seal it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test that fails should say where"
)]

mod forge;

use std::collections::BTreeSet;

use forge::{Forge, change, leaf, setting, texts};

use crate::peers::{Device, joined, now, office};
use docket_device::bundle;
use docket_device::company;
use docket_device::verify::Verdict;
use docket_device::{Draft, Store, keys};
use docket_format::bundle::Held;
use docket_format::change::{Carrier, genesis};
use docket_format::fact::Origin;
use docket_format::keys::SecretKey;
use docket_format::{Author, DocId, Fact, FactHeader, FactId, Incarnation};
use serde_json::{Value, json};

impl Device {
    fn key(&self) -> SecretKey {
        keys::load(self.path(), self.store.device()).unwrap()
    }

    fn note(&mut self, doc: DocId, text: &str) -> FactId {
        self.state(doc, "noted", json!({ "text": text }))
    }

    fn has(&self, doc: DocId, facts: &[FactId]) -> bool {
        let held: BTreeSet<FactId> = self.store.facts(doc).unwrap().iter().map(|fact| fact.id).collect();
        facts.iter().all(|fact| held.contains(fact))
    }

    fn count(&self, query: &str) -> i64 {
        self.store.conn().query_row(query, [], |row| row.get(0)).unwrap()
    }

    fn standing(&self, fact: FactId) -> String {
        let query = format!("SELECT standing FROM v_fact WHERE fact = '{fact}'");
        self.store.conn().query_row(&query, [], |row| row.get(0)).unwrap()
    }
}

fn enrolled(office: &mut Device, id: &str, role: &str) -> Device {
    let mut device = joined(office, id, role);
    office.import(&device.export());
    device
}

fn technician(office: &mut Device, id: &str) -> Device {
    enrolled(office, id, "technician")
}

fn job(device: &mut Device) -> DocId {
    let body = json!({"dk": "job", "regs": {"kind": "repair", "appliances": 1}});
    device.store.create_doc(&[Draft::new("created", body)], &now()).unwrap().0
}

#[test]
fn facts_carried_by_another_device_are_the_same_facts() {
    let (mut office, mut victim, mallory, doc) = setting();
    let facts = [victim.note(doc, "one"), victim.note(doc, "two")];
    let honest = victim.export();
    let mut forge = Forge::of(&mallory);
    let heads = office.store.heads(doc).unwrap();
    forge.change(doc, mallory.store.author(), (1, 4), &heads, &texts(&victim.store, doc, &facts));
    forge.seals_of(&honest, &[doc]);
    let report = office.import(&forge.bytes());
    assert!(office.has(doc, &facts), "{report:?}");
    office.import(&honest);
    assert_eq!(office.store.facts(doc).unwrap().len(), 3);
    assert!(office.verify().ok(), "{:?}", office.verify());
}

#[test]
fn taking_an_honest_devices_slot_loses_none_of_its_facts() {
    let (mut office, mut victim, mallory, doc) = setting();
    let first = victim.note(doc, "one");
    let second = victim.note(doc, "two");
    let stolen = victim.export();
    // Mallory groups the same facts otherwise, as if the victim had, and is first at the office.
    let mut forge = Forge::of(&mallory);
    let heads = office.store.heads(doc).unwrap();
    let regrouped = texts(&victim.store, doc, &[first, second]);
    forge.change(doc, victim.store.author(), (1, 4), &heads, &regrouped);
    forge.seals_of(&stolen, &[doc]);
    office.import(&forge.bytes());
    // The victim goes on: its first change is refused for ever, and all others build on it.
    let later = [victim.note(doc, "three"), victim.note(doc, "four")];
    let honest = victim.export();
    let report = office.import(&honest);
    assert!(office.has(doc, &[first, second]) && office.has(doc, &later), "{report:?}");
    // Both go on writing and understand each other.
    let answer = office.note(doc, "answer");
    victim.import(&office.export());
    assert!(victim.has(doc, &[answer]));
    let last = victim.note(doc, "five");
    office.import(&victim.export());
    assert!(office.has(doc, &[last]));
    assert!(office.verify().ok(), "{:?}", office.verify());
    assert!(victim.verify().ok(), "{:?}", victim.verify());
    // And a third that meets the office only.
    let mut third = enrolled(&mut office, "S-1", "supervisor");
    third.import(&office.export());
    assert!(third.has(doc, &[first, second, answer, last]) && third.has(doc, &later));
}

#[test]
fn a_change_refused_when_what_it_waited_for_comes_loses_no_facts() {
    let (mut office, mut victim, mallory, doc) = setting();
    let mut uma = technician(&mut office, "T-3");
    uma.import(&office.export());
    let hers = uma.note(doc, "hers");
    let from_uma = uma.export();
    let first = victim.note(doc, "one");
    let before = victim.export();
    victim.import(&from_uma);
    let second = victim.note(doc, "two");
    let third = victim.note(doc, "three");
    let honest = victim.export();
    office.import(&before);
    // Mallory hands over the victim's later changes without Uma's, on which they build: they wait.
    let rows = victim.store.changes(doc).unwrap();
    let author = victim.store.author();
    let own = |place: usize| rows[place].carrier == Carrier::Device(author);
    let mut forge = Forge::of(&mallory);
    forge.copy(&victim.store, doc, own);
    forge.seals_of(&honest, &[doc]);
    office.import(&forge.bytes());
    assert_eq!(office.store.status().unwrap().parked, 2);
    // Then takes the slot of the waiting one with a genuine fact that is known already.
    let mut forge = Forge::of(&mallory);
    let heads = office.store.heads(doc).unwrap();
    forge.change(doc, author, (2, 5), &heads, &texts(&victim.store, doc, &[first]));
    office.import(&forge.bytes());
    let report = office.import(&from_uma);
    assert!(office.has(doc, &[hers, first, second, third]), "{report:?}");
    assert!(office.verify().ok(), "{:?}", office.verify());
}

#[test]
fn genuine_facts_in_a_change_with_a_forged_one_are_kept() {
    let (mut office, mut victim, mallory, doc) = setting();
    let facts = [victim.note(doc, "one")];
    let honest = victim.export();
    let mut forge = Forge::of(&mallory);
    let mut mixed = texts(&victim.store, doc, &facts);
    mixed.push(forge.fact(doc, 1, None, "noted", json!({"text": "nobody sealed me"})));
    let heads = office.store.heads(doc).unwrap();
    forge.change(doc, mallory.store.author(), (1, 4), &heads, &mixed);
    forge.seals_of(&honest, &[doc]);
    let report = office.import(&forge.bytes());
    assert_eq!(report.counts.refused, 1);
    assert!(office.has(doc, &facts) && !office.has(doc, &[mixed[1].0]), "{report:?}");
}

#[test]
fn a_seal_vouches_for_its_own_devices_facts_only() {
    let (mut office, mut victim, mallory, doc) = setting();
    let fact = victim.note(doc, "never handed over");
    for number in [1, 0] {
        let mut forge = Forge::of(&mallory);
        let heads = office.store.heads(doc).unwrap();
        forge.change(doc, victim.store.author(), (1, 4), &heads, &texts(&victim.store, doc, &[fact]));
        forge.seal(2 + number, &[leaf(doc, number, fact)]);
        let report = office.import(&forge.bytes());
        assert_eq!((report.counts.new, report.counts.refused), (0, 1), "{report:?}");
        assert!(!office.has(doc, &[fact]));
    }
}

#[test]
fn another_text_under_a_sealed_facts_key_is_refused_and_spoils_no_export() {
    let (mut office, _victim, mallory, _) = setting();
    let doc = DocId::derived(office.store.tenant(), "job", "city", "1-1");
    let mut forge = Forge::of(&mallory);
    let sealed = forge.fact(doc, 1, None, "noted", json!({"text": "fine"}));
    let origin = Origin::Import { source: "city".into(), number: "1-1".into() };
    let Value::Object(body) = json!({"dk": "job", "regs": {"kind": "repair"}}) else { unreachable!() };
    let (_, row) = Fact::write(doc, FactHeader { kind: "imported".into(), origin }, body).unwrap();
    let import = change(doc, Carrier::Import, (1, 3), &[], &[(sealed.0, row)]);
    forge.item(doc).changes.push((Carrier::Import, import));
    forge.change(doc, mallory.store.author(), (1, 3), &[genesis(doc).hash], std::slice::from_ref(&sealed));
    forge.seal(2, &[leaf(doc, 1, sealed.0)]);
    let report = office.import(&forge.bytes());
    assert_eq!(report.reasons.get("malformed"), Some(&1), "{report:?}");
    assert!(office.verify().ok());
    let mut third = enrolled(&mut office, "S-1", "supervisor");
    assert!(third.import(&office.export()).bad_seals.is_empty());
}

#[test]
fn a_fork_and_a_withheld_tail_do_not_keep_honest_work_from_travelling_on() {
    let (mut office, mut victim, mallory, doc) = setting();
    // Two facts with one number, both sealed; then a seal over a fact that nobody is shown.
    let mut forge = Forge::of(&mallory);
    let heads = office.store.heads(doc).unwrap();
    let one = forge.fact(doc, 1, None, "noted", json!({"text": "one"}));
    let other = forge.fact(doc, 1, None, "noted", json!({"text": "other"}));
    let author = mallory.store.author();
    let first = forge.change(doc, author, (1, 4), &heads, std::slice::from_ref(&one));
    forge.change(doc, author, (2, 5), &[first], std::slice::from_ref(&other));
    forge.seal(2, &[leaf(doc, 1, one.0)]);
    forge.seal(3, &[leaf(doc, 1, other.0)]);
    forge.seal(4, &[leaf(doc, 9, FactId::from_bytes([9; 16]))]);
    let report = victim.import(&forge.bytes());
    assert_eq!(report.counts.new, 2, "{report:?}");
    let work = [victim.note(doc, "honest work built on it")];
    let report = office.import(&victim.export());
    assert!(report.is_whole(), "{report:?}");
    assert!(office.has(doc, &work) && office.has(doc, &[one.0, other.0]));
    let report = office.verify();
    assert!(report.flaws.iter().any(|flaw| flaw.verdict == Verdict::Forged), "the fork is named: {report:?}");
}

#[test]
fn a_thief_adds_nothing_to_what_a_revoked_device_had_sealed() {
    let (mut office, mut victim, _, doc) = setting();
    let good = victim.note(doc, "before the theft");
    office.import(&victim.export());
    let device = victim.store.device().to_string();
    company::revoke(&mut office.store, &device[..8], "phone lost", &now()).unwrap();
    let last = office.store.authors().unwrap().into_iter().find(|(author, _)| author.device == victim.store.device());
    // The thief has the key: a new seal under a count that was seen, over a fact with a new number and over one with
    // a number that was seen.
    let mut forge = Forge::of(&victim);
    let next = forge.fact(doc, 2, Some(good), "noted", json!({"text": "backdated"}));
    let again = forge.fact(doc, 1, None, "noted", json!({"text": "instead"}));
    let heads = office.store.heads(doc).unwrap();
    let first = forge.change(doc, victim.store.author(), (2, 5), &heads, std::slice::from_ref(&next));
    forge.change(doc, victim.store.author(), (3, 6), &[first], std::slice::from_ref(&again));
    let count = last.unwrap().1;
    forge.seal(count, &[leaf(doc, 2, next.0), leaf(doc, 1, again.0)]);
    let report = office.import(&forge.bytes());
    assert_eq!(report.counts.new, 2, "{report:?}");
    assert_eq!(office.standing(good), "ok");
    assert_eq!((office.standing(next.0), office.standing(again.0)), ("claim".into(), "claim".into()));
    assert_eq!(office.verify().claims, 2);
    // A device that learns all of it at once sees the same.
    let mut third = enrolled(&mut office, "S-1", "supervisor");
    third.import(&office.export());
    assert_eq!(third.standing(good), "ok");
    assert_eq!((third.standing(next.0), third.standing(again.0)), ("claim".into(), "claim".into()));
}

fn imported(device: &Device, number: &str, regs: &Value) -> (DocId, (FactId, String)) {
    let doc = DocId::derived(device.store.tenant(), "job", "city", number);
    let origin = Origin::Import { source: "city".into(), number: number.into() };
    let Value::Object(body) = json!({"dk": "job", "regs": regs}) else { unreachable!() };
    let (fact, text) = Fact::write(doc, FactHeader { kind: "imported".into(), origin }, body).unwrap();
    (doc, (fact.id, text))
}

#[test]
fn an_imported_fact_counts_by_the_word_of_whoever_vouches() {
    let (mut office, _, mallory, _) = setting();
    let clerk = enrolled(&mut office, "D-1", "dispatcher");
    let hand = |by: &Device, count: u64| {
        let (doc, fact) = imported(by, "1-1", &json!({"kind": "repair", "closed_at": "2020-01-02T08:43:00Z"}));
        let mut forge = Forge::of(by);
        let import = change(doc, Carrier::Import, (1, 3), &[], std::slice::from_ref(&fact));
        forge.item(doc).changes.push((Carrier::Import, import));
        forge.seal(count, &[leaf(doc, 0, fact.0)]);
        (forge.bytes(), fact.0)
    };
    let (by_technician, fact) = hand(&mallory, 2);
    office.import(&by_technician);
    assert_eq!(office.standing(fact), "claim", "a technician's word");
    assert_eq!(office.verify().claims, 1);
    let (by_clerk, _) = hand(&clerk, 2);
    office.import(&by_clerk);
    assert_eq!(office.standing(fact), "ok");
    assert_eq!(office.count("SELECT count(*) FROM v_job WHERE status = 'closed'"), 1);
    let device = clerk.store.device().to_string();
    company::revoke(&mut office.store, &device[..8], "left", &now()).unwrap();
    assert_eq!(office.standing(fact), "ok", "what was seen stays");
    let (doc, other) = imported(&clerk, "1-2", &json!({"kind": "repair"}));
    let mut forge = Forge::of(&clerk);
    let import = change(doc, Carrier::Import, (1, 3), &[], std::slice::from_ref(&other));
    forge.item(doc).changes.push((Carrier::Import, import));
    forge.seal(2, &[leaf(doc, 0, other.0)]);
    office.import(&forge.bytes());
    assert_eq!(office.standing(other.0), "claim");
}

#[test]
fn a_receipt_is_given_only_for_what_is_part_of_the_record() {
    let (mut office, mut victim, mallory, doc) = setting();
    let first = victim.note(doc, "one");
    let early = victim.export();
    let second = victim.note(doc, "two");
    let honest = victim.export();
    // Mallory brings the second change and its seal; the first, on which it builds, stays behind.
    let mut forge = Forge::of(&mallory);
    let rows = victim.store.changes(doc).unwrap();
    let newest = rows.len() - 1;
    forge.copy(&victim.store, doc, |place| place == newest);
    forge.seals_of(&honest, &[doc]);
    office.import(&forge.bytes());
    assert!(!office.has(doc, &[second]));
    let count = office.store.authors().unwrap();
    assert!(count.iter().any(|(author, count)| author.device == victim.store.device() && *count > 2));
    victim.import(&office.export());
    let again = victim.export_to(&office.store.device().to_string());
    let report = office.import(&again.bytes);
    assert!(office.has(doc, &[first, second]), "{report:?}: the office said it held what it had parked");
    assert!(!early.is_empty());
}

#[test]
fn a_receipt_speaks_for_the_bundles_maker_only_and_bad_ones_crowd_nothing_out() {
    let (mut office, mut victim, mallory, doc) = setting();
    let fact = office.state(doc, "assigned", json!({"regs": {"crew": ["T-1"]}, "over": []}));
    let all = |author| Held { author, first: 1, last: u64::MAX };
    let mut forge = Forge::of(&mallory);
    forge.held.push(all(office.store.author()));
    for i in 0..20_000u32 {
        let device = docket_format::DeviceId::from_bytes(core::array::from_fn(|at| i.to_be_bytes()[at % 4]));
        forge.held.push(all(Author { device, incarnation: Incarnation(i) }));
    }
    let before = office.store.held_by(victim.store.device()).unwrap();
    office.import(&forge.bytes());
    assert!(office.store.authors().unwrap().len() < 100, "strangers in a receipt are not remembered");
    let sent = office.export_to(&victim.store.device().to_string());
    victim.import(&sent.bytes);
    assert!(victim.has(doc, &[fact]));
    let after = office.store.held_by(victim.store.device()).unwrap();
    assert_eq!(after, before, "nobody speaks for the victim");
}

#[test]
fn what_a_device_says_it_holds_is_forgotten_when_it_begins_a_new_life() {
    let (mut office, mut victim, _, doc) = setting();
    let fact = office.note(doc, "for the victim");
    let given = office.export();
    victim.import(&given);
    office.import(&victim.export());
    assert!(!office.store.held_by(victim.store.device()).unwrap().is_empty());
    // The phone's storage is gone: the device comes back from an old copy, in a new life.
    let life = Author { incarnation: Incarnation(2), ..victim.store.author() };
    office.import(&Forge::with(victim.key(), life).bytes());
    assert_eq!(office.store.held_by(victim.store.device()).unwrap(), vec![]);
    assert!(office.export_to(&victim.store.device().to_string()).documents > 0, "sent again: {fact}");
}

#[test]
fn what_an_earlier_life_left_unsealed_is_handed_over_by_the_next() {
    let (mut office, mut victim, _, doc) = setting();
    let early = victim.note(doc, "never handed over in that life");
    let other = tempfile::tempdir().unwrap();
    let placeholder = Store::create(other.path(), office.store.tenant(), victim.store.device()).unwrap();
    drop(std::mem::replace(&mut victim.store, placeholder));
    // As after a restore from a copy: the counter is of another life.
    let conn = rusqlite::Connection::open(victim.path().join("docket.db")).unwrap();
    conn.execute_batch("UPDATE meta SET generation = generation - 1").unwrap();
    drop(conn);
    victim.store = Store::open(victim.path(), docket_device::Mode::ReadWrite).unwrap();
    assert_eq!(victim.store.author().incarnation, Incarnation(2));
    let late = victim.note(doc, "in the next life");
    let report = office.import(&victim.export());
    assert!(report.is_whole(), "{report:?}");
    assert!(office.has(doc, &[early, late]));
    assert!(office.verify().ok(), "{:?}", office.verify());
}

#[test]
fn a_document_that_somebody_fills_up_still_travels_on_with_all_others() {
    let (mut office, mut victim, mallory, doc) = setting();
    let work = victim.note(doc, "small and honest");
    let mut heads = office.store.heads(doc).unwrap();
    let (mut prev, mut n) = (None, 0);
    // 6 MiB of Mallory's facts and 300 seals over facts that nobody ever sees.
    for part in 0..6u64 {
        let mut forge = Forge::of(&mallory);
        for seq in 0..8u64 {
            let facts: Vec<(FactId, String)> = (0..15)
                .map(|_| {
                    n += 1;
                    let text: String =
                        (0..8_600u64).map(|i| char::from(b'a' + ((i * i + n * 7 + i * n) % 23) as u8)).collect();
                    let fact = forge.fact(doc, n, prev, "noted", json!({ "text": text }));
                    prev = Some(fact.0);
                    fact
                })
                .collect();
            let place = (part * 8 + seq + 1, 4 + (part * 8 + seq) * 15);
            heads = vec![forge.change(doc, mallory.store.author(), place, &heads, &facts)];
        }
        let mut leaves = vec![leaf(doc, n, prev.unwrap())];
        leaves.extend((0..50u8).map(|i| leaf(doc, 0, FactId::from_bytes([i; 16]))));
        forge.seal(2 + part, &leaves);
        let report = office.import(&forge.bytes());
        assert_eq!(report.counts.refused, 0, "{report:?}");
    }
    office.import(&victim.export());
    let mut third = enrolled(&mut office, "S-1", "supervisor");
    let report = third.import(&office.export());
    assert!(third.has(doc, &[work, prev.unwrap()]), "{report:?}");
    assert!(third.verify().ok(), "{:?}", third.verify().flaws.first());
}

#[test]
fn honest_work_survives_a_document_flooded_with_heads() {
    let (mut office, mut victim, mallory, doc) = setting();
    let base = office.store.heads(doc).unwrap();
    let mut forge = Forge::of(&mallory);
    let fact = forge.fact(doc, 1, None, "noted", json!({"text": "again and again"}));
    for life in 1..=80u32 {
        let carrier = Author { incarnation: Incarnation(life), ..mallory.store.author() };
        forge.change(doc, carrier, (1, 4), &base, std::slice::from_ref(&fact));
    }
    forge.seal(2, &[leaf(doc, 1, fact.0)]);
    office.import(&forge.bytes());
    assert!(office.store.heads(doc).unwrap().len() >= 60);
    let work = [victim.note(doc, "one"), victim.note(doc, "two")];
    let report = office.import(&victim.export());
    assert!(office.has(doc, &work), "{report:?}");
    let answer = office.note(doc, "answer");
    victim.import(&office.export());
    assert!(victim.has(doc, &[answer, fact.0]));
    assert!(office.verify().ok() && victim.verify().ok());
}

#[test]
fn strangers_other_companies_and_unknown_carriers_get_nothing_in() {
    let (mut office, victim, mallory, doc) = setting();
    let key = keys::generate().unwrap();
    let stranger = Author { device: key.public().device(), incarnation: Incarnation(1) };
    let refused = bundle::import(&mut office.store, &Forge::with(key, stranger).bytes(), "test", &now());
    assert!(matches!(refused, Err(bundle::BundleError::UnknownMaker(_))));
    let dir = tempfile::tempdir().unwrap();
    let mut fresh = Store::create(dir.path(), office.store.tenant(), victim.store.device()).unwrap();
    let key = keys::generate().unwrap();
    let stranger = Author { device: key.public().device(), incarnation: Incarnation(1) };
    let refused = bundle::import(&mut fresh, &Forge::with(key, stranger).bytes(), "test", &now());
    assert!(matches!(refused, Err(bundle::BundleError::UnknownMaker(_))), "also in an empty store");
    let mut rival = self::office();
    assert!(bundle::import(&mut office.store, &rival.export(), "test", &now()).is_err());
    // Mallory's own sealed fact, put together by a device that nobody knows: kept, carried again by the office.
    let mut forge = Forge::of(&mallory);
    let fact = forge.fact(doc, 1, None, "noted", json!({"text": "hello"}));
    let heads = office.store.heads(doc).unwrap();
    forge.change(doc, stranger, (1, 4), &heads, std::slice::from_ref(&fact));
    forge.seal(2, &[leaf(doc, 1, fact.0)]);
    let report = office.import(&forge.bytes());
    assert_eq!(report.reasons.get("unknown-carrier"), Some(&1), "{report:?}");
    assert!(office.has(doc, &[fact.0]));
}

#[test]
fn a_crash_between_facts_and_seals_is_named_and_importing_again_heals_it() {
    let (mut office, mut victim, _, doc) = setting();
    let work = victim.note(doc, "one");
    let handed = victim.export();
    office.import(&handed);
    // What a crash before the last transaction leaves: the facts, no seal over them.
    let of_victim = format!("(SELECT id FROM author WHERE crock(device) = '{}')", victim.store.device());
    office
        .store
        .conn()
        .execute_batch(&format!(
            "DELETE FROM seal_leaf WHERE seal IN (SELECT id FROM seal WHERE author = {of_victim} AND count > 1);
         DELETE FROM seal WHERE author = {of_victim} AND count > 1;
         UPDATE chain SET sealed_n = 0 WHERE author = {of_victim} AND doc = (SELECT id FROM doc WHERE kind = 'job');"
        ))
        .unwrap();
    assert!(office.verify().flaws.iter().any(|flaw| flaw.verdict == Verdict::Unsealed && flaw.fact == Some(work)));
    office.import(&handed);
    assert!(office.verify().ok(), "{:?}", office.verify());
    assert_eq!(office.standing(work), "ok");
}
