use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use docket_format::TenantId;
use docket_format::crockford;
use docket_relay::{LogStatus, Options};
use serde_json::json;

use crate::context::Context;
use crate::errors::{CliError, Done, Exit};
use crate::output;
use crate::page::faint;
use crate::times;

/// Serve a relay, through which devices meet
#[derive(Debug, Subcommand)]
pub(crate) enum Relay {
    Serve(Serve),
    Backup(Backup),
    Status(Status),
}

/// Serve the logs of one or more companies over HTTP
///
/// A relay is told one thing: which companies it serves (`docket status` shows the id). Who may do what it learns from
/// the roster that the first device brings. It speaks plain HTTP, on this machine only unless told otherwise: put a
/// reverse proxy with TLS before it. Ctrl-C or SIGTERM stops it after what is under way.
///
/// What a device is told it has delivered is on disk. The logs hold the relay's keys; only their owner can read them.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket relay serve --tenant ID
  docket relay serve --tenant ID --dir /var/lib/docket-relay --listen 0.0.0.0:7373 --log-format json")]
pub(crate) struct Serve {
    /// A company's id; several may be given
    #[arg(long, required = true, value_name = "ID", num_args = 1..)]
    tenant: Vec<TenantId>,
    /// The folder of the logs [default: docket-relay in the data folder]
    #[arg(long, env = "DOCKET_RELAY_DIR", hide_env = true)]
    dir: Option<PathBuf>,
    /// The address to listen on; with port 0 the system chooses one
    #[arg(long, default_value = "127.0.0.1:7373", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// How to write what happens to standard error
    #[arg(long, value_enum, default_value_t = LogFormat::Text, value_name = "FORMAT")]
    log_format: LogFormat,
}

/// How log lines are written. The variants have no help text: clap would spread the options over the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    Text,
    Json,
}

/// Copy a log while it is served
///
/// The copy appears in one piece, or not at all. To go back to it, stop the relay and put it in the log's place: devices
/// notice and bring back what came after.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket relay backup /backup/relay-monday.db")]
pub(crate) struct Backup {
    /// Where to put the copy
    file: PathBuf,
    /// Whose log, when the folder has several
    #[arg(long, value_name = "ID")]
    tenant: Option<TenantId>,
    /// The folder of the logs [default: docket-relay in the data folder]
    #[arg(long, env = "DOCKET_RELAY_DIR", hide_env = true)]
    dir: Option<PathBuf>,
}

/// Show which companies' logs a folder has, and how far they go
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  docket relay status\n  docket relay status --dir /var/lib/docket-relay --json")]
pub(crate) struct Status {
    /// The folder of the logs [default: docket-relay in the data folder]
    #[arg(long, env = "DOCKET_RELAY_DIR", hide_env = true)]
    dir: Option<PathBuf>,
}

impl Relay {
    pub(crate) fn run(self, context: &Context) -> Done {
        match self {
            Self::Serve(command) => command.run(context),
            Self::Backup(command) => command.run(context),
            Self::Status(command) => command.run(context),
        }
    }
}

impl Serve {
    fn run(self, context: &Context) -> Done {
        let dir = context.relay_dir(self.dir.as_deref())?;
        output::log_lines(self.log_format == LogFormat::Json);
        let options = Options::new(dir, self.tenant, self.listen);
        docket_relay::run(options, |address| context.out.ready(&format!("listening on http://{address}")))?;
        Ok(Exit::Clean)
    }
}

impl Backup {
    fn run(self, context: &Context) -> Done {
        let dir = context.relay_dir(self.dir.as_deref())?;
        let tenant = match self.tenant {
            Some(tenant) => tenant,
            None => only(&dir)?,
        };
        let copied = docket_relay::backup(&dir, tenant, &self.file)?;
        let answer = json!({
            "tenant": tenant.to_string(), "file": self.file.display().to_string(), "head": copied.head.pos,
            "documents": copied.size.documents, "changes": copied.size.changes, "bytes": copied.size.bytes,
        });
        context.out.show(&answer, |page| {
            page.say(format!(
                "{}: {} documents, log up to {}, {}",
                self.file.display(),
                copied.size.documents,
                copied.head.pos,
                size(copied.size.bytes)
            ));
        })?;
        Ok(Exit::Clean)
    }
}

/// The one company of a folder.
fn only(dir: &Path) -> Result<TenantId, CliError> {
    match docket_relay::tenants(dir)?.as_slice() {
        [only] => Ok(*only),
        [] => {
            Err(CliError::environment(format!("{} holds no relay's log", dir.display())).hint("say where: --dir DIR"))
        }
        several => {
            let mut failed = CliError::usage("the folder has logs of several companies");
            failed.details = several.iter().map(ToString::to_string).collect();
            Err(failed.hint("say whose: --tenant ID"))
        }
    }
}

impl Status {
    fn run(self, context: &Context) -> Done {
        let dir = context.relay_dir(self.dir.as_deref())?;
        let mut logs = Vec::new();
        for tenant in docket_relay::tenants(&dir)? {
            logs.push(docket_relay::status(&docket_relay::log_path(&dir, tenant))?);
        }
        let answer: Vec<_> = logs.iter().map(to_json).collect();
        context.out.show(&json!({"logs": answer}), |page| {
            if logs.is_empty() {
                page.say("no company's log here");
            }
            for log in &logs {
                page.title(log.tenant.to_string());
                page.pairs([
                    ("log up to", log.head.pos.to_string().into()),
                    ("seen by a supervisor", log.seen.to_string().into()),
                    ("documents", log.size.documents.to_string().into()),
                    ("changes", log.size.changes.to_string().into()),
                    ("size", size(log.size.bytes).into()),
                    ("begun", times::show(log.created_ms, &context.zone()).into()),
                    ("epoch", crockford::encode(&log.epoch).into()),
                    ("relay's key", log.relay.to_string().into()),
                    ("file", faint(log.path.display().to_string())),
                ]);
            }
        })?;
        Ok(Exit::Clean)
    }
}

fn to_json(log: &LogStatus) -> serde_json::Value {
    json!({
        "tenant": log.tenant.to_string(), "epoch": crockford::encode(&log.epoch), "relay": log.relay.to_string(),
        "head": log.head.pos, "seen": log.seen, "documents": log.size.documents, "changes": log.size.changes,
        "bytes": log.size.bytes, "created_ms": log.created_ms, "file": log.path.display().to_string(),
    })
}

fn size(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}
