//! What can go wrong with a store, said once: what, where, and a hint. The command line maps [`ErrorKind`] to its
//! exit codes in one place.

use std::path::{Path, PathBuf};

use docket_format::{DocId, Malformed};

use crate::store::{DATABASE, Prepared};

/// How the command line answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The caller asked for something that can't be (exit code 2).
    Usage,
    /// The machine, the disk or the file (exit code 3).
    Environment,
    /// Some of it was done (exit code 4).
    Partial,
}

/// A store operation failed. Nothing of it was kept, unless the variant says otherwise.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no store in the directory.
    #[error("no docket store in {}", dir.display())]
    NoStore {
        /// The directory.
        dir: PathBuf,
    },
    /// There is one already.
    #[error("{} is a docket store already", dir.display())]
    Exists {
        /// The directory.
        dir: PathBuf,
    },
    /// The file is something else.
    #[error("{} is not a docket store: {found}", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What it seems to be.
        found: String,
    },
    /// The file is damaged.
    #[error("{} is damaged: {what}", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// Where and how.
        what: String,
    },
    /// The store was written by a newer docket; it can be read, not written.
    #[error("{} has schema {found}, this docket knows up to {known}: it is open for reading only", path.display())]
    NewerSchema {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The newest schema this program knows.
        known: i64,
    },
    /// A write was asked of a store that is open for reading.
    #[error("{} is open for reading only", path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// The linked SQLite has a known WAL corruption bug.
    #[error("SQLite {found} is too old: 3.51.3 or newer is needed")]
    OldSqlite {
        /// Its version.
        found: &'static str,
    },
    /// The disk is full.
    #[error("the disk is full: {} could not grow", path.display())]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// The directory or file may not be written.
    #[error("no permission to write {}", path.display())]
    Denied {
        /// The file.
        path: PathBuf,
    },
    /// Another process held the store for longer than the time-out.
    #[error("{} is in use by another process", path.display())]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// A file operation failed.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// SQLite refused for another reason.
    #[error("{}: {source}", path.display())]
    Sql {
        /// The file.
        path: PathBuf,
        /// SQLite's answer.
        source: rusqlite::Error,
    },
    /// The commit was answered with an error: whether the record landed is unknown. Retry with the same
    /// [`Prepared`]: if it landed the retry finds it, if not it lands once.
    #[error("{}: the commit failed, whether it landed is unknown: {source}", path.display())]
    CommitUnknown {
        /// The file.
        path: PathBuf,
        /// What to submit again ([`crate::store::Store::submit`]); `None` for an import, which is repeatable as it is.
        prepared: Option<Box<Prepared>>,
        /// The error of the commit.
        source: Box<StoreError>,
    },
    /// No document goes by that name.
    #[error("nothing goes by `{text}`")]
    Unknown {
        /// What was typed, shortened.
        text: String,
    },
    /// Several documents do.
    #[error("`{text}` names {} things", candidates.len())]
    Ambiguous {
        /// What was typed.
        text: String,
        /// Short code, document, and what it is.
        candidates: Vec<Candidate>,
    },
    /// What should be written is not a fact.
    #[error("not a fact: {0}")]
    BadFact(#[from] Malformed),
    /// Our own change did not pass the check that everybody's must.
    #[error("the change was refused ({code}): {detail}")]
    Refused {
        /// The refusal's stable code.
        code: &'static str,
        /// In words.
        detail: String,
    },
    /// The system gave no random bytes.
    #[error("the system gave no random bytes: {0}")]
    NoRandom(String),
    /// A key file does not hold a key.
    #[error("{} holds no device key: {what}", path.display())]
    BadKey {
        /// The file.
        path: PathBuf,
        /// Why.
        what: String,
    },
    /// A blob is larger than the limit, or not what its name says.
    #[error("{}: {what}", path.display())]
    BadBlob {
        /// The file.
        path: PathBuf,
        /// Why.
        what: String,
    },
}

/// One reading of an ambiguous name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The document.
    pub doc: DocId,
    /// Its short code, long enough to be unique among the candidates.
    pub code: String,
    /// Its kind and number, if known ("job 1-1523590121").
    pub label: String,
}

