use clap::Args;
use docket_device::app::Job;
use docket_device::app::visit;

use crate::commands::recorded;
use crate::context::Context;
use crate::errors::Done;

/// Start a visit: you stand at the customer's door
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket arrive K7Q2")]
pub(crate) struct Arrive {
    /// The job
    job: String,
}

impl Arrive {
    pub(crate) fn run(self, context: &Context) -> Done {
        let mut session = context.tick()?;
        let job = Job::find(&session, &self.job)?;
        let recorded = visit::arrive(&mut session, &job)?;
        recorded::tell(context, &session, &job, &recorded)
    }
}
