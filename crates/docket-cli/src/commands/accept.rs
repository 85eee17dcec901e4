use clap::Args;
use docket_device::app::Job;
use docket_device::app::requests;

use crate::commands::recorded;
use crate::context::Context;
use crate::errors::Done;

/// Take a request over as its handling specialist
///
/// The clocks of its severity start now.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  docket accept K7Q2\n  docket accept K7Q2 --severity urgent")]
pub(crate) struct Accept {
    /// The job
    job: String,
    /// general, urgent, critical or complaint
    #[arg(long)]
    severity: Option<String>,
}

impl Accept {
    pub(crate) fn run(self, context: &Context) -> Done {
        let mut session = context.session()?;
        let job = Job::find(&session, &self.job)?;
        let recorded = requests::accept(&mut session, &job, self.severity.as_deref())?;
        recorded::tell(context, &session, &job, &recorded)
    }
}
