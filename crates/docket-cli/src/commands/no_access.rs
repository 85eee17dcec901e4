use clap::Args;

use crate::context::Context;
use crate::errors::{CliError, Done};

/// End a visit at a locked door
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket no-access K7Q2 --text 'waited 40 minutes'")]
pub(crate) struct NoAccess {
    /// The job
    job: String,
    /// In words
    #[arg(long)]
    text: Option<String>,
}

impl NoAccess {
    pub(crate) fn run(self, _context: &Context) -> Done {
        Err(CliError::environment("not built yet"))
    }
}
