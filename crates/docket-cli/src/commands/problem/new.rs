use clap::Args;
use docket_device::app::problems::{self, NewProblem};
use serde_json::json;

use crate::context::Context;
use crate::errors::{Done, Exit};
use crate::page::strong;

/// Record a problem that more than one job may show
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  docket problem new --title 'door seal tears' --product fridge --model X7 --text 'part 4711-B holds'")]
pub(crate) struct New {
    /// What it is, in one line
    #[arg(long)]
    title: String,
    /// The product
    #[arg(long)]
    product: Option<String>,
    /// The model
    #[arg(long)]
    model: Option<String>,
    /// Whom to ask
    #[arg(long)]
    contact: Option<String>,
    /// What is known about it
    #[arg(long)]
    text: Option<String>,
}

impl New {
    pub(super) fn run(self, context: &Context) -> Done {
        let mut session = context.session()?;
        let new = NewProblem {
            title: self.title,
            product: self.product,
            model: self.model,
            contact: self.contact,
            text: self.text,
        };
        let doc = problems::new(&mut session, &new)?;
        context.out.show(&json!({"code": doc.short(), "doc": doc.to_string()}), |page| {
            page.line([strong(doc.short()), format!("  {}", new.title).into()]);
        })?;
        Ok(Exit::Clean)
    }
}
