use clap::Args;
use docket_device::app::outlets::list;
use serde_json::json;

use crate::context::Context;
use crate::errors::{Done, Exit};
use crate::i18n::t;
use crate::page::{Table, bad, faint, good, strong};

/// List outlets
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket outlet list --region shandong
  docket outlet list --standing none --limit 0 --json")]
pub(crate) struct List {
    /// Only those of this region
    #[arg(long)]
    region: Option<String>,
    /// Only those of this level
    #[arg(long)]
    level: Option<String>,
    /// Only those with this standing: assessed, contracted, authorised, dropped, none
    #[arg(long)]
    standing: Option<String>,
    /// At most this many; 0 for all
    #[arg(long, default_value_t = 50, value_name = "N")]
    limit: u32,
}

impl List {
    pub(crate) fn run(self, context: &Context) -> Done {
        let session = context.reader()?;
        let filter =
            list::Filter { region: self.region, level: self.level, standing: self.standing, limit: self.limit };
        let (outlets, total) = list::list(&session, &filter)?;
        context.out.show(&json!({"total": total, "shown": outlets.len(), "outlets": outlets}), |page| {
            if outlets.is_empty() {
                page.say("no outlets");
                return;
            }
            let header = ["outlet", "name", "level", "standing", "region", "inspections", "calls open"];
            let mut table = Table::new(&header).right(&[5, 6]);
            for row in &outlets {
                let text = |value: &Option<String>| value.clone().unwrap_or_default();
                table.row([
                    strong(&row.outlet),
                    text(&row.name).into(),
                    text(&row.level).into(),
                    match row.standing.as_deref() {
                        Some("authorised") => good(t("authorised")),
                        Some("dropped") => bad(t("dropped")),
                        other => faint(other.unwrap_or("none")),
                    },
                    text(&row.region).into(),
                    row.score.map(|score| score.to_string()).unwrap_or_default().into(),
                    if row.unanswered == 0 { "".into() } else { bad(row.unanswered.to_string()) },
                ]);
            }
            page.table(&table);
        })?;
        if (outlets.len() as u64) < total {
            context.out.note(format!("{} of {total} outlets; --limit 0 shows all", outlets.len()));
        }
        Ok(Exit::Clean)
    }
}
