use clap::{Args, ValueEnum};
use docket_device::app::outlets;
use serde_json::{Map, Value};

use super::stated;
use crate::context::Context;
use crate::errors::Done;

/// Record how an outlet stands with headquarters
///
/// Assessed, then contracted, then authorised; dropped from anywhere. Nothing is dispatched to an outlet that is not
/// authorised, unless somebody says why. A step left out is a finding.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket outlet standing QD-001 authorised
  docket outlet standing QD-001 dropped --reason 'charged for free items'")]
pub(crate) struct Standing {
    /// The outlet
    outlet: String,
    /// Its standing from now on
    #[arg(value_enum)]
    state: State,
    /// Why
    #[arg(long)]
    reason: Option<String>,
    /// Since when, if it is written down later
    #[arg(long, value_name = "TIME")]
    when: Option<String>,
}

/// A standing (D-E6).
#[derive(Debug, Clone, Copy, ValueEnum)]
enum State {
    /// Looked at
    Assessed,
    /// Under contract
    Contracted,
    /// May be sent jobs
    Authorised,
    /// Gets no jobs any more
    Dropped,
}

impl State {
    const fn name(self) -> &'static str {
        match self {
            Self::Assessed => "assessed",
            Self::Contracted => "contracted",
            Self::Authorised => "authorised",
            Self::Dropped => "dropped",
        }
    }
}

impl Standing {
    pub(crate) fn run(self, context: &Context) -> Done {
        let when = self.when.as_deref().map(|text| context.rfc3339(text)).transpose()?;
        let mut session = context.session()?;
        let mut fields = Map::from_iter([("state".to_owned(), Value::from(self.state.name()))]);
        fields.extend(self.reason.map(|why| ("why".to_owned(), why.into())));
        fields.extend(when.map(|when| ("when".to_owned(), when.into())));
        let written = outlets::state(&mut session, &self.outlet, "standing", fields)?;
        stated(context, &self.outlet, self.state.name(), &written)
    }
}
