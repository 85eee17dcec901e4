use clap::Args;
use serde_json::{Value, json};

use super::{packs, severity};
use crate::context::Context;
use crate::errors::{Done, Exit};
use crate::page::{Table, strong};

/// List the rules: id, severity, domain row, message
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket audit rules --pack haier")]
pub(crate) struct Rules {
    /// The rules: `default`, `haier`, `changhong`, `hengji`, `severity`, or a pack of your own; may be repeated
    #[arg(long = "pack", alias = "rules", default_value = "default", value_name = "PACK|FILE")]
    packs: Vec<String>,
}

impl Rules {
    pub(super) fn run(self, context: &Context) -> Done {
        let pack = packs::read(&self.packs)?;
        let rules: Vec<Value> = pack
            .rules
            .iter()
            .map(
                |rule| json!({"id": rule.id, "severity": rule.severity.as_str(), "row": rule.row, "title": rule.title}),
            )
            .collect();
        context.out.show(&json!({"pack": pack.name, "rules": rules}), |page| {
            let mut table = Table::new(&["rule", "severity", "row", "what"]);
            for rule in &pack.rules {
                table.row([
                    strong(&rule.id),
                    severity(rule.severity),
                    rule.row.as_str().into(),
                    rule.title.as_str().into(),
                ]);
            }
            page.table(&table);
        })?;
        Ok(Exit::Clean)
    }
}
