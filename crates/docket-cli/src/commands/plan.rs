use clap::{Args, Subcommand};
use docket_device::app::{Job, goods};

use crate::commands::recorded;
use crate::context::Context;
use crate::errors::Done;

/// The plan of project work: submitted, approved by the technical manager
#[derive(Debug, Subcommand)]
pub(crate) enum Plan {
    Submit(Submit),
    Approve(Approve),
}

/// Submit a plan
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket plan submit K7Q2 --text 'two risers, eight indoor units'")]
pub(crate) struct Submit {
    /// The job
    job: String,
    /// In words
    #[arg(long)]
    text: Option<String>,
}

/// Approve a plan: before the work begins, and not one's own
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket plan approve K7Q2")]
pub(crate) struct Approve {
    /// The job
    job: String,
    /// In words
    #[arg(long)]
    text: Option<String>,
}

impl Plan {
    pub(crate) fn run(self, context: &Context) -> Done {
        let (kind, job, text) = match self {
            Self::Submit(Submit { job, text }) => ("plan_submitted", job, text),
            Self::Approve(Approve { job, text }) => ("plan_approved", job, text),
        };
        let mut session = context.tick()?;
        let job = Job::find(&session, &job)?;
        let recorded = goods::state(&mut session, &job, kind, [("text", text.map(Into::into))])?;
        recorded::tell(context, &session, &job, &recorded)
    }
}
