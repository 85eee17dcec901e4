use clap::Args;
use docket_device::app::duplicates;
use docket_device::app::lists::{self, Retained};
use docket_format::PersonId;

use crate::context::Context;
use crate::errors::Done;

use super::table;

/// List jobs, newest change first
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket job list --status new --limit 20
  docket job list --person T-042
  docket job list --kind repair --limit 0 --json
  docket job list --retained")]
pub(crate) struct List {
    /// Only jobs in this state: new, assigned, `on_site`, done, refused, `no_access`, cancelled, closed
    #[arg(long)]
    status: Vec<String>,
    /// Only jobs of this kind
    #[arg(long)]
    kind: Option<String>,
    /// Only jobs with this technician in the crew
    #[arg(long)]
    person: Option<PersonId>,
    /// Only jobs of this outlet
    #[arg(long)]
    outlet: Option<String>,
    /// Only jobs of this customer, and of others that are the same one: a customer's code, or one of its jobs
    #[arg(long)]
    customer: Option<String>,
    /// Also jobs that are kept here although this device's person is no longer shown them
    #[arg(long)]
    all: bool,
    /// Only those
    #[arg(long, conflicts_with = "all")]
    retained: bool,
    /// At most this many; 0 for all
    #[arg(long, default_value_t = 50, value_name = "N")]
    limit: u32,
}

impl List {
    pub(crate) fn run(self, context: &Context) -> Done {
        let session = context.reader()?;
        let customer = self.customer.as_deref().map(|typed| duplicates::find(&session, typed)).transpose()?;
        let filter = lists::Filter {
            customer,
            status: self.status,
            kind: self.kind,
            person: self.person,
            outlet: self.outlet,
            limit: self.limit,
            retained: match (self.all, self.retained) {
                (true, _) => Retained::Show,
                (_, true) => Retained::Only,
                _ => Retained::Hide,
            },
            ..lists::Filter::default()
        };
        let (jobs, total) = lists::jobs(&session, &filter)?;
        table::jobs(context, &jobs, total)
    }
}
