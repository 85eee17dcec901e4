use clap::{Args, Subcommand};

use crate::context::Context;
use crate::errors::{CliError, Done};

/// Find out who may take a job
#[derive(Debug, Subcommand)]
pub(crate) enum Dispatch {
    Explain(Explain),
}

/// Show the least grade that a job needs, why, and who has it
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket dispatch explain K7Q2")]
pub(crate) struct Explain {
    /// The job
    job: String,
}

impl Dispatch {
    pub(crate) fn run(self, _context: &Context) -> Done {
        Err(CliError::environment("not built yet"))
    }
}
