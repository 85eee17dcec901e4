//! One exchange as a state machine without sockets: what to send, and what becomes of the answer's frames.

use std::collections::{BTreeMap, BTreeSet};

use docket_format::change::Carrier;
use docket_format::fact::Stamp;
use docket_format::keys::{PublicKey, SecretKey};
use docket_format::{ChangeHash, DocId};
use docket_sync::judge::Objection;
use docket_sync::wire::{self, Anchor, BadPage, Beacon, End, Epoch, Frame, Hello, Reply};

use super::apply::{self, JudgedPage, Pulled};
use super::job::{Job, Next, Pushed};
use super::opening::{NO_LOG, Push, push};
use super::push::Plan;
use super::{SyncError, lease, receipt, reconcile};
use crate::error::StoreError;
use crate::store::relay::REUSED;
use crate::store::{RelayRow, Sender, Store, Tx};

/// Who hands in what comes from there, for people.
const SENDER: &str = "relay";
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
    relay: RelayRow,
    stored: RelayRow,
    key: PublicKey,
    job: Job,
    /// When it was opened: nothing was sent before.
    sent_at: Stamp,
    hello: Hello,
    rows: Option<(i64, i64)>,
    /// What was put into the push's pages.
    pub sent: BTreeMap<DocId, Vec<ChangeHash>>,
    phase: Phase,
    reply: Option<Reply>,
    reconcile: bool,
    more: bool,
    /// What the relay wants whole.
    asked: BTreeSet<DocId>,
    /// Another copy of this life pushed under the same lease: both showed a nonce that was made before they parted.
    clash: bool,
    /// Wanted documents that came whole.
    came: BTreeSet<DocId>,
    /// Documents with something that was refused because no seal reaches it.
    unsealed: BTreeSet<DocId>,
    /// Documents of which something was taken out: what the relay holds instead may have come before and been put aside.
    torn: BTreeSet<DocId>,
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

    /// Takes one frame of the answer in that is no page. True when it was the last.
    pub(super) fn take(&mut self, store: &mut Store, frame: &Frame, now: &Stamp) -> Result<bool, SyncError> {
        match (self.phase, frame.kind) {
            (Phase::Reply, wire::REPLY) => {
                let reply = Reply::decode(&frame.payload).ok_or_else(|| self.bad("a reply that is none"))?;
                self.reply(store, reply, now)?;
                self.phase = Phase::Pages;
            }
            (Phase::Pages, wire::END) => {
                let end = End::decode(&frame.payload).ok_or_else(|| self.bad("an end that is none"))?;
                self.end(store, end)?;
                self.abandon(store, now)?;
                self.phase = Phase::Ended;
            }
            _ => return Err(self.bad("frames out of order")),
        }
        Ok(self.phase == Phase::Ended)
    }

    fn bad(&self, what: &str) -> SyncError {
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
        if let Some((to, seals_to)) = self.rows {
            self.acknowledge(store, &reply, &beacon, to, seals_to, now)?;
        }
        self.reply = Some(reply);
        Ok(())
    }

    /// From here on what is remembered may be of two logs: until a comparison has brought them together the anchor is of
    /// none. With the known log's anchor, what only the other one acknowledged would be taken for granted should the
    /// known one come back.
    fn part(&mut self, store: &mut Store) -> Result<(), StoreError> {
        if self.stored.anchor != Some(NO_LOG) {
            self.relay.anchor = Some(NO_LOG);
            let mut tx = store.begin()?;
            tx.forget_marks()?;
            tx.put_relay(&self.relay)?;
            tx.commit()?;
            self.stored = self.relay.clone();
        }
        Ok(())
    }

    /// What was pushed is at the relay, but for what it refused or asks for whole: one transaction with the lease, the
    /// anchor and the facts carried again.
    fn acknowledge(
        &mut self,
        store: &mut Store,
        reply: &Reply,
        beacon: &Beacon,
        to: i64,
        seals_to: i64,
        now: &Stamp,
    ) -> Result<(), SyncError> {
        let refused = self.refused(reply);
        self.asked = reply.want.iter().copied().filter(|doc| self.sent.contains_key(doc)).collect();
        let mut accepted: Vec<ChangeHash> = Vec::new();
        for (doc, hashes) in self.sent.iter().filter(|(doc, _)| !self.asked.contains(doc)) {
            let out = refused.get(doc);
            accepted.extend(hashes.iter().filter(|hash| !out.is_some_and(|out| out.contains_key(hash))));
        }
        accepted.sort_unstable();
        accepted.dedup();
        if !receipt::holds(reply, &beacon.key, store.tenant(), store.device(), &accepted) {
            return Err(self.bad("a receipt for something else"));
        }
        self.clash = clashes(store, &refused)?;
        let unsealed = refused.iter().filter(|(_, codes)| codes.values().any(|code| code == Objection::UNSEALED));
        self.unsealed = unsealed.map(|(doc, _)| *doc).collect();
        let sender = Sender { name: SENDER, now_ms: now.wall_ms, vouch: false };
        let mut tx = store.begin()?;
        tx.raise_marks(self.relay.pushed, reply.head.pos)?;
        if refused.is_empty() && self.asked.is_empty() {
            self.relay.pushed = self.relay.pushed.max(to);
            tx.forget_refused()?;
        } else {
            tx.note_from_relay(self.relay.pushed, &accepted)?;
        }
        tx.settle_pushed(&mut self.relay)?;
        if self.asked.is_empty() && !self.reconcile {
            self.relay.seals = self.relay.seals.max(seals_to);
        }
        receipt::note(&mut self.relay, reply);
        tx.keep_receipt(&beacon.key, reply, &accepted)?;
        lease::renew(&mut self.relay, reply);
        // In the present life what is carried again would clash again: first a new one, then what waits is pushed, and
        // refused, once more.
        if !self.clash {
            self.carry_again(&mut tx, &sender, &refused)?;
        }
        if !self.reconcile {
            tx.put_mark(self.relay.pushed, reply.head.pos, reply.seen)?;
        }
        tx.put_relay(&self.relay)?;
        tx.commit()?;
        self.stored = self.relay.clone();
        self.pushed.accepted = accepted.len() as u64;
        self.pushed.new = reply.new;
        Ok(())
    }

    /// What the relay refused of what was pushed.
    fn refused(&self, reply: &Reply) -> Refused {
        let mut refused = Refused::new();
        for refusal in &reply.refused {
            if self.sent.get(&refusal.doc).is_some_and(|sent| sent.contains(&refusal.change)) {
                let code: String = refusal.code.chars().take(64).collect();
                refused.entry(refusal.doc).or_default().insert(refusal.change, code);
            }
        }
        refused
    }

    /// Takes what was refused for the first time out of the record and carries its facts again; what was refused before
    /// stays, and nobody is asked to take it a third time.
    fn carry_again(&mut self, tx: &mut Tx<'_>, sender: &Sender<'_>, refused: &Refused) -> Result<(), StoreError> {
        let mut out = Vec::new();
        for (doc, hashes) in refused {
            for code in hashes.values() {
                *self.pushed.refused.entry(code.clone()).or_default() += 1;
            }
            let (first, again) = tx.sort_refused(*doc, hashes)?;
            for hash in &again {
                tx.leave_refused(sender, *doc, *hash, hashes.get(hash).map_or("refused", String::as_str))?;
            }
            self.pushed.stuck += again.len() as u64;
            let retracted = tx.retract(sender, *doc, &first)?;
            if retracted.changes > 0 {
                self.torn.insert(*doc);
            }
            out.push((*doc, retracted));
        }
        // Rows of what was taken out are given out again to what is carried again, which was not pushed.
        tx.clip_relay(&mut self.relay)?;
        let life = tx.author().incarnation;
        if life != self.hello.incarnation {
            // It has not pushed yet.
            (self.relay.lease, self.relay.nonce, self.pushed.new_life) = (0, None, Some(life));
        }
        for (doc, retracted) in out {
            self.pushed.recarried += tx.carry_again(doc, retracted.facts.clone(), sender.now_ms)?;
            tx.reseat(doc, &retracted)?;
        }
        Ok(())
    }

    /// Takes a page of the answer in, once it is judged.
    pub(super) fn page(&mut self, store: &mut Store, page: JudgedPage, now: &Stamp) -> Result<(), SyncError> {
        if self.clash {
            return Ok(()); // what clashes with the copy's changes is still in the way of those
        }
        let (view, head) = self.reply.as_ref().map_or((0, 0), |reply| (reply.view, reply.head.pos));
        if page.mark.is_some_and(|mark| mark.eff.max(mark.pos) > head) {
            return Err(self.bad("a page from above its head"));
        }
        if page.mark.is_none() {
            self.came.extend(page.docs());
        }
        let mark = page.mark.filter(|_| !self.reconcile).map(|mark| (view, mark));
        let sender = Sender { name: SENDER, now_ms: now.wall_ms, vouch: false };
        apply::page(store, page, mark, &mut self.relay, &sender, &mut self.pulled)?;
        self.stored = self.relay.clone();
        Ok(())
    }

    fn end(&mut self, store: &mut Store, end: End) -> Result<(), SyncError> {
        let Some(reply) = self.reply.take() else { return Err(self.bad("no reply")) };
        // The head is signed; a cursor above it would pass over what is still to come.
        if end.cursor.eff.max(end.cursor.pos) > reply.head.pos && Some(end.cursor) != self.hello.cursor.map(|own| own.1)
        {
            return Err(self.bad("a cursor above its head"));
        }
        if !reply.fork && !self.reconcile && !self.clash {
            if !self.job.push_only {
                let stuck = end.more && self.hello.cursor == Some((reply.view, end.cursor)) && self.job.want.is_empty();
                if stuck {
                    return Err(self.bad("more of what it does not send"));
                }
                self.relay.cursor = Some((reply.view, end.cursor));
                self.more = end.more;
            }
            // A comparison after which nothing was pulled has not brought the two together: the next exchange compares
            // again.
            if !(self.job.push_only && self.job.rebase.is_some()) {
                self.relay.anchor = Some((reply.epoch, reply.head));
            }
            self.keep(store, &reply)?;
        }
        self.reply = Some(reply);
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

    /// Keeps what changed; an idle exchange changed nothing and writes nothing.
    fn keep(&mut self, store: &mut Store, reply: &Reply) -> Result<(), StoreError> {
        let clock = |row: &RelayRow| row.offset_ms.unwrap_or(0);
        let set = self.stored.offset_ms.is_some() && clock(&self.relay).abs_diff(clock(&self.stored)) > CLOCK_SET_MS;
        let (offset_ms, beacon, time) = (self.stored.offset_ms, self.stored.beacon.clone(), self.stored.time.clone());
        let idle = RelayRow { offset_ms, beacon, time, ..self.relay.clone() } == self.stored;
        // Each boot's first exchange is kept: what is recorded in it is dated by that.
        let boot = |row: &RelayRow| row.time.as_ref().map(|time| time.boot.clone());
        if idle && !set && boot(&self.relay) == boot(&self.stored) {
            return Ok(());
        }
        let mut tx = store.begin()?;
        if self.pulled.pages > 0 || self.rows.is_some() || self.job.rebase.is_some() {
            let (newest, _) = tx.newest_rows()?;
            let reach = self.relay.cursor.map_or(0, |(_, cursor)| cursor.eff);
            tx.put_mark(newest, reply.head.pos.max(reach), reply.seen)?;
        }
        tx.put_relay(&self.relay)?;
        tx.commit()?;
        self.stored = self.relay.clone();
        Ok(())
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

/// Refused changes with their codes, by document.
type Refused = BTreeMap<DocId, BTreeMap<ChangeHash, String>>;

/// Whether the relay holds another change under a number of this device's present life: only a copy can have made it.
fn clashes(store: &Store, refused: &Refused) -> Result<bool, StoreError> {
    let own = Carrier::Device(store.author());
    for (doc, hashes) in refused {
        let clashing = |hash: &ChangeHash| hashes.get(hash).is_some_and(|code| code == REUSED);
        if hashes.keys().any(clashing)
            && store.changes(*doc)?.iter().any(|change| change.carrier == own && clashing(&change.hash))
        {
            return Ok(true);
        }
    }
    Ok(false)
}
