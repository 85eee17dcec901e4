use clap::Args;
use docket_device::app::{Job, travel};

use crate::commands::recorded;
use crate::context::Context;
use crate::errors::Done;

/// Set out for a job: you are on the way
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket depart K7Q2 --vehicle 'van 3' --km 12")]
pub(crate) struct Depart {
    /// The job
    job: String,
    /// The vehicle
    #[arg(long, short)]
    vehicle: Option<String>,
    /// How far it is, in kilometres
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=5000))]
    km: Option<u32>,
}

impl Depart {
    pub(crate) fn run(self, context: &Context) -> Done {
        let mut session = context.tick()?;
        let job = Job::find(&session, &self.job)?;
        let recorded = travel::depart(&mut session, &job, self.vehicle.as_deref(), self.km)?;
        recorded::tell(context, &session, &job, &recorded)
    }
}
