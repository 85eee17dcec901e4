//! One company at this relay: a writer, some readers, the roster, and who is told when something comes.

mod readers;
mod roster;
mod writer;

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;

use docket_format::keys::{PublicKey, SecretKey};
use docket_format::roster::Roster;
use docket_format::{DeviceId, FactId, TenantId, scope};
use docket_sync::relay::{Exchange, Log as _, Verdict, roster_facts_of};
use docket_sync::wire::{Cursor, Epoch};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch};

use crate::bounds;
use crate::clock::Clock;
use crate::log::{Birth, LogError, Pulled, SqliteLog};
use crate::metrics::Metrics;
use crate::token::Secret;

pub(crate) use roster::Rostered;
use writer::{Job, PageJob, Writer};

/// The answer to a page: its exchange, once it is committed.
pub(crate) type Coming = oneshot::Receiver<writer::Taken>;

/// Why a company can't be served just now.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TenantError {
    /// The log.
    #[error(transparent)]
    Log(LogError),
    /// A commit failed: whether it is there is unknown until somebody asks again.
    #[error("the commit failed")]
    Commit,
    /// A page holds what no page can carry on.
    #[error("too large")]
    TooLarge,
    /// Another device has taken the invitation up.
    #[error("the invitation was taken up by another device")]
    InvitationUsed,
    /// No turn came in time.
    #[error("too busy")]
    Busy,
    /// The relay is stopping.
    #[error("stopping")]
    Stopped,
}

/// What writer and answers share.
pub(crate) struct Shared {
    rostered: RwLock<Arc<Rostered>>,
    head: watch::Sender<u64>,
    seen: AtomicU64,
}

