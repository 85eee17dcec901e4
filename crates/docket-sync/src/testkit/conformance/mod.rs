//! What every relay log must do, whatever keeps it.

mod taking;

use std::collections::BTreeMap;

use docket_format::bundle::LeafRef;
use docket_format::change::{Carrier, Parsed};
use docket_format::roster::{Draft, Roster, SealTag, seal_tag};
use docket_format::{ChangeHash, DocId, Incarnation};
use serde_json::json;

use super::{Company, Pen};
use crate::relay::{
    Leased, Log, Outcome, Prover, View, admit, compare, lease, next_page, read_page, review, roster_facts_of,
    whole_pages,
};
use crate::wire::{Compare, Cursor, DocSum, Lease, Page, Sum};

/// Runs every check, each on a log of its own, which `make` begins for the company with the number 1.
pub fn run<L: Log>(mut make: impl FnMut(docket_format::TenantId) -> L) {
    let checks: [fn(&mut Office<L>); 18] = [
        pushing_twice_changes_nothing,
        every_view_gets_what_it_may_see_once,
        a_grant_below_the_cursor_arrives_whole_and_resumes,
        a_document_stays_until_its_last_tag_ends,
        what_a_revoked_dispatcher_showed_before_stays_shown,
        a_revocation_undoes_what_its_seals_leave_out,
        taking::what_builds_on_nothing_is_asked_for,
        taking::a_long_document_forgets_none_of_its_changes,
        taking::unsealed_and_foreign_work_is_refused,
        taking::an_entry_brings_all_that_its_facts_hang_on,
        taking::what_only_a_refused_change_vouches_for_is_refused,
        taking::a_leaf_comes_in_with_its_fact,
        taking::a_leaf_whose_fact_waited_is_not_forgotten,
        taking::a_seal_under_anothers_number_spoils_nothing,
        taking::a_second_leaf_at_one_place_is_believed_by_nobody,
        leases_tell_clones_from_lost_replies,
        comparing_finds_what_differs,
        cursors_never_miss_anything,
    ];
    for check in checks {
        let mut company = Company::new(1);
        let admin = company.device(2, "A-1", "admin");
        let technician = company.device(3, "T-1", "technician");
        let known = Roster::fold(company.tenant, &[]);
        let mut office = Office { log: make(company.tenant), company, admin, technician, known };
        let page = office.company.roster_page();
        assert!(office.push_page(page).refused.is_empty(), "the roster is taken in");
        check(&mut office);
    }
}

struct Office<L: Log> {
    log: L,
    company: Company,
    admin: Pen,
    technician: Pen,
    /// The roster when the last page was taken in.
    known: Roster,
}

type Change = (Carrier, Parsed);

impl<L: Log> Office<L> {
    fn push_page(&mut self, page: Page) -> Outcome {
        // Through the wire's own bytes nothing is lost that matters here; the pages of a pull are read back below.
        let roster = self.company.roster();
        let verdict = read_page(page, &roster);
        let outcome = admit(&mut self.log, &roster, self.admin.author.device, verdict).unwrap();
        review(&mut self.log, &self.known, &roster).unwrap();
        self.known = roster;
        outcome
    }

    fn push(&mut self, changes: Vec<Change>) -> Outcome {
        let page = self.admin.page(changes);
        self.push_page(page)
    }

    fn job(&mut self, n: u8) -> (DocId, Change) {
        let doc = DocId::new_v7(u64::from(n), [n; 10]);
        (doc, self.admin.write(doc, "created", json!({"dk": "job", "regs": {"kind": "repair"}})).1)
    }

    fn view(&self) -> View {
        View::of(&self.company.roster(), self.technician.author.device)
    }

    /// Pulls to the end, page by page; gives each document's changes as often as they came.
    fn pull(&self, view: &View, mut from: Cursor) -> (BTreeMap<DocId, Vec<ChangeHash>>, Cursor) {
        let mut prover = Prover::default();
        let mut found: BTreeMap<DocId, Vec<ChangeHash>> = BTreeMap::new();
        while let Some((bytes, mark)) = next_page(&self.log, view, from, &mut prover).unwrap() {
            assert!(mark > from, "every page moves the cursor");
            let page = Page::decode(self.company.tenant, &bytes).unwrap();
            assert_eq!(page.mark, Some(mark));
            self.check_vouched(&page);
            for item in page.items {
                found.entry(item.doc).or_default().extend(item.changes.iter().map(|(_, change)| change.hash));
            }
            from = mark;
        }
        (found, from)
    }

