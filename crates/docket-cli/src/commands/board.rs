use clap::Args;
use docket_device::app::board::{self, Column};
use serde_json::json;

use crate::context::Context;
use crate::errors::{Done, Exit};
use crate::i18n::t;
use crate::page::{Table, bad, faint, strong};
use crate::times;

/// Show where every order stands, stage by stage
///
/// Six stages: intake, plan, service, acceptance, `follow_up`, upkeep. Orders whose loop is closed are left out.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket board
  docket board --outlet QD-001 --limit 0
  docket board --region shandong --stage follow_up --json")]
pub(crate) struct Board {
    /// Only orders of this outlet
    #[arg(long)]
    outlet: Option<String>,
    /// Only orders of this region
    #[arg(long)]
    region: Option<String>,
    /// Only this stage
    #[arg(long)]
    stage: Option<String>,
    /// Closed orders too
    #[arg(long)]
    closed: bool,
    /// At most this many orders in each stage; 0 for all
    #[arg(long, default_value_t = 10, value_name = "N")]
    limit: u32,
}

impl Board {
    pub(crate) fn run(self, context: &Context) -> Done {
        let session = context.reader()?;
        let filter = board::Filter {
            outlet: self.outlet,
            region: self.region,
            stage: self.stage,
            closed: self.closed,
            limit: self.limit,
        };
        let columns = board::board(&session, &filter)?;
        let total: u64 = columns.iter().map(|column| column.count).sum();
        context.out.show(&json!({"total": total, "stages": columns}), |page| {
            let counts: Vec<String> =
                columns.iter().map(|column| format!("{} {}", column.stage.replace('_', "-"), column.count)).collect();
            page.say(counts.join(" · "));
            for column in columns.iter().filter(|column| column.count > 0) {
                page.title(format!("{} ({})", column.stage.replace('_', "-"), column.count));
                page.indented(&table(context, column));
                let left = column.count - column.orders.len() as u64;
                if left > 0 {
                    page.line([faint(t(&format!("  and {left} more")))]);
                }
            }
        })?;
        Ok(Exit::Clean)
    }
}

fn table(context: &Context, column: &Column) -> Table {
    let zone = context.zone();
    let mut table = Table::new(&["order", "what", "status", "outlet", "crew", "agreed"]);
    for order in &column.orders {
        let what: Vec<&str> = [order.kind.as_deref(), order.product.as_deref()].into_iter().flatten().collect();
        let outlet = match (&order.outlet, &order.handler) {
            (None, _) => bad(t("nobody")),
            (Some(outlet), Some(handler)) if !handler.is_empty() => format!("{outlet} ({handler})").into(),
            (Some(outlet), _) => outlet.as_str().into(),
        };
        table.row([
            strong(&order.code),
            what.join(" ").replace('_', " ").into(),
            order.status.replace('_', " ").into(),
            outlet,
            order.crew.as_str().into(),
            order.appointment_ms.map(|ms| times::day(ms, &zone)).unwrap_or_default().into(),
        ]);
    }
    table
}
