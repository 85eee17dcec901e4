use clap::Args;
use docket_device::app::Job;
use docket_device::app::after;

use crate::commands::recorded;
use crate::context::Context;
use crate::errors::Done;

/// Record that the complainant was told the result
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket complaint answer K7Q2 --text 'called, is content'")]
pub(crate) struct Answer {
    /// The job
    job: String,
    /// The complaint, by the start of its id; the only unanswered one when left out
    complaint: Option<String>,
    /// In words
    #[arg(long)]
    text: Option<String>,
}

impl Answer {
    pub(super) fn run(self, context: &Context) -> Done {
        let mut session = context.session()?;
        let job = Job::find(&session, &self.job)?;
        let recorded = after::answer(&mut session, &job, self.complaint.as_deref(), self.text.as_deref())?;
        recorded::tell(context, &session, &job, &recorded)
    }
}
