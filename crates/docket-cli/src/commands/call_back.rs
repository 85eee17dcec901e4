use clap::Args;
use docket_device::app::Job;
use docket_device::app::after;

use crate::commands::answers::yes_no;
use crate::commands::recorded;
use crate::context::Context;
use crate::errors::Done;

/// Record what the customer answered when asked after the visit
///
/// The centre asks, not the outlet that served. A call-back that reaches the customer closes the job where the policy says so;
/// a bad answer puts the visit in the sample for inspection.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket call-back K7Q2 --reached yes --satisfied yes --solved yes --score 90
  docket call-back K7Q2 --reached no
  docket call-back K7Q2 --reached yes --satisfied no --left-out B,E --text 'nobody explained anything'")]
pub(crate) struct CallBack {
    /// The job
    job: String,
    /// Whether somebody answered
    #[arg(long, value_name = "YES|NO", value_parser = yes_no, action = clap::ArgAction::Set)]
    reached: bool,
    /// Whether the customer is satisfied
    #[arg(long, value_name = "YES|NO", value_parser = yes_no)]
    satisfied: Option<bool>,
    /// The customer's score
    #[arg(long, value_name = "0-100", value_parser = clap::value_parser!(i64).range(0..=100))]
    score: Option<i64>,
    /// Whether the fault is gone
    #[arg(long, value_name = "YES|NO", value_parser = yes_no)]
    solved: Option<bool>,
    /// Which of the five services were left out, as the customer says: any of A,B,C,D,E, or none
    #[arg(long, value_name = "LETTERS")]
    left_out: Option<String>,
    /// How: call, visit, letter or app
    #[arg(long)]
    channel: Option<String>,
    /// In words
    #[arg(long)]
    text: Option<String>,
    /// When it was; now when left out
    #[arg(long, value_name = "TIME")]
    when: Option<String>,
}

impl CallBack {
    pub(crate) fn run(self, context: &Context) -> Done {
        let mut session = context.session()?;
        let job = Job::find(&session, &self.job)?;
        let letters = |text: String| match text.as_str() {
            "none" => Vec::new(),
            text => text.split(',').map(|letter| letter.trim().to_owned()).collect(),
        };
        let said = after::CallBack {
            reached: self.reached,
            satisfied: self.satisfied,
            score: self.score,
            solved: self.solved,
            left_out: self.left_out.map(letters),
            channel: self.channel,
            text: self.text,
            when: self.when.as_deref().map(|text| context.rfc3339(text)).transpose()?,
        };
        let recorded = after::call_back(&mut session, &job, &said)?;
        recorded::tell(context, &session, &job, &recorded)
    }
}
