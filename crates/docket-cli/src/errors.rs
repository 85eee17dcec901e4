//! The one place where a failure becomes a message, a hint and an exit code.

use std::process::ExitCode;

use docket_device::app::AppError;
use docket_device::bundle::BundleError;
use docket_device::company::CompanyError;
use docket_device::dossier::DossierError;
use docket_device::sync::SyncError;
use docket_device::{ErrorKind, StoreError};
use docket_relay::ServeError;
use docket_relay::log::LogError;
use serde_json::{Value, json};

/// How a command ended that did what it was asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// 0.
    Clean,
    /// 1: findings at or above `--fail-on`.
    Findings,
    /// 4: done, with rejects, quarantine or partial convergence.
    Partial,
}

/// Why a command did nothing, or not what it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// 2: the command line, an id, or a file's contents is wrong; the same call will fail again.
    Usage,
    /// 3: the store, a file or the machine is in the way.
    Environment,
}

/// What a command returns.
pub(crate) type Done = Result<Exit, CliError>;

/// A failure as the person at the keyboard sees it: what, where, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CliError {
    pub(crate) kind: Kind,
    pub(crate) message: String,
    pub(crate) hints: Vec<String>,
    /// Lines under the message: candidates, known steps, offending lines.
    pub(crate) details: Vec<String>,
}

impl CliError {
    /// Exit 2.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message)
    }

    /// Exit 3.
    pub(crate) fn environment(message: impl Into<String>) -> Self {
        Self::new(Kind::Environment, message)
    }

    fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hints: Vec::new(), details: Vec::new() }
    }

    /// Adds a `hint:` line.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The object that `--json` writes to standard error.
    pub(crate) fn to_json(&self) -> Value {
        let kind = match self.kind {
            Kind::Usage => "usage",
            Kind::Environment => "environment",
        };
        let code = match self.kind {
            Kind::Usage => 2,
            Kind::Environment => 3,
        };
        json!({"error": {
            "kind": kind, "exit": code, "message": self.message, "details": self.details, "hints": self.hints,
        }})
    }
}

/// A result's exit code (DESIGN §8).
pub(crate) fn code(done: &Done) -> ExitCode {
    ExitCode::from(match done {
        Ok(Exit::Clean) => 0,
        Ok(Exit::Findings) => 1,
        Err(CliError { kind: Kind::Usage, .. }) => 2,
        Err(CliError { kind: Kind::Environment, .. }) => 3,
        Ok(Exit::Partial) => 4,
    })
}

/// A file that can't be read or written: exit 3, naming the file.
pub(crate) fn file(verb: &str, path: &std::path::Path, error: &std::io::Error) -> CliError {
    let failed = CliError::environment(format!("can't {verb} {}: {error}", path.display()));
    match error.kind() {
        std::io::ErrorKind::NotFound => failed.hint("check the path; nothing was changed"),
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded | std::io::ErrorKind::FileTooLarge => {
            failed.hint("free some space and run the same command again")
        }
        _ => failed,
    }
}

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> Self {
        let mut failed = of_kind(error.kind(), error.to_string());
        if let StoreError::Ambiguous { candidates, .. } = &error {
            failed.details = candidates.iter().map(|one| format!("{}  {}", one.code, one.label)).collect();
            return failed.hint("type more characters of the code");
        }
        failed.hints.extend(error.hint());
        failed
    }
}

impl From<AppError> for CliError {
    fn from(error: AppError) -> Self {
        match error {
            AppError::Store(error) => error.into(),
            AppError::Refused(refusal) => {
                Self { kind: Kind::Usage, message: refusal.what, hints: refusal.hints, details: refusal.details }
            }
        }
    }
}

impl From<BundleError> for CliError {
    fn from(error: BundleError) -> Self {
        if let BundleError::Store(error) = error {
            return error.into();
        }
        let mut failed = of_kind(error.kind(), error.to_string());
        failed.hints.extend(error.hint());
        failed
    }
}

impl From<DossierError> for CliError {
    fn from(error: DossierError) -> Self {
        match error {
            DossierError::Store(error) => error.into(),
            DossierError::Bundle(error) => error.into(),
            DossierError::Io(_) => Self::environment(error.to_string()),
        }
    }
}

impl From<LogError> for CliError {
    fn from(error: LogError) -> Self {
        let failed = Self::environment(error.to_string());
        match error {
            LogError::InUse(_) => failed.hint("another `docket relay serve` has it open: stop that one first"),
            LogError::Newer { .. } => failed.hint("use the newer docket that wrote it"),
            LogError::NotALog(_) => failed.hint("say where the relay's logs are: --dir DIR"),
            LogError::Corrupt(_) => failed.hint("put a backup in its place: devices bring back what came after"),
            _ => failed,
        }
    }
}

impl From<ServeError> for CliError {
    fn from(error: ServeError) -> Self {
        match error {
            ServeError::Log(error) => error.into(),
            ServeError::InUse(_) => Self::environment(error.to_string())
                .hint("another program listens there: stop it, or choose another with --listen ADDRESS"),
            ServeError::Listen { .. } => {
                Self::environment(error.to_string()).hint("choose an address of this machine with --listen ADDRESS")
            }
        }
    }
}

impl From<CompanyError> for CliError {
    fn from(error: CompanyError) -> Self {
        match error {
            CompanyError::Store(error) => error.into(),
            CompanyError::Bundle(error) => error.into(),
            error => {
                let mut failed = of_kind(error.kind(), error.to_string());
                failed.hints.extend(error.hint());
                failed
            }
        }
    }
}

impl From<SyncError> for CliError {
    fn from(error: SyncError) -> Self {
        match error {
            SyncError::Store(error) => error.into(),
            SyncError::Company(error) => error.into(),
            error => {
                let mut failed = of_kind(error.kind(), error.to_string());
                failed.hints.extend(error.hint());
                failed
            }
        }
    }
}

fn of_kind(kind: ErrorKind, message: String) -> CliError {
    match kind {
        ErrorKind::Usage => CliError::usage(message),
        ErrorKind::Environment | ErrorKind::Partial => CliError::environment(message),
    }
}
