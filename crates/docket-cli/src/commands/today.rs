use clap::Args;
use docket_device::app::day::{self, DayJob, Due};
use docket_format::PersonId;
use jiff::tz::TimeZone;
use serde_json::json;

use crate::context::Context;
use crate::errors::{CliError, Done, Exit};
use crate::i18n::{t, tr, word};
use crate::page::{Page, Span, Table, bad, faint, good, strong, warn};
use crate::times;

/// Show your day: the jobs in order, where each stands, where it is, what is next
///
/// What you have in hand comes first, then what is due by its agreed time, later days, and what you finished today. Jobs
/// that were given to others meanwhile are kept on this device and not shown here: see `docket job list --retained`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  docket today\n  docket today --person T-042")]
pub(crate) struct Today {
    /// Somebody else's day
    #[arg(long)]
    person: Option<PersonId>,
}

impl Today {
    pub(crate) fn run(self, context: &Context) -> Done {
        let session = context.reader()?;
        let person = self.person.or_else(|| session.person());
        let Some(person) = person else {
            return Err(
                CliError::usage("the roster does not say whose device this is").hint("docket today --person T-042")
            );
        };
        let zone = context.zone();
        let jobs = day::day(&session, &person, &zone)?;
        context.out.show(&json!({"person": person.to_string(), "jobs": jobs}), |page| {
            if jobs.is_empty() {
                page.line([tr!("today-none", person = person.as_str()).into()]);
                return;
            }
            let days =
                [(Due::Today, tr!("today-today")), (Due::Later, tr!("today-later")), (Due::Done, tr!("today-done"))];
            for (due, title) in days {
                let of_day: Vec<&DayJob> = jobs.iter().filter(|job| job.due == due).collect();
                if !of_day.is_empty() {
                    page.title(title);
                    list(page, &of_day, &zone);
                }
            }
        })?;
        Ok(Exit::Clean)
    }
}

fn list(page: &mut Page, jobs: &[&DayJob], zone: &TimeZone) {
    let mut table = Table::new(&["job", "state", "appointment", "what", "next", "steps", "grade", "where"]);
    for day in jobs {
        let row = &day.job;
        let when = row.appointment_ms.map(|ms| clock(ms, day.due, zone)).unwrap_or_default();
        let what = [row.kind.as_deref().map(word), row.product.as_deref().map(Into::into)];
        let what: Vec<_> = what.into_iter().flatten().collect();
        let place = [row.address.as_deref().or(row.outlet.as_deref()), row.customer.as_deref()];
        let place: Vec<&str> = place.into_iter().flatten().collect();
        let steps = if day.steps == 0 { String::new() } else { format!("{}/{}", day.steps_done, day.steps) };
        let grade = if day.least_grade == "ungraded" { "" } else { &day.least_grade };
        table.row([
            strong(&row.code),
            state(day, zone),
            when.into(),
            what.join(" ").into(),
            next(day).into(),
            faint(steps),
            faint(grade),
            place.join(", ").into(),
        ]);
    }
    page.indented(&table);
}

/// The hour of today's appointments; day and hour of others.
fn clock(ms: i64, due: Due, zone: &TimeZone) -> String {
    match due {
        Due::Later => times::show(ms, zone),
        _ => times::hour(ms, zone),
    }
}

fn state(day: &DayJob, zone: &TimeZone) -> Span {
    let since = day.since_ms.map(|ms| times::hour(ms, zone)).unwrap_or_default();
    match day.state.as_str() {
        "travelling" => warn(tr!("today-travelling", since = since)),
        "on_site" => good(tr!("today-on-site", since = since)),
        "paused" => {
            let why = day.paused_for.as_deref().unwrap_or("other");
            warn(tr!("today-paused", since = since, why = why))
        }
        "no_access" | "refused" => bad(word(&day.state)),
        "waiting" => Span::from(word("waiting")),
        other => good(word(other)),
    }
}

fn next(day: &DayJob) -> String {
    match (day.next.as_deref(), &day.step) {
        (Some(next), Some(_)) => t(next),
        (Some(next), None) => word(next).into_owned(),
        (None, _) => String::new(),
    }
}
