use clap::Args;
use docket_device::app::outlets;
use serde_json::{Map, Value};

use super::stated;
use crate::commands::person::Rater;
use crate::context::Context;
use crate::errors::Done;

/// Record what somebody thinks of an outlet
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket outlet rate QD-001 customer 85")]
pub(crate) struct Rate {
    /// The outlet
    outlet: String,
    /// Who rates
    #[arg(value_enum)]
    rater: Rater,
    /// 0 to 100
    #[arg(value_parser = clap::value_parser!(u8).range(0..=100))]
    score: u8,
    /// In words
    #[arg(long)]
    text: Option<String>,
    /// Harmless: may be published
    #[arg(long)]
    publish: bool,
}

impl Rate {
    pub(crate) fn run(self, context: &Context) -> Done {
        let mut session = context.session()?;
        let mut fields = Map::from_iter([
            ("rater".to_owned(), Value::from(self.rater.name())),
            ("score".to_owned(), self.score.into()),
            ("publish".to_owned(), self.publish.into()),
        ]);
        fields.extend(self.text.map(|text| ("text".to_owned(), text.into())));
        let written = outlets::state(&mut session, &self.outlet, "rated", fields)?;
        stated(context, &self.outlet, &format!("rated {} by a {}", self.score, self.rater.name()), &written)
    }
}
