//! Opening and making a store. Opening is cheap: a few pragmas and one row; nothing is scanned.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::time::Duration;

use docket_format::{DeviceId, Incarnation, TenantId, crockford};
use rusqlite::config::DbConfig;
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Transaction, TransactionBehavior};

use super::counter::{self, Count, Verdict};
use super::tx::Bookkeeping;
use super::{DATABASE, Mode, Notice, Store, life, migrate};
use crate::error::StoreError;
use crate::folding;
use crate::{files, keys, project};

/// "dkt1": in the file's header, where `file(1)` and others look for it.
pub(crate) const APPLICATION_ID: i64 = 0x646b_7431;
/// How long a write waits for another process: an import commits every 200 ms, so this is generous.
const BUSY: Duration = Duration::from_secs(10);
/// The first SQLite without the WAL-reset corruption bug.
const OLDEST_SQLITE: i32 = 3_051_003;
/// A log that is left beside the database when a store is closed, in bytes.
const SHORT_LOG: u64 = 1536 * 1024;
/// Pages of the log after which a commit writes them back; one of many documents allows more.
const LOG_PAGES: i64 = 1_000;
/// Most memory for cached pages, in KiB: an import's indexes fit, so that its pages are written once for each commit.
const CACHE_KIB: i64 = 24 * 1024;
/// Statements kept compiled.
const STATEMENTS: usize = 96;

/// Makes a store in `dir` (made if missing). Refuses a directory that has one.
pub(crate) fn create(dir: &Path, tenant: TenantId, device: DeviceId, now_ms: i64) -> Result<Store, StoreError> {
    check_sqlite()?;
    files::make_dir(dir)?;
    let path = dir.join(DATABASE);
    if path.exists() {
        return Err(StoreError::Exists { dir: dir.to_path_buf() });
    }
    // A counter that an earlier store left must not make the new one look restored.
    let counter = dir.join(counter::FILE);
    match std::fs::remove_file(&counter) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(StoreError::io(&counter, error)),
        _ => {}
    }
    let count = Count { generation: 1, incarnation: 1, nonce: keys::random()? };
    // Made beside and renamed: a half-made store never has the store's name.
    let beside = dir.join(format!("{DATABASE}.{}.new", std::process::id()));
    let made = make(&beside, tenant, device, count, now_ms);
    let made = made.and_then(|()| std::fs::rename(&beside, &path).map_err(|error| StoreError::io(&path, error)));
    if let Err(error) = made {
        for end in ["", "-wal", "-shm", "-journal"] {
            // What is left has no meaning; failing to remove it changes nothing about the error.
            let _ = std::fs::remove_file(beside.with_file_name(format!("{DATABASE}.{}.new{end}", std::process::id())));
        }
        return Err(error.in_dir(dir));
    }
    counter::write(dir, count, true)?;
    files::sync_dir(dir)?;
    open(dir, Mode::ReadWrite, now_ms)
}

fn make(path: &Path, tenant: TenantId, device: DeviceId, count: Count, now_ms: i64) -> Result<(), StoreError> {
    // The record holds personal data: whatever the umask, only its owner reads it.
    files::make_empty(path)?;
    let conn = Connection::open(path)?;
    conn.execute_batch("PRAGMA page_size = 4096; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")?;
    register(&conn)?;
    let tx = conn.unchecked_transaction()?;
    tx.pragma_update(None, "application_id", APPLICATION_ID)?;
    migrate::apply(&tx, 0, migrate::STEPS)?;
    project::make_tables(&tx)?;
    tx.execute(
        "INSERT INTO meta VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        rusqlite::params![
            tenant.as_bytes(),
            device.as_bytes(),
            count.incarnation,
            count.generation as i64,
            count.nonce,
            project::VERSION,
            now_ms
        ],
    )?;
    tx.execute("INSERT INTO incarnation VALUES (1, ?1, 'made')", [now_ms])?;
    tx.commit()?;
    conn.close().map_err(|(_, error)| error.into())
}

/// Opens the store in `dir`.
pub(crate) fn open(dir: &Path, mode: Mode, now_ms: i64) -> Result<Store, StoreError> {
    check_sqlite()?;
    // The counter before the database: a write of another process in between only makes the database newer.
    let count = counter::read(dir);
    let path = dir.join(DATABASE);
    let store = connect(dir, &path, mode).and_then(|conn| start(dir, conn, mode, count, now_ms));
    store.map_err(|error| error.in_dir(dir))
}

