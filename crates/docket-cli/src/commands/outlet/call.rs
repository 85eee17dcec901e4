use clap::{Args, ValueEnum};
use docket_device::app::outlets;
use serde_json::{Map, Value};

use super::stated;
use crate::context::Context;
use crate::errors::Done;

/// Record a call to an outlet that is no job: it wants a response by sundown
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket outlet call QD-001 supplier --text 'asks about the delivery'")]
pub(crate) struct Call {
    /// The outlet
    outlet: String,
    /// Who called
    #[arg(value_enum)]
    from: From,
    /// How: phone, counter, e-mail …
    #[arg(long)]
    channel: Option<String>,
    /// What about
    #[arg(long)]
    text: Option<String>,
    /// When, if it is written down later
    #[arg(long, value_name = "TIME")]
    when: Option<String>,
}

/// Who calls (D-C3).
#[derive(Debug, Clone, Copy, ValueEnum)]
enum From {
    Customer,
    Supplier,
    Colleague,
}

impl Call {
    pub(crate) fn run(self, context: &Context) -> Done {
        let when = self.when.as_deref().map(|text| context.rfc3339(text)).transpose()?;
        let mut session = context.session()?;
        let from = match self.from {
            From::Customer => "customer",
            From::Supplier => "supplier",
            From::Colleague => "colleague",
        };
        let mut fields = Map::from_iter([("from".to_owned(), Value::from(from))]);
        fields.extend(self.channel.map(|channel| ("channel".to_owned(), channel.into())));
        fields.extend(self.text.map(|text| ("text".to_owned(), text.into())));
        fields.extend(when.map(|when| ("when".to_owned(), when.into())));
        let written = outlets::state(&mut session, &self.outlet, "called_in", fields)?;
        stated(context, &self.outlet, &format!("call by a {from}"), &written)
    }
}
