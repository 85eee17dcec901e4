use std::path::PathBuf;

use clap::Args;

use crate::context::Context;
use crate::errors::{CliError, Done};

/// Make this device a person's, with the code from `docket invite`
///
/// Needs no network: the bundle brings the company's roster and policy, the code signs this device's own key.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  docket --store ./phone enrol DKT1-… --from office.docket")]
pub(crate) struct Enrol {
    /// The code
    code: String,
    /// A bundle from the company, made after the invitation
    #[arg(long, value_name = "BUNDLE")]
    from: PathBuf,
}

impl Enrol {
    pub(crate) fn run(self, _context: &Context) -> Done {
        Err(CliError::environment("not built yet"))
    }
}
