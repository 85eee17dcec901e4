//! The one thread that writes a company's log. It takes every job that waits, does them in one transaction, flushes
//! once and then answers all: nothing is acknowledged that a power cut could take back.

use std::sync::Arc;
use std::time::Instant;

use docket_format::{DeviceId, FactId, TenantId};
use docket_sync::relay::{self, Exchange, Log as _, Verdict, roster_facts_of};
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};

use crate::bounds;
use crate::clock::Clock;
use crate::log::{LogError, Pulled, SqliteLog};
use crate::metrics::Metrics;

use super::roster::Rostered;
use super::{Shared, TenantError};

/// The exchange back, with what became of its page, durably.
pub(crate) type Taken = Result<Option<Box<Exchange>>, TenantError>;
/// Where an answer goes.
pub(super) type Answer = oneshot::Sender<Taken>;

/// A page to be taken in.
pub(super) struct PageJob {
    pub(super) by: DeviceId,
    /// The exchange that it belongs to; `None` for a roster that comes with a proof of identity.
    pub(super) exchange: Option<Box<Exchange>>,
    /// Invitations that the pusher takes up with it: refused if somebody else has.
    pub(super) takes_up: Vec<FactId>,
    pub(super) verdict: Verdict,
    /// Memory that the page has; given back when it is committed.
    pub(super) memory: Option<OwnedSemaphorePermit>,
    pub(super) answer: Answer,
}

/// A job for the writer.
pub(super) enum Job {
    Page(Box<PageJob>),
    Pulled(DeviceId, Pulled),
    Stop,
}

pub(super) struct Writer {
    pub(super) log: SqliteLog,
    pub(super) tenant: TenantId,
    pub(super) shared: Arc<Shared>,
    pub(super) clock: Clock,
    pub(super) metrics: Arc<Metrics>,
}

impl Writer {
    /// Works until it is told to stop or nobody can ask any more.
    pub(super) fn run(mut self, mut jobs: mpsc::Receiver<Job>) {
        let mut going = true;
        while going {
            let Some(first) = jobs.blocking_recv() else { break };
            let mut batch = Vec::new();
            let mut next = Some(first);
            while let Some(job) = next {
                match job {
                    Job::Stop => going = false,
                    job => batch.push(job),
                }
                next = if batch.len() < bounds::BATCH { jobs.try_recv().ok() } else { None };
            }
            self.commit(batch);
        }
        jobs.close();
        if let Err(error) = self.log.checkpoint() {
            tracing::warn!(%error, "the log could not be checkpointed");
        }
    }

    fn commit(&mut self, batch: Vec<Job>) {
        if batch.is_empty() {
            return;
        }
        let started = Instant::now();
        let mut rostered = self.shared.rostered();
        self.log.set_now((self.clock)());
        let mut answers: Vec<(Answer, Taken)> = Vec::with_capacity(batch.len());
        let mut memory = Vec::new();
        let mut begun = self.log.begin();
        for job in batch {
            match job {
                Job::Page(job) => {
                    let PageJob { by, exchange, takes_up, verdict, memory: held, answer } = *job;
                    memory.push(held);
                    let done = match &begun {
                        Ok(()) => self.page(&mut rostered, by, exchange, &takes_up, verdict),
                        Err(_) => Err(TenantError::Commit),
                    };
                    if !self.log.in_transaction() && begun.is_ok() {
                        begun = Err(LogError::Corrupt("the transaction was given up"));
                    }
                    answers.push((answer, done));
                }
                Job::Pulled(device, pulled) => {
                    if begun.is_ok()
                        && let Err(error) = self.log.part(|log| log.put_pulled(device, pulled))
                    {
                        tracing::warn!(%error, "noting how far a device has pulled");
                    }
                }
                Job::Stop => {}
            }
        }
        let done = begun.and_then(|()| self.log.commit());
        drop(memory);
        match done {
            Ok(()) => self.publish(rostered),
            Err(error) => {
                tracing::error!(%error, jobs = answers.len(), "a commit failed");
                self.log.roll_back();
                for (_, answer) in &mut answers {
                    *answer = Err(TenantError::Commit);
                }
            }
        }
        self.metrics.committed(answers.len(), started.elapsed());
        for (to, answer) in answers {
            // Whoever asked may have gone; what is committed stays.
            let _gone = to.send(answer);
        }
        if let Err(error) = self.log.fold_back() {
            tracing::warn!(%error, "the log could not be written back");
        }
    }

    fn page(
        &mut self,
        rostered: &mut Arc<Rostered>,
        by: DeviceId,
        mut exchange: Option<Box<Exchange>>,
        takes_up: &[FactId],
        verdict: Verdict,
    ) -> Taken {
        for invite in takes_up {
            let taken = rostered.roster.taken_up(*invite);
            if taken.is_some_and(|devices| devices.iter().any(|device| *device != by)) {
                return Err(TenantError::InvitationUsed);
            }
        }
        let (changes_roster, tenant) = (verdict.changes_roster, self.tenant);
        // What the page says of the roster counts for the rest of it.
        let with_page = rostered.with(verdict.roster_facts.clone());
        let taken = self.log.part(|log| {
            match &mut exchange {
                Some(exchange) => exchange.page(log, &with_page.roster, verdict)?,
                None => relay::admit(log, &with_page.roster, by, verdict).map(drop)?,
            }
            if !changes_roster {
                return Ok(Arc::clone(rostered));
            }
            let after = rostered.with(roster_facts_of(log, tenant)?);
            relay::review(log, &rostered.roster, &after.roster)?;
            Ok(after)
        });
        *rostered = taken.map_err(|error| match error {
            LogError::EntryTooLong(_) => TenantError::TooLarge,
            error => TenantError::Log(error),
        })?;
        Ok(exchange)
    }

    fn publish(&mut self, rostered: Arc<Rostered>) {
        self.shared.put_rostered(rostered);
        match (self.log.head(), self.log.seen()) {
            (Ok(head), Ok(seen)) => self.shared.put_head(head.pos, seen),
            (Err(error), _) | (_, Err(error)) => tracing::error!(%error, "reading the head"),
        }
    }
}
