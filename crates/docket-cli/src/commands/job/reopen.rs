use clap::Args;

use crate::context::Context;
use crate::errors::{CliError, Done};

/// Open a finished, refused or cancelled job again
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket job reopen K7Q2 --reason 'leaks again'")]
pub(crate) struct Reopen {
    /// The job
    job: String,
    /// Why
    #[arg(long)]
    reason: String,
}

impl Reopen {
    pub(crate) fn run(self, _context: &Context) -> Done {
        Err(CliError::environment("not built yet"))
    }
}
