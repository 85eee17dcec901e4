use clap::Args;
use docket_device::app::Job;
use docket_device::app::requests;

use crate::commands::recorded;
use crate::context::Context;
use crate::errors::Done;

/// Record what the fault is thought to be, before the visit
///
/// Later it is compared with what was found.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket diagnose K7Q2 --fault refrigerant_leak
  docket diagnose K7Q2 --fault filter_clogged --remote && docket complete K7Q2 --resolution solved_remotely")]
pub(crate) struct Diagnose {
    /// The job
    job: String,
    /// The fault, as the policy's catalogue has it
    #[arg(long)]
    fault: Option<String>,
    /// It was diagnosed from afar, with the customer
    #[arg(long)]
    remote: bool,
    /// In words
    #[arg(long)]
    text: Option<String>,
}

impl Diagnose {
    pub(crate) fn run(self, context: &Context) -> Done {
        let mut session = context.session()?;
        let job = Job::find(&session, &self.job)?;
        let recorded =
            requests::diagnose(&mut session, &job, self.fault.as_deref(), self.remote, self.text.as_deref())?;
        recorded::tell(context, &session, &job, &recorded)
    }
}
