use clap::Args;
use docket_device::app::Job;
use docket_device::app::problems::{self, Problem};

use crate::commands::recorded;
use crate::context::Context;
use crate::errors::Done;

/// Say that a job shows a known problem
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket problem link K7Q2 4Z0P")]
pub(crate) struct Link {
    /// The job
    job: String,
    /// The problem
    problem: String,
}

impl Link {
    pub(super) fn run(self, context: &Context) -> Done {
        let mut session = context.session()?;
        let job = Job::find(&session, &self.job)?;
        let problem = Problem::find(&session, &self.problem)?;
        let recorded = problems::link(&mut session, &job, problem.doc)?;
        recorded::tell(context, &session, &job, &recorded)
    }
}
