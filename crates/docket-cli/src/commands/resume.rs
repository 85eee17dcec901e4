use clap::Args;
use docket_device::app::{Job, travel};

use crate::commands::recorded;
use crate::context::Context;
use crate::errors::Done;

/// Go on with a job after a pause
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket resume K7Q2")]
pub(crate) struct Resume {
    /// The job
    job: String,
}

impl Resume {
    pub(crate) fn run(self, context: &Context) -> Done {
        let mut session = context.tick()?;
        let job = Job::find(&session, &self.job)?;
        let recorded = travel::resume(&mut session, &job)?;
        recorded::tell(context, &session, &job, &recorded)
    }
}
