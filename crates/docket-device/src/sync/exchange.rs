//! One exchange as a state machine without sockets: what to send, and what becomes of the answer's frames.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use docket_format::fact::Stamp;
use docket_format::keys::{PublicKey, SecretKey};
use docket_format::{ChangeHash, DocId};
use docket_sync::wire::{self, Anchor, BadPage, End, Epoch, Frame, Hello, Reply};

use super::acknowledged::Acknowledged;
use super::apply::{self, JudgedPage, Pulled};
use super::job::{Job, Next, Pushed};
use super::opening::{NO_LOG, Push, push};
use super::push::Plan;
use super::{SyncError, receipt, reconcile};
use crate::error::StoreError;
use crate::store::{RelayRow, Sender, Store, Tx};

/// Who hands in what comes from there, for people.
pub(super) const SENDER: &str = "relay";
/// How much a clock has to be set before that alone is worth a write, in milliseconds.
const CLOCK_SET_MS: u64 = 60_000;

/// Where an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Reply,
    Pages,
    Ended,
}

/// An exchange on its way.
pub(super) struct Exchange {
    pub(super) relay: RelayRow,
    pub(super) stored: RelayRow,
    pub(super) key: PublicKey,
    pub(super) job: Job,
    /// When it was opened: nothing was sent before.
    sent_at: Stamp,
    pub(super) hello: Hello,
    rows: Option<(i64, i64)>,
    /// What was put into the push's pages.
    pub sent: BTreeMap<DocId, Vec<ChangeHash>>,
    phase: Phase,
    reply: Option<Reply>,
    pub(super) reconcile: bool,
    more: bool,
    /// What the relay wants whole.
    pub(super) asked: BTreeSet<DocId>,
    /// Another copy of this life pushed under the same lease: both showed a nonce that was made before they parted.
    pub(super) clash: bool,
    /// Wanted documents that came whole.
    came: BTreeSet<DocId>,
    /// Documents with something that was refused because no seal reaches it.
    pub(super) unsealed: BTreeSet<DocId>,
    /// Documents of which something was taken out: what the relay holds instead may have come before and been put aside.
    pub(super) torn: BTreeSet<DocId>,
    /// What the reply acknowledged, until a transaction has noted it.
    pub(super) acknowledged: Option<Rc<Acknowledged>>,
    pub pushed: Pushed,
    pub pulled: Pulled,
}

impl Exchange {
    /// Opens an exchange: seals what is not sealed and makes the lease's nonce durable, if there is anything to push.
    /// Writes nothing otherwise.
    pub(super) fn open(
        store: &mut Store,
        relay: RelayRow,
        key: PublicKey,
        job: Job,
        signer: &SecretKey,
        now: &Stamp,
    ) -> Result<(Self, Option<Plan>), StoreError> {
        let mut relay = relay;
        let mut stored = relay.clone();
        if job.rebase.is_some_and(|at| !reconcile::same_log(&relay, &at)) {
            relay.anchor = Some(NO_LOG);
        }
        let (plan, rows, shown) = match push(store, &mut relay, &mut stored, &job, signer, now)? {
            Some(Push { plan, rows, lease }) => (Some(plan), Some(rows), Some(lease)),
            None => (None, None, None),
        };
        let anchor = job.rebase.map_or(relay.anchor, |rebase| Some((rebase.epoch, rebase.head)));
        let cursor = job.rebase.map_or(relay.cursor, |rebase| Some((rebase.view, rebase.cursor)));
        // The roster first: it says who wrote the rest.
        let mut want: Vec<DocId> = job.want.iter().copied().collect();
        let roster = store.roster_doc();
        want.sort_by_key(|doc| *doc != roster);
        let hello = Hello {
            incarnation: store.author().incarnation,
            anchor,
            cursor,
            lease: shown,
            want,
            push_only: job.push_only,
        };
        let exchange = Self {
            relay,
            stored,
            key,
            job,
            sent_at: now.clone(),
            hello,
            rows,
            sent: BTreeMap::new(),
            phase: Phase::Reply,
            reply: None,
            reconcile: false,
            more: false,
            asked: BTreeSet::new(),
            clash: false,
            came: BTreeSet::new(),
            unsealed: BTreeSet::new(),
            torn: BTreeSet::new(),
            acknowledged: None,
            pushed: Pushed::default(),
            pulled: Pulled::default(),
        };
        Ok((exchange, plan))
    }

