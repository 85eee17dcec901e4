use std::path::PathBuf;

use clap::Args;

use crate::context::Context;
use crate::errors::{CliError, Done};

/// Write a job out: as JSON, or as a document that any Automerge library opens
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket job export K7Q2 > job.json
  docket job export K7Q2 --automerge job.automerge")]
pub(crate) struct Export {
    /// The job
    job: String,
    /// Write the Automerge document into this file
    #[arg(long, value_name = "FILE")]
    automerge: Option<PathBuf>,
}

impl Export {
    pub(crate) fn run(self, _context: &Context) -> Done {
        Err(CliError::environment("not built yet"))
    }
}
