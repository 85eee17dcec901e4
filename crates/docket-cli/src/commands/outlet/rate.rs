use clap::Args;
use docket_device::app::outlets;

use super::stated;
use crate::commands::person::Rating;
use crate::context::Context;
use crate::errors::Done;

/// Record what somebody thinks of an outlet
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket outlet rate QD-001 customer 85")]
pub(crate) struct Rate {
    /// The outlet
    outlet: String,
    #[command(flatten)]
    rating: Rating,
}

impl Rate {
    pub(crate) fn run(self, context: &Context) -> Done {
        let mut session = context.session()?;
        let written = outlets::state(&mut session, &self.outlet, "rated", self.rating.fields())?;
        stated(context, &self.outlet, &self.rating.told(), &written)
    }
}
