use clap::Args;
use docket_format::PersonId;

use crate::context::Context;
use crate::errors::{CliError, Done};

/// Show the open jobs of this device's person, by appointment, with the next step of each
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  docket today\n  docket today --person T-042")]
pub(crate) struct Today {
    /// Somebody else's day
    #[arg(long)]
    person: Option<PersonId>,
}

impl Today {
    pub(crate) fn run(self, _context: &Context) -> Done {
        Err(CliError::environment("not built yet"))
    }
}
