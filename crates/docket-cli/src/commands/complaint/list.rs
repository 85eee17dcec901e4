use clap::Args;
use docket_device::app::complaints;
use serde_json::json;

use crate::context::Context;
use crate::errors::{Done, Exit};
use crate::i18n::t;
use crate::page::{Table, bad, faint, good, strong, warn};
use crate::times;

/// List complaints with how far they are, and count them by cause
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket complaint list
  docket complaint list --state open
  docket complaint list --cause 'not cleaned up' --json")]
pub(crate) struct List {
    /// Only this cause
    #[arg(long)]
    cause: Option<String>,
    /// Only complaints in this state
    #[arg(long, value_parser = ["open", "handled", "answered"])]
    state: Option<String>,
}

impl List {
    pub(super) fn run(self, context: &Context) -> Done {
        let session = context.reader()?;
        let rows = complaints::list(&session, self.cause.as_deref(), self.state.as_deref())?;
        let causes = complaints::causes(&session)?;
        let zone = context.zone();
        context.out.show(&json!({"complaints": rows, "causes": causes}), |page| {
            if rows.is_empty() {
                return page.say("no complaints");
            }
            let mut table =
                Table::new(&["job", "complaint", "made", "state", "cause", "about", "result"]).firm(&[1, 2]);
            for row in &rows {
                let state = match row.state.as_str() {
                    "answered" => good(t("answered")),
                    "handled" => warn(t("handled, not told")),
                    _ => bad(t("open")),
                };
                let made = row.complained_ms.map(|ms| times::day(ms, &zone)).unwrap_or_default();
                let short: String = row.complaint.chars().take(8).collect();
                let about: Vec<&str> = [row.about.as_deref(), row.step.as_deref()].into_iter().flatten().collect();
                table.row([
                    strong(&row.code),
                    faint(short),
                    made.into(),
                    state,
                    row.cause.as_str().into(),
                    about.join(" ").into(),
                    row.result.as_deref().unwrap_or_default().into(),
                ]);
            }
            page.table(&table);
            page.say("");
            let mut table = Table::new(&["complaints", "not told", "cause"]).right(&[0, 1]);
            for cause in &causes {
                table.row([
                    cause.complaints.to_string().into(),
                    cause.open.to_string().into(),
                    cause.cause.as_str().into(),
                ]);
            }
            page.table(&table);
        })?;
        Ok(Exit::Clean)
    }
}
