use clap::Args;
use docket_device::app::{Job, goods};

use crate::commands::recorded;
use crate::context::Context;
use crate::errors::Done;

/// Send a unit on to headquarters or another outlet
///
/// Where the policy asks for it, nothing goes without a local test that shows the fault: see `docket fault test`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket send-on K7Q2 --to headquarters
  docket send-on K7Q2 --to headquarters --force 'the customer insists'")]
pub(crate) struct SendOn {
    /// The job
    job: String,
    /// Where to
    #[arg(long)]
    to: String,
    /// Why it goes without such a test; the audit will ask
    #[arg(long, value_name = "REASON")]
    force: Option<String>,
}

impl SendOn {
    pub(crate) fn run(self, context: &Context) -> Done {
        let mut session = context.tick()?;
        let job = Job::find(&session, &self.job)?;
        let forced = self.force.as_deref().filter(|why| !why.trim().is_empty());
        let recorded = goods::send_on(&mut session, &job, &self.to, forced)?;
        recorded::tell(context, &session, &job, &recorded)
    }
}
