use clap::{Args, Subcommand};

use crate::context::Context;
use crate::errors::{CliError, Done};

/// See and decide what clashes
#[derive(Debug, Subcommand)]
pub(crate) enum Inbox {
    List(List),
    Show(Show),
    Decide(Decide),
}

/// List conflicts, contradictions, claims and quarantined records
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  docket inbox list\n  docket inbox list --all --json")]
pub(crate) struct List {
    /// Include what is already decided
    #[arg(long)]
    all: bool,
}

/// Show one item: every value, who recorded it and when
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket inbox show 3F9A")]
pub(crate) struct Show {
    /// The item: any unique start of its id
    id: String,
}

/// Decide an item; the decision is itself a record
///
/// Two people deciding differently is a conflict again.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket inbox decide 3F9A --keep '2020-02-03 09:00' --reason 'customer confirmed by phone'
  docket inbox decide 3F9A --keep 4ZJ1 --reason 'photo shows it'     by the record's id")]
pub(crate) struct Decide {
    /// The item: any unique start of its id
    id: String,
    /// The value or the record that counts
    #[arg(long, value_name = "VALUE|FACT")]
    keep: String,
    /// Why
    #[arg(long)]
    reason: String,
}

impl Inbox {
    pub(crate) fn run(self, _context: &Context) -> Done {
        Err(CliError::environment("not built yet"))
    }
}
