use std::path::PathBuf;

use clap::Args;
use docket_device::app::Job;
use docket_device::app::visit;

use crate::commands::recorded;
use crate::context::Context;
use crate::errors::Done;
use crate::files;

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
    pub(crate) fn run(self, context: &Context) -> Done {
        let mut session = context.tick()?;
        let job = Job::find(&session, &self.job)?;
        let bytes = files::picture(&self.file)?;
        let at = self.step.as_deref().map(|step| visit::Place { step, appliance: self.appliance.unwrap_or(1) });
        let recorded = visit::photo(&mut session, &job, &bytes, at)?;
        recorded::tell(context, &session, &job, &recorded)
    }
}