    /// The greeting.
    pub(super) fn hello(&self) -> Vec<u8> {
        self.hello.encode()
    }

    /// How far the answer says the log reaches, and how far this device has pulled: for a progress bar.
    pub(super) fn reach(&self) -> Option<(u64, u64)> {
        Some((self.relay.cursor.map_or(0, |(_, cursor)| cursor.eff), self.reply.as_ref()?.head.pos))
    }

    /// Whether pages may come now.
    pub(super) fn expects_pages(&self) -> Result<(), SyncError> {
        if self.phase == Phase::Pages { Ok(()) } else { Err(self.bad("frames out of order")) }
    }

    /// A page that can't be read.
    pub(super) fn bad_page(&self, bad: BadPage) -> SyncError {
        self.bad(&format!("a page that is none ({bad})"))
    }

    /// Takes one frame of the answer in that is no page, and `last`, the page before it. True when it was the last
    /// frame.
    pub(super) fn take(
        &mut self,
        store: &mut Store,
        last: Option<JudgedPage>,
        frame: &Frame,
        now: &Stamp,
    ) -> Result<bool, SyncError> {
        match (self.phase, frame.kind) {
            (Phase::Reply, wire::REPLY) => {
                let reply = Reply::decode(&frame.payload).ok_or_else(|| self.bad("a reply that is none"))?;
                self.reply(store, reply, now)?;
                self.phase = Phase::Pages;
            }
            (Phase::Pages, wire::END) => match self.read_end(&frame.payload) {
                Ok(end) => {
                    self.end(store, last, end, now)?;
                    self.abandon(store, now)?;
                    self.phase = Phase::Ended;
                }
                Err(bad) => return self.spoilt(store, last, now, bad),
            },
            _ => return self.spoilt(store, last, now, self.bad("frames out of order")),
        }
        Ok(self.phase == Phase::Ended)
    }

    /// What came whole before something that can't be read counts.
    fn spoilt(
        &mut self,
        store: &mut Store,
        last: Option<JudgedPage>,
        now: &Stamp,
        bad: SyncError,
    ) -> Result<bool, SyncError> {
        last.map_or(Ok(()), |page| self.page(store, page, now))?;
        Err(bad)
    }

    pub(super) fn bad(&self, what: &str) -> SyncError {
        SyncError::BadAnswer { url: self.relay.url.clone(), what: format!("it answered with {what}") }
    }

    fn reply(&mut self, store: &mut Store, reply: Reply, now: &Stamp) -> Result<(), SyncError> {
        let beacon = receipt::beacon(&reply, self.key, store.tenant());
        let beacon = beacon.ok_or_else(|| self.bad("a time that the relay's key did not sign"))?;
        if reply.fork {
            self.reply = Some(reply);
            return Ok(());
        }
        let backwards = |(epoch, anchor): (Epoch, Anchor)| epoch != reply.epoch || reply.head.pos < anchor.pos;
        self.reconcile = reply.reconcile || self.hello.anchor.is_some_and(backwards);
        receipt::note_time(&mut self.relay, &beacon, &self.sent_at, now);
        if self.reconcile {
            self.part(store)?;
        } else {
            self.relay.seen = reply.seen;
            if self.job.rebase.is_none() {
                self.relay.anchor = Some((reply.epoch, reply.head));
            }
        }
        if let Some(rows) = self.rows {
            self.acknowledge(store, &reply, rows, now)?;
        }
        self.reply = Some(reply);
        Ok(())
    }

    /// From here on what is remembered may be of two logs: until a comparison has brought them together the anchor is of
    /// none. With the known log's anchor, what only the other one acknowledged would be taken for granted should the
    /// known one come back.
    fn part(&mut self, store: &mut Store) -> Result<(), SyncError> {
        if self.stored.anchor == Some(NO_LOG) {
            return Ok(());
        }
        self.relay.anchor = Some(NO_LOG);
        self.at_once(store, |_, tx| tx.forget_marks())
    }

    /// Takes a page of the answer in, once it is judged.
    pub(super) fn page(&mut self, store: &mut Store, page: JudgedPage, now: &Stamp) -> Result<(), SyncError> {
        let Some(page) = self.fitting(page)? else { return Ok(()) };
        self.at_once(store, |this, tx| this.put_page(tx, page, now))
    }

