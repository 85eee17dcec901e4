use clap::Args;
use docket_device::app::Job;
use docket_device::app::after;

use crate::commands::recorded;
use crate::context::Context;
use crate::errors::Done;

/// Record what came of a complaint
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket complaint handle K7Q2 --result 'cleaned again, apologised'
  docket complaint handle K7Q2 5GZQ --result 'refunded the fee'")]
pub(crate) struct Handle {
    /// The job
    job: String,
    /// The complaint, by the start of its id; the only open one when left out
    complaint: Option<String>,
    /// What came of it
    #[arg(long)]
    result: String,
}

impl Handle {
    pub(super) fn run(self, context: &Context) -> Done {
        let mut session = context.session()?;
        let job = Job::find(&session, &self.job)?;
        let recorded = after::handle(&mut session, &job, self.complaint.as_deref(), &self.result)?;
        recorded::tell(context, &session, &job, &recorded)
    }
}
