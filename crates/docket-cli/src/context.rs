//! What every command gets: where to print, which store, which time.

use std::path::{Path, PathBuf};

use docket_device::Mode;
use docket_device::app::Session;
use docket_device::store::Notice;
use docket_format::limits;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::cli::Globals;
use crate::errors::{self, CliError};
use crate::output::Output;

pub(crate) struct Context {
    pub(crate) out: Output,
    globals: Globals,
}

impl Context {
    pub(crate) fn new(globals: &Globals, out: Output) -> Self {
        Self { out, globals: globals.clone() }
    }

    /// The store's folder: `--store`, DOCKET_STORE, `$XDG_DATA_HOME/docket`, `~/.local/share/docket`.
    pub(crate) fn store_dir(&self) -> Result<PathBuf, CliError> {
        if let Some(dir) = &self.globals.store {
            return Ok(dir.clone());
        }
        let var = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let data = var("XDG_DATA_HOME").or_else(|| var("HOME").map(|home| home.join(".local/share")));
        data.map(|data| data.join("docket")).ok_or_else(|| {
            CliError::environment(
                "no folder for the store: neither --store, DOCKET_STORE, XDG_DATA_HOME nor HOME is set",
            )
            .hint("say where: docket --store DIR …")
        })
    }

    /// Opens the store for writing.
    pub(crate) fn session(&self) -> Result<Session, CliError> {
        self.open(Mode::ReadWrite)
    }

    /// Opens the store for reading: works beside a writer, and where nothing can be written.
    pub(crate) fn reader(&self) -> Result<Session, CliError> {
        self.open(Mode::ReadOnly)
    }

    fn open(&self, mode: Mode) -> Result<Session, CliError> {
        let session = Session::open(&self.store_dir()?, mode, self.pretended_ms())?;
        for notice in session.store().notices() {
            self.tell(notice);
        }
        Ok(session)
    }

    fn tell(&self, notice: &Notice) {
        match notice {
            Notice::NewerSchema { found, known } => self.out.warn(format!(
                "this store is of a newer docket (schema {found}, this program knows {known}): reading only"
            )),
            Notice::Migrated { from, copy } => {
                self.out.note(format!("store brought up from schema {from}; the old one is {}", copy.display()));
            }
            Notice::Restored { incarnation, reason } => self.out.warn(format!(
                "this store was put back from a copy ({reason}): the device goes on as life {incarnation}"
            )),
            Notice::CounterLost => {
                self.out.warn("docket.counter was missing and was made anew: a restore before would not be noticed");
            }
        }
    }

    /// `--now` in milliseconds since 1970, if given.
    pub(crate) fn pretended_ms(&self) -> Option<i64> {
        self.globals.now.map(Timestamp::as_millisecond)
    }

    /// A time that a person typed, as RFC 3339 with the zone's offset.
    pub(crate) fn rfc3339(&self, text: &str) -> Result<String, CliError> {
        let zone = self.zone();
        let time = crate::times::parse(text, &zone)?;
        Ok(time.to_zoned(zone).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string())
    }

    /// What a fact written now says about the time, where no store is open yet.
    pub(crate) fn stamp(&self) -> docket_format::fact::Stamp {
        docket_device::app::session::stamp(self.pretended_ms())
    }

    /// Reads a text file of at most `limit` bytes.
    pub(crate) fn text(&self, path: &Path, limit: u64) -> Result<String, CliError> {
        String::from_utf8(bounded(path, limit)?).map_err(|bad| {
            let at = bad.utf8_error().valid_up_to();
            CliError::usage(format!("{} is not UTF-8: byte {at}", path.display())).hint("save it as UTF-8")
        })
    }

    /// Reads a bundle, bounded before it is read.
    pub(crate) fn bundle(&self, path: &Path) -> Result<Vec<u8>, CliError> {
        bounded(path, (limits::BUNDLE_CHUNKS as u64) * limits::CHUNK_BYTES as u64)
    }

    /// Reads a picture, bounded before it is read.
    pub(crate) fn picture(&self, path: &Path) -> Result<Vec<u8>, CliError> {
        bounded(path, limits::BLOB_BYTES as u64)
    }

    /// The time: `--now` if given.
    pub(crate) fn now(&self) -> Timestamp {
        self.globals.now.unwrap_or_else(Timestamp::now)
    }

    /// Writes a file whole or not at all: beside it first, then renamed.
    pub(crate) fn write_file(&self, path: &Path, bytes: &[u8]) -> Result<(), CliError> {
        use std::io::Write as _;
        let fail = |error: std::io::Error| errors::file("write", path, &error);
        let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut file = tempfile::NamedTempFile::new_in(dir).map_err(fail)?;
        file.write_all(bytes).and_then(|()| file.as_file().sync_all()).map_err(fail)?;
        file.persist(path).map_err(|error| fail(error.error))?;
        Ok(())
    }

    /// The zone for times typed and shown.
    pub(crate) fn zone(&self) -> TimeZone {
        TimeZone::system()
    }
}

/// Reads a file of at most `limit` bytes.
pub(crate) fn bounded(path: &Path, limit: u64) -> Result<Vec<u8>, CliError> {
    use std::io::Read as _;
    let fail = |error: std::io::Error| errors::file("read", path, &error);
    let file = std::fs::File::open(path).map_err(fail)?;
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes).map_err(fail)?;
    if bytes.len() as u64 > limit {
        return Err(CliError::usage(format!("{} has more than {limit} bytes", path.display())));
    }
    Ok(bytes)
}
