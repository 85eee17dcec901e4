use clap::Args;

use crate::context::Context;
use crate::errors::{CliError, Done};

/// Check the store's health, and rebuild its tables
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  docket doctor\n  docket doctor --rebuild")]
pub(crate) struct Doctor {
    /// Make the tables behind lists and audits anew from the records
    #[arg(long)]
    rebuild: bool,
}

impl Doctor {
    pub(crate) fn run(self, _context: &Context) -> Done {
        Err(CliError::environment("not built yet"))
    }
}
