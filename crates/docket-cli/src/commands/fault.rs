use clap::{Args, Subcommand};
use docket_device::app::{Job, goods};
use serde_json::Value;

use crate::commands::recorded;
use crate::context::Context;
use crate::errors::Done;

/// Record a fault: tested, found; what it may be before the visit is said with `docket diagnose`
#[derive(Debug, Subcommand)]
pub(crate) enum Fault {
    Test(Test),
    Found(Found),
}

/// Record a local test: nothing goes to headquarters without one that shows the fault
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket fault test K7Q2 --shows-fault yes")]
pub(crate) struct Test {
    /// The job
    job: String,
    /// Whether the test shows the fault
    #[arg(long, value_name = "YES|NO", value_parser = ["yes", "no"])]
    shows_fault: String,
    /// The appliance of the job, from 1
    #[arg(long, short, value_name = "N")]
    appliance: Option<u32>,
    /// In words
    #[arg(long)]
    text: Option<String>,
}

/// Record what the fault came from
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket fault found K7Q2 --cause defect --fault pump_blocked
  docket fault found K7Q2 --cause none")]
pub(crate) struct Found {
    /// The job
    job: String,
    /// What it came from
    #[arg(long, value_parser = ["defect", "misuse", "none", "installation", "wear"])]
    cause: String,
    /// The fault, as the policy names it
    #[arg(long)]
    fault: Option<String>,
    /// The appliance of the job, from 1
    #[arg(long, short, value_name = "N")]
    appliance: Option<u32>,
    /// In words
    #[arg(long)]
    text: Option<String>,
}

impl Fault {
    pub(crate) fn run(self, context: &Context) -> Done {
        let (kind, job, entries): (_, _, Vec<(&'static str, Option<Value>)>) = match self {
            Self::Test(test) => {
                let shows = Some((test.shows_fault == "yes").into());
                let appliance = test.appliance.map(Into::into);
                let entries =
                    vec![("shows_fault", shows), ("appliance", appliance), ("text", test.text.map(Into::into))];
                ("tested", test.job, entries)
            }
            Self::Found(found) => {
                let entries = vec![
                    ("cause", Some(found.cause.into())),
                    ("fault", found.fault.map(Into::into)),
                    ("appliance", found.appliance.map(Into::into)),
                    ("text", found.text.map(Into::into)),
                ];
                ("found", found.job, entries)
            }
        };
        let mut session = context.tick()?;
        let job = Job::find(&session, &job)?;
        let recorded = goods::state(&mut session, &job, kind, entries)?;
        recorded::tell(context, &session, &job, &recorded)
    }
}
