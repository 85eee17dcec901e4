//! The embedded store (DESIGN §7): append-only changes in SQLite, an index and projections beside them.
//!
//! * When a write returns, the record survives a power cut: WAL, `synchronous=FULL`, one transaction a write.
//! * Several processes may use one store: writes take turns (`BEGIN IMMEDIATE`), and a device's numbers are read under
//!   the lock, so none is used twice.
//! * Every change is rebuilt from its row and compared with its hash when it is read.
//! * Not seen by the store alone: a directory that was copied or put back *whole* (see [`Notice::Restored`]); the
//!   relay's lease finds such a clone, and so do two facts with one number from one device.

pub(crate) mod body;
mod counter;
pub(crate) mod docs;
mod held;
mod ingest;
mod life;
pub(crate) mod migrate;
mod open;
pub(crate) mod outbox;
mod put;
pub(crate) mod read;
mod receipts;
pub(crate) mod relay;
mod relay_time;
mod resolve;
mod retract;
pub(crate) mod seals;
#[cfg(test)]
pub(crate) mod testing;
mod tx;
mod warm;
mod write;

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use docket_format::{Author, DeviceId, DocId, Fact, FactId, Incarnation, TenantId};
use rusqlite::Connection;

use crate::company::KnownRoster;
pub use crate::project::evidence::DocEvidence;
pub use docket_sync::Arrival;
pub use docket_sync::judge::PlacedLeaf;
pub use ingest::{Counts, Outcome, Sender};
pub use open::{read_only, read_only_pair};
pub use outbox::{Outbox, Tip};
pub use read::{ChangeRow, DocInfo};
pub use receipts::KeptReceipt;
pub use relay::{LastReceipt, RelayRow, Whereabouts};
pub use relay_time::RelayTime;
pub use resolve::Found;
pub use retract::{RETRACTED, Retracted};
pub use seals::{StoredSeal, Voucher};
pub use tx::Tx;
pub use write::{Draft, Next, Prepared};

pub(crate) use counter::Count;
pub(crate) use ingest::bytes_of;
pub(crate) use warm::Warm;

use crate::blob::Blobs;
use crate::clock;
use crate::error::StoreError;
use crate::project;
use docket_format::fact::Stamp;

/// The database's name in the store's directory.
pub const DATABASE: &str = "docket.db";

/// The files of a store, but its blobs and its key, by name in its directory.
pub(crate) const FILES: [&str; 4] = [DATABASE, "docket.db-wal", "docket.db-shm", counter::FILE];

/// What a store is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Reading and writing.
    ReadWrite,
    /// Reading only; works in a directory that can't be written.
    ReadOnly,
}

/// Something that opening found and the person should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// The store is from a newer docket: it can be read, not written.
    NewerSchema {
        /// Its schema.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// The store was brought up to this program's schema.
    Migrated {
        /// The schema before.
        from: i64,
        /// The copy that was made before.
        copy: PathBuf,
    },
    /// The database was put back from a copy: the device goes on in a new life.
    Restored {
        /// The new life.
        incarnation: Incarnation,
        /// What gave it away.
        reason: String,
    },
    /// The counter beside the database was missing or unreadable and was made anew: a restore before this opening
    /// would not have been noticed.
    CounterLost,
}

/// An open store.
#[derive(Debug)]
pub struct Store {
    conn: Connection,
    dir: PathBuf,
    writable: bool,
    tenant: TenantId,
    device: DeviceId,
    books: tx::Bookkeeping,
    notices: Vec<Notice>,
    /// The roster as it was last folded.
    pub(crate) roster: RefCell<Option<KnownRoster>>,
}

/// What `docket status` tells about a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Documents by kind; documents without a known kind under "unknown".
    pub docs: Vec<(String, u64)>,
    /// Changes held.
    pub changes: u64,
    /// Facts held.
    pub facts: u64,
    /// Changes that wait for others.
    pub parked: u64,
    /// Refused items.
    pub quarantined: u64,
    /// Own facts and imported facts that no seal of this device covers yet.
    pub unsealed: u64,
    /// Blobs that were not sent.
    pub blobs_unsent: u64,
    /// Every life of this device: number, when it began (ms since 1970), why.
    pub lives: Vec<(Incarnation, i64, String)>,
    /// The database's size in bytes, its write-ahead log included.
    pub disk_bytes: u64,
}

impl Store {
    /// Makes a store in `dir`, which may exist but not hold one. The device's key file is [`crate::keys`]' business.
    pub fn create(dir: &Path, tenant: TenantId, device: DeviceId) -> Result<Self, StoreError> {
        open::create(dir, tenant, device, clock::wall_ms())
    }

