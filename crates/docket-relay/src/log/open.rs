//! Opening a log's file: pragmas, schema, identity.

use std::path::Path;

use docket_format::TenantId;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _};

use super::{LogError, SqliteLog};

/// "dckR": a relay's log.
const APPLICATION: i64 = 0x6463_6B52;
/// The first SQLite without the WAL bug that can corrupt a database.
const OLDEST_SQLITE: i32 = 3_051_003;
/// Step `i` brings a log from version `i` to `i + 1`. Never edit one that was released: add another.
const STEPS: &[&str] = &[include_str!("schema.sql"), include_str!("schema_2.sql"), include_str!("schema_3.sql")];
/// Prepared statements that a connection keeps.
const STATEMENTS: usize = 64;

/// What a new log is given: all of it random but the time.
#[derive(Clone)]
pub struct Birth {
    /// Names the log.
    pub epoch: [u8; 16],
    /// The relay's key for this company.
    pub seed: [u8; 32],
    /// What tokens are authenticated with.
    pub secret: [u8; 32],
    /// Milliseconds since 1970.
    pub now_ms: i64,
}

impl Birth {
    /// Of the system's randomness.
    pub fn random(now_ms: i64) -> Result<Self, LogError> {
        let mut birth = Self { epoch: [0; 16], seed: [0; 32], secret: [0; 32], now_ms };
        let filled = getrandom::fill(&mut birth.epoch).and_then(|()| getrandom::fill(&mut birth.seed));
        filled.and_then(|()| getrandom::fill(&mut birth.secret)).map_err(|_| LogError::NoRandomness)?;
        Ok(birth)
    }
}

impl SqliteLog {
    /// Opens a company's log for writing, and begins it if there is none. One process may write at a time.
    pub fn open(path: &Path, tenant: TenantId, birth: &Birth) -> Result<Self, LogError> {
        check_sqlite()?;
        make_private(path)?;
        let conn = Connection::open(path)?;
        Self::begun(conn, path, tenant, birth)
    }

    /// A log in memory.
    pub fn in_memory(tenant: TenantId, birth: &Birth) -> Result<Self, LogError> {
        check_sqlite()?;
        Self::begun(Connection::open_in_memory()?, Path::new(":memory:"), tenant, birth)
    }

    /// Opens a log that exists for reading.
    pub fn read_only(path: &Path) -> Result<Self, LogError> {
        check_sqlite()?;
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = Connection::open_with_flags(path, flags).map_err(|error| missing(path, error))?;
        prepare(&conn)?;
        check_file(&conn, path)?;
        let found = version(&conn)?;
        if found == 0 {
            return Err(LogError::NotALog(path.to_owned()));
        }
        Self::with(conn)
    }

    fn begun(conn: Connection, path: &Path, tenant: TenantId, birth: &Birth) -> Result<Self, LogError> {
        prepare(&conn)?;
        check_file(&conn, path)?;
        // A file that is new has no journal mode yet; WAL stays with the file.
        conn.pragma_update(None, "journal_mode", "WAL")?;
        conn.pragma_update(None, "synchronous", "FULL")?;
        let tx = rusqlite::Transaction::new_unchecked(&conn, rusqlite::TransactionBehavior::Immediate)?;
        let found = version(&tx)?;
        for step in STEPS.iter().skip(usize::try_from(found).unwrap_or(0)) {
            tx.execute_batch(step)?;
        }
        if found < STEPS.len() as i64 {
            tx.pragma_update(None, "application_id", APPLICATION)?;
            tx.pragma_update(None, "user_version", STEPS.len() as i64)?;
        }
        tx.execute(
            "INSERT INTO meta (one, tenant, epoch, seed, secret, created_ms) VALUES (1, ?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO NOTHING",
            (tenant.as_bytes(), birth.epoch, birth.seed, birth.secret, birth.now_ms),
        )?;
        tx.commit()?;
        let mut log = Self::with(conn)?;
        log.count_pages()?;
        if log.tenant() != tenant {
            return Err(LogError::OtherTenant { path: path.to_owned(), tenant: log.tenant() });
        }
        Ok(log)
    }
}

fn check_sqlite() -> Result<(), LogError> {
    if rusqlite::version_number() < OLDEST_SQLITE {
        return Err(LogError::OldSqlite(rusqlite::version()));
    }
    Ok(())
}

fn prepare(conn: &Connection) -> Result<(), LogError> {
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    conn.busy_timeout(std::time::Duration::from_secs(5))?;
    // KiB, as SQLite wants it: negative.
    conn.pragma_update(None, "cache_size", -4096)?;
    conn.pragma_update(None, "trusted_schema", "OFF")?;
    conn.pragma_update(None, "cell_size_check", "ON")?;
    Ok(())
}

fn version(conn: &Connection) -> rusqlite::Result<i64> {
    conn.pragma_query_value(None, "user_version", |row| row.get(0))
}

fn check_file(conn: &Connection, path: &Path) -> Result<(), LogError> {
    let application: i64 = conn.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let found = version(conn)?;
    let table: Option<i64> = conn.query_row("SELECT 1 FROM sqlite_schema LIMIT 1", [], |row| row.get(0)).optional()?;
    let blank = application == 0 && found == 0 && table.is_none();
    if application != APPLICATION && !blank {
        return Err(LogError::NotALog(path.to_owned()));
    }
    if found > STEPS.len() as i64 {
        return Err(LogError::Newer { found, known: STEPS.len() as i64 });
    }
    Ok(())
}

fn missing(path: &Path, error: rusqlite::Error) -> LogError {
    if path.exists() { error.into() } else { LogError::NotALog(path.to_owned()) }
}

/// The file holds the relay's key: nobody else on the machine may read it.
pub(crate) fn make_private(path: &Path) -> Result<(), LogError> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop).map_err(LogError::io(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn birth(n: u8) -> Birth {
        Birth { epoch: [n; 16], seed: [n; 32], secret: [n; 32], now_ms: 5 }
    }

    fn tenant(n: u8) -> TenantId {
        TenantId::from_bytes([n; 32])
    }

    #[test]
    fn a_log_keeps_its_epoch_and_key_and_is_one_companys() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        SqliteLog::open(&path, tenant(1), &birth(1)).unwrap();
        let again = SqliteLog::open(&path, tenant(1), &birth(2)).unwrap();
        assert_eq!(again.meta().epoch, [1; 16]);
        assert_eq!(again.meta().seed, [1; 32]);
        assert!(matches!(SqliteLog::open(&path, tenant(2), &birth(1)), Err(LogError::OtherTenant { .. })));
        assert_eq!(SqliteLog::read_only(&path).unwrap().tenant(), tenant(1));
    }

    #[test]
    fn what_is_no_log_or_a_newer_one_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        assert!(matches!(SqliteLog::read_only(&path), Err(LogError::NotALog(_))));
        drop(SqliteLog::open(&path, tenant(1), &birth(1)).unwrap());
        let conn = Connection::open(&path).unwrap();
        conn.pragma_update(None, "user_version", 99).unwrap();
        assert!(matches!(SqliteLog::open(&path, tenant(1), &birth(1)), Err(LogError::Newer { found: 99, .. })));
        let other = dir.path().join("b.db");
        Connection::open(&other).unwrap().execute_batch("CREATE TABLE t (a)").unwrap();
        assert!(matches!(SqliteLog::open(&other, tenant(1), &birth(1)), Err(LogError::NotALog(_))));
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_read_the_relays_key() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        SqliteLog::open(&path, tenant(1), &birth(1)).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
