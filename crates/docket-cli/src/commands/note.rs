use clap::Args;
use docket_device::app::Job;
use docket_device::app::visit;

use crate::commands::recorded;
use crate::context::Context;
use crate::errors::Done;

/// Write a note on a job
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket note K7Q2 'customer asks for a call before noon'")]
pub(crate) struct Note {
    /// The job
    job: String,
    /// The note
    #[arg(required = true, num_args = 1..)]
    text: Vec<String>,
}

impl Note {
    pub(crate) fn run(self, context: &Context) -> Done {
        let mut session = context.tick()?;
        let job = Job::find(&session, &self.job)?;
        let recorded = visit::note(&mut session, &job, &self.text.join(" "))?;
        recorded::tell(context, &session, &job, &recorded)
    }
}
