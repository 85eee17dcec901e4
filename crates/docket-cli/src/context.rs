//! What every command gets: where to print, which store, which time.

use std::path::PathBuf;

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

    /// The time: `--now` if given.
    pub(crate) fn now(&self) -> Timestamp {
        self.globals.now.unwrap_or_else(Timestamp::now)
    }

    /// The zone for times typed and shown.
    pub(crate) fn zone(&self) -> TimeZone {
        TimeZone::system()
    }
}