fn check_sqlite() -> Result<(), StoreError> {
    if rusqlite::version_number() < OLDEST_SQLITE {
        return Err(StoreError::OldSqlite { found: rusqlite::version() });
    }
    Ok(())
}

fn connect(dir: &Path, path: &Path, mode: Mode) -> Result<Connection, StoreError> {
    match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(StoreError::NoStore { dir: dir.to_path_buf() });
        }
        Err(error) => return Err(StoreError::io(path, error)),
        Ok(meta) if !meta.is_file() => {
            return Err(StoreError::Foreign { path: path.to_path_buf(), found: "not a file".into() });
        }
        Ok(meta) if meta.len() == 0 => {
            return Err(StoreError::Foreign { path: path.to_path_buf(), found: "an empty file".into() });
        }
        Ok(_) => {}
    }
    let base = OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if mode == Mode::ReadWrite {
        return Ok(Connection::open_with_flags(path, base | OpenFlags::SQLITE_OPEN_READ_WRITE)?);
    }
    let conn = Connection::open_with_flags(path, base | OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    // A reader of a WAL database needs the directory to be writable, unless nothing can change under it.
    match migrate::version(&conn) {
        Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::CannotOpen) && no_wal(path) => {
            let flags = base | OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
            Ok(Connection::open_with_flags(immutable_uri(path), flags)?)
        }
        _ => Ok(conn),
    }
}

fn no_wal(path: &Path) -> bool {
    let mut wal = path.as_os_str().to_owned();
    wal.push("-wal");
    std::fs::metadata(wal).map_or(true, |meta| meta.len() == 0)
}

fn immutable_uri(path: &Path) -> PathBuf {
    let text = path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    PathBuf::from(format!("file:{text}?immutable=1"))
}

fn start(dir: &Path, conn: Connection, mode: Mode, counter: Option<Count>, now_ms: i64) -> Result<Store, StoreError> {
    ready(&conn)?;
    let mut notices = Vec::new();
    let mut writable = mode == Mode::ReadWrite;
    let found = migrate::version(&conn)?;
    if found > migrate::VERSION {
        notices.push(Notice::NewerSchema { found, known: migrate::VERSION });
        writable = false;
    } else if found < migrate::VERSION && writable {
        if let Some(copy) = migrate::migrate(&conn, &dir.join(DATABASE), migrate::STEPS)? {
            notices.push(Notice::Migrated { from: found, copy });
        }
    } else if found < migrate::VERSION {
        let found = format!("schema {found}, which this docket must upgrade first: open it for writing once");
        return Err(StoreError::Foreign { path: DATABASE.into(), found });
    }
    let (tenant, device, count, projection) = read_meta(&conn)?;
    let mut store = Store {
        conn,
        dir: dir.to_path_buf(),
        writable,
        tenant,
        device,
        books: Bookkeeping::of(count),
        notices,
        roster: RefCell::new(None),
    };
    if writable {
        settle(&mut store, counter, now_ms)?;
        if projection != project::VERSION {
            store.rebuild_projections()?;
        }
    }
    Ok(store)
}

/// What every connection needs, whatever it is for.
fn ready(conn: &Connection) -> Result<(), StoreError> {
    conn.busy_timeout(BUSY)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    check_header(conn)?;
    // Without it SQLite compiles a kept statement anew whenever a bound value might change its plan: a third of an
    // import's time.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    conn.execute_batch(&format!(
        "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -{CACHE_KIB}; PRAGMA wal_autocheckpoint = {LOG_PAGES};"
    ))?;
    Ok(register(conn)?)
}

fn check_header(conn: &Connection) -> Result<(), StoreError> {
    let id: i64 = conn.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if id == APPLICATION_ID {
        return Ok(());
    }
    let found = if id == 0 {
        "an SQLite database of another program".to_owned()
    } else {
        format!("an SQLite database of another program (application id {id:#010x})")
    };
    Err(StoreError::Foreign { path: DATABASE.into(), found })
}

