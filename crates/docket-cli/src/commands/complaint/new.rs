use clap::Args;
use docket_device::app::Job;
use docket_device::app::after;

use crate::commands::recorded;
use crate::context::Context;
use crate::errors::Done;

/// Record a complaint about a job
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket complaint new K7Q2 --cause 'rude on the phone' --about attitude
  docket complaint new K7Q2 --cause 'not cleaned up' --about quality --step E --text 'dust everywhere'")]
pub(crate) struct New {
    /// The job
    job: String,
    /// Its cause: what complaints are counted by
    #[arg(long)]
    cause: String,
    /// quality, packaging, attitude, price, time or other
    #[arg(long)]
    about: Option<String>,
    /// The part of the 1 + 5 that was left out: A, 1, B, C, D or E
    #[arg(long)]
    step: Option<String>,
    /// How it came in
    #[arg(long)]
    channel: Option<String>,
    /// In the customer's words
    #[arg(long)]
    text: Option<String>,
    /// When it was made; now when left out
    #[arg(long, value_name = "TIME")]
    when: Option<String>,
}

impl New {
    pub(super) fn run(self, context: &Context) -> Done {
        let mut session = context.session()?;
        let job = Job::find(&session, &self.job)?;
        let complaint = after::Complaint {
            cause: self.cause,
            about: self.about,
            step: self.step,
            channel: self.channel,
            text: self.text,
            when: self.when.as_deref().map(|text| context.rfc3339(text)).transpose()?,
        };
        let recorded = after::complain(&mut session, &job, &complaint)?;
        recorded::tell(context, &session, &job, &recorded)
    }
}
