//! What a log takes in, and what it asks for or refuses instead.

use docket_format::DocId;
use docket_format::bundle::{Item, LeafRef};
use docket_format::merkle::Leaf;
use docket_format::seal::Seal;
use serde_json::json;

use super::Office;
use crate::judge::{Proof, Shown};
use crate::relay::{Log, Outcome, View, compare};
use crate::testkit::Pen;
use crate::wire::{Compare, Cursor, DocSum, Page, Sum};

pub(super) fn what_builds_on_nothing_is_asked_for<L: Log>(office: &mut Office<L>) {
    let (doc, first) = office.job(1);
    let second = office.admin.write(doc, "noted", json!({"text": "later"})).1;
    let before = office.log.head().unwrap();
    let outcome = office.push(vec![second.clone()]);
    assert_eq!((outcome.new, outcome.want.contains(&doc), outcome.accepted.len()), (0, true, 0));
    assert_eq!(office.log.head().unwrap(), before, "what vouches for it waits with it");
    let outcome = office.push(vec![first, second]);
    assert_eq!((outcome.new, outcome.want.len()), (2, 0));
}

/// Wherever a log keeps them: in the document's row, or beside it, as all of them were once.
pub(super) fn a_long_document_forgets_none_of_its_changes<L: Log>(office: &mut Office<L>) {
    let (doc, first) = office.job(1);
    office.technician.receive(&first.1);
    let mut all = vec![first.clone()];
    office.push(vec![first]);
    for n in 0..40 {
        let next = office.admin.write(doc, "noted", json!({"text": n.to_string()})).1;
        assert_eq!(office.push(vec![next.clone()]).new, 1, "{n}");
        all.push(next);
    }
    // What is there is known, what builds on an old change is taken in, a number that was used is seen to be.
    let again = office.push(all.clone());
    assert_eq!((again.new, again.accepted.len()), (0, all.len()));
    let late = office.technician.write(doc, "noted", json!({"text": "two weeks ago"})).1;
    let page = office.technician.page(vec![late]);
    assert_eq!(office.push_page(page).new, 1);
    let mut copy = Pen::new(docket_format::keys::SecretKey::from_seed(&[2; 32]), office.company.tenant);
    let used = copy.write(doc, "noted", json!({"text": "again"})).1;
    let page = copy.page(vec![used]);
    let refused = office.push_page(page).refused;
    assert_eq!(refused.first().map(|refused| refused.code.as_str()), Some("seq-reused"));
}

pub(super) fn unsealed_and_foreign_work_is_refused<L: Log>(office: &mut Office<L>) {
    let (doc, change) = office.job(1);
    let mut page = office.admin.page(vec![change.clone()]);
    page.seals.clear();
    let outcome = office.push_page(page);
    assert_eq!(outcome.refused.first().map(|refused| (refused.doc, refused.code.as_str())), Some((doc, "unsealed")));
    let mut stranger = Pen::new(docket_format::keys::SecretKey::from_seed(&[99; 32]), office.company.tenant);
    let strange = stranger.write(DocId::new_v7(9, [9; 10]), "noted", json!({"text": "hello"})).1;
    let page = stranger.page(vec![strange]);
    assert_eq!(office.push_page(page).new, 0);
    // The honest one goes in afterwards all the same.
    assert_eq!(office.push(vec![change]).new, 1);
}

pub(super) fn an_entry_brings_all_that_its_facts_hang_on<L: Log>(office: &mut Office<L>) {
    let (doc, first) = office.job(1);
    let second = office.admin.write(doc, "noted", json!({"text": "hello"})).1;
    office.push(vec![first.clone(), second.clone()]);
    let (_, before) = office.pull(&View::All, Cursor::default());
    // Another device puts the first fact into a change of its own: the seal reaches it by way of the second.
    office.technician.receive(&first.1);
    office.technician.receive(&second.1);
    let carried = office.technician.carry(doc, &first.1.facts);
    let outcome = office.push(vec![first.clone(), second.clone(), carried.clone()]);
    assert_eq!((outcome.new, outcome.accepted.len()), (1, 3));
    let (later, _) = office.pull(&View::All, before);
    assert!(later.get(&doc).is_some_and(|sent| sent.contains(&carried.1.hash)), "{later:?}");
    // What was there already is there once.
    let mut sum = Sum::default();
    for (_, change) in [&first, &second, &carried] {
        sum.add(change.hash);
    }
    let ask = Compare { buckets: None, docs: vec![DocSum { doc, sum }] };
    assert_eq!(compare(&office.log, &View::All, &ask).unwrap().differing, []);
}

