use clap::Args;
use docket_device::app::Job;
use docket_device::app::visit;

use crate::commands::recorded;
use crate::context::Context;
use crate::errors::Done;

/// End a visit with the work done
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket complete K7Q2 --resolution installed
  docket complete K7Q2 --resolution no_fault_found --text 'plug was out'")]
pub(crate) struct Complete {
    /// The job
    job: String,
    /// How it ended, as the policy has it: installed, repaired, inspected, exchanged, refunded, compensated,
    /// `solved_remotely`, `no_fault_found`, declined, invalid
    #[arg(long)]
    resolution: String,
    /// In words
    #[arg(long)]
    text: Option<String>,
}

impl Complete {
    pub(crate) fn run(self, context: &Context) -> Done {
        let mut session = context.tick()?;
        let job = Job::find(&session, &self.job)?;
        let end = visit::End::Completed(&self.resolution);
        let recorded = visit::end(&mut session, &job, end, self.text.as_deref(), None)?;
        recorded::tell(context, &session, &job, &recorded)
    }
}
