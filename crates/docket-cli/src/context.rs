//! What every command gets: where to print, which store, which time.

use std::path::{Path, PathBuf};

use docket_device::Mode;
use docket_device::app::Session;
use docket_device::store::Notice;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::cli::Globals;
use crate::errors::CliError;
use crate::output::Output;

pub(crate) struct Context {
    pub(crate) out: Output,
    globals: Globals,
}

impl Context {
    pub(crate) fn new(globals: &Globals, out: Output) -> Self {
        Self { out, globals: globals.clone() }
    }

    /// The store's folder: `--store`, `DOCKET_STORE`, `$XDG_DATA_HOME/docket`, `~/.local/share/docket`.
    pub(crate) fn store_dir(&self) -> Result<PathBuf, CliError> {
        if let Some(dir) = &self.globals.store {
            return Ok(dir.clone());
        }
        data_folder().map(|data| data.join("docket")).ok_or_else(|| {
            CliError::environment(
                "no folder for the store: neither --store, DOCKET_STORE, XDG_DATA_HOME nor HOME is set",
            )
            .hint("say where: docket --store DIR …")
        })
    }

    /// The relay's folder: `--dir`, `$XDG_DATA_HOME/docket-relay`, `~/.local/share/docket-relay`.
    #[expect(clippy::unused_self, reason = "folders are asked of the context that a command was given")]
    pub(crate) fn relay_dir(&self, given: Option<&Path>) -> Result<PathBuf, CliError> {
        let found = given.map(Path::to_path_buf).or_else(|| data_folder().map(|data| data.join("docket-relay")));
        found.ok_or_else(|| {
            CliError::environment("no folder for the relay's logs: neither --dir, XDG_DATA_HOME nor HOME is set")
                .hint("say where: docket relay … --dir DIR")
        })
    }

    /// Opens the store for writing.
    pub(crate) fn session(&self) -> Result<Session, CliError> {
        self.open(Mode::ReadWrite)
    }

    /// Opens the store for one small record made on site: closing leaves a short log, which saves flushes.
    pub(crate) fn tick(&self) -> Result<Session, CliError> {
        let session = self.open(Mode::ReadWrite)?;
        session.store().leave_log();
        Ok(session)
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

    /// The time: `--now` if given.
    pub(crate) fn now(&self) -> Timestamp {
        self.globals.now.unwrap_or_else(|| {
            Timestamp::from_millisecond(docket_device::clock::wall_ms()).unwrap_or(Timestamp::UNIX_EPOCH)
        })
    }

    /// The zone for times typed and shown: `--zone`, else the system's.
    pub(crate) fn zone(&self) -> TimeZone {
        self.globals.zone.clone().unwrap_or_else(TimeZone::system)
    }
}

/// `$XDG_DATA_HOME`, else `~/.local/share`.
fn data_folder() -> Option<PathBuf> {
    let var = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    var("XDG_DATA_HOME").or_else(|| var("HOME").map(|home| home.join(".local/share")))
}
