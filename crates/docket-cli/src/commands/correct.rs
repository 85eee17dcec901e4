use clap::Args;
use docket_device::app::Job;
use docket_device::app::visit;

use crate::commands::recorded;
use crate::context::Context;
use crate::errors::Done;

/// Correct a mis-tap: the old record stays, the new one says why
///
/// With --value the record is replaced, without it is withdrawn.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket correct K7Q2 4ZJ1 --value 0.35 --unit ohm --reason 'point slipped'
  docket correct K7Q2 4ZJ1 --reason 'wrong job'          withdraw it")]
pub(crate) struct Correct {
    /// The job
    job: String,
    /// The record to correct: any unique start of its id, as `docket job log` prints it
    fact: String,
    /// What it should have been
    #[arg(long, allow_hyphen_values = true)]
    value: Option<String>,
    /// The unit of the value
    #[arg(long, requires = "value")]
    unit: Option<String>,
    /// Why
    #[arg(long)]
    reason: String,
}

impl Correct {
    pub(crate) fn run(self, context: &Context) -> Done {
        let mut session = context.tick()?;
        let job = Job::find(&session, &self.job)?;
        let value = self.value.as_deref().map(|value| (value, self.unit.as_deref()));
        let recorded = visit::correct(&mut session, &job, &self.fact, value, &self.reason)?;
        recorded::tell(context, &session, &job, &recorded)
    }
}
