//! The real thing: real stores on faulty disks, real sealed bundles, one company.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use docket_device::bundle::{self, BundleError, Export};
use docket_device::store::{DATABASE, Mode, Notice, Store};
use docket_device::{Draft as StoreDraft, keys};
use docket_faultvfs::{Disk, Image, Replay, Rng};
use docket_format::fact::Stamp;
use docket_format::keys::SecretKey;
use docket_format::roster::{self, Draft as RosterDraft};
use docket_format::{Author, ChangeHash, DeviceId, DocId, Fact, FactId, Incarnation, PersonId, TenantId};
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use rusqlite::types::ValueRef;
use tempfile::TempDir;

use super::device::{Cut, Device, Draft, Intake, Selection};

/// A device with a store on a disk that can lose power.
pub struct StoreDevice {
    dir: TempDir,
    disk: Disk,
    /// `None` only while it restarts.
    store: Option<Store>,
    peers: Vec<DeviceId>,
}

/// Pages of the log after which a commit writes it back. Far fewer than a device has: cuts then meet checkpoints, and
/// the files that each cut copies stay small.
const LOG_PAGES: u32 = 500;

fn open(dir: &Path) -> Result<Store, String> {
    let store = Store::open(dir, Mode::ReadWrite).map_err(text)?;
    store.conn().pragma_update(None, "wal_autocheckpoint", LOG_PAGES).map_err(text)?;
    Ok(store)
}

fn text(error: impl core::fmt::Display) -> String {
    error.to_string()
}

/// A company with so many devices: the first is an admin's, the others are supervisors' and technicians' in turn. All
/// keys follow from their place, so that runs repeat.
pub fn company(count: usize) -> Result<Vec<StoreDevice>, String> {
    let root = SecretKey::from_seed(&[255; 32]);
    let tenant = root.public().tenant();
    let secrets: Vec<SecretKey> = (0..count).map(|i| SecretKey::from_seed(&[i as u8 + 1; 32])).collect();
    let at = Stamp { wall_ms: 1_767_225_600_000, boot: "B".to_owned(), up_ms: 0 };
    let mut made = Vec::with_capacity(count);
    for secret in &secrets {
        let memory = Path::new("/dev/shm");
        let dir = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.map_err(text)?;
        let store = Store::create(dir.path(), tenant, secret.public().device()).map_err(text)?;
        keys::save(dir.path(), secret).map_err(text)?;
        made.push((dir, store));
    }
    if let Some((_, first)) = made.first_mut() {
        found(first, &root, tenant, &secrets, &at)?;
        let bytes = bundle::export(first, &Export::default(), &at).map_err(text)?.bytes;
        for (_, store) in made.iter_mut().skip(1) {
            bundle::import(store, &bytes, "the founding", &at).map_err(text)?;
        }
    }
    let peers: Vec<DeviceId> = secrets.iter().map(|secret| secret.public().device()).collect();
    made.into_iter().map(|(dir, store)| StoreDevice::onto_disk(dir, store, peers.clone())).collect()
}

fn found(
    store: &mut Store,
    root: &SecretKey,
    tenant: TenantId,
    secrets: &[SecretKey],
    at: &Stamp,
) -> Result<(), String> {
    let author = Author { device: root.public().device(), incarnation: Incarnation(0) };
    let people: Vec<PersonId> =
        (0..secrets.len()).map(|i| format!("T-{i:03}").parse()).collect::<Result<_, _>>().map_err(text)?;
    let certify = secrets.iter().zip(&people).enumerate().map(|(i, (secret, person))| {
        let role = match i {
            0 => "admin",
            _ if i % 2 == 0 => "supervisor",
            _ => "technician",
        };
        RosterDraft::Certify { key: secret.public(), person, name: "somebody", role }
    });
    let mut tx = store.begin().map_err(text)?;
    let doc = roster::doc(tenant);
    for draft in [RosterDraft::Founded { name: "simulated" }].into_iter().chain(certify) {
        let next = tx.next(doc, author).map_err(text)?;
        let (fact, canonical) = roster::sign(tenant, root, next.origin(at.clone()), &draft).map_err(text)?;
        tx.append(doc, &[(fact.id, canonical)], at).map_err(text)?;
    }
    tx.commit().map_err(text)
}

