use clap::Args;

use crate::context::Context;
use crate::errors::{CliError, Done};

/// Show a job: fields, visits, checklist, clocks, notes, what is handed over
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket job show K7Q2")]
pub(crate) struct Show {
    /// The job
    job: String,
}

impl Show {
    pub(crate) fn run(self, _context: &Context) -> Done {
        Err(CliError::environment("not built yet"))
    }
}
