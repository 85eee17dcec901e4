use clap::Args;
use docket_device::app::Job;
use docket_device::app::visit;

use crate::commands::recorded;
use crate::context::Context;
use crate::errors::Done;

/// End a visit at a locked door
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket no-access K7Q2 --text 'waited 40 minutes'")]
pub(crate) struct NoAccess {
    /// The job
    job: String,
    /// In words
    #[arg(long)]
    text: Option<String>,
}

impl NoAccess {
    pub(crate) fn run(self, context: &Context) -> Done {
        let mut session = context.tick()?;
        let job = Job::find(&session, &self.job)?;
        let recorded = visit::end(&mut session, &job, visit::End::NoAccess, self.text.as_deref(), None)?;
        recorded::tell(context, &session, &job, &recorded)
    }
}
