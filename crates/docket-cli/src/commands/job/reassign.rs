use clap::Args;
use docket_device::app::reassign::{self, Move};
use docket_format::PersonId;
use serde_json::json;

use crate::context::Context;
use crate::errors::{CliError, Done, Exit};
use crate::i18n::{t, tr, word};
use crate::page::{Table, faint, strong, warn};
use crate::times;

/// Give one person's jobs to another, all at once
///
/// All of them go over or none does. Jobs for which the other's grade is too low stay and are listed, unless --override
/// says why they go all the same; then the exit code is 4. Running it again moves what is left.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket job reassign --from T-042 --to T-007 --reason 'ill' --dry-run
  docket job reassign --from T-042 --to T-007 --date 2026-03-02 --reason 'ill'")]
pub(crate) struct Reassign {
    /// Who has the jobs
    #[arg(long)]
    from: PersonId,
    /// Who gets them
    #[arg(long)]
    to: PersonId,
    /// Only jobs of this outlet
    #[arg(long)]
    outlet: Option<String>,
    /// Only jobs with an appointment on this day
    #[arg(long, value_name = "DATE", value_parser = times::date)]
    date: Option<String>,
    /// Only jobs in this state
    #[arg(long, default_value = "assigned")]
    status: Vec<String>,
    /// Why
    #[arg(long)]
    reason: String,
    /// Why also those that need a higher grade
    #[arg(long = "override", value_name = "REASON")]
    overridden: Option<String>,
    /// Show what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

impl Reassign {
    pub(crate) fn run(self, context: &Context) -> Done {
        let day = self.date.as_deref().map(str::parse::<jiff::civil::Date>).transpose();
        let day = day.map_err(|error| CliError::usage(error.to_string()))?;
        let what = Move {
            from: self.from,
            to: self.to,
            outlet: self.outlet,
            on: day.map(|day| (day, context.zone())),
            status: self.status,
            why: self.reason,
            overridden: self.overridden,
        };
        let mut session = context.session()?;
        let done = reassign::run(&mut session, &what, self.dry_run)?;
        for warning in &done.warnings {
            context.out.warn(warning);
        }
        let answer = json!({
            "from": what.from.to_string(), "to": what.to.to_string(), "dry_run": self.dry_run,
            "moved": done.moved, "left": done.left, "warnings": done.warnings,
        });
        context.out.show(&answer, |page| {
            let (count, to) = (done.moved.len(), what.to.as_str());
            let said = if self.dry_run {
                tr!("reassign-would", count = count, to = to)
            } else {
                tr!("reassign-done", count = count, to = to)
            };
            page.line([strong(said)]);
            let mut table = Table::new(&["job", "appointment", "what", "why"]);
            let zone = context.zone();
            let rows = done.moved.iter().map(|row| (row, None));
            for (row, why) in rows.chain(done.left.iter().map(|left| (&left.job, Some(&left.why)))) {
                let when = row.appointment_ms.map(|ms| times::show(ms, &zone)).unwrap_or_default();
                let what = [row.kind.as_deref().map(word), row.product.as_deref().map(Into::into)];
                let what: Vec<_> = what.into_iter().flatten().collect();
                let why = why.map_or_else(|| faint(""), |why| warn(tr!("reassign-left", why = t(why))));
                table.row([strong(&row.code), when.into(), what.join(" ").into(), why]);
            }
            page.indented(&table);
        })?;
        Ok(if done.left.is_empty() { Exit::Clean } else { Exit::Partial })
    }
}
