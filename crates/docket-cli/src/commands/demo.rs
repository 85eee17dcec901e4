use clap::Args;

use crate::context::Context;
use crate::errors::{CliError, Done};

/// Watch the whole story once, in a temporary folder
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  docket demo\n  docket demo --json")]
pub(crate) struct Demo {}

impl Demo {
    pub(crate) fn run(self, _context: &Context) -> Done {
        Err(CliError::environment("not built yet"))
    }
}
