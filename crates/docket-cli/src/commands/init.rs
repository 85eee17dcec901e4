use clap::Args;
use docket_format::PersonId;

use crate::context::Context;
use crate::errors::{CliError, Done};

/// Start a company: makes the root key, this store and its first device
///
/// The device becomes the company's first admin device. The recovery key is printed once, here and never again: write
/// it down and put it in a safe. Whoever holds it can appoint a new admin device when all others are lost.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket init --tenant-name 'Nordlicht Service' --person A-001 --name 'Ada'
  docket --store ./office init --tenant-name 'Qingdao 3' --person A-001 --name 'Li' --policy haier")]
pub(crate) struct Init {
    /// What the company is called
    #[arg(long, value_name = "NAME")]
    tenant_name: String,
    /// The admin's staff number
    #[arg(long)]
    person: PersonId,
    /// The admin's name
    #[arg(long)]
    name: String,
    /// Rules for checklists, clocks and dispatch: `default`, `haier`, or a policy file
    #[arg(long, default_value = "default", value_name = "PACK|FILE")]
    policy: String,
}

impl Init {
    pub(crate) fn run(self, _context: &Context) -> Done {
        Err(CliError::environment("not built yet"))
    }
}
