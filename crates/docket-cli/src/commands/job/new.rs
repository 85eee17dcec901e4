use clap::Args;

use crate::context::Context;
use crate::errors::{CliError, Done};

/// Take a new job in
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket job new --kind installation --product 'washing machine' --customer-name 'Zhang Min'
  docket job new --kind repair --product fridge --difficulty high --text 'does not cool'")]
pub(crate) struct New {
    /// installation, repair, maintenance, inspection, or another kind of the policy
    #[arg(long)]
    kind: String,
    /// What it is about
    #[arg(long)]
    product: String,
    /// How many appliances
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    appliances: u32,
    /// How hard the fault is, as the policy names it
    #[arg(long)]
    difficulty: Option<String>,
    /// How the request came in: phone, counter, e-mail …
    #[arg(long)]
    channel: Option<String>,
    /// When the request came in; now when left out
    #[arg(long, value_name = "TIME")]
    received: Option<String>,
    /// The agreed time
    #[arg(long, value_name = "TIME")]
    appointment: Option<String>,
    /// The outlet that is responsible
    #[arg(long)]
    outlet: Option<String>,
    /// What the customer said
    #[arg(long)]
    text: Option<String>,
    /// The customer's name
    #[arg(long, value_name = "NAME")]
    customer_name: Option<String>,
    /// The customer's telephone number
    #[arg(long)]
    phone: Option<String>,
    /// The customer's address
    #[arg(long)]
    address: Option<String>,
}

impl New {
    pub(crate) fn run(self, _context: &Context) -> Done {
        Err(CliError::environment("not built yet"))
    }
}