    /// What whoever pulls documents whole is sent.
    fn whole(&self, mut docs: Vec<DocId>) -> Vec<Page> {
        let pages = whole_pages(&self.log, &View::All, &mut docs, &mut Prover::default()).unwrap();
        pages.iter().map(|bytes| Page::decode(self.company.tenant, bytes).unwrap()).collect()
    }

    /// How many leaves of the office's seals whoever pulls a document whole is sent.
    fn sealed_by_admin(&self, doc: DocId) -> usize {
        let own = |page: &Page, leaf: &LeafRef| {
            let seal = page.seals.iter().find(|seal| seal.number == leaf.seal).unwrap();
            seal.seal.claims().unwrap().author == self.admin.author
        };
        let pages = self.whole(vec![doc]).into_iter();
        pages.map(|page| page.items.iter().flat_map(|item| &item.leaves).filter(|leaf| own(&page, leaf)).count()).sum()
    }

    /// Whoever pulls can check every fact of the page by the page alone.
    fn check_vouched(&self, page: &Page) {
        let roster: Roster = self.company.roster();
        let items = crate::judge::whole(page.items.clone());
        let (good, bad) = crate::judge::seals(&page.seals, &roster, &items);
        assert!(bad.is_empty());
        let tips = crate::judge::tips(&good);
        for item in items {
            for judged in crate::judge::judge(item, &roster, &tips) {
                assert!(judged.unvouched.is_empty() && !judged.strange);
            }
        }
    }
}

fn pushing_twice_changes_nothing<L: Log>(office: &mut Office<L>) {
    let (_, change) = office.job(1);
    let page = office.admin.page(vec![change]);
    let first = office.push_page(page.clone());
    assert_eq!((first.new, first.accepted.len()), (1, 1));
    let head = office.log.head().unwrap();
    assert_eq!(office.log.digest_at(head.pos).unwrap(), Some(head.digest));
    let again = office.push_page(page);
    assert_eq!((again.new, again.accepted), (0, first.accepted));
    assert_eq!(office.log.head().unwrap(), head);
    assert_eq!(office.log.digest_at(head.pos + 1).unwrap(), None);
    let facts = roster_facts_of(&office.log, office.company.tenant).unwrap();
    assert_eq!(Roster::fold(office.company.tenant, &facts), office.company.roster());
}

fn every_view_gets_what_it_may_see_once<L: Log>(office: &mut Office<L>) {
    let (own, a) = office.job(1);
    let (other, b) = office.job(2);
    office.push(vec![a.clone(), b.clone()]);
    let (_, scope) = office.admin.enter("T-1", &[own]);
    office.push(scope);
    let roster = docket_format::roster::doc(office.company.tenant);
    let (seen, end) = office.pull(&office.view(), Cursor::default());
    assert_eq!(seen.get(&own), Some(&vec![a.1.hash]));
    assert!(seen.contains_key(&roster) && !seen.contains_key(&other) && seen.len() == 3, "and the scope itself");
    assert_eq!(office.pull(&office.view(), end).0.len(), 0);
    let (all, _) = office.pull(&View::All, Cursor::default());
    assert!(all.contains_key(&other) && all.len() == 4);
    assert_eq!(office.pull(&View::Nothing, Cursor::default()).0.len(), 0);
    assert_eq!(office.log.newest(&office.view()).unwrap(), end.eff);
}

