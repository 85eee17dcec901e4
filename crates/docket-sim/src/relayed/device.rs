//! One device: a real store on a disk in memory that can lose power, be put back, copied and thrown away.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use docket_device::store::{DATABASE, Notice};
use docket_device::{Mode, Store, keys};
use docket_faultvfs::{Disk, Image, Replay, Rng};
use docket_format::fact::Stamp;
use docket_format::keys::SecretKey;
use docket_format::{Author, ChangeHash, DeviceId, DocId, FactId, Incarnation, TenantId};
use rusqlite::config::DbConfig;
use tempfile::TempDir;

/// The counter that finds a database that was put back.
const COUNTER: &str = "docket.counter";
/// Pages of the write-ahead log after which a commit writes them back: small, so that images stay small.
const LOG_PAGES: u32 = 400;
/// Statements kept compiled.
const STATEMENTS: usize = 256;

/// An error in words: any ends the run.
pub(super) fn text(error: impl core::fmt::Display) -> String {
    error.to_string()
}

/// A device's whole state at some moment.
#[derive(Clone)]
pub(super) struct Saved {
    files: BTreeMap<String, Arc<Vec<u8>>>,
    counter: Option<Vec<u8>>,
    /// Accidents of the relay that it knew of.
    pub(super) accidents: u64,
}

/// What is put back of a device's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// Everything: nothing on the device can tell.
    Whole,
    /// The database alone: the counter beside it tells.
    Database,
    /// Everything but the counter.
    CounterGone,
}

/// A fact as it was written: document, author, the author's number in that document, the fact.
pub(super) type Written = (DocId, Author, u64, FactId);

/// A change as its device put it together: document, carrier, its number, its hash.
pub(super) type Carried = (DocId, Author, u64, ChangeHash);

/// A device.
pub(super) struct Device {
    dir: TempDir,
    disk: Disk,
    store: Option<Store>,
    /// Its key's id.
    pub(super) id: DeviceId,
    /// Whose it is: `T-00n`.
    pub(super) person: usize,
    /// Its history: a copy and a device that was put back begin another.
    pub(super) branch: u32,
    /// How wrong its clock is, in milliseconds.
    pub(super) skew_ms: i64,
    /// How often it was started.
    boots: u32,
    /// No network before.
    pub(super) away_until: i64,
    /// Earlier states of itself.
    pub(super) saved: Vec<Saved>,
    /// What it acknowledged since its power was last cut.
    pub(super) recent: Vec<FactId>,
    /// The jobs that it holds, oldest first.
    pub(super) jobs: Vec<DocId>,
    /// Accidents of the relay that it may know of.
    pub(super) accidents: u64,
}

fn folder() -> Result<TempDir, String> {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.map_err(text)
}

impl Device {
    /// A device with an empty store, filled by `fill`.
    pub(super) fn new(
        tenant: TenantId,
        key: &SecretKey,
        person: usize,
        fill: impl FnOnce(&mut Store) -> Result<(), String>,
    ) -> Result<Self, String> {
        let dir = folder()?;
        let id = key.public().device();
        let mut store = Store::create(dir.path(), tenant, id).map_err(text)?;
        keys::save(dir.path(), key).map_err(text)?;
        fill(&mut store)?;
        drop(store);
        let bytes = fs::read(dir.path().join(DATABASE)).map_err(text)?;
        let files = BTreeMap::from([(DATABASE.to_owned(), Arc::new(bytes))]);
        let mut device = Self::on(dir, id, person)?;
        device.load(&files)?;
        Ok(device)
    }

    fn on(dir: TempDir, id: DeviceId, person: usize) -> Result<Self, String> {
        let disk = Disk::under(dir.path()).map_err(text)?;
        let (saved, recent, jobs) = (Vec::new(), Vec::new(), Vec::new());
        let (branch, skew_ms, boots, away_until, accidents) = (0, 0, 0, 0, 0);
        let store = None;
        Ok(Self { dir, disk, store, id, person, branch, skew_ms, boots, away_until, saved, recent, jobs, accidents })
    }

    /// A second device with all of a state, the key included.
    pub(super) fn twin(&self, state: &Saved) -> Result<Self, String> {
        let dir = folder()?;
        for entry in fs::read_dir(self.dir.path()).map_err(text)? {
            let entry = entry.map_err(text)?;
            if entry.file_type().map_err(text)?.is_file() {
                fs::copy(entry.path(), dir.path().join(entry.file_name())).map_err(text)?;
            }
        }
        let mut twin = Self::on(dir, self.id, self.person)?;
        twin.skew_ms = self.skew_ms;
        twin.put_back(state, Extent::Whole)?;
        Ok(twin)
    }

