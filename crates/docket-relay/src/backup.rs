//! Copies of a log, made while it is served.
//!
//! A log that was put back from a copy keeps its epoch and its key. Devices notice all the same: the place that they
//! were told last is above its head, or has another chain digest once it has grown past. Then both sides compare, and
//! what any device holds comes back. A copy holds the relay's key: keep it as you would the log itself.

use std::fs::File;
use std::path::{Path, PathBuf};

use docket_format::TenantId;
use docket_sync::relay::Log as _;
use docket_sync::wire::Anchor;
use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use crate::log::{LogError, Size, SqliteLog, make_private};
use crate::tenant::log_path;

/// What a copy holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copied {
    /// The last entry in it.
    pub head: Anchor,
    /// Its size.
    pub size: Size,
}

/// Copies a company's log as it stands at one moment, beside `file` first and then in its place: a copy that is there
/// is whole. Serving goes on meanwhile.
pub fn backup(dir: &Path, tenant: TenantId, file: &Path) -> Result<Copied, LogError> {
    let source = log_path(dir, tenant);
    let log = SqliteLog::read_only(&source)?;
    let mut beside = file.as_os_str().to_owned();
    beside.push(format!(".{}.tmp", std::process::id()));
    let beside = PathBuf::from(beside);
    let copied = copy(&log, &beside).and_then(|copied| {
        put_in_place(&beside, file)?;
        Ok(copied)
    });
    if copied.is_err() {
        // What is left of it is of no use; why it failed matters more than whether it goes.
        let _gone = std::fs::remove_file(&beside);
    }
    copied
}

fn copy(log: &SqliteLog, to: &Path) -> Result<Copied, LogError> {
    if let Err(error) = std::fs::remove_file(to)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        return Err(LogError::io(to)(error));
    }
    make_private(to)?;
    let mut target = Connection::open(to)?;
    // All pages in one step: one moment of the log, whatever is written meanwhile.
    let whole = Backup::new(log.connection(), &mut target)?.step(-1)?;
    if whole != StepResult::Done {
        return Err(LogError::Sql(rusqlite::Error::SqliteFailure(
            rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY),
            Some("the log was locked".to_owned()),
        )));
    }
    // One file: nothing of the copy may stay in a journal beside it.
    target.pragma_update(None, "journal_mode", "DELETE")?;
    target.close().map_err(|(_, error)| error)?;
    let copy = SqliteLog::read_only(to)?;
    Ok(Copied { head: copy.head()?, size: copy.size()? })
}

fn put_in_place(beside: &Path, file: &Path) -> Result<(), LogError> {
    File::open(beside).and_then(|copy| copy.sync_all()).map_err(LogError::io(beside))?;
    std::fs::rename(beside, file).map_err(LogError::io(file))?;
    let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(parent).and_then(|dir| dir.sync_all()).map_err(LogError::io(parent))
}
