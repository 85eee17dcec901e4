//! A hermetic environment: a temporary folder, no inherited variables, a fixed time.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// The time at the office, unless a test says otherwise.
pub(crate) const NOW: &str = "2026-03-02T09:00:00Z";
/// The time on every other store: what the office wrote comes first, so that no order hangs on random ids.
pub(crate) const LATER: &str = "2026-03-02T09:05:00Z";

/// One folder that holds the stores and files of one test.
pub(crate) struct Env {
    dir: TempDir,
}

/// How a command ended.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Env {
    pub(crate) fn new() -> Self {
        // In memory where there is such a place: what a flush costs is not what these tests are about.
        let dir = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
        Self { dir: dir.unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// The program on the store `name`, with nothing of the caller's environment.
    pub(crate) fn command(&self, store: &str, args: &[&str]) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("docket"));
        command.env_clear().current_dir(self.dir.path()).stdin(Stdio::null());
        command.env("HOME", self.dir.path()).env("TZ", "UTC").env("DOCKET_NOW", time_on(store));
        command.env("DOCKET_STORE", self.path(store)).args(args);
        command
    }

    /// Runs the program on the store `name`.
    pub(crate) fn on(&self, store: &str, args: &[&str]) -> Ran {
        finish(self.command(store, args).output().unwrap())
    }

    /// Runs the program on this test's usual store.
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        self.on("store", args)
    }

    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }
}

fn time_on(store: &str) -> &'static str {
    if matches!(store, "office" | "store") { NOW } else { LATER }
}

pub(crate) fn finish(output: Output) -> Ran {
    Ran {
        code: output.status.code().expect("ended by a signal"),
        out: String::from_utf8(output.stdout).expect("standard output is UTF-8"),
        err: String::from_utf8(output.stderr).expect("standard error is UTF-8"),
    }
}

impl Ran {
    /// Asserts success and gives standard output.
    #[track_caller]
    pub(crate) fn ok(self) -> String {
        assert_eq!(self.code, 0, "{}{}", self.out, self.err);
        self.out
    }

    /// Asserts an exit code and gives standard error.
    #[track_caller]
    pub(crate) fn fails(self, code: i32) -> String {
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        self.err
    }
}
