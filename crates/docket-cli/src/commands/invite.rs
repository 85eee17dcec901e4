use clap::Args;
use docket_format::PersonId;
use jiff::SignedDuration;

use crate::context::Context;
use crate::errors::{CliError, Done};
use crate::times;

/// Invite a person's device: prints a code that works once
///
/// Give the code and a bundle of this store to the person; `docket enrol` takes both. Anyone who has the code can
/// enrol as that person until it is used or expires, so hand it over as you would a key.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket invite --person T-042 --name 'Wang' --role technician
  docket invite --person S-001 --name 'Eva' --role supervisor --expires 12h")]
pub(crate) struct Invite {
    /// The person's staff number
    #[arg(long)]
    person: PersonId,
    /// The person's name
    #[arg(long)]
    name: String,
    /// What the person may do: technician, dispatcher, supervisor, auditor, admin, or a role of the policy
    #[arg(long)]
    role: String,
    /// How long the code works
    #[arg(long, default_value = "7d", value_name = "TIME", value_parser = times::duration)]
    expires: SignedDuration,
}

impl Invite {
    pub(crate) fn run(self, _context: &Context) -> Done {
        Err(CliError::environment("not built yet"))
    }
}
