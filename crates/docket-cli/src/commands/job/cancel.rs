use clap::Args;

use crate::context::Context;
use crate::errors::{CliError, Done};

/// Cancel a job
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket job cancel K7Q2 --reason 'customer bought elsewhere'")]
pub(crate) struct Cancel {
    /// The job
    job: String,
    /// Why
    #[arg(long)]
    reason: String,
}

impl Cancel {
    pub(crate) fn run(self, _context: &Context) -> Done {
        Err(CliError::environment("not built yet"))
    }
}