    /// A page if it has a place here.
    fn fitting(&self, page: JudgedPage) -> Result<Option<JudgedPage>, SyncError> {
        if self.clash {
            return Ok(None); // what clashes with the copy's changes is still in the way of those
        }
        let head = self.reply.as_ref().map_or(0, |reply| reply.head.pos);
        if page.mark.is_some_and(|mark| mark.eff.max(mark.pos) > head) {
            return Err(self.bad("a page from above its head"));
        }
        Ok(Some(page))
    }

    fn put_page(&mut self, tx: &mut Tx<'_>, page: JudgedPage, now: &Stamp) -> Result<(), StoreError> {
        let view = self.reply.as_ref().map_or(0, |reply| reply.view);
        if page.mark.is_none() {
            self.came.extend(page.docs());
        }
        let mark = page.mark.filter(|_| !self.reconcile).map(|mark| (view, mark));
        let sender = Sender { name: SENDER, now_ms: now.wall_ms, vouch: false };
        apply::page(tx, page, mark, &mut self.relay, &sender, &mut self.pulled)
    }

    /// What the reply acknowledged and what `work` does, in one transaction with the relay's row. If it fails nothing of it
    /// is remembered, and what was acknowledged can still be noted by itself.
    fn at_once(
        &mut self,
        store: &mut Store,
        work: impl FnOnce(&mut Self, &mut Tx<'_>) -> Result<(), StoreError>,
    ) -> Result<(), SyncError> {
        let before = self.relay.clone();
        let done = store.begin().and_then(|mut tx| {
            self.note_acknowledged(&mut tx)?;
            work(self, &mut tx)?;
            tx.put_relay(&self.relay)?;
            tx.commit()
        });
        if let Err(error) = done {
            self.relay = before;
            return Err(error.into());
        }
        self.acknowledged = None;
        self.stored = self.relay.clone();
        Ok(())
    }

    /// Notes what the reply acknowledged, if that was not done, without waiting for what comes next.
    pub(super) fn settle(&mut self, store: &mut Store) -> Result<(), SyncError> {
        if self.acknowledged.is_none() { Ok(()) } else { self.at_once(store, |_, _| Ok(())) }
    }

    fn read_end(&self, payload: &[u8]) -> Result<End, SyncError> {
        let end = End::decode(payload).ok_or_else(|| self.bad("an end that is none"))?;
        let Some(reply) = &self.reply else { return Err(self.bad("no reply")) };
        let own = self.hello.cursor;
        // The head is signed; a cursor above it would pass over what is still to come.
        if end.cursor.eff.max(end.cursor.pos) > reply.head.pos && Some(end.cursor) != own.map(|own| own.1) {
            return Err(self.bad("a cursor above its head"));
        }
        let stuck = end.more && own == Some((reply.view, end.cursor)) && self.job.want.is_empty();
        if stuck && self.counts() && !self.job.push_only {
            return Err(self.bad("more of what it does not send"));
        }
        Ok(end)
    }

    /// Whether where the answer ends says how far this device has pulled.
    fn counts(&self) -> bool {
        self.reply.as_ref().is_some_and(|reply| !reply.fork) && !self.reconcile && !self.clash
    }

    /// The end of the answer, what the reply acknowledged and the last page are one transaction: each costs a flush. An
    /// idle exchange changed nothing and writes nothing.
    fn end(&mut self, store: &mut Store, last: Option<JudgedPage>, end: End, now: &Stamp) -> Result<(), SyncError> {
        let last = last.map_or(Ok(None), |page| self.fitting(page))?;
        let counts = self.counts();
        if last.is_none() && self.acknowledged.is_none() {
            if !counts {
                return Ok(());
            }
            self.note_end(&end);
            if self.is_idle() {
                return Ok(());
            }
        }
        self.at_once(store, |this, tx| {
            last.map_or(Ok(()), |page| this.put_page(tx, page, now))?;
            if counts {
                this.note_end(&end);
                this.put_mark(tx)?;
            }
            Ok(())
        })
    }

    fn note_end(&mut self, end: &End) {
        let Some(reply) = &self.reply else { return };
        if !self.job.push_only {
            self.relay.cursor = Some((reply.view, end.cursor));
            self.more = end.more;
        }
        // A comparison after which nothing was pulled has not brought the two together: the next exchange compares
        // again.
        if !(self.job.push_only && self.job.rebase.is_some()) {
            self.relay.anchor = Some((reply.epoch, reply.head));
        }
    }

    /// Whether nothing changed that is worth a write.
    fn is_idle(&self) -> bool {
        let clock = |row: &RelayRow| row.offset_ms.unwrap_or(0);
        let set = self.stored.offset_ms.is_some() && clock(&self.relay).abs_diff(clock(&self.stored)) > CLOCK_SET_MS;
        let (offset_ms, beacon, time) = (self.stored.offset_ms, self.stored.beacon.clone(), self.stored.time.clone());
        let idle = RelayRow { offset_ms, beacon, time, ..self.relay.clone() } == self.stored;
        // Each boot's first exchange is kept: what is recorded in it is dated by that.
        let boot = |row: &RelayRow| row.time.as_ref().map(|time| time.boot.clone());
        idle && !set && boot(&self.relay) == boot(&self.stored)
    }

    fn put_mark(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let Some(reply) = &self.reply else { return Ok(()) };
        if self.pulled.pages > 0 || self.rows.is_some() || self.job.rebase.is_some() {
            let (newest, _) = tx.newest_rows()?;
            let reach = self.relay.cursor.map_or(0, |(_, cursor)| cursor.eff);
            tx.put_mark(newest, reply.head.pos.max(reach), reply.seen)?;
        }
        Ok(())
    }

    /// What still waits in documents that came whole waits for nothing: somebody made it up, or it was spoilt on its way.
    fn abandon(&mut self, store: &mut Store, now: &Stamp) -> Result<(), StoreError> {
        if self.job.want.is_empty() || self.more || self.reconcile {
            return Ok(());
        }
        let mut left = store.parked_docs()?;
        left.retain(|doc| self.job.want.contains(doc));
        if left.is_empty() {
            return Ok(());
        }
        let sender = Sender { name: SENDER, now_ms: now.wall_ms, vouch: false };
        let mut tx = store.begin()?;
        for doc in left {
            let (changes, facts) = tx.abandon(&sender, doc)?;
            let taken = &mut self.pulled.taken;
            taken.counts.refused += changes;
            taken.recarried += facts;
            *taken.reasons.entry("waits-for-nothing".to_owned()).or_default() += changes;
        }
        tx.commit()
    }

    /// What to do now that the answer is in.
    pub(super) fn next(&self, store: &Store) -> Result<Next, StoreError> {
        if self.clash || self.reply.as_ref().is_some_and(|reply| reply.fork) {
            return Ok(Next::Fork);
        }
        if self.reconcile {
            return Ok(Next::Reconcile);
        }
        // What waits here for other changes is asked for whole, once.
        let mut want = if self.job.push_only { BTreeSet::new() } else { store.parked_docs()? };
        if !self.job.push_only {
            want.extend(&self.torn);
        }
        want.retain(|doc| !self.job.want.contains(doc));
        want.extend(self.left_out());
        let whole: BTreeSet<DocId> = self.asked.iter().filter(|doc| !self.job.whole.contains(doc)).copied().collect();
        let seal: BTreeSet<DocId> = self.unsealed.difference(&self.job.seal).copied().collect();
        let waits = !(want.is_empty() && whole.is_empty() && seal.is_empty());
        if self.more || waits || self.pushed.recarried + self.pulled.taken.recarried > 0 {
            return Ok(Next::Again { whole, want, seal, more: self.more });
        }
        Ok(Next::Done)
    }

    /// What the answer left out of what was asked for whole because it was long enough: the relay sends in the order in
    /// which it was asked, so everything from the last that came, which may have come in part. Always less than was
    /// asked for.
    fn left_out(&self) -> &[DocId] {
        let last = self.hello.want.iter().rposition(|doc| self.came.contains(doc)).filter(|_| self.more);
        last.and_then(|last| self.hello.want.get(last.max(1)..)).unwrap_or_default()
    }

    /// Documents that the relay still can't place.
    pub(super) fn unplaced(&self) -> u64 {
        self.asked.len() as u64
    }
}