pub(super) fn read_meta(conn: &Connection) -> Result<(TenantId, DeviceId, Count, i64), StoreError> {
    let row = conn
        .query_row("SELECT tenant, device, incarnation, generation + (SELECT coalesce(max(id), 0) FROM change), nonce, projection FROM meta", [], |row| {
            let count =
                Count { incarnation: row.get(2)?, generation: row.get::<_, i64>(3)? as u64, nonce: row.get(4)? };
            Ok((TenantId::from_bytes(row.get(0)?), DeviceId::from_bytes(row.get(1)?), count, row.get(5)?))
        })
        .optional()?;
    row.ok_or_else(|| StoreError::corrupt("its table `meta` is empty"))
}

/// Judges the counter beside the database and starts a new life if the database is not the one that wrote last.
fn settle(store: &mut Store, counter: Option<Count>, now_ms: i64) -> Result<(), StoreError> {
    match counter::judge(counter, store.books.count) {
        Verdict::Same => Ok(()),
        Verdict::Lost => {
            store.notices.push(Notice::CounterLost);
            counter::write(&store.dir, store.books.count, true)
        }
        Verdict::Restored { .. } => {
            let tx = Transaction::new_unchecked(&store.conn, TransactionBehavior::Immediate)?;
            // Under the lock, once more: another process may have settled it, or may be writing right now.
            let file = counter::read(&store.dir);
            let (_, _, count, _) = read_meta(&tx)?;
            let Verdict::Restored { reason } = counter::judge(file, count) else {
                store.books.count = count;
                return Ok(());
            };
            let counts: Vec<Count> = file.into_iter().chain([count]).collect();
            let next = life::begin(&tx, &store.dir, &counts, &reason, now_ms)?;
            tx.commit()?;
            store.books.count = next;
            store.notices.push(Notice::Restored { incarnation: Incarnation(next.incarnation), reason });
            Ok(())
        }
    }
}

/// SQL functions that the views use.
pub(crate) fn register(conn: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    conn.create_scalar_function("crock", 1, flags, |context| {
        let bytes: Option<Vec<u8>> = context.get(0)?;
        Ok(bytes.map(|bytes| crockford::encode(&bytes)))
    })?;
    conn.create_scalar_function("squash", 1, flags, |context| {
        Ok(context.get_raw(0).as_str_or_null().unwrap_or_default().map(folding::squash))
    })?;
    conn.create_scalar_function("phone", 1, flags, |context| {
        Ok(context.get_raw(0).as_str_or_null().unwrap_or_default().and_then(folding::phone))
    })
}

/// A second, read-only connection with the views' functions: for audits and reports, which bring their own SQL.
pub fn read_only(dir: &Path) -> Result<Connection, StoreError> {
    let run = || {
        check_sqlite()?;
        let conn = connect(dir, &dir.join(DATABASE), Mode::ReadOnly)?;
        ready(&conn)?;
        Ok(conn)
    };
    run().map_err(|error: StoreError| error.in_dir(dir))
}

/// How often two connections are opened anew because somebody committed in between.
const SNAPSHOT_TRIES: usize = 5;

/// Two read-only connections, each in a read transaction of the same snapshot, for reading on two cores; only one where
/// others commit all the time.
pub fn read_only_pair(dir: &Path) -> Result<Vec<Connection>, StoreError> {
    let watcher = read_only(dir)?;
    // Differs whenever another connection committed since it was last asked.
    let commits = || watcher.query_row("PRAGMA data_version", [], |row| row.get::<_, i64>(0));
    let begun = || -> Result<Connection, StoreError> {
        let conn = read_only(dir)?;
        // A read transaction begins with the first read.
        conn.execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema;")?;
        Ok(conn)
    };
    let mut before = commits()?;
    for _ in 0..SNAPSHOT_TRIES {
        let pair = vec![begun()?, begun()?];
        let after = commits()?;
        if after == before {
            return Ok(pair);
        }
        before = after;
    }
    Ok(vec![begun()?])
}

impl Store {
    /// Has this store leave a short write-ahead log beside the database when it is closed. Closing the last connection
    /// otherwise writes the log back, which costs more flushes than a single tick. The log is part of the record: who
    /// copies `docket.db` by hand must copy `docket.db-wal` with it, and who puts a copy back must remove the log that
    /// lies there, which is why this is not what happens by itself.
    pub fn leave_log(&self) {
        let wal = std::fs::metadata(self.dir.join(format!("{DATABASE}-wal"))).map_or(0, |meta| meta.len());
        if self.writable && wal <= SHORT_LOG {
            // If it can't be set, closing only takes longer.
            let _ = self.conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
        }
    }
}
