use clap::Args;
use docket_device::app::Job;
use docket_device::app::visit;

use crate::commands::recorded;
use crate::context::Context;
use crate::errors::Done;

/// Tick a step of the checklist
///
/// A step that must wait for a safety gate is refused until the gate is passed; see `docket refuse` for an unsafe
/// place. What you record is never lost, and a mis-tap is put right with `docket correct`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket check K7Q2 A1
  docket check K7Q2 D1 none
  docket check K7Q2 A1 --appliance 2")]
pub(crate) struct Check {
    /// The job
    job: String,
    /// The step, as `docket job show` names it
    step: String,
    /// yes, no, one of the step's choices, or text; a step that is only ticked needs none
    answer: Option<String>,
    /// Which appliance of the job, from 1
    #[arg(long, short, value_name = "N", default_value_t = 1)]
    appliance: u32,
    /// Record a step although its safety gate is not passed; the audit will ask
    #[arg(long, requires = "reason")]
    force: bool,
    /// Why, with --force
    #[arg(long)]
    reason: Option<String>,
}

impl Check {
    pub(crate) fn run(self, context: &Context) -> Done {
        let mut session = context.tick()?;
        let job = Job::find(&session, &self.job)?;
        let at = visit::Place { step: &self.step, appliance: self.appliance };
        let forced = self.reason.as_deref().filter(|_| self.force);
        let recorded = visit::check(&mut session, &job, at, self.answer.as_deref().unwrap_or_default(), forced)?;
        recorded::tell(context, &session, &job, &recorded)
    }
}
