use clap::Args;
use docket_device::app::Job;
use docket_device::app::visit;

use crate::commands::recorded;
use crate::context::Context;
use crate::errors::Done;

/// Refuse the work: an unsafe place is never your fault
///
/// A hazard that you found, and removed or not, is recorded with the refusal.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket refuse K7Q2 --reason unsafe --hazard earth_wire --extent building --households 12
  docket refuse K7Q2 --reason unsafe --text 'no earth in the kitchen'")]
pub(crate) struct Refuse {
    /// The job
    job: String,
    /// Why, in one word
    #[arg(long)]
    reason: String,
    /// In words
    #[arg(long)]
    text: Option<String>,
    /// What kind of hazard was found
    #[arg(long, value_name = "KIND")]
    hazard: Option<String>,
    /// How far the hazard reaches
    #[arg(long, requires = "hazard")]
    extent: Option<String>,
    /// How many households it concerns
    #[arg(long, requires = "hazard", value_name = "N")]
    households: Option<u32>,
    /// Who removed the hazard
    #[arg(long, requires = "hazard", value_name = "WHO")]
    removed_by: Option<String>,
}

impl Refuse {
    pub(crate) fn run(self, context: &Context) -> Done {
        let mut session = context.tick()?;
        let job = Job::find(&session, &self.job)?;
        let hazard = self.hazard.as_deref().map(|kind| visit::Hazard {
            kind,
            extent: self.extent.as_deref(),
            households: self.households,
            removed_by: self.removed_by.as_deref(),
        });
        let end = visit::End::Refused(&self.reason);
        let recorded = visit::end(&mut session, &job, end, self.text.as_deref(), hazard)?;
        recorded::tell(context, &session, &job, &recorded)
    }
}