impl Shared {
    fn rostered(&self) -> Arc<Rostered> {
        Arc::clone(&self.rostered.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn put_rostered(&self, rostered: Arc<Rostered>) {
        *self.rostered.write().unwrap_or_else(PoisonError::into_inner) = rostered;
    }

    fn put_head(&self, head: u64, seen: u64) {
        self.seen.store(seen, Ordering::Release);
        self.head.send_if_modified(|known| std::mem::replace(known, head) != head);
    }
}

/// One company.
pub(crate) struct Tenant {
    pub(crate) id: TenantId,
    pub(crate) epoch: Epoch,
    pub(crate) key: SecretKey,
    pub(crate) secret: Secret,
    pub(crate) waiters: Arc<Semaphore>,
    shared: Arc<Shared>,
    readers: readers::Readers,
    jobs: mpsc::Sender<Job>,
    writer: Mutex<Option<JoinHandle<()>>>,
    pulled: Mutex<BTreeMap<DeviceId, Pulled>>,
    /// Held as long as this process serves the log.
    _lock: File,
}

/// Where a company's log is kept.
pub fn log_path(dir: &Path, tenant: TenantId) -> PathBuf {
    dir.join(format!("{tenant}.db"))
}

impl Tenant {
    /// Opens a company's log, or begins one, and starts its writer.
    pub(crate) fn open(dir: &Path, id: TenantId, clock: &Clock, metrics: &Arc<Metrics>) -> Result<Self, LogError> {
        let path = log_path(dir, id);
        let lock = lock(&path)?;
        let log = SqliteLog::open(&path, id, &Birth::random(clock())?)?;
        let meta = log.meta().clone();
        let rostered = Arc::new(Rostered::fold(id, roster_facts_of(&log, id)?));
        let (head, seen) = (log.head()?.pos, log.seen()?);
        let shared = Arc::new(Shared {
            rostered: RwLock::new(rostered),
            head: watch::Sender::new(head),
            seen: AtomicU64::new(seen),
        });
        let (jobs, queue) = mpsc::channel(bounds::QUEUE);
        let writer = Writer {
            log,
            tenant: id,
            shared: Arc::clone(&shared),
            clock: Arc::clone(clock),
            metrics: Arc::clone(metrics),
        };
        let thread = std::thread::Builder::new().name("relay-writer".to_owned()).spawn(move || writer.run(queue));
        Ok(Self {
            id,
            epoch: meta.epoch,
            key: SecretKey::from_seed(&meta.seed),
            secret: Secret::new(meta.secret, id),
            waiters: Arc::new(Semaphore::new(bounds::WAITERS)),
            shared,
            readers: readers::Readers::new(path.clone()),
            jobs,
            writer: Mutex::new(Some(thread.map_err(LogError::io(path))?)),
            pulled: Mutex::default(),
            _lock: lock,
        })
    }

    /// The relay's public key for this company.
    pub(crate) fn relay_key(&self) -> PublicKey {
        self.key.public()
    }

    /// The roster as the log has it.
    pub(crate) fn rostered(&self) -> Arc<Rostered> {
        self.shared.rostered()
    }

    /// Up to where some supervisor's device has pulled.
    pub(crate) fn seen(&self) -> u64 {
        self.shared.seen.load(Ordering::Acquire)
    }

    /// Tells when the log grows.
    pub(crate) fn watch_head(&self) -> watch::Receiver<u64> {
        self.shared.head.subscribe()
    }

    /// A few characters of the id, for logs.
    pub(crate) fn short(&self) -> String {
        let mut short = self.id.to_string();
        short.truncate(8);
        short
    }

    /// Reads in one transaction, on a thread that may block.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut SqliteLog) -> Result<T, LogError> + Send + 'static,
    ) -> Result<T, TenantError> {
        self.readers.read(work).await
    }

    /// Queues a page; the answer comes when it is committed.
    pub(crate) async fn push(
        &self,
        by: DeviceId,
        exchange: Option<Box<Exchange>>,
        takes_up: Vec<FactId>,
        verdict: Verdict,
        memory: Option<OwnedSemaphorePermit>,
    ) -> Result<Coming, TenantError> {
        let (answer, coming) = oneshot::channel();
        let job = Job::Page(Box::new(PageJob { by, exchange, takes_up, verdict, memory, answer }));
        self.jobs.send(job).await.map_err(|_| TenantError::Stopped)?;
        Ok(coming)
    }

    /// Notes how far a device has pulled, if that is new. Nobody waits for it.
    pub(crate) async fn note_pulled(
        &self,
        roster: &Roster,
        device: DeviceId,
        cursor: Cursor,
    ) -> Result<(), TenantError> {
        let role = roster.device(device).map_or("", |entry| entry.role.as_str());
        let pulled = Pulled { cursor, office: scope::may_dispatch(role) };
        if self.pulled.lock().unwrap_or_else(PoisonError::into_inner).get(&device) == Some(&pulled) {
            return Ok(());
        }
        // Not known since this process began, or moved.
        if self.read(move |log| log.pulled(device)).await? != Some(pulled) {
            self.jobs.send(Job::Pulled(device, pulled)).await.map_err(|_| TenantError::Stopped)?;
        }
        self.pulled.lock().unwrap_or_else(PoisonError::into_inner).insert(device, pulled);
        Ok(())
    }

    /// Finishes what is queued, checkpoints and closes. Blocks.
    pub(crate) fn stop(&self) {
        let thread = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.readers.close();
        let told = self.jobs.blocking_send(Job::Stop).is_ok();
        if let Some(thread) = thread.filter(|_| told)
            && thread.join().is_err()
        {
            tracing::error!("the writer ended in a panic");
        }
    }
}

/// One process serves a log; a second is told so instead of waiting for locks.
fn lock(path: &Path) -> Result<File, LogError> {
    let beside = path.with_extension("lock");
    let file = File::options().create(true).append(true).open(&beside).map_err(LogError::io(&beside))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(LogError::InUse(path.to_owned())),
        Err(std::fs::TryLockError::Error(error)) => Err(LogError::io(&beside)(error)),
    }
}
