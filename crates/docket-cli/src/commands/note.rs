use clap::Args;

use crate::context::Context;
use crate::errors::{CliError, Done};

/// Write a note on a job
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket note K7Q2 'customer asks for a call before noon'")]
pub(crate) struct Note {
    /// The job
    job: String,
    /// The note
    #[arg(required = true, num_args = 1..)]
    text: Vec<String>,
}

impl Note {
    pub(crate) fn run(self, _context: &Context) -> Done {
        Err(CliError::environment("not built yet"))
    }
}
