use clap::Args;
use docket_device::app::{Job, goods};

use crate::commands::recorded;
use crate::context::Context;
use crate::errors::Done;

/// Record where a part is: requested, ordered, shipped, received at the outlet, fitted, returned
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket part K7Q2 PUMP-7 --state requested --qty 2
  docket part K7Q2 PUMP-7 --state requested --foreseeable
  docket part K7Q2 PUMP-7 --state received")]
pub(crate) struct Part {
    /// The job
    job: String,
    /// The part's number
    #[arg(value_name = "PART")]
    number: String,
    /// Where it is
    #[arg(long, value_parser = ["requested", "ordered", "shipped", "received", "fitted", "returned"])]
    state: String,
    /// How many
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=999))]
    qty: Option<u32>,
    /// It could have been brought along: reported apart from parts that nobody could foresee
    #[arg(long)]
    foreseeable: bool,
    /// The appliance of the job, from 1
    #[arg(long, short, value_name = "N")]
    appliance: Option<u32>,
    /// The market tier of the outlet, where it differs from the outlet's own
    #[arg(long)]
    tier: Option<String>,
    /// In words
    #[arg(long)]
    text: Option<String>,
}

impl Part {
    pub(crate) fn run(self, context: &Context) -> Done {
        let mut session = context.tick()?;
        let job = Job::find(&session, &self.job)?;
        let entries = [
            ("part", Some(self.number.into())),
            ("state", Some(self.state.into())),
            ("qty", self.qty.map(Into::into)),
            ("foreseeable", self.foreseeable.then(|| true.into())),
            ("appliance", self.appliance.map(Into::into)),
            ("tier", self.tier.map(Into::into)),
            ("text", self.text.map(Into::into)),
        ];
        let recorded = goods::state(&mut session, &job, "part", entries)?;
        recorded::tell(context, &session, &job, &recorded)
    }
}