impl StoreDevice {
    /// Moves a store's database from its directory onto a disk in memory, and opens it there.
    fn onto_disk(dir: TempDir, store: Store, peers: Vec<DeviceId>) -> Result<Self, String> {
        drop(store);
        let path = dir.path().canonicalize().map_err(text)?.join(DATABASE);
        let files = BTreeMap::from([(path.display().to_string().into(), Arc::new(fs::read(&path).map_err(text)?))]);
        let disk = Disk::under(dir.path()).map_err(text)?;
        disk.load(Image { files }, true);
        let store = Some(open(dir.path())?);
        Ok(Self { dir, disk, store, peers })
    }

    fn store(&self) -> Result<&Store, String> {
        self.store.as_ref().ok_or_else(|| "the device is off".to_owned())
    }

    /// The documents of the last so many changes.
    fn latest(&self, changes: usize) -> Result<BTreeSet<DocId>, String> {
        let sql =
            "SELECT d.doc FROM change c JOIN doc d ON d.id = c.doc WHERE d.kind = 'job' ORDER BY c.id DESC LIMIT ?1";
        let mut statement = self.store()?.conn().prepare_cached(sql).map_err(text)?;
        let rows = statement.query_map([changes as i64], |row| row.get(0)).map_err(text)?;
        let docs: Vec<[u8; 16]> = rows.collect::<Result<_, _>>().map_err(text)?;
        Ok(docs.into_iter().filter_map(DocId::from_bytes).collect())
    }

    fn store_mut(&mut self) -> Result<&mut Store, String> {
        self.store.as_mut().ok_or_else(|| "the device is off".to_owned())
    }
}

impl Device for StoreDevice {
    fn write(&mut self, doc: DocId, drafts: &[Draft], at: &Stamp) -> Result<Vec<FactId>, String> {
        let drafts: Vec<StoreDraft> =
            drafts.iter().map(|draft| StoreDraft { kind: draft.kind.to_owned(), body: draft.body.clone() }).collect();
        self.store_mut()?.write(doc, &drafts, at).map_err(text)
    }

    fn facts(&self, doc: DocId) -> Result<Vec<Fact>, String> {
        self.store()?.facts(doc).map_err(text)
    }

    fn fact_ids(&self, doc: DocId) -> Result<BTreeSet<FactId>, String> {
        // Read from the truth and compared with its hash, but not parsed.
        let changes = self.store()?.changes(doc).map_err(text)?;
        Ok(changes.iter().flat_map(|change| &change.facts).map(|(id, _)| *id).collect())
    }

    fn docs(&self) -> Result<Vec<DocId>, String> {
        let mut docs = self.store()?.docs_of_kind("job").map_err(text)?;
        docs.sort_unstable();
        Ok(docs)
    }

    fn heads(&self, doc: DocId) -> Result<Vec<ChangeHash>, String> {
        let mut heads = self.store()?.heads(doc).map_err(text)?;
        heads.sort_unstable();
        Ok(heads)
    }

    fn export(&mut self, what: &Selection, to: usize, at: &Stamp) -> Result<Vec<u8>, String> {
        let to = self.peers.get(to).map(DeviceId::to_string);
        let some: BTreeSet<DocId> = match what {
            Selection::Documents(docs) => docs.iter().copied().collect(),
            Selection::Recent(count) => self.latest(*count)?,
            Selection::All | Selection::News => BTreeSet::new(),
        };
        let everything = Export::default();
        let what = match what {
            Selection::All => everything,
            Selection::News => Export { to: to.as_deref(), ..everything },
            // Also for technicians whom the jobs don't concern: what they hold of them they hand on.
            Selection::Documents(_) => Export { only: Some(&some), ..everything },
            Selection::Recent(_) => Export { to: to.as_deref(), only: Some(&some), ..everything },
        };
        bundle::export(self.store_mut()?, &what, at).map(|made| made.bytes).map_err(text)
    }

