use clap::Args;

use crate::context::Context;
use crate::errors::{CliError, Done};

/// Show every record of a job, oldest first: who, when, what, with its id
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket job log K7Q2")]
pub(crate) struct Log {
    /// The job
    job: String,
}

impl Log {
    pub(crate) fn run(self, _context: &Context) -> Done {
        Err(CliError::environment("not built yet"))
    }
}
