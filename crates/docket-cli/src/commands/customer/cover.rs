use clap::Args;
use docket_device::app::customers::{self, Customer, NewCoverage};

use crate::context::Context;
use crate::errors::Done;
use crate::times;

/// Record a coverage that was agreed on: an extended warranty, a contract, signed upkeep
///
/// What comes with every purchase is the policy's, and need not be recorded. A contract may name the outlet or the
/// technician who comes; another one then needs a reason.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket customer cover M3TR --what contract --level gold --from 2026-03-01 --until 2028-02-29 --outlet QD-01
  docket customer cover M3TR --what extended --from 2026-03-01 --until 2031-03-01 --serial W8811
  docket customer cover M3TR --what upkeep --from 2026-03-01 --until 2027-02-28 --inspect-months 6")]
pub(crate) struct Cover {
    /// The customer, or a job of theirs
    customer: String,
    /// What
    #[arg(long, value_parser = ["hardware", "on_site", "software", "extended", "contract", "lifetime", "upkeep"])]
    what: String,
    /// The first day
    #[arg(long, value_name = "DATE", value_parser = times::date)]
    from: String,
    /// The last day
    #[arg(long, value_name = "DATE", value_parser = times::date)]
    until: Option<String>,
    /// For the appliance's life
    #[arg(long)]
    life: bool,
    /// Only for this product
    #[arg(long)]
    product: Option<String>,
    /// Only for this appliance
    #[arg(long)]
    serial: Option<String>,
    /// The service level of a contract, as the policy names it
    #[arg(long)]
    level: Option<String>,
    /// The outlet that comes
    #[arg(long)]
    outlet: Option<String>,
    /// The technician who comes
    #[arg(long)]
    technician: Option<String>,
    /// Months between planned inspections
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=120))]
    inspect_months: Option<u32>,
}

impl Cover {
    pub(super) fn run(self, context: &Context) -> Done {
        let mut session = context.session()?;
        let customer = Customer::find(&session, &self.customer)?;
        let texts = [
            ("product", self.product),
            ("serial", self.serial),
            ("level", self.level),
            ("outlet", self.outlet),
            ("technician", self.technician),
        ];
        let new = NewCoverage {
            what: self.what,
            from: self.from,
            until: self.until,
            life: self.life,
            texts: texts.into_iter().filter_map(|(name, value)| Some((name, value?))).collect(),
            inspect_months: self.inspect_months,
        };
        let (fact, warnings) = customers::cover(&mut session, &customer, &new)?;
        super::tell(context, &customer.doc.short(), fact, &warnings)
    }
}
