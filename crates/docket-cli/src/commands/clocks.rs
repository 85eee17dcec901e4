use std::cell::{Cell, RefCell};
use std::ops::ControlFlow;

use clap::Args;
use docket_core::view::ClockVerdict;
use docket_device::app::clocks::{self, ClockRow, Filter};
use docket_device::app::{AppError, Job, Session};
use jiff::SignedDuration;
use serde::ser::{Serialize, SerializeSeq as _, SerializeStruct as _, Serializer};
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
        if context.out.is_json() && filter.limit == 0 {
            return streamed(context, &session, &filter);
        }
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

/// All clocks as JSON, written while they are read: a company may have more of them than fit into memory.
fn streamed(context: &Context, session: &Session, filter: &Filter) -> Done {
    let all = All { session, filter, shown: Cell::new(0), failed: RefCell::new(None) };
    context.out.stream(|out| {
        serde_json::to_writer_pretty(&mut *out, &all)?;
        out.write_all(b"\n")
    })?;
    match all.failed.into_inner() {
        Some(failed) => Err(failed.into()),
        None => Ok(Exit::Clean),
    }
}

/// The answer, made while it is written: the numbers are known when the list is through.
struct All<'a> {
    session: &'a Session,
    filter: &'a Filter,
    shown: Cell<u64>,
    failed: RefCell<Option<AppError>>,
}

struct Rows<'a>(&'a All<'a>);

impl Serialize for All<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut answer = to.serialize_struct("All", 4)?;
        answer.serialize_field("as_of_ms", &self.filter.as_of_ms)?;
        answer.serialize_field("clocks", &Rows(self))?;
        answer.serialize_field("shown", &self.shown)?;
        answer.serialize_field("total", &self.shown)?;
        answer.end()
    }
}

impl Serialize for Rows<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut list = to.serialize_seq(None)?;
        let mut written = Ok(());
        let read = clocks::each(self.0.session, self.0.filter, |row| {
            self.0.shown.set(self.0.shown.get() + 1);
            written = list.serialize_element(&row);
            if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        written?;
        if let Err(failed) = read {
            self.0.failed.replace(Some(failed));
        }
        list.end()
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
