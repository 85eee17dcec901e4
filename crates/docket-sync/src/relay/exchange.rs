//! One exchange at the relay: greeting, pushed pages, reply, pulled pages, end. It holds no page longer than it takes
//! to admit or to send it.

use std::collections::{BTreeSet, VecDeque};

use docket_format::keys::SecretKey;
use docket_format::roster::Roster;
use docket_format::{Author, ChangeHash, DeviceId, DocId, TenantId};

use super::pull::next_page_within;
use super::{Leased, Log, Outcome, Prover, Verdict, View, admit, lease, whole_pages};
use crate::wire::{Beacon, Cursor, End, Hello, Receipt, Refusal, Reply, accepted_digest};

/// Bytes of pages in one answer; a device with more to pull asks again.
pub const ANSWER_BYTES: usize = 16 * 1024 * 1024;

/// A running exchange with one device.
#[derive(Debug)]
pub struct Exchange {
    device: DeviceId,
    hello: Hello,
    view: View,
    leased: Option<Leased>,
    reconcile: bool,
    pages: u64,
    new: u64,
    accepted: Vec<(DocId, ChangeHash)>,
    refused: Vec<Refusal>,
    want: BTreeSet<DocId>,
    wanted: Vec<DocId>,
    ready: VecDeque<Vec<u8>>,
    cursor: Cursor,
    /// The entries that its pages made: the device has them.
    own: Vec<(u64, u64)>,
    /// The head that the reply named. Nothing above it is sent: a cursor never passes the anchor that goes with it, or
    /// what is lost above the anchor by an accident could be passed over unnoticed.
    head: u64,
    prover: Prover,
    sent: usize,
    most: usize,
}

impl Exchange {
    /// Opens an exchange: what the device may see, and whether its anchor is of this log as it stands.
    pub fn open<L: Log>(log: &L, roster: &Roster, device: DeviceId, hello: Hello) -> Result<Self, L::Error> {
        let view = View::of(roster, device);
        let reconcile = match hello.anchor {
            None => false,
            Some((epoch, _)) if epoch != log.epoch() => true,
            Some((_, anchor)) => log.digest_at(anchor.pos)? != Some(anchor.digest),
        };
        let cursor = match hello.cursor {
            Some((tag, cursor)) if tag == view.tag() => cursor,
            _ => Cursor::default(),
        };
        // The last is taken first.
        let wanted = hello.want.iter().rev().copied().collect();
        Ok(Self {
            device,
            hello,
            view,
            leased: None,
            reconcile,
            pages: 0,
            new: 0,
            accepted: Vec::new(),
            refused: Vec::new(),
            want: BTreeSet::new(),
            wanted,
            ready: VecDeque::new(),
            cursor,
            own: Vec::new(),
            head: log.head()?.pos,
            prover: Prover::default(),
            sent: 0,
            most: ANSWER_BYTES,
        })
    }

    /// Ends the answer after so many bytes of pages (at least one page), instead of [`ANSWER_BYTES`].
    #[must_use]
    pub fn answering(mut self, bytes: usize) -> Self {
        self.most = bytes;
        self
    }

    /// What the device may see.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// How far the device has pulled, as its greeting says.
    pub fn pulled(&self) -> Cursor {
        self.cursor
    }

    /// What became of the pushed pages so far: new changes, refused ones, whether it is a fork.
    pub fn counts(&self) -> (u64, usize, bool) {
        (self.new, self.refused.len(), self.leased == Some(Leased::Fork))
    }

    /// How many documents the relay needs whole.
    pub fn wanted(&self) -> usize {
        self.want.len()
    }

    /// Whether the device's anchor is not of this log as it stands.
    pub fn must_reconcile(&self) -> bool {
        self.reconcile
    }

    /// Whether the device named a place in this very view: what it shows as pulled is meant for this log.
    pub fn shows_cursor(&self) -> bool {
        self.hello.cursor.is_some_and(|(tag, _)| tag == self.view.tag()) && !self.reconcile
    }

