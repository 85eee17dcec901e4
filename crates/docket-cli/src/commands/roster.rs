use clap::{Args, Subcommand};
use docket_format::PersonId;

use crate::context::Context;
use crate::errors::{CliError, Done};

/// Show and change who may work: devices, people, roles
#[derive(Debug, Subcommand)]
pub(crate) enum Roster {
    Show(Show),
    Certify(Certify),
    Revoke(Revoke),
}

/// List devices with their people, roles and state
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket roster show --json")]
pub(crate) struct Show {}

/// Certify a device by its public key
///
/// For a device whose holder stands beside you, or to give an enrolled device another role. `docket invite` is the
/// usual way.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket roster certify KEY --person T-042 --role technician")]
pub(crate) struct Certify {
    /// The device's public key (`docket status` shows it), or a device of the roster
    device: String,
    /// Whose device it is
    #[arg(long)]
    person: PersonId,
    /// What the person may do
    #[arg(long)]
    role: String,
}

/// Revoke a device that was lost, stolen or retired
///
/// What it recorded before stays. What it sends later is kept as a claim for the inbox.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket roster revoke 7K2M --reason 'phone stolen'")]
pub(crate) struct Revoke {
    /// The device: any unique start of its id
    device: String,
    /// Why
    #[arg(long)]
    reason: String,
}

impl Roster {
    pub(crate) fn run(self, _context: &Context) -> Done {
        Err(CliError::environment("not built yet"))
    }
}
