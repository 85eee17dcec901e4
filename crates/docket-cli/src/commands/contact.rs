use clap::Args;
use docket_device::app::Job;
use docket_device::app::requests;

use crate::commands::recorded;
use crate::context::Context;
use crate::errors::Done;

/// Record a talk with the customer
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket contact K7Q2 --purpose first --channel phone
  docket contact K7Q2 --purpose solution --solution --text 'new door seal on Monday'
  docket contact K7Q2 --purpose progress --not-reached")]
pub(crate) struct Contact {
    /// The job
    job: String,
    /// What for: first, solution, progress, `part_arrived`, result or other
    #[arg(long)]
    purpose: String,
    /// How: phone, e-mail, letter, app …
    #[arg(long)]
    channel: Option<String>,
    /// Nobody answered
    #[arg(long)]
    not_reached: bool,
    /// The way to solve it was agreed
    #[arg(long, conflicts_with = "not_reached")]
    solution: bool,
    /// Whom: customer, contact (on site) or owner
    #[arg(long)]
    who: Option<String>,
    /// How often the phone rang
    #[arg(long, value_name = "N")]
    rings: Option<i64>,
    /// In words
    #[arg(long)]
    text: Option<String>,
    /// When it was; now when left out
    #[arg(long, value_name = "TIME")]
    when: Option<String>,
}

impl Contact {
    pub(crate) fn run(self, context: &Context) -> Done {
        let mut session = context.tick()?;
        let job = Job::find(&session, &self.job)?;
        let contact = requests::Contact {
            purpose: self.purpose,
            channel: self.channel,
            reached: !self.not_reached,
            solution: self.solution,
            who: self.who,
            rings: self.rings,
            text: self.text,
            when: self.when.as_deref().map(|text| context.rfc3339(text)).transpose()?,
        };
        let recorded = requests::contact(&mut session, &job, &contact)?;
        recorded::tell(context, &session, &job, &recorded)
    }
}