    /// Takes a pushed page in. The first consumes the lease; of a fork nothing is taken. What is taken in may be
    /// acknowledged once the transaction is committed and flushed.
    pub fn page<L: Log>(&mut self, log: &mut L, roster: &Roster, verdict: Verdict) -> Result<(), L::Error> {
        if self.leased.is_none() {
            let author = Author { device: self.device, incarnation: self.hello.incarnation };
            self.leased = match self.hello.lease {
                Some(shown) => Some(lease(log, author, shown)?),
                // Who pushes without a lease can't be told from a copy.
                None => Some(Leased::Fork),
            };
        }
        self.pages += 1;
        if self.leased == Some(Leased::Fork) {
            return Ok(());
        }
        let Outcome { new, accepted, refused, want, entries } = admit(log, roster, self.device, verdict)?;
        self.new += new;
        self.accepted.extend(accepted);
        self.refused.extend(refused);
        self.want.extend(want);
        match (self.own.last_mut(), entries) {
            (Some(last), Some((first, to))) if last.1 + 1 == first => last.1 = to,
            (_, entries) => self.own.extend(entries),
        }
        Ok(())
    }

    /// The reply, once every page is committed. `seen`: up to where some supervisor's device has pulled.
    pub fn reply<L: Log>(
        &mut self,
        log: &L,
        tenant: TenantId,
        key: &SecretKey,
        relay_ms: i64,
        seen: u64,
    ) -> Result<Reply, L::Error> {
        let (epoch, head) = (log.epoch(), log.head()?);
        self.head = head.pos;
        let next = match self.leased {
            Some(Leased::Next(next)) => Some(next),
            Some(Leased::Fork) | None => None,
        };
        let accepted = self.accepted_digest();
        let receipt = Receipt { tenant, device: self.device, epoch, head, relay_ms, accepted: &accepted };
        Ok(Reply {
            epoch,
            head,
            relay_ms,
            beacon: Beacon::sign(key, tenant, epoch, head, relay_ms),
            receipt: next.map(|_| receipt.sign(key)),
            new: self.new,
            refused: self.refused.clone(),
            want: self.want.iter().copied().collect(),
            lease: next,
            fork: self.leased == Some(Leased::Fork),
            reconcile: self.reconcile,
            view: self.view.tag(),
            seen,
        })
    }

    /// A document that is wanted whole doesn't count, though some of its changes may have been taken in.
    fn accepted_digest(&self) -> [u8; 32] {
        let counted = self.accepted.iter().filter(|(doc, _)| !self.want.contains(doc));
        accepted_digest(counted.map(|(_, hash)| *hash).collect())
    }

    /// The next page to send; `None` when the view is exhausted or the answer is long enough. Of a log that the
    /// device's anchor isn't of, only what it asks for whole.
    pub fn next_page<L: Log>(&mut self, log: &L) -> Result<Option<Vec<u8>>, L::Error> {
        if self.hello.push_only || self.sent >= self.most {
            return Ok(None);
        }
        if self.ready.is_empty() {
            self.ready.extend(whole_pages(log, &self.view, &mut self.wanted, &mut self.prover)?);
        }
        let mut page = self.ready.pop_front();
        if page.is_none() && !self.reconcile && !self.is_fork() {
            (page, self.cursor) =
                next_page_within(log, &self.view, self.cursor, self.head, &self.own, &mut self.prover)?;
        }
        self.sent += page.as_ref().map_or(0, Vec::len);
        Ok(page)
    }

    fn is_fork(&self) -> bool {
        self.leased == Some(Leased::Fork)
    }

    /// The end of the answer.
    pub fn end<L: Log>(&self, log: &L) -> Result<End, L::Error> {
        let cut = self.sent >= self.most;
        let idle = self.hello.push_only || self.reconcile || self.is_fork();
        let more = cut
            && (!self.wanted.is_empty()
                || !self.ready.is_empty()
                || !idle && log.newest(&self.view)?.min(self.head) > self.cursor.eff);
        Ok(End { cursor: self.cursor, more })
    }
}
