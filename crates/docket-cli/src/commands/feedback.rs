use clap::Args;
use docket_device::app::requests;
use serde_json::json;

use crate::context::Context;
use crate::errors::{Done, Exit};
use crate::i18n::t;
use crate::page::{faint, good, strong};

/// Feed something back inside the company, from an outlet
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  docket feedback NORTH-1 --about 'door seals of the X7 tear' --to development")]
pub(crate) struct Feedback {
    /// The outlet
    outlet: String,
    /// What about
    #[arg(long)]
    about: String,
    /// To which department
    #[arg(long, value_name = "DEPARTMENT")]
    to: Option<String>,
    /// In words
    #[arg(long)]
    text: Option<String>,
}

impl Feedback {
    pub(crate) fn run(self, context: &Context) -> Done {
        let mut session = context.session()?;
        let (about, to, text) = (self.about.as_str(), self.to.as_deref(), self.text.as_deref());
        let (doc, fact, warnings) = requests::feed_back(&mut session, &self.outlet, about, to, text)?;
        for warning in &warnings {
            context.out.warn(warning);
        }
        let fact = fact.to_string();
        let answer = json!({"outlet": self.outlet, "doc": doc.to_string(), "fact": fact, "warnings": warnings});
        context.out.show(&answer, |page| {
            let short: String = fact.chars().take(8).collect();
            page.line([strong(&self.outlet), "  ".into(), good(t("recorded")), "  ".into(), faint(short)]);
        })?;
        Ok(Exit::Clean)
    }
}