    fn prefix(&self) -> Result<PathBuf, String> {
        self.dir.path().canonicalize().map_err(text)
    }

    fn load(&mut self, files: &BTreeMap<String, Arc<Vec<u8>>>) -> Result<bool, String> {
        let prefix = self.prefix()?;
        let named = files.iter().map(|(name, bytes)| (prefix.join(name).display().to_string().into(), bytes.clone()));
        let image = Image { files: named.collect() };
        self.start(image)
    }

    /// Starts from an image; true if the device found out that it was put back.
    fn start(&mut self, image: Image) -> Result<bool, String> {
        self.disk.load(image, true);
        let store = Store::open(self.dir.path(), Mode::ReadWrite).map_err(text)?;
        store.conn().execute_batch(&format!("PRAGMA wal_autocheckpoint = {LOG_PAGES}")).map_err(text)?;
        // What is asked here too must not push the store's own statements out.
        store.conn().set_prepared_statement_cache_capacity(STATEMENTS);
        self.boots += 1;
        let restored = store.notices().iter().any(|notice| matches!(notice, Notice::Restored { .. }));
        self.store = Some(store);
        self.jobs = self.store()?.docs_of_kind("job").map_err(text)?;
        Ok(restored)
    }

    /// The open store.
    pub(super) fn store(&self) -> Result<&Store, String> {
        self.store.as_ref().ok_or_else(|| "the device is off".to_owned())
    }

    /// The open store, for writing.
    pub(super) fn store_mut(&mut self) -> Result<&mut Store, String> {
        self.store.as_mut().ok_or_else(|| "the device is off".to_owned())
    }

    /// Does something with the store that needs it by value and gives it back.
    pub(super) fn lend<T>(&mut self, work: impl FnOnce(Store) -> (Store, T)) -> Result<T, String> {
        let store = self.store.take().ok_or_else(|| "the device is off".to_owned())?;
        let (store, done) = work(store);
        self.store = Some(store);
        Ok(done)
    }

    /// The life in which it writes.
    pub(super) fn author(&self) -> Result<Author, String> {
        Ok(self.store()?.author())
    }

    /// What it thinks the time is.
    pub(super) fn stamp(&self, now_ms: i64, start_ms: i64) -> Stamp {
        let boot = format!("B{}", self.boots);
        Stamp { wall_ms: now_ms + self.skew_ms, boot, up_ms: now_ms - start_ms }
    }

    /// Copies its state.
    pub(super) fn save(&self) -> Result<Saved, String> {
        let prefix = self.prefix()?;
        let name = |path: &str| Path::new(path).strip_prefix(&prefix).map(|name| name.display().to_string()).ok();
        let files = self.disk.image().files;
        let files = files.into_iter().filter_map(|(path, bytes)| Some((name(&path)?, bytes))).collect();
        Ok(Saved { files, counter: fs::read(self.dir.path().join(COUNTER)).ok(), accidents: self.accidents })
    }

    /// Switches off without writing anything back.
    fn die(&mut self) -> Result<(), String> {
        if let Some(store) = self.store.take() {
            let dies = store.conn().set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
            dies.map_err(text)?;
        }
        Ok(())
    }

    /// Puts an earlier state back. True if the device noticed.
    pub(super) fn put_back(&mut self, state: &Saved, extent: Extent) -> Result<bool, String> {
        self.die()?;
        let counter = self.dir.path().join(COUNTER);
        match (extent, &state.counter) {
            (Extent::Whole, Some(bytes)) => fs::write(&counter, bytes).map_err(text)?,
            (Extent::Database, _) => {}
            (Extent::CounterGone | Extent::Whole, _) => {
                let _ = fs::remove_file(&counter);
            }
        }
        self.accidents = state.accidents;
        self.recent.clear();
        self.load(&state.files)
    }

    /// Closes and opens again, as a person does.
    pub(super) fn restart(&mut self) -> Result<bool, String> {
        drop(self.store.take());
        let image = self.disk.image();
        self.start(image)
    }

    /// Cuts the power and starts again. A disk that lies has not flushed the last tenth of what it said it had.
    pub(super) fn cut_power(&mut self, rng: &mut Rng, lies: bool) -> Result<bool, String> {
        let log = self.disk.take_log();
        self.die()?;
        let mut replay = Replay::new(&log);
        let kept = if lies { log.ops.len() * 9 / 10 } else { log.ops.len() };
        replay.advance(kept);
        self.start(replay.image(rng))
    }

