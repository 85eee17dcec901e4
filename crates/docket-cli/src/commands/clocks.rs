use clap::Args;
use docket_core::view::ClockVerdict;
use docket_device::app::Job;
use docket_device::app::clocks::{self, ClockRow, Filter};
use jiff::SignedDuration;
use serde_json::json;

use crate::context::Context;
use crate::errors::{CliError, Done, Exit};
use crate::i18n::word;
use crate::page::{Span, Table, bad, faint, good, strong, warn};
use crate::times;

/// Show what is due, soonest first: every clock of the policy that runs, or all clocks of one job
///
/// A clock is running, paused, met, breached, undecidable or not applicable. Without a job only those are shown that
/// wait for somebody: running, paused, and overdue ones that nothing has stopped.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket clocks
  docket clocks --due-within 2h
  docket clocks --clock contact --outlet QD-01
  docket clocks --state breached --limit 0
  docket clocks B4T1 --as-of '2026-03-02 18:00'")]
pub(crate) struct Clocks {
    /// A job: its code, number or any unique start of its id
    job: Option<String>,
    /// Only what is due within this time, and what is overdue
    #[arg(long, value_name = "TIME", value_parser = times::duration)]
    due_within: Option<SignedDuration>,
    /// Only these clocks, by id or by row
    #[arg(long, value_name = "CLOCK")]
    clock: Vec<String>,
    /// Only jobs of this outlet
    #[arg(long)]
    outlet: Option<String>,
    /// Only clocks in these states
    #[arg(long, value_name = "STATE", value_parser = state)]
    state: Vec<ClockVerdict>,
    /// Judge as of this time instead of now
    #[arg(long, value_name = "TIME")]
    as_of: Option<String>,
    /// Show at most this many; 0 = all
    #[arg(long, default_value_t = 50)]
    limit: u32,
}

fn state(text: &str) -> Result<ClockVerdict, String> {
    let known = ClockVerdict::ALL.into_iter().find(|state| state.as_str() == text.replace('-', "_"));
    known.ok_or_else(|| format!("expected one of: {}", ClockVerdict::ALL.map(ClockVerdict::as_str).join(", ")))
}

impl Clocks {
    pub(crate) fn run(self, context: &Context) -> Done {
        let session = context.reader()?;
        let zone = context.zone();
        let as_of_ms = match self.as_of.as_deref() {
            Some(text) => times::parse(text, &zone)?.as_millisecond(),
            None => session.now_ms().0,
        };
        let job = self.job.as_deref().map(|name| Job::find(&session, name)).transpose()?;
        let filter = Filter {
            as_of_ms,
            doc: job.as_ref().map(|job| job.doc),
            due_within_ms: self.due_within.map(|time| i64::try_from(time.as_millis()).unwrap_or(i64::MAX)),
            clocks: self.clock,
            outlet: self.outlet,
            states: self.state,
            limit: self.limit,
        };
        let (rows, total) = clocks::list(&session, &filter).map_err(CliError::from)?;
        let answer = json!({"as_of_ms": as_of_ms, "clocks": rows, "shown": rows.len(), "total": total});
        context.out.show(&answer, |page| {
            if rows.is_empty() {
                page.say("nothing is due");
                return;
            }
            let mut table = Table::new(&["job", "outlet", "clock", "row", "state", "due", "left"]).right(&[6]);
            for row in &rows {
                let due = row.due_ms.map(|due| times::show(due, &zone)).unwrap_or_default();
                table.row([
                    strong(&row.code),
                    row.outlet.as_deref().unwrap_or_default().into(),
                    Span::from(row.clock.replace('_', " ")),
                    faint(&row.row),
                    shown(row),
                    due.into(),
                    row.slack_ms.map(times::left).unwrap_or_default().into(),
                ]);
            }
            page.table(&table);
            if total > rows.len() as u64 {
                page.say(format!("{} of {total}; --limit 0 shows all", rows.len()));
            }
        })?;
        Ok(Exit::Clean)
    }
}

fn shown(row: &ClockRow) -> Span {
    let suspect = if row.suspect { " (clock was changed)" } else { "" };
    let text = format!("{}{suspect}", word(row.state.as_str()));
    match row.state {
        ClockVerdict::Met => good(text),
        ClockVerdict::Breached => bad(text),
        ClockVerdict::Running => Span::from(text),
        _ => warn(text),
    }
}