    fn import(&mut self, bytes: &[u8], at: &Stamp) -> Result<Option<Intake>, String> {
        match bundle::import(self.store_mut()?, bytes, "a stick", at) {
            Ok(report) if report.bad_seals.is_empty() => {
                let counts = report.counts;
                Ok(Some(Intake {
                    new: counts.new,
                    known: counts.known,
                    parked: counts.parked,
                    refused: counts.refused,
                }))
            }
            Ok(report) => Err(format!("seals of an honest device do not hold: {:?}", report.bad_seals)),
            Err(BundleError::Bad(_)) => Ok(None),
            Err(error) => Err(error.to_string()),
        }
    }

    fn cut_power(&mut self, rng: &mut Rng) -> Result<Cut, String> {
        let log = self.disk.take_log();
        if let Some(store) = self.store.take() {
            let dies = store.conn().set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
            dies.map_err(text)?;
        }
        let mut replay = Replay::new(&log);
        replay.advance(log.ops.len());
        self.disk.load(replay.image(rng), true);
        let store = open(self.dir.path())?;
        let restored = store.notices().iter().any(|notice| matches!(notice, Notice::Restored { .. }));
        self.store = Some(store);
        Ok(if restored { Cut::NewLife } else { Cut::Recovered })
    }

    fn no_more_cuts(&mut self) {
        self.disk.stop_recording();
    }

    fn views(&self) -> Result<BTreeMap<DocId, String>, String> {
        let sql = self.store()?.conn();
        let mut shown: BTreeMap<DocId, String> = BTreeMap::new();
        for view in VIEWS {
            for (doc, mut lines) in lines(sql, view)? {
                // In no particular order in the view: sorted here.
                lines.sort_unstable();
                let out = shown.entry(doc.parse().map_err(text)?).or_default();
                for line in lines {
                    out.push_str(view);
                    out.push_str(&line);
                    out.push('\n');
                }
            }
        }
        Ok(shown)
    }
}

/// Views that are compared; each has a column `doc`.
const VIEWS: [&str; 11] = [
    "v_job",
    "v_visit",
    "v_step",
    "v_order_break",
    "v_gate",
    "v_conflict",
    "v_inbox",
    "v_event",
    "v_sign",
    "v_clock",
    "v_course",
];

/// The rows of a view as text, by document; without the number that only means something in one store.
fn lines(sql: &Connection, view: &str) -> Result<BTreeMap<String, Vec<String>>, String> {
    let mut statement =
        sql.prepare_cached(&format!("SELECT doc, * FROM {view} WHERE doc IS NOT NULL")).map_err(text)?;
    let shared = |i: &usize| statement.column_name(*i).is_ok_and(|name| name != "job");
    let columns: Vec<usize> = (1..statement.column_count()).filter(shared).collect();
    let mut rows = statement.query([]).map_err(text)?;
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    while let Some(row) = rows.next().map_err(text)? {
        let mut line = String::new();
        for &i in &columns {
            match row.get_ref(i).map_err(text)? {
                ValueRef::Null => line.push('|'),
                ValueRef::Integer(number) => write!(line, "|{number}").map_err(text)?,
                ValueRef::Text(bytes) => write!(line, "|{:?}", String::from_utf8_lossy(bytes)).map_err(text)?,
                other => write!(line, "|{other:?}").map_err(text)?,
            }
        }
        found.entry(row.get(0).map_err(text)?).or_default().push(line);
    }
    Ok(found)
}
