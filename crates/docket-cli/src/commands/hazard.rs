use clap::Args;
use docket_device::app::Job;
use docket_device::app::visit;

use crate::commands::recorded;
use crate::context::Context;
use crate::errors::Done;

/// Record a hazard that was found on site, or that it is removed
///
/// `docket refuse` records one together with the refusal. A hazard that is left while the work is completed is a finding.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket hazard K7Q2 --kind earth_wire --extent building --households 12
  docket hazard K7Q2 --removed 3F9KQ2")]
pub(crate) struct Hazard {
    /// The job
    job: String,
    /// What kind of hazard
    #[arg(long, required_unless_present = "removed")]
    kind: Option<String>,
    /// How far it reaches
    #[arg(long, requires = "kind")]
    extent: Option<String>,
    /// How many households it concerns
    #[arg(long, requires = "kind", value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    households: Option<u32>,
    /// Who removed it there and then
    #[arg(long, requires = "kind", value_name = "WHO")]
    removed_by: Option<String>,
    /// The record of a hazard that is removed now
    #[arg(long, value_name = "RECORD", conflicts_with = "kind")]
    removed: Option<String>,
}

impl Hazard {
    pub(crate) fn run(self, context: &Context) -> Done {
        let mut session = context.tick()?;
        let job = Job::find(&session, &self.job)?;
        let recorded = match (&self.kind, &self.removed) {
            (Some(kind), _) => {
                let (extent, removed_by) = (self.extent.as_deref(), self.removed_by.as_deref());
                let found = visit::Hazard { kind, extent, households: self.households, removed_by };
                visit::hazard(&mut session, &job, found)?
            }
            (None, removed) => visit::hazard_removed(&mut session, &job, removed.as_deref().unwrap_or_default())?,
        };
        recorded::tell(context, &session, &job, &recorded)
    }
}