fn a_grant_below_the_cursor_arrives_whole_and_resumes<L: Log>(office: &mut Office<L>) {
    let jobs: Vec<(DocId, Change)> = (1..6).map(|n| office.job(n)).collect();
    for (_, change) in &jobs {
        office.push(vec![change.clone()]);
    }
    let (_, cursor) = office.pull(&office.view(), Cursor::default());
    let docs: Vec<DocId> = jobs.iter().map(|(doc, _)| *doc).collect();
    let (_, scope) = office.admin.enter("T-1", &docs);
    office.push(scope);
    let view = office.view();
    // Cut after every entry: what was got before is not sent again, nothing is left out.
    let mut at = cursor;
    let mut order = Vec::new();
    loop {
        let entries = office.log.entries(&view, at, 1).unwrap();
        let [entry] = entries.as_slice() else { break };
        at = entry.at;
        order.push(at);
        let (rest, _) = office.pull(&view, at);
        let got: usize = rest.values().map(Vec::len).sum();
        assert!(got < 8, "{got}");
    }
    // Five jobs; the scope document in one entry.
    assert_eq!(order.len(), 6);
    assert!(order.is_sorted() && order.iter().all(|at| *at > cursor));
    let (late, _) = office.pull(&view, cursor);
    assert!(docs.iter().all(|doc| late.get(doc).is_some_and(|changes| changes.len() == 1)));
}

fn a_document_stays_until_its_last_tag_ends<L: Log>(office: &mut Office<L>) {
    let (job, a) = office.job(1);
    let (customer, b) = office.job(2);
    office.push(vec![a, b]);
    let view = office.view();
    let mut tags = Vec::new();
    for n in 3..6 {
        let (other, change) = office.job(n);
        let (tag, mut scope) = office.admin.enter("T-1", &[other, customer]);
        scope.push(change);
        office.push(scope);
        tags.push(tag);
    }
    let (seen, cursor) = office.pull(&view, Cursor::default());
    assert_eq!(seen.get(&customer).map(Vec::len), Some(1), "in three scopes, sent once");
    assert!(!seen.contains_key(&job));
    let row = office.log.row(customer).unwrap();
    for (tag, stays) in tags.into_iter().zip([true, true, false]) {
        let change = office.admin.leave("T-1", &[tag]);
        office.push(vec![change]);
        assert_eq!(office.log.sees(&view, row).unwrap(), stays);
    }
    let change = office.admin.write(customer, "noted", json!({"text": "unseen"})).1;
    office.push(vec![change]);
    let (after, cursor) = office.pull(&view, cursor);
    assert!(!after.contains_key(&customer), "out of sight");
    let (_, scope) = office.admin.enter("T-1", &[customer]);
    office.push(scope);
    let (back, _) = office.pull(&view, cursor);
    assert_eq!(back.get(&customer).map(Vec::len), Some(2), "whole again, with what it missed");
    // A technician's own word shows nobody anything.
    let (_, own) = office.technician.enter("T-1", &[job]);
    let page = office.technician.page(own);
    office.push_page(page);
    let hidden = office.log.row(job).unwrap();
    assert!(!office.log.sees(&view, hidden).unwrap());
}

fn what_a_revoked_dispatcher_showed_before_stays_shown<L: Log>(office: &mut Office<L>) {
    let ((shown, a), (claimed, b)) = (office.job(1), office.job(2));
    office.push(vec![a, b]);
    let mut dispatcher = office.company.device(4, "D-1", "dispatcher");
    let (_, before) = dispatcher.enter("T-1", &[shown]);
    let before = dispatcher.page(before);
    let (_, after) = dispatcher.enter("T-1", &[claimed]);
    let after = dispatcher.page(after);
    let seals: Vec<SealTag> = before.seals.iter().map(|one| seal_tag(one.seal.id())).collect();
    let device = dispatcher.author.device;
    office.company.state(&Draft::Revoke { device, why: "left", seals: &seals, seen: &[] });
    // As after the log was deleted: who was revoked is known before what was stated before that comes.
    let roster = office.company.roster_page();
    for page in [roster, before, after] {
        assert!(office.push_page(page).refused.is_empty());
    }
    let view = office.view();
    let rows = [shown, claimed].map(|doc| office.log.row(doc).unwrap());
    assert_eq!(rows.map(|row| office.log.sees(&view, row).unwrap()), [true, false]);
}

