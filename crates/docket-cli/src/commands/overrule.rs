use clap::Args;
use docket_device::app::Job;
use docket_device::app::after;

use crate::commands::recorded;
use crate::context::Context;
use crate::errors::Done;

/// Say why you decide in the place of the customer's owner
///
/// Dates, quantities and complaints are the owner's to decide. What is decided without a reason is a major finding.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  docket overrule K7Q2 --reason 'the owner is ill, the customer moves out on Friday'"
)]
pub(crate) struct Overrule {
    /// The job
    job: String,
    /// Why
    #[arg(long)]
    reason: String,
}

impl Overrule {
    pub(crate) fn run(self, context: &Context) -> Done {
        let mut session = context.session()?;
        let job = Job::find(&session, &self.job)?;
        let recorded = after::overrule(&mut session, &job, &self.reason)?;
        recorded::tell(context, &session, &job, &recorded)
    }
}
