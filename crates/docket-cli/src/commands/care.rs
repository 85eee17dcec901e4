use clap::Args;
use docket_device::app::care::{self, Entry};
use docket_device::app::customers::Customer;
use jiff::civil::Date;
use serde_json::json;

use crate::context::Context;
use crate::errors::{CliError, Done, Exit};
use crate::i18n::t;
use crate::page::{Page, Table, faint, good, strong};
use crate::times;

/// Who is due for care in a month: safety tests, seasons, birthdays, first weeks, coverages that run out, inspections
///
/// What becomes a job is made into one with --make-jobs, once, however often and on however many devices that is done.
/// A call that was made is marked with --done.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket care --month 2026-03
  docket care --month 2026-03 --outlet QD-01 --make-jobs
  docket care --done M3TR appliance_birthday 2026-03-14")]
pub(crate) struct Care {
    /// The month; this one when left out
    #[arg(long, value_name = "YYYY-MM", value_parser = month)]
    month: Option<Date>,
    /// Only customers of this outlet: by their contract, else by their newest job
    #[arg(long)]
    outlet: Option<String>,
    /// Only what is not done and not a job yet
    #[arg(long)]
    open: bool,
    /// Make jobs of what becomes one
    #[arg(long)]
    make_jobs: bool,
    /// Mark one as done: the customer, the event, and the day on which it was due
    #[arg(long, num_args = 3, value_names = ["CUSTOMER", "EVENT", "DATE"], conflicts_with_all = ["month", "make_jobs"])]
    done: Option<Vec<String>>,
}

/// Reads `2026-03`.
fn month(text: &str) -> Result<Date, String> {
    let date = times::date(&format!("{text}-01")).map_err(|_| "expected a month as in 2026-03".to_owned())?;
    date.parse().map_err(|_| "expected a month as in 2026-03".to_owned())
}

impl Care {
    pub(crate) fn run(self, context: &Context) -> Done {
        if let Some(done) = &self.done {
            return mark(context, done);
        }
        let first = self.month.unwrap_or_else(|| context.now().to_zoned(context.zone()).date().first_of_month());
        let last = first.last_of_month();
        let (mut entries, made) = if self.make_jobs {
            let mut session = context.session()?;
            let mut entries = care::list(&session, first, last, self.outlet.as_deref())?;
            let made = care::make_jobs(&mut session, &mut entries)?;
            (entries, made)
        } else {
            (care::list(&context.reader()?, first, last, self.outlet.as_deref())?, 0)
        };
        if self.open {
            entries.retain(|entry| !entry.due.done && entry.made.is_none());
        }
        let answer = json!({"from": first.to_string(), "to": last.to_string(), "due": entries, "made": made});
        context.out.show(&answer, |page| {
            list(page, &entries);
            if self.make_jobs {
                page.say(format!("{made} jobs made"));
            }
        })?;
        Ok(Exit::Clean)
    }
}

fn list(page: &mut Page, entries: &[Entry]) {
    if entries.is_empty() {
        page.say("nothing is due");
        return;
    }
    let mut table = Table::new(&["due", "customer", "name", "phone", "outlet", "what", "about", "state"]);
    for entry in entries {
        let due = &entry.due;
        let about = [&due.product, &due.serial, &due.detail].into_iter().flatten().cloned().collect::<Vec<_>>();
        let state = match (&entry.made, due.done, &due.job) {
            (_, true, _) => good(t("done")),
            (Some(job), false, _) => good(t(&format!("job {job}"))),
            (None, false, Some(kind)) => format!("{kind} to make").into(),
            (None, false, None) => faint(t("call")),
        };
        table.row([
            due.due.to_string().into(),
            strong(&entry.code),
            entry.name.as_deref().unwrap_or_default().into(),
            entry.phone.as_deref().unwrap_or_default().into(),
            entry.outlet.as_deref().unwrap_or_default().into(),
            (&due.title).into(),
            about.join(", ").into(),
            state,
        ]);
    }
    page.table(&table);
}

fn mark(context: &Context, done: &[String]) -> Done {
    let [customer, event, due] = done else {
        return Err(CliError::usage("--done takes a customer, an event and a day"));
    };
    let mut session = context.session()?;
    let customer = Customer::find(&session, customer)?;
    let warnings = care::done(&mut session, customer.doc, event, due)?;
    for warning in &warnings {
        context.out.warn(warning);
    }
    let answer = json!({"code": customer.doc.short(), "event": event, "due": due, "warnings": warnings});
    context.out.show(&answer, |page| page.say(format!("{}: {event} of {due} is done", customer.doc.short())))?;
    Ok(Exit::Clean)
}
