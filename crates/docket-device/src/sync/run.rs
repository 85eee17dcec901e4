//! One synchronisation: one exchange in the normal case, more only when one side asks for it.

use std::collections::{BTreeMap, BTreeSet};

use docket_format::fact::Stamp;
use docket_format::keys::{PublicKey, SecretKey};
use docket_format::{DocId, Incarnation};
use docket_sync::wire::{self, Frames, put_frame};

use super::exchange::Exchange;
use super::job::{Job, Next};
use super::listen::Listener;
use super::push::{Pages, Plan};
use super::reconcile::Differing;
use super::session::{self, Trust, lost, names, success};
use super::transport::{Body, IDLE, Request, Transport};
use super::{CHECK_MS, SyncError, fork, join, reconcile};
use crate::company;
use crate::error::StoreError;
use crate::keys;
use crate::store::{Counts, RelayRow, Store};

/// Exchanges after which a synchronisation ends though the relay still asks for more of what it was given already.
const ROUNDS: u32 = 12;
/// Up to so many documents a push is made before it is sent.
const SHORT: u64 = 256;
/// Comparisons in one synchronisation, for each life that is begun in it.
const COMPARISONS: u32 = 3;
/// New lives begun in one synchronisation: each copy of a device that was told before this one took one.
const FORKS: u32 = 12;

/// Whether the two records are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Check {
    /// When the last comparison is older than a day.
    #[default]
    Daily,
    /// Now.
    Now,
    /// Only if the relay asks for it.
    Never,
}

/// How to synchronise.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Hand over what waits; pull nothing.
    pub push_only: bool,
    /// Whether to compare.
    pub check: Check,
}

/// What is being done, for a progress bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Finding out who the relay is.
    Connecting,
    /// Documents that were put into pages.
    Pushing {
        /// So many.
        done: u64,
        /// Of so many.
        of: u64,
    },
    /// Places of the log that were pulled.
    Pulling {
        /// Up to here.
        done: u64,
        /// Of so many.
        of: u64,
    },
    /// Comparing the two records.
    Checking,
}

/// What a synchronisation came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SyncReport {
    /// Exchanges that it took.
    pub exchanges: u32,
    /// Bytes sent, without headers.
    pub sent_bytes: u64,
    /// Bytes received, without headers.
    pub received_bytes: u64,
    /// Changes that the relay acknowledged.
    pub pushed: u64,
    /// Of those, new to the relay.
    pub pushed_new: u64,
    /// What became of the changes that came.
    pub pulled: Counts,
    /// Pages that came.
    pub pages: u64,
    /// Own changes that the relay refused: code and how many. Their facts were carried again.
    pub refused: BTreeMap<String, u64>,
    /// Facts carried again, of either side's refused changes.
    pub recarried: u64,
    /// Changes that the relay refused for the second time: kept here, in the inbox.
    pub stuck: u64,
    /// Seals that did not hold, and why.
    pub bad_seals: Vec<String>,
    /// Why items from the relay were quarantined: reason and how many.
    pub reasons: BTreeMap<String, u64>,
    /// Documents that wait for something that nobody sent.
    pub parked: u64,
    /// A new life was begun: see `forked`, or own changes had to be carried again under new numbers.
    pub new_life: Option<Incarnation>,
    /// Another copy of this device's folder has pushed.
    pub forked: bool,
    /// The relay's log was not the one that this device knew.
    pub reconciled: bool,
    /// The records were compared: so many documents had to be repaired.
    pub healed: Option<u64>,
    /// Changes that wait here still.
    pub waiting: u64,
}

impl SyncReport {
    /// Whether everything was acknowledged and nothing was put aside.
    pub fn is_whole(&self) -> bool {
        self.stuck == 0
            && self.parked == 0
            && self.pulled.refused == 0
            && self.bad_seals.is_empty()
            && self.waiting == 0
    }
}

/// Brings this device and the relay behind `transport` into step. Whatever interrupts it, doing it again goes on where
/// it was; what was acknowledged stays acknowledged. Writes nothing to the store if nothing is new on either side.
pub fn sync(
    store: &mut Store,
    transport: &mut dyn Transport,
    options: Options,
    clock: &dyn Fn() -> Stamp,
    progress: &mut dyn FnMut(Progress),
) -> Result<SyncReport, SyncError> {
    let signer = keys::load(store.dir(), store.device())?;
    let url = transport.url().to_owned();
    let mut run =
        Run { store, transport, url, signer, options, clock, progress, report: SyncReport::default(), doubted: false };
    run.all()?;
    let mut report = run.report;
    report.waiting = store.waiting()?;
    Ok(report)
}