    /// Opens the store in `dir`. A store of a newer docket opens for reading, with a [`Notice`].
    pub fn open(dir: &Path, mode: Mode) -> Result<Self, StoreError> {
        open::open(dir, mode, clock::wall_ms())
    }

    /// Whether a directory holds a store (or at least a file of its name).
    pub fn exists(dir: &Path) -> bool {
        dir.join(DATABASE).exists()
    }

    /// The store's directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The company.
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// This device.
    pub fn device(&self) -> DeviceId {
        self.device
    }

    /// This device's present life: who writes here.
    pub fn author(&self) -> Author {
        Author { device: self.device, incarnation: Incarnation(self.books.count.incarnation) }
    }

    /// What opening found.
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// Whether this store can be written.
    pub fn writable(&self) -> bool {
        self.writable
    }

    /// Its photos and signature images.
    pub fn blobs(&self) -> Blobs {
        Blobs::of(&self.dir)
    }

    /// For reading the documented views (`docs/schema.md`).
    pub fn conn(&self) -> &Connection {
        &self.conn
    }

    /// Why this store can't be written.
    fn read_only_reason(&self) -> StoreError {
        let path = self.dir.join(DATABASE);
        for notice in &self.notices {
            if let Notice::NewerSchema { found, known } = *notice {
                return StoreError::NewerSchema { path, found, known };
            }
        }
        StoreError::ReadOnly { path }
    }

    /// Starts a write transaction; waits for other processes.
    pub fn begin(&mut self) -> Result<Tx<'_>, StoreError> {
        let dir = self.dir.clone();
        Tx::begin(self).map_err(|error| error.in_dir(&dir))
    }

    /// Writes facts of this device into a document as one change, in one transaction; makes the document if it is
    /// new. When this returns, they survive a power cut. Facts are named in the order of the drafts.
    pub fn write(&mut self, doc: DocId, drafts: &[Draft], now: &Stamp) -> Result<Vec<FactId>, StoreError> {
        write::write(self, doc, drafts, &[], now)
    }

    /// As [`Store::write`], and in the same transaction facts into other documents. Names those of the first.
    pub fn write_all(
        &mut self,
        doc: DocId,
        drafts: &[Draft],
        also: &[(DocId, Vec<Draft>)],
        now: &Stamp,
    ) -> Result<Vec<FactId>, StoreError> {
        write::write(self, doc, drafts, also, now)
    }

    /// Makes a new document (UUIDv7) whose first facts are `drafts`.
    pub fn create_doc(&mut self, drafts: &[Draft], now: &Stamp) -> Result<(DocId, Vec<FactId>), StoreError> {
        let doc = DocId::new_v7(u64::try_from(now.wall_ms).unwrap_or(0), crate::keys::random()?);
        Ok((doc, self.write(doc, drafts, now)?))
    }

    /// Submits again what a [`StoreError::CommitUnknown`] carried: finds it if it landed, writes it once if not.
    pub fn submit(&mut self, prepared: &Prepared) -> Result<Vec<FactId>, StoreError> {
        write::submit(self, prepared)
    }

    /// Takes in changes from outside in transactions of at most 1,000 changes or 200 ms, so that another process can
    /// write in between. `progress` is told the counts after each. An error leaves what was committed before; doing
    /// it again is harmless.
    pub fn ingest(
        &mut self,
        sender: &Sender<'_>,
        arrivals: impl IntoIterator<Item = Arrival>,
        progress: impl FnMut(&Counts),
    ) -> Result<Counts, StoreError> {
        ingest::batched(self, sender, arrivals, progress)
    }

    /// What the fold may know about the authors of a document's facts: the roster's people, and whether a seal that
    /// counts reaches each fact.
    pub fn evidence(&self, doc: DocId, facts: &[Fact]) -> Result<DocEvidence, StoreError> {
        let run = || DocEvidence::load(&self.conn, read::row_of(&self.conn, doc)?.unwrap_or(0), facts);
        run().map_err(|error| error.in_dir(&self.dir))
    }

    /// Drops the projections and makes them anew from the changes.
    pub fn rebuild_projections(&mut self) -> Result<u64, StoreError> {
        let dir = self.dir.clone();
        project::rebuild(self).map_err(|error| error.in_dir(&dir))
    }

    /// Numbers for `docket status`.
    pub fn status(&self) -> Result<Status, StoreError> {
        read::status(self).map_err(|error| error.in_dir(&self.dir))
    }
}
