use clap::{Args, ValueEnum};
use docket_device::app::{Job, travel};

use crate::commands::recorded;
use crate::context::Context;
use crate::errors::Done;

/// Pause the work on a job, and say what it waits for
///
/// Clocks that the policy lets pause stand still meanwhile.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket pause K7Q2 --for part")]
pub(crate) struct Pause {
    /// The job
    job: String,
    /// What it waits for
    #[arg(long = "for", value_enum, value_name = "WHAT")]
    waits: Waits,
}

/// What a pause waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Waits {
    Customer,
    Part,
    Break,
    Travel,
    Other,
}

impl Pause {
    pub(crate) fn run(self, context: &Context) -> Done {
        let why = match self.waits {
            Waits::Customer => "customer",
            Waits::Part => "part",
            Waits::Break => "break",
            Waits::Travel => "travel",
            Waits::Other => "other",
        };
        let mut session = context.tick()?;
        let job = Job::find(&session, &self.job)?;
        let recorded = travel::pause_for(&mut session, &job, why)?;
        recorded::tell(context, &session, &job, &recorded)
    }
}
