use std::path::PathBuf;

use clap::Args;

use crate::context::Context;
use crate::errors::{CliError, Done};

/// Keep a photo with a job; it stays on this device until it can be sent
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket photo K7Q2 earth.jpg --step A2")]
pub(crate) struct Photo {
    /// The job
    job: String,
    /// The picture
    file: PathBuf,
    /// The step that it shows
    #[arg(long)]
    step: Option<String>,
    /// Which appliance of the job, from 1
    #[arg(long, short, value_name = "N")]
    appliance: Option<u32>,
}

impl Photo {
    pub(crate) fn run(self, _context: &Context) -> Done {
        Err(CliError::environment("not built yet"))
    }
}