struct Run<'a> {
    store: &'a mut Store,
    transport: &'a mut dyn Transport,
    url: String,
    signer: SecretKey,
    options: Options,
    clock: &'a dyn Fn() -> Stamp,
    progress: &'a mut dyn FnMut(Progress),
    report: SyncReport,
    /// The relay answered under another key than the pinned one; it was asked once more who it is.
    doubted: bool,
}

impl Run<'_> {
    fn all(&mut self) -> Result<(), SyncError> {
        let (mut comparisons, mut forks, mut rounds) = (0, 0, 0);
        let mut job = Job { push_only: self.options.push_only, ..Job::default() };
        let mut due = self.check_due()?;
        loop {
            rounds += 1;
            let healing = job.heals.then(|| (job.whole.len(), job.want.clone()));
            let (next, pushed_new, changed) = self.exchange(&job)?;
            if let Some((pushed, wanted)) = healing {
                let came = changed.intersection(&wanted).count();
                self.note_check(if pushed_new > 0 { pushed.max(came) } else { came })?;
            }
            job = match next {
                Next::Fork if forks < FORKS => {
                    forks += 1;
                    // Whoever learns of a copy after a comparison has to compare once more in the new life.
                    comparisons = 0;
                    self.report.forked = true;
                    self.report.new_life = Some(fork::begin_life(self.store, (self.clock)().wall_ms)?);
                    Job::default()
                }
                Next::Reconcile if comparisons < COMPARISONS => {
                    comparisons += 1;
                    due = false;
                    self.report.reconciled = true;
                    self.compare()?
                }
                Next::Again { whole, want, seal, more } if more || rounds < ROUNDS => {
                    rounds -= u32::from(more);
                    Job { whole, want, seal, heals: job.heals && more, ..Job::default() }
                }
                Next::Done if due => {
                    due = false;
                    match self.check()? {
                        Some(job) => job,
                        None => return Ok(()),
                    }
                }
                Next::Fork | Next::Reconcile => {
                    let what = "it asks for the same again and again".to_owned();
                    return Err(SyncError::BadAnswer { url: self.url.clone(), what });
                }
                Next::Done | Next::Again { .. } => return Ok(()),
            };
            job.push_only = self.options.push_only;
        }
    }

    fn check_due(&self) -> Result<bool, StoreError> {
        let now = (self.clock)().wall_ms;
        let relay = self.store.relay()?.unwrap_or_default();
        let old = match relay.checked_ms {
            // A clock that was set back makes the check early, not late.
            Some(at) => now.saturating_sub(at) > CHECK_MS || at > now,
            // Not in the first exchange ever: what was pushed a moment ago needs no comparison.
            None => relay.anchor.is_some(),
        };
        Ok(match self.options.check {
            Check::Now => true,
            Check::Never => false,
            Check::Daily => old && !self.options.push_only,
        })
    }

    /// Compares after a relay's log turned out not to be the known one.
    fn compare(&mut self) -> Result<Job, SyncError> {
        (self.progress)(Progress::Checking);
        let relay = self.relay()?;
        let differing = reconcile::compare(self.store, self.transport, &relay)?;
        Ok(healing(differing))
    }

    /// Compares as a check; `None` when nothing differs.
    fn check(&mut self) -> Result<Option<Job>, SyncError> {
        (self.progress)(Progress::Checking);
        let relay = self.relay()?;
        let differing = reconcile::compare(self.store, self.transport, &relay)?;
        if differing.push.is_empty() && differing.want.is_empty() && reconcile::same_log(&relay, &differing.at) {
            self.note_check(0)?;
            return Ok(None);
        }
        Ok(Some(healing(differing)))
    }

    fn note_check(&mut self, healed: usize) -> Result<(), StoreError> {
        let healed = healed as u64;
        self.report.healed = Some(self.report.healed.unwrap_or(0) + healed);
        let mut relay = self.store.relay()?.unwrap_or_default();
        relay.checked_ms = Some((self.clock)().wall_ms);
        relay.healed += healed;
        let mut tx = self.store.begin()?;
        tx.put_relay(&relay)?;
        tx.commit()
    }

    /// The relay's row, with the address that is used now. A token goes only where it came from.
    fn relay(&self) -> Result<RelayRow, StoreError> {
        let relay = self.store.relay()?.unwrap_or_default();
        if relay.url == self.url {
            return Ok(relay);
        }
        Ok(RelayRow { url: self.url.clone(), token: None, ..relay })
    }

    /// One exchange. A token that the relay does not believe any more is renewed once.
    fn exchange(&mut self, job: &Job) -> Result<(Next, u64, BTreeSet<DocId>), SyncError> {
        let mut proven = false;
        loop {
            let relay = self.relay()?;
            let Some(key) = relay.key.filter(|_| relay.token.is_some()) else {
                self.prove(relay)?;
                proven = true;
                continue;
            };
            match self.attempt(relay, key, job.clone()) {
                Err(error) if (error.is_token() || error.is_code("unknown-device")) && !proven => {
                    self.forget_token()?;
                }
                Err(SyncError::BadAnswer { .. }) if !proven && !self.doubted => {
                    self.doubted = true;
                    self.forget_token()?;
                }
                done => return done,
            }
        }
    }

    fn forget_token(&mut self) -> Result<(), StoreError> {
        let relay = RelayRow { token: None, ..self.relay()? };
        let mut tx = self.store.begin()?;
        tx.put_relay(&relay)?;
        tx.commit()
    }

    fn prove(&mut self, mut relay: RelayRow) -> Result<(), SyncError> {
        (self.progress)(Progress::Connecting);
        let now = (self.clock)();
        let trust = session::prove(self.store, self.transport, &mut relay, &self.signer, &now)?;
        if trust == Trust::Known {
            return Ok(());
        }
        let met = session::meet(self.transport, self.store.tenant().as_bytes())?;
        self.introduce(&relay)?;
        if names(company::roster(self.store)?.as_ref(), &met.key) {
            relay.key = Some(met.key);
            let mut tx = self.store.begin()?;
            tx.put_relay(&relay)?;
            tx.commit()?;
            return Ok(());
        }
        self.forget_token()?;
        Err(SyncError::UnknownRelay { url: self.url.clone(), key: met.key })
    }

    /// Pulls only the roster from a relay that the company did not know when this device last heard of it.
    fn introduce(&mut self, relay: &RelayRow) -> Result<(), SyncError> {
        let roster = self.store.roster_doc();
        let hello = wire::Hello {
            incarnation: self.store.author().incarnation,
            anchor: None,
            cursor: None,
            lease: None,
            want: vec![roster],
            push_only: false,
        };
        let mut body = Vec::new();
        put_frame(&mut body, wire::HELLO, &hello.encode());
        put_frame(&mut body, wire::END, &[]);
        let request = Request { path: "/v1/sync", token: relay.token.as_deref(), body: Body::Bytes(body), idle: IDLE };
        let answer = self.transport.call(request).map_err(|error| lost(&self.url, error))?;
        let mut answer = success(&self.url, answer)?;
        let bad = |what: String| SyncError::BadAnswer { url: self.url.clone(), what };
        let mut frames = Frames::new();
        while let Some(piece) = (answer.pieces)().map_err(|error| lost(&self.url, error))? {
            frames.push(&piece);
            while let Some(frame) = frames.next_frame().map_err(|error| bad(error.to_string()))? {
                if frame.kind != wire::PAGE {
                    continue;
                }
                // What was asked for whole comes first; the rest waits until the relay is known.
                let page = join::roster_page(self.store.tenant(), &frame.payload).map_err(bad)?;
                if page.mark.is_some() {
                    return Ok(());
                }
                join::take_roster(self.store, page, (self.clock)().wall_ms)?;
            }
        }
        Ok(())
    }

    fn attempt(
        &mut self,
        relay: RelayRow,
        key: PublicKey,
        job: Job,
    ) -> Result<(Next, u64, BTreeSet<DocId>), SyncError> {
        let exchange = self.talk(relay, key, job)?;
        let next = exchange.next(self.store)?;
        let (new, changed) = (exchange.pushed.new, exchange.pulled.changed.clone());
        self.count(exchange)?;
        Ok((next, new, changed))
    }

    /// Sends the greeting and what waits, takes the answer in.
    fn talk(&mut self, relay: RelayRow, key: PublicKey, job: Job) -> Result<Exchange, SyncError> {
        let token = relay.token.clone();
        let before = relay.clone();
        let now = (self.clock)();
        let (mut exchange, plan) = Exchange::open(self.store, relay, key, job, &self.signer, &now)?;
        self.report.exchanges += 1;
        let mut body = Vec::new();
        put_frame(&mut body, wire::HELLO, &exchange.hello());
        let mut outgoing = Outgoing::new(self.store, &before, plan, body, self.progress);
        let whole = outgoing.is_short().then(|| outgoing.next_piece().unwrap_or_default());
        let mut next = || outgoing.next_piece();
        let body = whole.map_or(Body::Pieces(&mut next), Body::Bytes);
        let answer = self.transport.call(Request { path: "/v1/sync", token: token.as_deref(), body, idle: IDLE });
        let Outgoing { pages, failed, bytes, .. } = outgoing;
        if let Some(error) = failed {
            return Err(error.into());
        }
        self.report.sent_bytes += bytes;
        exchange.sent = pages.map(|pages| pages.sent).unwrap_or_default();
        let answer = success(&self.url, answer.map_err(|error| lost(&self.url, error))?)?;
        let mut listener = Listener {
            store: self.store,
            exchange: &mut exchange,
            url: &self.url,
            clock: self.clock,
            progress: self.progress,
        };
        self.report.received_bytes += listener.listen(answer.pieces)?;
        Ok(exchange)
    }

    fn count(&mut self, exchange: Exchange) -> Result<(), StoreError> {
        let report = &mut self.report;
        report.pushed += exchange.pushed.accepted;
        report.pushed_new += exchange.pushed.new;
        for (code, count) in &exchange.pushed.refused {
            *report.refused.entry(code.clone()).or_default() += count;
        }
        report.stuck += exchange.pushed.stuck;
        report.new_life = exchange.pushed.new_life.or(report.new_life);
        let unplaced = exchange.unplaced();
        let pulled = exchange.pulled;
        report.recarried += exchange.pushed.recarried + pulled.taken.recarried;
        report.pages += pulled.pages;
        report.bad_seals.extend(pulled.bad_seals);
        for (reason, count) in pulled.taken.reasons {
            *report.reasons.entry(reason).or_default() += count;
        }
        let (sum, counts) = (&mut report.pulled, pulled.taken.counts);
        sum.new += counts.new;
        sum.known += counts.known;
        sum.parked += counts.parked;
        sum.refused += counts.refused;
        report.parked = self.store.parked_docs()?.len() as u64 + unplaced;
        Ok(())
    }
}

