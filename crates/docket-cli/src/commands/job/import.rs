use std::path::PathBuf;

use clap::Args;

use crate::context::Context;
use crate::errors::{CliError, Done};

/// Import jobs from another system's CSV export
///
/// The map says which column is what, the time zone, the source's name and how values translate. Importing a file
/// twice changes nothing. Rows that can't be read go to the rejects file, with line and reason; the others go in, and
/// the exit code is 4.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket job import 311.csv --map myla311.toml")]
pub(crate) struct Import {
    /// The CSV file
    file: PathBuf,
    /// The import map
    #[arg(long, value_name = "MAP")]
    map: PathBuf,
    /// Where rejected rows go [default: FILE with .rejects.csv]
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
}

impl Import {
    pub(crate) fn run(self, _context: &Context) -> Done {
        Err(CliError::environment("not built yet"))
    }
}
