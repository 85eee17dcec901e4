use clap::Args;

use crate::context::Context;
use crate::errors::{CliError, Done};

/// Start a visit: you stand at the customer's door
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket arrive K7Q2")]
pub(crate) struct Arrive {
    /// The job
    job: String,
}

impl Arrive {
    pub(crate) fn run(self, _context: &Context) -> Done {
        Err(CliError::environment("not built yet"))
    }
}