pub(super) fn what_only_a_refused_change_vouches_for_is_refused<L: Log>(office: &mut Office<L>) {
    let (doc, first) = office.job(1);
    let second = office.admin.write(doc, "noted", json!({"text": "hello"})).1;
    // A copy of the device was faster: both numbers are taken.
    let mut copy = Pen::new(docket_format::keys::SecretKey::from_seed(&[2; 32]), office.company.tenant);
    let theirs = [1, 2].map(|n| copy.write(doc, "noted", json!({"text": n.to_string()})).1);
    let page = copy.page(theirs.to_vec());
    assert_eq!(office.push_page(page).new, 2);
    let carried = office.technician.carry(doc, &first.1.facts);
    let outcome = office.push(vec![carried.clone(), first, second]);
    let codes: Vec<&str> = outcome.refused.iter().map(|refused| refused.code.as_str()).collect();
    assert_eq!(codes, ["unsealed", "seq-reused", "seq-reused"]);
    assert_eq!((outcome.new, outcome.refused.first().map(|refused| refused.change)), (0, Some(carried.1.hash)));
    let (all, _) = office.pull(&View::All, Cursor::default());
    assert_eq!(all.get(&doc), Some(&theirs.map(|(_, change)| change.hash).to_vec()));
}

/// A page's seals and leaves alone.
fn bare(page: &Page) -> Page {
    let mut page = page.clone();
    page.items.iter_mut().for_each(|item| item.changes.clear());
    page
}

/// A seal of a fact that the log lost looks like a gap to whoever is sent it.
pub(super) fn a_leaf_comes_in_with_its_fact<L: Log>(office: &mut Office<L>) {
    let (doc, first) = office.job(1);
    let second = office.admin.write(doc, "noted", json!({"text": "lost"})).1;
    let both = office.admin.page(vec![first, second.clone()]);
    let before = office.log.head().unwrap();
    assert_eq!(office.push_page(bare(&both)), Outcome::default());
    assert_eq!(office.log.head().unwrap(), before);
    // Nor with what does reach the log.
    let theirs = office.technician.write(doc, "noted", json!({"text": "here"})).1;
    let mut mixed = office.technician.page(vec![theirs]);
    let lost = bare(&both);
    mixed.seals.extend(lost.seals.into_iter().map(|seal| Shown { number: 1, ..seal }));
    mixed.items.extend(lost.items.into_iter().map(|mut item| {
        item.leaves.iter_mut().for_each(|leaf| leaf.seal = 1);
        item
    }));
    assert_eq!(office.push_page(mixed).new, 1);
    assert_eq!(office.sealed_by_admin(doc), 0);
    // With its fact it comes, and is there once; later ones may come without.
    assert_eq!(office.push_page(both.clone()).new, 2);
    assert_eq!(office.sealed_by_admin(doc), 1);
    assert_eq!(office.push_page(both).entries, None);
    let later = bare(&office.admin.page(vec![second]));
    assert!(office.push_page(later.clone()).entries.is_some());
    assert_eq!(office.sealed_by_admin(doc), 2);
    assert_eq!(office.push_page(later).entries, None);
}

pub(super) fn a_leaf_whose_fact_waited_is_not_forgotten<L: Log>(office: &mut Office<L>) {
    let (doc, first) = office.job(1);
    let second = office.admin.write(doc, "noted", json!({"text": "later"})).1;
    let waiting = office.admin.page(vec![second.clone()]);
    assert!(office.push_page(waiting.clone()).want.contains(&doc));
    // Somebody else brings the same under another seal.
    assert_eq!(office.push(vec![first, second]).new, 2);
    assert_eq!(office.sealed_by_admin(doc), 1);
    assert_eq!(office.push_page(waiting).new, 0);
    assert_eq!(office.sealed_by_admin(doc), 2);
}

