use clap::Args;

use crate::context::Context;
use crate::errors::{CliError, Done};

/// Correct a mis-tap: the old record stays, the new one says why
///
/// With --value the record is replaced, without it is withdrawn.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket correct K7Q2 4ZJ1 --value 0.35 --unit ohm --reason 'point slipped'
  docket correct K7Q2 4ZJ1 --reason 'wrong job'          withdraw it")]
pub(crate) struct Correct {
    /// The job
    job: String,
    /// The record to correct: any unique start of its id, as `docket job log` prints it
    fact: String,
    /// What it should have been
    #[arg(long, allow_hyphen_values = true)]
    value: Option<String>,
    /// The unit of the value
    #[arg(long, requires = "value")]
    unit: Option<String>,
    /// Why
    #[arg(long)]
    reason: String,
}

impl Correct {
    pub(crate) fn run(self, _context: &Context) -> Done {
        Err(CliError::environment("not built yet"))
    }
}
