use clap::Args;
use docket_device::app::jobs::{self, NewJob};
use serde_json::json;

use crate::context::Context;
use crate::errors::{Done, Exit};
use crate::i18n::word;
use crate::page::strong;

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
    /// Why an outlet that may not take it takes it all the same
    #[arg(long = "override", value_name = "REASON", requires = "outlet")]
    overridden: Option<String>,
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
    /// The customer's postcode
    #[arg(long)]
    postcode: Option<String>,
    /// The customer's group, as the policy names it: vip, `whole_set` …
    #[arg(long)]
    group: Option<String>,
}

impl New {
    pub(crate) fn run(self, context: &Context) -> Done {
        let received = match &self.received {
            Some(text) => context.rfc3339(text)?,
            None => context.rfc3339(&context.now().to_string())?,
        };
        let appointment = self.appointment.as_deref().map(|text| context.rfc3339(text)).transpose()?;
        let mut session = context.session()?;
        let some = |pairs: [(&'static str, Option<String>); 5]| {
            pairs.into_iter().filter_map(|(name, value)| Some((name, value?))).collect::<Vec<_>>()
        };
        let new = NewJob {
            kind: self.kind,
            product: self.product,
            appliances: self.appliances,
            registers: some([
                ("difficulty", self.difficulty),
                ("channel", self.channel),
                ("received_at", Some(received)),
                ("outlet", self.outlet),
                ("text", self.text),
            ]),
            customer: some([
                ("name", self.customer_name),
                ("phone", self.phone),
                ("address", self.address),
                ("group", self.group),
                ("postcode", self.postcode),
            ]),
            appointment: appointment.map(|at| (at, None)),
            overridden: self.overridden,
        };
        let (doc, warnings) = jobs::new_job(&mut session, &new)?;
        for warning in warnings {
            context.out.warn(warning);
        }
        let answer = json!({"code": doc.short(), "doc": doc.to_string()});
        context.out.show(&answer, |page| {
            page.line([strong(doc.short()), format!("  {} {}", word(&new.kind), new.product).into()]);
        })?;
        Ok(Exit::Clean)
    }
}
