//! Why a log can't be read or written.

use std::path::PathBuf;

use docket_format::TenantId;

/// Why a log can't be read or written.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The file is in the way.
    #[error("{}: {error}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// SQLite.
    #[error("the log's database: {0}")]
    Sql(#[from] rusqlite::Error),
    /// A row that this program did not write so.
    #[error("the log is damaged: {0}")]
    Corrupt(&'static str),
    /// A document's share of a page, as the log writes it, would fit no page.
    #[error("an entry of {0} bytes is too long")]
    EntryTooLong(usize),
    /// Written by a newer program.
    #[error("the log has schema {found}, this program knows up to {known}")]
    Newer {
        /// Its schema.
        found: i64,
        /// What is known here.
        known: i64,
    },
    /// No log, or another program's file.
    #[error("{} is no relay's log", .0.display())]
    NotALog(PathBuf),
    /// The file holds another company's log.
    #[error("{} holds the log of tenant {tenant}", path.display())]
    OtherTenant {
        /// Which file.
        path: PathBuf,
        /// Whose it is.
        tenant: TenantId,
    },
    /// Another relay serves it.
    #[error("{} is in use by another relay", .0.display())]
    InUse(PathBuf),
    /// The SQLite library is one of those that can corrupt a database.
    #[error("SQLite {0} is too old: 3.51.3 or newer is needed")]
    OldSqlite(&'static str),
    /// No randomness for a new log's key.
    #[error("the system gives no random bytes")]
    NoRandomness,
}

impl LogError {
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |error| Self::Io { path, error }
    }
}