fn a_revocation_undoes_what_its_seals_leave_out<L: Log>(office: &mut Office<L>) {
    let ((own, a), (shown, b), (claimed, c)) = (office.job(1), office.job(2), office.job(3));
    office.push(vec![a, b, c]);
    let (tag, scope) = office.admin.enter("T-1", &[own]);
    office.push(scope);
    let mut dispatcher = office.company.device(4, "D-1", "dispatcher");
    let roster = office.company.roster_page();
    let (_, stands) = dispatcher.enter("T-1", &[shown]);
    let stands = dispatcher.page(stands);
    let seals: Vec<SealTag> = stands.seals.iter().map(|one| seal_tag(one.seal.id())).collect();
    let (_, late) = dispatcher.enter("T-1", &[claimed]);
    let late = dispatcher.page(late);
    let left = dispatcher.leave("T-1", &[tag]);
    let left = dispatcher.page(vec![left]);
    for page in [roster, stands, late, left] {
        assert!(office.push_page(page).refused.is_empty());
    }
    let view = office.view();
    let rows = [own, shown, claimed].map(|doc| office.log.row(doc).unwrap());
    assert_eq!(rows.map(|row| office.log.sees(&view, row).unwrap()), [false, true, true], "nobody knows better yet");
    let (_, cursor) = office.pull(&view, Cursor::default());
    let change = office.admin.write(own, "noted", json!({"text": "unseen"})).1;
    office.push(vec![change]);
    let device = dispatcher.author.device;
    office.company.state(&Draft::Revoke { device, why: "left", seals: &seals, seen: &[] });
    for _ in 0..2 {
        let roster = office.company.roster_page();
        assert!(office.push_page(roster).refused.is_empty());
        assert_eq!(rows.map(|row| office.log.sees(&view, row).unwrap()), [true, true, false]);
    }
    let (back, end) = office.pull(&view, cursor);
    assert_eq!(back.get(&own).map(Vec::len), Some(2), "whole, with what was missed");
    assert!(!back.contains_key(&shown) && !back.contains_key(&claimed), "that has been in sight all the time");
    // What comes later is judged alike: an end that only a revoked device saw ends nothing, everybody else's does.
    let again = dispatcher.leave("T-1", &[tag]);
    let again = dispatcher.page(vec![again]);
    office.push_page(again);
    assert!(office.log.sees(&view, rows[0]).unwrap());
    assert!(
        office
            .pull(&view, end)
            .0
            .keys()
            .all(|doc| *doc == docket_format::scope::doc(office.company.tenant, &"T-1".parse().unwrap()))
    );
    let change = office.admin.leave("T-1", &[tag]);
    office.push(vec![change]);
    assert!(!office.log.sees(&view, rows[0]).unwrap());
}

fn leases_tell_clones_from_lost_replies<L: Log>(office: &mut Office<L>) {
    let author = office.admin.author;
    let mut show = |number, nonce: u8| lease(&mut office.log, author, Lease { number, nonce: [nonce; 16] }).unwrap();
    assert_eq!(show(0, 1), Leased::Next(1));
    assert_eq!(show(0, 1), Leased::Next(1), "the reply was lost");
    assert_eq!(show(0, 2), Leased::Fork, "a copy");
    assert_eq!(show(1, 3), Leased::Next(2));
    assert_eq!(show(0, 1), Leased::Fork, "put back from an older copy");
    assert_eq!(show(7, 4), Leased::Next(8), "the log is younger than the device");
    let other = docket_format::Author { incarnation: Incarnation(2), ..author };
    assert_eq!(lease(&mut office.log, other, Lease { number: 0, nonce: [5; 16] }).unwrap(), Leased::Next(1));
}

fn comparing_finds_what_differs<L: Log>(office: &mut Office<L>) {
    let (doc, change) = office.job(1);
    let (absent, _) = office.job(2);
    office.push(vec![change.clone()]);
    let mut sum = Sum::default();
    sum.add(change.1.hash);
    let docs = vec![DocSum { doc, sum }, DocSum { doc, sum: Sum(1) }, DocSum { doc: absent, sum }];
    let ask = Compare { buckets: Some(crate::wire::Buckets::default()), docs };
    let answer = compare(&office.log, &View::All, &ask).unwrap();
    assert_eq!(answer.differing, [doc, absent]);
    assert!(answer.docs.contains(&DocSum { doc, sum }) && answer.docs.len() == 2, "the roster and the job");
    let mut same = crate::wire::Buckets::default();
    answer.docs.iter().for_each(|doc| same.add(*doc));
    let ask = Compare { buckets: Some(same), docs: Vec::new() };
    let again = compare(&office.log, &View::All, &ask).unwrap();
    assert!(again.buckets.is_empty() && again.docs.is_empty());
    let technician = compare(&office.log, &office.view(), &Compare { buckets: ask.buckets, docs: vec![] }).unwrap();
    assert!(technician.docs.iter().all(|sum| sum.doc != doc), "out of sight, out of the answer");
}

