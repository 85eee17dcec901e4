//! The same through the real store: checklist writes, one transaction each.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use docket_device::store::{DATABASE, Draft, Mode, Notice, Store};
use docket_faultvfs::{Disk, Image, Rng};
use docket_format::fact::Stamp;
use docket_format::{DeviceId, DocId, TenantId};
use rusqlite::config::DbConfig;
use serde_json::json;
use tempfile::TempDir;

use super::{Synchronous, Workload};

/// The store's counter beside the database: it is written after the commit and not flushed.
const COUNTER: &str = "docket.counter";
/// 2026-01-01T00:00:00Z, in milliseconds since 1970.
const START_MS: i64 = 1_767_225_600_000;
/// Records in one job: its creation, then its steps.
const PER_JOB: usize = 9;

/// Writes through [`Store`].
pub struct StoreWork {
    dir: TempDir,
    synchronous: Synchronous,
}

impl StoreWork {
    /// Makes a store in a temporary directory, in memory where the system has one.
    pub fn new(synchronous: Synchronous) -> Result<Self, String> {
        let memory = Path::new("/dev/shm");
        let dir = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
        let dir = dir.map_err(|e| e.to_string())?;
        let store = Store::create(dir.path(), TenantId::of_root(&[1; 32]), DeviceId::from_bytes([2; 16]));
        drop(store.map_err(|e| e.to_string())?);
        Ok(Self { dir, synchronous })
    }

    fn open(&self) -> Result<Store, String> {
        let store = Store::open(self.dir.path(), Mode::ReadWrite).map_err(|e| e.to_string())?;
        let pragmas = match self.synchronous {
            // The store's own setting.
            Synchronous::Full => "PRAGMA wal_autocheckpoint = 24",
            Synchronous::Normal => "PRAGMA wal_autocheckpoint = 24; PRAGMA synchronous = NORMAL",
        };
        store.conn().execute_batch(pragmas).map_err(|e| e.to_string())?;
        Ok(store)
    }

    fn doc(record: usize) -> DocId {
        let job = (record - 1) / PER_JOB;
        DocId::new_v7(START_MS as u64 + job as u64, [job as u8; 10])
    }

    /// Record `n`: one fact, or two that must come together.
    fn drafts(n: usize) -> Vec<Draft> {
        if n % PER_JOB == 1 {
            let regs = json!({"kind": "installation", "product": "water_heater", "appliances": 1});
            return vec![Draft::new("created", json!({"dk": "job", "regs": regs, "rec": n}))];
        }
        let step = Draft::new("step", json!({"step": "B1", "v": n.is_multiple_of(2), "rec": n}));
        let note = Draft::new("noted", json!({"text": "x".repeat(n * 97 % 6000), "rec": n}));
        if n.is_multiple_of(4) { vec![step, note] } else { vec![step] }
    }

    /// How many facts of each record there are, over all jobs.
    fn count(store: &Store) -> Result<BTreeMap<usize, usize>, String> {
        let mut counts = BTreeMap::new();
        for doc in store.docs_of_kind("job").map_err(|e| e.to_string())? {
            for fact in store.facts(doc).map_err(|e| e.to_string())? {
                let record = fact.int("rec").ok_or("a fact that nobody wrote")? as usize;
                if Self::doc(record) != doc {
                    return Err(format!("record {record} is in another job"));
                }
                *counts.entry(record).or_default() += 1;
            }
        }
        Ok(counts)
    }
}

impl Workload for StoreWork {
    fn disk(&self) -> Result<(Disk, Image), String> {
        let path = self.dir.path().canonicalize().map_err(|e| e.to_string())?.join(DATABASE);
        let bytes = fs::read(&path).map_err(|e| e.to_string())?;
        let files = BTreeMap::from([(path.display().to_string().into(), bytes.into())]);
        Ok((Disk::under(self.dir.path()).map_err(|e| e.to_string())?, Image { files }))
    }

    fn aside(&self) -> Result<Vec<u8>, String> {
        fs::read(self.dir.path().join(COUNTER)).map_err(|e| e.to_string())
    }

    fn put_aside(&self, aside: &[u8]) -> Result<(), String> {
        fs::write(self.dir.path().join(COUNTER), aside).map_err(|e| e.to_string())
    }

    fn write(
        &self,
        _vfs: &str,
        from: usize,
        count: usize,
        rng: &mut Rng,
        ack: &mut dyn FnMut(usize),
    ) -> Result<(), String> {
        let mut store = self.open()?;
        for n in from + 1..=from + count {
            let up_ms = n as i64 * 1000;
            let at = Stamp { wall_ms: START_MS + up_ms, boot: "B1".to_owned(), up_ms };
            store.write(Self::doc(n), &Self::drafts(n), &at).map_err(|e| e.to_string())?;
            ack(n);
            match rng.below(24) {
                0 => {
                    let checkpoint = store.conn().query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
                    checkpoint.map_err(|e| e.to_string())?;
                }
                1 => {
                    drop(store);
                    store = self.open()?;
                }
                _ => {}
            }
        }
        // The process dies here: no checkpoint, no tidy end.
        let dies = store.conn().set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
        dies.map(|_| ()).map_err(|e| e.to_string())
    }

    fn survivors(&self, _vfs: &str) -> Result<usize, String> {
        let store = Store::open(self.dir.path(), Mode::ReadWrite).map_err(|e| e.to_string())?;
        if let Some(notice) = store.notices().iter().find(|notice| !matches!(notice, Notice::Migrated { .. })) {
            // A lost tail looks like a restore: the count tells of the loss then. Otherwise it must not.
            if self.synchronous == Synchronous::Full {
                return Err(format!("a power cut was taken for something else: {notice:?}"));
            }
        }
        let counts = Self::count(&store)?;
        let facts: usize = counts.values().sum();
        let projected = store.conn().query_row("SELECT count(*) FROM v_fact", [], |row| row.get::<_, i64>(0));
        if projected.map_err(|e| e.to_string())? != facts as i64 {
            return Err("the projections do not match the record".to_owned());
        }
        for (n, (record, count)) in (1..).zip(&counts) {
            if n != *record {
                return Err(format!("record {n} is missing, later ones are there"));
            }
            if *count != Self::drafts(n).len() {
                return Err(format!("half of record {n} is there"));
            }
        }
        Ok(counts.len())
    }
}
