use clap::Args;

use crate::context::Context;
use crate::errors::{CliError, Done};

/// Change one field of a job: appointment, phone, address, difficulty …
///
/// The change says which values it replaces: those you were shown. If someone else changed the field meanwhile, both
/// values stay and the inbox shows the conflict.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket set K7Q2 difficulty high
  docket set K7Q2 phone '+86 532 8893 9999'
  docket set K7Q2 text 'second floor' --over 4ZJ1…   replace only this earlier value")]
pub(crate) struct Set {
    /// The job
    job: String,
    /// The field's name, as `docket job show` prints it
    field: String,
    /// Its new value
    value: String,
    /// Replace these facts instead of the values that now stand
    #[arg(long, value_name = "FACT", num_args = 1..)]
    over: Vec<String>,
}

impl Set {
    pub(crate) fn run(self, _context: &Context) -> Done {
        Err(CliError::environment("not built yet"))
    }
}
