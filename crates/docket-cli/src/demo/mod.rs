//! The whole story once, in a temporary folder: an office, three technicians without a network, a relay where two of them
//! meet the office again and bundles for the third, clashes and their decisions, proof, audit. Everything goes through the same library calls as the commands.

mod checks;
mod company;
mod exchange;
mod road;
mod story;
mod work;

pub(crate) use story::tell;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use docket_device::app::Session;
use docket_device::bundle::{self, Export, ImportReport};
use docket_device::{Mode, Store};

use crate::errors::CliError;

/// One device of the story.
pub(crate) struct Device {
    name: &'static str,
    dir: PathBuf,
    session: Session,
}

impl Device {
    fn new(name: &'static str, dir: &Path, store: Store) -> Self {
        Self { name, dir: dir.to_path_buf(), session: Session::of(store, None) }
    }

    /// A bundle for a person or, without one, for anybody.
    fn export(&mut self, to: Option<&str>) -> Result<Vec<u8>, CliError> {
        let stamp = self.session.stamp();
        Ok(bundle::export(self.session.store_mut(), &Export { to, ..Export::default() }, &stamp)?.bytes)
    }

    fn import(&mut self, bytes: &[u8]) -> Result<ImportReport, CliError> {
        let stamp = self.session.stamp();
        Ok(bundle::import(self.session.store_mut(), bytes, "demo", &stamp)?)
    }

    /// Closes the store, so that its files are complete, runs, and opens it again.
    fn closed<T>(self, run: impl FnOnce(&Path) -> Result<T, CliError>) -> Result<(Self, T), CliError> {
        let Self { name, dir, session } = self;
        drop(session);
        let result = run(&dir)?;
        let session = Session::open(&dir, Mode::ReadWrite, None)?;
        Ok((Self { name, dir, session }, result))
    }
}

/// Names what took how long.
#[derive(Default)]
pub(crate) struct Timings(Vec<(&'static str, Duration)>);

impl Timings {
    fn of<T>(&mut self, what: &'static str, run: impl FnOnce() -> Result<T, CliError>) -> Result<T, CliError> {
        let start = Instant::now();
        let result = run();
        self.0.push((what, start.elapsed()));
        result
    }

    fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.0.iter().map(|(what, took)| (*what, took.as_millis() as u64))
    }
}
