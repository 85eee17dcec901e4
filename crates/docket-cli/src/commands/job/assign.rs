use clap::Args;
use docket_format::PersonId;

use crate::context::Context;
use crate::errors::{CliError, Done};

/// Give a job to a crew, and agree on a time
///
/// A technician below the job's least grade is refused, unless --override says why; the audit keeps it. No person at
/// all takes the job back.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket job assign K7Q2 T-042 --at '2020-02-03 09:00' --window 60
  docket job assign K7Q2 T-042 T-007
  docket job assign K7Q2 --nobody")]
pub(crate) struct Assign {
    /// The job
    job: String,
    /// The crew
    #[arg(required_unless_present = "nobody", conflicts_with = "nobody", num_args = 1..)]
    crew: Vec<PersonId>,
    /// Take the job back
    #[arg(long)]
    nobody: bool,
    /// The agreed time
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// How many minutes late still count as on time
    #[arg(long, value_name = "MINUTES", requires = "at")]
    window: Option<u32>,
    /// Why somebody below the least grade goes
    #[arg(long = "override", value_name = "REASON")]
    overridden: Option<String>,
}

impl Assign {
    pub(crate) fn run(self, _context: &Context) -> Done {
        Err(CliError::environment("not built yet"))
    }
}
