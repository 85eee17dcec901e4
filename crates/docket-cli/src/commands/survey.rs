use clap::Args;
use docket_device::app::Job;
use docket_device::app::after;

use crate::commands::recorded;
use crate::context::Context;
use crate::errors::Done;

/// Record a survey's result for a job
///
/// A third party's surveys count for the staff's results and their managers'.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket survey K7Q2 --score 80 --channel questionnaire
  docket survey K7Q2 --score 55 --channel interview --third-party")]
pub(crate) struct Survey {
    /// The job
    job: String,
    /// The score
    #[arg(long, value_name = "0-100", value_parser = clap::value_parser!(i64).range(0..=100))]
    score: i64,
    /// How: interview, questionnaire, call …
    #[arg(long)]
    channel: String,
    /// Somebody outside the company asked
    #[arg(long)]
    third_party: bool,
    /// In words
    #[arg(long)]
    text: Option<String>,
}

impl Survey {
    pub(crate) fn run(self, context: &Context) -> Done {
        let mut session = context.session()?;
        let job = Job::find(&session, &self.job)?;
        let survey =
            after::Survey { score: self.score, channel: self.channel, third_party: self.third_party, text: self.text };
        let recorded = after::survey(&mut session, &job, &survey)?;
        recorded::tell(context, &session, &job, &recorded)
    }
}