/// A device's page under its own seal, with other seals beside it.
fn beside(page: &Page, others: Vec<Shown>) -> Page {
    let mut page = page.clone();
    page.seals.extend(others);
    page
}

/// Nobody's leaf gets into another one's tree, whatever number it is shown under.
pub(super) fn a_seal_under_anothers_number_spoils_nothing<L: Log>(office: &mut Office<L>) {
    let (doc, first) = office.job(1);
    let (other, second) = office.job(2);
    let sealed = office.admin.page(vec![first, second]);
    assert_eq!(office.push_page(sealed.clone()).new, 2);
    // The technician's own seal over one of the office's facts and one more, so that it is as large as the office's.
    let tip = sealed.items.iter().flat_map(|item| &item.leaves).find(|leaf| leaf.leaf.doc == doc).unwrap().leaf;
    let mut leaves = vec![tip, Leaf { n: 7, ..tip }];
    let pen = &office.technician;
    let seal = Seal::sign(&pen.key, pen.tenant, pen.author.incarnation, 1, 1_790_000_000_000, &mut leaves).unwrap();
    let own = Shown { number: 0, seal: seal.raw().clone(), proof: Proof::Complete };
    let theirs = sealed.seals.first().unwrap();
    let root = theirs.seal.claims().unwrap().root;
    let bare = Shown { number: 0, proof: Proof::Together(vec![root]), ..theirs.clone() };
    let refs = leaves.iter().zip(0..).map(|(leaf, index)| LeafRef { seal: 0, index, leaf: *leaf, proof: Vec::new() });
    let item = Item { doc, changes: Vec::new(), leaves: refs.collect() };
    let page = Page { seals: vec![own], items: vec![item], mark: None };
    for page in [beside(&page, vec![bare.clone()]), beside(&Page { seals: vec![bare], ..page.clone() }, page.seals)] {
        office.push_page(page);
        // Every page is still proven by itself, one document at a time too.
        office.pull(&View::All, Cursor::default());
        assert_eq!((office.sealed_by_admin(doc), office.sealed_by_admin(other)), (1, 1));
    }
}

/// A leaf counts where its seal has it, and nothing else stands there.
pub(super) fn a_second_leaf_at_one_place_is_believed_by_nobody<L: Log>(office: &mut Office<L>) {
    let (one, first) = office.job(1);
    let (other, second) = office.job(2);
    let sealed = office.admin.page(vec![first, second]);
    assert_eq!(office.push_page(sealed.clone()).new, 2);
    for (doc, n) in [(other, 99), (one, 99)] {
        let change = office.technician.write(doc, "noted", json!({"text": "mine"})).1;
        let own = office.technician.page(vec![change]);
        let real = sealed.items.iter().flat_map(|item| &item.leaves).find(|leaf| leaf.leaf.doc == one).unwrap();
        let made_up = LeafRef { leaf: Leaf { doc, n, ..real.leaf }, ..real.clone() };
        let leaves = sealed.items.iter().flat_map(|item| &item.leaves).chain([&made_up]);
        let mut items: Vec<Item> = leaves
            .map(|leaf| {
                let leaf = LeafRef { seal: 1, ..leaf.clone() };
                Item { doc: leaf.leaf.doc, changes: Vec::new(), leaves: vec![leaf] }
            })
            .collect();
        items.extend(own.items.clone());
        let others = sealed.seals.iter().map(|seal| Shown { number: 1, ..seal.clone() });
        office.push_page(Page { items, ..beside(&own, others.collect()) });
        office.pull(&View::All, Cursor::default());
        let items = office.whole(vec![one, other]).into_iter().flat_map(|page| page.items);
        let held: Vec<Leaf> = items.flat_map(|item| item.leaves).map(|leaf| leaf.leaf).collect();
        assert!(!held.contains(&made_up.leaf), "{held:?}");
    }
}
