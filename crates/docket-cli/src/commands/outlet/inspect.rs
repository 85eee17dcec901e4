use clap::{Args, ValueEnum};
use docket_device::app::outlets;
use serde_json::{Map, Value};

use super::stated;
use crate::context::Context;
use crate::errors::Done;

/// Record an inspection of an outlet
///
/// Inspections weigh in whom `docket dispatch recommend` proposes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket outlet inspect QD-001 undercover --failed --item uniform --text 'no name badge'
  docket outlet inspect QD-001 open --passed --score 92")]
pub(crate) struct Inspect {
    /// The outlet
    outlet: String,
    /// How it was inspected
    #[arg(value_enum)]
    how: How,
    /// It passed
    #[arg(long, required_unless_present = "failed", conflicts_with = "failed")]
    passed: bool,
    /// It did not
    #[arg(long)]
    failed: bool,
    /// 0 to 100
    #[arg(long, value_parser = clap::value_parser!(u8).range(0..=100))]
    score: Option<u8>,
    /// What was looked at, if not everything
    #[arg(long)]
    item: Option<String>,
    /// What was seen
    #[arg(long)]
    text: Option<String>,
    /// When, if it is written down later
    #[arg(long, value_name = "TIME")]
    when: Option<String>,
}

/// A way to inspect (D-H23, D-E6).
#[derive(Debug, Clone, Copy, ValueEnum)]
enum How {
    /// Announced
    Open,
    /// Nobody knew
    Undercover,
    /// By a mystery shopper
    Shopper,
}

impl Inspect {
    pub(crate) fn run(self, context: &Context) -> Done {
        let when = self.when.as_deref().map(|text| context.rfc3339(text)).transpose()?;
        let mut session = context.session()?;
        let how = match self.how {
            How::Open => "open",
            How::Undercover => "undercover",
            How::Shopper => "shopper",
        };
        let mut fields = Map::from_iter([
            ("how".to_owned(), Value::from(how)),
            ("passed".to_owned(), Value::from(self.passed && !self.failed)),
        ]);
        fields.extend(self.score.map(|score| ("score".to_owned(), score.into())));
        fields.extend(self.item.map(|item| ("item".to_owned(), item.into())));
        fields.extend(self.text.map(|text| ("text".to_owned(), text.into())));
        fields.extend(when.map(|when| ("when".to_owned(), when.into())));
        let written = outlets::state(&mut session, &self.outlet, "inspected", fields)?;
        stated(context, &self.outlet, if self.failed { "inspection failed" } else { "inspection passed" }, &written)
    }
}
