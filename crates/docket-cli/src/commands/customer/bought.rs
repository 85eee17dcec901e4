use clap::Args;
use docket_device::app::customers::{self, Customer, NewPurchase};

use crate::context::Context;
use crate::errors::Done;
use crate::times;

/// Record what a customer bought: coverages and care events are counted from it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket customer bought M3TR --product washing_machine --on 2026-02-11 --serial W8811
  docket customer bought M3TR --product fridge --on 2026-02-11 --price 3999 --currency CNY")]
pub(crate) struct Bought {
    /// The customer, or a job of theirs
    customer: String,
    /// The product, as the policy names it
    #[arg(long)]
    product: String,
    /// The day
    #[arg(long, value_name = "DATE", value_parser = times::date)]
    on: String,
    /// The serial number
    #[arg(long)]
    serial: Option<String>,
    /// What it cost
    #[arg(long, requires = "currency", allow_hyphen_values = true)]
    price: Option<String>,
    /// ISO 4217
    #[arg(long, requires = "price")]
    currency: Option<String>,
}

impl Bought {
    pub(super) fn run(self, context: &Context) -> Done {
        let mut session = context.session()?;
        let customer = Customer::find(&session, &self.customer)?;
        let price = self.price.zip(self.currency);
        let new = NewPurchase { product: self.product, on: self.on, serial: self.serial, price };
        let (fact, warnings) = customers::bought(&mut session, &customer, &new)?;
        super::tell(context, &customer.doc.short(), fact, &warnings)
    }
}
