use clap::Args;
use docket_device::app::Job;
use docket_device::app::visit;

use crate::commands::recorded;
use crate::context::Context;
use crate::errors::Done;

/// Record that the seller was told of an installation refused as unsafe
///
/// Refusing an unsafe place is never anybody's fault; not telling whoever sold the appliance is a finding.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket told-seller K7Q2 --text 'shop 14, Ms Sun'")]
pub(crate) struct ToldSeller {
    /// The job
    job: String,
    /// Who was told, and what
    #[arg(long)]
    text: Option<String>,
}

impl ToldSeller {
    pub(crate) fn run(self, context: &Context) -> Done {
        let mut session = context.session()?;
        let job = Job::find(&session, &self.job)?;
        let recorded = visit::told_seller(&mut session, &job, self.text.as_deref())?;
        recorded::tell(context, &session, &job, &recorded)
    }
}
