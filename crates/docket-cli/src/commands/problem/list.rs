use clap::Args;
use docket_device::app::problems;
use serde_json::json;

use crate::context::Context;
use crate::errors::{Done, Exit};
use crate::page::{Table, strong};

/// List the known problems, those that most jobs show first
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  docket problem list\n  docket problem list --product fridge --state open")]
pub(crate) struct List {
    /// Only of this product
    #[arg(long)]
    product: Option<String>,
    /// Only in this state
    #[arg(long)]
    state: Option<String>,
}

impl List {
    pub(super) fn run(self, context: &Context) -> Done {
        let session = context.reader()?;
        let rows = problems::list(&session, self.product.as_deref(), self.state.as_deref())?;
        context.out.show(&json!({"problems": rows}), |page| {
            if rows.is_empty() {
                return page.say("no known problems");
            }
            let mut table =
                Table::new(&["problem", "jobs", "state", "product", "title", "contact"]).firm(&[0]).right(&[1]);
            for row in &rows {
                let product: Vec<&str> = [row.product.as_deref(), row.model.as_deref()].into_iter().flatten().collect();
                table.row([
                    strong(&row.code),
                    row.jobs.to_string().into(),
                    row.state.as_deref().unwrap_or_default().into(),
                    product.join(" ").into(),
                    row.title.as_deref().unwrap_or_default().into(),
                    row.contact.as_deref().unwrap_or_default().into(),
                ]);
            }
            page.table(&table);
        })?;
        Ok(Exit::Clean)
    }
}
