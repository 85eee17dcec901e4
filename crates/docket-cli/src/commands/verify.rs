use std::path::PathBuf;

use clap::Args;

use crate::context::Context;
use crate::errors::{CliError, Done};

/// Prove, with no server, who recorded what, and that nothing was altered
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  docket verify\n  docket verify K7Q2\n  docket verify --bundle wang.docket")]
pub(crate) struct Verify {
    /// Only these jobs
    job: Vec<String>,
    /// A bundle instead of the store
    #[arg(long, value_name = "FILE", conflicts_with = "job")]
    bundle: Option<PathBuf>,
}

impl Verify {
    pub(crate) fn run(self, _context: &Context) -> Done {
        Err(CliError::environment("not built yet"))
    }
}
