use clap::Args;
use docket_device::app::outlets;

use super::stated;
use crate::context::Context;
use crate::errors::Done;

/// Record that a call was responded to (not yet solved)
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket outlet respond QD-001 --text 'called back, answer tomorrow'
  docket outlet respond QD-001 --to 4ZJ1Q")]
pub(crate) struct Respond {
    /// The outlet
    outlet: String,
    /// The call; the only open one when left out
    #[arg(long, value_name = "FACT")]
    to: Option<String>,
    /// What was said
    #[arg(long)]
    text: Option<String>,
}

impl Respond {
    pub(crate) fn run(self, context: &Context) -> Done {
        let mut session = context.session()?;
        let written = outlets::respond(&mut session, &self.outlet, self.to.as_deref(), self.text.as_deref())?;
        stated(context, &self.outlet, "responded", &written)
    }
}