/// The exchange that heals what a comparison found.
fn healing(found: Differing) -> Job {
    Job { whole: found.push, want: found.want, rebase: Some(found.at), heals: true, ..Job::default() }
}

/// What goes out, piece by piece: the greeting, pages, the end.
struct Outgoing<'s> {
    pages: Option<Pages<'s>>,
    of: u64,
    ready: Vec<u8>,
    ended: bool,
    failed: Option<StoreError>,
    bytes: u64,
    progress: &'s mut dyn FnMut(Progress),
}

impl<'s> Outgoing<'s> {
    fn new(
        store: &'s Store,
        relay: &RelayRow,
        plan: Option<Plan>,
        hello: Vec<u8>,
        progress: &'s mut dyn FnMut(Progress),
    ) -> Self {
        let of = plan.as_ref().map_or(0, Plan::documents);
        let pages = plan.map(|plan| Pages::new(store, relay, plan));
        Self { pages, of, ready: hello, ended: false, failed: None, bytes: 0, progress }
    }

    /// Whether all of it is one small piece, which goes out with its length known.
    fn is_short(&self) -> bool {
        self.of <= SHORT
    }

    fn next_piece(&mut self) -> Option<Vec<u8>> {
        if self.ended {
            return None;
        }
        let short = self.is_short();
        let mut piece = std::mem::take(&mut self.ready);
        loop {
            let page = self.pages.as_mut().map_or(Ok(None), Pages::next_page);
            match page {
                Ok(Some(page)) => put_frame(&mut piece, wire::PAGE, &page),
                Ok(None) => {
                    put_frame(&mut piece, wire::END, &[]);
                    self.ended = true;
                }
                // The relay takes a request without its end for cut.
                Err(error) => {
                    self.failed = Some(error);
                    self.ended = true;
                    return None;
                }
            }
            if let Some(pages) = &self.pages {
                (self.progress)(Progress::Pushing { done: pages.done, of: self.of });
            }
            if self.ended || !short {
                break;
            }
        }
        self.bytes += piece.len() as u64;
        Some(piece)
    }
}