/// The next of a fixed row of numbers below `most` (Knuth's multiplier): the same in every run.
fn draw(state: &mut u64, most: u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) % most
}

/// Documents come, grow, enter and leave in any order while a technician pulls a few entries at a time: at the end of
/// every pull the technician holds all that each document in sight has, and got nothing twice that never left.
fn cursors_never_miss_anything<L: Log>(office: &mut Office<L>) {
    const DOCS: u64 = 6;
    let mut random = 20;
    let view = office.view();
    let mut docs: Vec<(DocId, Vec<ChangeHash>)> = Vec::new();
    let mut tags: Vec<(docket_format::FactId, DocId)> = Vec::new();
    let mut held: BTreeMap<DocId, Vec<ChangeHash>> = BTreeMap::new();
    let mut gone: BTreeMap<DocId, bool> = BTreeMap::new();
    let (mut at, mut ends, mut repeats) = (Cursor::default(), 0, 0);
    for n in 0..600_u64 {
        let place = draw(&mut random, DOCS) as usize;
        match draw(&mut random, 8) {
            0 | 1 if docs.len() < DOCS as usize => {
                let (doc, change) = office.job(docs.len() as u8 + 1);
                docs.push((doc, vec![change.1.hash]));
                office.push(vec![change]);
            }
            0..3 => {
                if let Some((doc, all)) = docs.get_mut(place) {
                    let change = office.admin.write(*doc, "noted", json!({"text": format!("{n}")})).1;
                    all.push(change.1.hash);
                    office.push(vec![change]);
                }
            }
            3 => {
                if let Some((doc, _)) = docs.get(place) {
                    let (tag, changes) = office.admin.enter("T-1", &[*doc]);
                    tags.push((tag, *doc));
                    office.push(changes);
                }
            }
            4 => {
                if let Some((tag, doc)) = tags.pop() {
                    let change = office.admin.leave("T-1", &[tag]);
                    office.push(vec![change]);
                    gone.insert(doc, true);
                }
            }
            _ => {
                // A few entries, as if the link were cut after them.
                let entries = office.log.entries(&view, at, draw(&mut random, 2_000) as usize).unwrap();
                let Some(last) = entries.last() else { continue };
                let mut prover = Prover::default();
                let bytes: Vec<u8> = next_page(&office.log, &view, at, &mut prover).unwrap().unwrap().0;
                let page = Page::decode(office.company.tenant, &bytes).unwrap();
                // The first so many items of the page are those entries: an entry is one item.
                for item in page.items.into_iter().take(entries.len()) {
                    let known = held.entry(item.doc).or_default();
                    for (_, change) in item.changes {
                        let again = known.contains(&change.hash);
                        assert!(!again || gone.contains_key(&item.doc), "sent twice without having left");
                        repeats += usize::from(again);
                        known.push(change.hash);
                    }
                }
                at = last.at;
            }
        }
        if office.log.newest(&view).unwrap() <= at.eff && office.log.entries(&view, at, 1).unwrap().is_empty() {
            ends += 1;
            for (doc, all) in &docs {
                let row = office.log.row(*doc).unwrap();
                let got = held.get(doc).map(Vec::as_slice).unwrap_or_default();
                let sees = office.log.sees(&view, row).unwrap();
                assert!(!sees || all.iter().all(|change| got.contains(change)), "step {n}: {doc} is not whole");
                assert_eq!(sees, tags.iter().any(|(_, tagged)| tagged == doc));
            }
        }
    }
    assert!(ends > 10 && repeats > 0, "{ends} ends, {repeats} repeats: the case is reached");
}

#[cfg(test)]
mod tests {
    use crate::relay::MemoryLog;

    #[test]
    fn the_log_in_memory_conforms() {
        super::run(|tenant| MemoryLog::new(tenant, [7; 16]));
    }
}
