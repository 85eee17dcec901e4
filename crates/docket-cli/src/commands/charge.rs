use clap::Args;
use docket_device::app::Job;
use docket_device::app::goods::{self, NewCharge};

use crate::commands::recorded;
use crate::context::Context;
use crate::errors::Done;

/// Record money taken: the amount for all of them together
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket charge K7Q2 labour --amount 120.50 --currency CNY
  docket charge K7Q2 hose --amount 36 --qty 3              in the price list's currency")]
pub(crate) struct Charge {
    /// The job
    job: String,
    /// What for, as the price list names it
    item: String,
    /// How much for all of them
    #[arg(long, allow_hyphen_values = true)]
    amount: String,
    /// ISO 4217; the price list's when left out
    #[arg(long)]
    currency: Option<String>,
    /// How many
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=999))]
    qty: Option<u32>,
    /// The appliance of the job, from 1
    #[arg(long, short, value_name = "N")]
    appliance: Option<u32>,
}

impl Charge {
    pub(crate) fn run(self, context: &Context) -> Done {
        let mut session = context.tick()?;
        let job = Job::find(&session, &self.job)?;
        let new = NewCharge {
            item: &self.item,
            amount: &self.amount,
            currency: self.currency.as_deref(),
            qty: self.qty,
            appliance: self.appliance,
        };
        let recorded = goods::charge(&mut session, &job, &new)?;
        recorded::tell(context, &session, &job, &recorded)
    }
}
