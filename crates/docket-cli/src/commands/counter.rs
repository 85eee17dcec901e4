use clap::{Args, Subcommand};
use docket_device::app::{Job, goods};
use serde_json::Value;

use crate::commands::recorded;
use crate::context::Context;
use crate::errors::Done;

/// Repair over the counter: handed in, ready, fetched, and what is lent meanwhile
#[derive(Debug, Subcommand)]
pub(crate) enum Counter {
    HandIn(At),
    Ready(At),
    Collect(At),
    Lend(Lend),
    TakeBack(TakeBack),
}

/// Record a step of a counter repair
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket counter hand-in K7Q2
  docket counter ready K7Q2
  docket counter collect K7Q2")]
pub(crate) struct At {
    /// The job
    job: String,
    /// In words
    #[arg(long)]
    text: Option<String>,
}

/// Lend the customer a device
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket counter lend K7Q2 phone --serial 8811")]
pub(crate) struct Lend {
    /// The job
    job: String,
    /// What is lent
    item: String,
    /// Its serial number
    #[arg(long)]
    serial: Option<String>,
}

/// Take a device that was lent back
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket counter take-back K7Q2 phone")]
pub(crate) struct TakeBack {
    /// The job
    job: String,
    /// What was lent
    item: String,
}

impl Counter {
    pub(crate) fn run(self, context: &Context) -> Done {
        let (kind, job, entries): (_, _, Vec<(&'static str, Option<Value>)>) = match self {
            Self::HandIn(at) => ("handed_in", at.job, vec![("text", at.text.map(Into::into))]),
            Self::Ready(at) => ("ready", at.job, vec![("text", at.text.map(Into::into))]),
            Self::Collect(at) => ("collected", at.job, vec![("text", at.text.map(Into::into))]),
            Self::Lend(lend) => {
                let entries = vec![("item", Some(lend.item.into())), ("serial", lend.serial.map(Into::into))];
                ("loaned", lend.job, entries)
            }
            Self::TakeBack(back) => ("loan_returned", back.job, vec![("item", Some(back.item.into()))]),
        };
        let mut session = context.tick()?;
        let job = Job::find(&session, &job)?;
        let recorded = goods::state(&mut session, &job, kind, entries)?;
        recorded::tell(context, &session, &job, &recorded)
    }
}
