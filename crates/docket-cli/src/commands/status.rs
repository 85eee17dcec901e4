use clap::Args;

use crate::context::Context;
use crate::errors::{CliError, Done};

/// Show this device: company, person, what it holds, what is not handed over yet
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket status --json")]
pub(crate) struct Status {}

impl Status {
    pub(crate) fn run(self, _context: &Context) -> Done {
        Err(CliError::environment("not built yet"))
    }
}
