use clap::{Args, Subcommand};
use docket_device::app::{Job, goods};

use crate::commands::recorded;
use crate::context::Context;
use crate::errors::Done;

/// Project work looked at: concealed works witnessed, the whole accepted on site
#[derive(Debug, Subcommand)]
pub(crate) enum Works {
    Witness(Witness),
    Accept(Accept),
}

/// Witness concealed works before they are covered; not one's own
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket works witness K7Q2 --text 'pipes in the shaft'")]
pub(crate) struct Witness {
    /// The job
    job: String,
    /// In words
    #[arg(long)]
    text: Option<String>,
}

/// Accept the work on site, or say that it does not pass; not one's own
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket works accept K7Q2
  docket works accept K7Q2 --failed --text 'two leaks'")]
pub(crate) struct Accept {
    /// The job
    job: String,
    /// It does not pass
    #[arg(long)]
    failed: bool,
    /// In words
    #[arg(long)]
    text: Option<String>,
}

impl Works {
    pub(crate) fn run(self, context: &Context) -> Done {
        let (kind, job, passed, text) = match self {
            Self::Witness(Witness { job, text }) => ("works_witnessed", job, None, text),
            Self::Accept(Accept { job, failed, text }) => ("works_accepted", job, Some((!failed).into()), text),
        };
        let mut session = context.tick()?;
        let job = Job::find(&session, &job)?;
        let entries = [("passed", passed), ("text", text.map(Into::into))];
        let recorded = goods::state(&mut session, &job, kind, entries)?;
        recorded::tell(context, &session, &job, &recorded)
    }
}
