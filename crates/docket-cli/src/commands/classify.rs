use clap::Args;
use docket_device::app::Job;
use docket_device::app::requests;

use crate::commands::recorded;
use crate::context::Context;
use crate::errors::Done;

/// Class a request by region, nature and severity
///
/// The natures are a tree in the policy. Classing anew needs a reason and counts as an error.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket classify K7Q2 --nature hardware --region east --severity general
  docket classify K7Q2 --nature line --reason 'the modem is fine'")]
pub(crate) struct Classify {
    /// The job
    job: String,
    /// The nature, as the policy's tree has it
    #[arg(long)]
    nature: Option<String>,
    /// The region
    #[arg(long)]
    region: Option<String>,
    /// general, urgent, critical or complaint
    #[arg(long)]
    severity: Option<String>,
    /// Who handles it; as the policy says for the nature when left out
    #[arg(long, value_parser = ["outlet", "headquarters"])]
    handled_by: Option<String>,
    /// Why it is classed anew
    #[arg(long)]
    reason: Option<String>,
}

impl Classify {
    pub(crate) fn run(self, context: &Context) -> Done {
        let mut session = context.session()?;
        let job = Job::find(&session, &self.job)?;
        let class = requests::Class {
            region: self.region,
            nature: self.nature,
            severity: self.severity,
            handled_by: self.handled_by,
            why: self.reason,
        };
        let recorded = requests::classify(&mut session, &job, &class)?;
        recorded::tell(context, &session, &job, &recorded)
    }
}
