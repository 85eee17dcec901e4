use clap::Args;
use docket_device::app::Job;
use docket_device::app::visit;

use crate::commands::recorded;
use crate::context::Context;
use crate::errors::Done;

/// Record a measured value of the checklist
///
/// A value outside its limits is recorded too, with a warning: it is what you measured.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket read K7Q2 A2 0.35 ohm
  docket read K7Q2 A3 228 V --appliance 2")]
pub(crate) struct Read {
    /// The job
    job: String,
    /// The step, as `docket job show` names it
    step: String,
    /// The number, with a point
    #[arg(allow_negative_numbers = true)]
    value: String,
    /// Its unit
    unit: String,
    /// Which appliance of the job, from 1
    #[arg(long, short, value_name = "N", default_value_t = 1)]
    appliance: u32,
}

impl Read {
    pub(crate) fn run(self, context: &Context) -> Done {
        let mut session = context.tick()?;
        let job = Job::find(&session, &self.job)?;
        let at = visit::Place { step: &self.step, appliance: self.appliance };
        let recorded = visit::read(&mut session, &job, at, &self.value, &self.unit)?;
        recorded::tell(context, &session, &job, &recorded)
    }
}