    /// The newest change's row: for [`Device::written_since`].
    pub(super) fn newest_row(&self) -> Result<i64, String> {
        self.number("SELECT coalesce(max(id), 0) FROM change")
    }

    /// The facts of changes above a row.
    pub(super) fn written_since(&self, row: i64) -> Result<Vec<Written>, String> {
        let query = "SELECT d.doc, a.device, a.incarnation, f.n, f.id FROM change c
                       JOIN fact f ON f.change = c.id
                       JOIN author a ON a.id = f.author JOIN doc d ON d.id = c.doc WHERE c.id > ?1 ORDER BY c.id, f.pos";
        let mut statement = self.store()?.conn().prepare_cached(query).map_err(text)?;
        let mut rows = statement.query([row]).map_err(text)?;
        let mut written = Vec::new();
        while let Some(row) = rows.next().map_err(text)? {
            let doc = DocId::from_bytes(row.get(0).map_err(text)?).ok_or("a document without id")?;
            let device = DeviceId::from_bytes(row.get(1).map_err(text)?);
            let incarnation = Incarnation(row.get(2).map_err(text)?);
            let n: i64 = row.get(3).map_err(text)?;
            let fact = FactId::from_bytes(row.get(4).map_err(text)?);
            written.push((doc, Author { device, incarnation }, n as u64, fact));
        }
        Ok(written)
    }

    /// The changes above a row that this device put together.
    pub(super) fn carried_since(&self, row: i64) -> Result<Vec<Carried>, String> {
        let query = "SELECT d.doc, a.incarnation, c.seq, c.hash FROM change c JOIN author a ON a.id = c.carrier
                       JOIN doc d ON d.id = c.doc WHERE c.id > ?1 AND a.device = ?2";
        let mut statement = self.store()?.conn().prepare_cached(query).map_err(text)?;
        let mut rows = statement.query((row, self.id.as_bytes())).map_err(text)?;
        let mut carried = Vec::new();
        while let Some(row) = rows.next().map_err(text)? {
            let doc = DocId::from_bytes(row.get(0).map_err(text)?).ok_or("a document without id")?;
            let author = Author { device: self.id, incarnation: Incarnation(row.get(1).map_err(text)?) };
            let seq: i64 = row.get(2).map_err(text)?;
            carried.push((doc, author, seq as u64, ChangeHash::from_bytes(row.get(3).map_err(text)?)));
        }
        Ok(carried)
    }

    /// Why its present life began.
    pub(super) fn life_reason(&self) -> Result<String, String> {
        let query = "SELECT reason FROM incarnation ORDER BY incarnation DESC LIMIT 1";
        let mut statement = self.store()?.conn().prepare_cached(query).map_err(text)?;
        statement.query_row([], |row| row.get(0)).map_err(text)
    }

    /// How much was put aside here.
    pub(super) fn put_aside(&self) -> Result<i64, String> {
        self.number("SELECT count(*) FROM quarantine")
    }

    fn number(&self, query: &str) -> Result<i64, String> {
        let mut statement = self.store()?.conn().prepare_cached(query).map_err(text)?;
        statement.query_row([], |row| row.get(0)).map_err(text)
    }

    /// Every fact here.
    pub(super) fn held(&self) -> Result<BTreeSet<FactId>, String> {
        let mut statement = self.store()?.conn().prepare_cached("SELECT id FROM fact").map_err(text)?;
        let rows = statement.query_map([], |row| row.get::<_, [u8; 16]>(0)).map_err(text)?;
        rows.map(|row| row.map(FactId::from_bytes).map_err(text)).collect()
    }

    /// Whether a fact is here.
    pub(super) fn holds(&self, doc: DocId, fact: FactId) -> Result<bool, String> {
        let query = "SELECT EXISTS (SELECT 1 FROM doc d JOIN change c ON c.doc = d.id JOIN fact f ON f.change = c.id
                                        WHERE d.doc = ?1 AND f.id = ?2)";
        let mut statement = self.store()?.conn().prepare_cached(query).map_err(text)?;
        statement.query_row((doc.as_bytes(), fact.as_bytes()), |row| row.get(0)).map_err(text)
    }

    /// Reads anew which jobs are here.
    pub(super) fn note_jobs(&mut self) -> Result<(), String> {
        self.jobs = self.store()?.docs_of_kind("job").map_err(text)?;
        Ok(())
    }
}