impl StoreError {
    /// How the command line answers.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Unknown { .. }
            | Self::Ambiguous { .. }
            | Self::BadFact(_)
            | Self::Refused { .. }
            | Self::Exists { .. }
            | Self::BadBlob { .. } => ErrorKind::Usage,
            _ => ErrorKind::Environment,
        }
    }

    /// What the person can do about it.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NoStore { .. } => {
                "`docket init` makes one, `docket enrol` joins a company's; or pass --store DIR".into()
            }
            Self::Exists { .. } => "pass another directory with --store DIR".into(),
            Self::Foreign { .. } => "pass the directory that holds your docket.db with --store DIR".into(),
            Self::Corrupt { path, .. } => format!(
                "nothing was changed; copy {} away, then run `docket doctor`: facts that other devices hold come back by bundle",
                path.display()
            ),
            Self::NewerSchema { .. } => "use the newer docket to write; reading, listing and audits work".into(),
            Self::ReadOnly { .. } => "open it for writing, or use the program that holds it".into(),
            Self::OldSqlite { .. } => "rebuild docket with its bundled SQLite".into(),
            Self::Full { .. } => "free some space and try again: nothing was half-written".into(),
            Self::Denied { .. } => {
                "check the owner and mode of the directory; SQLite needs to write beside the file too".into()
            }
            Self::Busy { .. } => "try again when the other docket (an import?) is done".into(),
            Self::CommitUnknown { prepared: None, .. } => {
                "run the same command again: what landed is found, not doubled".into()
            }
            Self::CommitUnknown { .. } => {
                "look whether the record is there (`docket job log`) before you make it again".into()
            }
            Self::Unknown { .. } => {
                "use a short code, its beginning, or the source's number; `docket job list` shows them".into()
            }
            Self::Ambiguous { candidates, .. } => {
                let shown: Vec<String> =
                    candidates.iter().take(5).map(|c| format!("{} ({})", c.code, c.label)).collect();
                format!("did you mean {}?", shown.join(", "))
            }
            Self::BadKey { .. } => "restore device.key from a backup, or enrol the device anew".into(),
            Self::Io { .. } | Self::Sql { .. } => {
                "look at the disk (free space, quota, `dmesg`) and try again: nothing was half-written".into()
            }
            Self::NoRandom(_) | Self::BadFact(_) | Self::Refused { .. } | Self::BadBlob { .. } => return None,
        })
    }

    /// Sorts a SQLite error into what the person can act on.
    pub(crate) fn sql(path: &Path, source: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        let path = path.to_path_buf();
        match source.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full { path },
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => Self::Denied { path },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy { path },
            Some(ErrorCode::DatabaseCorrupt) => Self::Corrupt { path, what: source.to_string() },
            Some(ErrorCode::NotADatabase) => Self::Foreign { path, found: "not an SQLite database".into() },
            _ => Self::Sql { path, source },
        }
    }

    /// Names the store's directory in an error that came up from below, where only the file's name was known.
    #[must_use]
    pub(crate) fn in_dir(mut self, dir: &Path) -> Self {
        let (Self::Foreign { path, .. }
        | Self::Corrupt { path, .. }
        | Self::NewerSchema { path, .. }
        | Self::ReadOnly { path }
        | Self::Full { path }
        | Self::Denied { path }
        | Self::Busy { path }
        | Self::Sql { path, .. }
        | Self::CommitUnknown { path, .. }) = &mut self
        else {
            return self;
        };

        if path.as_os_str() == DATABASE {
            *path = dir.join(DATABASE);
        }
        self
    }

    /// A record that does not say what its hash says.
    pub(crate) fn corrupt(what: impl Into<String>) -> Self {
        Self::Corrupt { path: PathBuf::from(DATABASE), what: what.into() }
    }

    /// Sorts a file error into what the person can act on.
    pub(crate) fn io(path: &Path, source: std::io::Error) -> Self {
        use std::io::ErrorKind as Io;
        let path = path.to_path_buf();
        match source.kind() {
            Io::StorageFull | Io::QuotaExceeded | Io::FileTooLarge => Self::Full { path },
            Io::PermissionDenied | Io::ReadOnlyFilesystem => Self::Denied { path },
            _ => Self::Io { path, source },
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(source: rusqlite::Error) -> Self {
        Self::sql(Path::new(DATABASE), source)
    }
}

impl From<docket_format::change::Refused> for StoreError {
    fn from(refused: docket_format::change::Refused) -> Self {
        Self::Refused { code: refused.code(), detail: refused.to_string() }
    }
}
