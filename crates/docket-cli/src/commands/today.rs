use clap::Args;
use docket_core::checklist::Checklist;
use docket_device::app::lists::{self, JobRow};
use docket_device::app::{Job, Session};
use docket_format::PersonId;
use serde_json::json;

use crate::context::Context;
use crate::errors::{CliError, Done, Exit};
use crate::page::{Table, strong};
use crate::times;

/// Show the open jobs of this device's person, by appointment, with the next step of each
///
/// Jobs that were given to others meanwhile are kept on this device and not shown here: see `docket job list --retained`.
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
        let filter = lists::Filter {
            status: ["assigned", "on_site", "no_access"].map(str::to_owned).to_vec(),
            person: Some(person.clone()),
            by_appointment: true,
            retained: lists::Retained::Hide,
            ..lists::Filter::default()
        };
        let (jobs, _) = lists::jobs(&session, &filter)?;
        let next = jobs.iter().map(|row| next_step(&session, row)).collect::<Result<Vec<_>, CliError>>()?;
        let answer: Vec<_> = jobs.iter().zip(&next).map(|(row, next)| json!({"job": row, "next": next})).collect();
        let zone = context.zone();
        context.out.show(&json!({"person": person.to_string(), "jobs": answer}), |page| {
            if jobs.is_empty() {
                page.say(format!("no open jobs for {person}"));
                return;
            }
            let mut table = Table::new(&["job", "appointment", "what", "where", "next"]);
            for (row, next) in jobs.iter().zip(&next) {
                let when = row.appointment_ms.map(|ms| times::show(ms, &zone)).unwrap_or_default();
                let what = [row.kind.as_deref(), row.product.as_deref()].into_iter().flatten().collect::<Vec<_>>();
                let place = row.address.as_deref().or(row.outlet.as_deref()).unwrap_or_default();
                table.row([strong(&row.code), when.into(), what.join(" ").into(), place.into(), next.into()]);
            }
            page.table(&table);
        })?;
        Ok(Exit::Clean)
    }
}

/// What the technician does next on a job.
fn next_step(session: &Session, row: &JobRow) -> Result<String, CliError> {
    if row.status != "on_site" {
        return Ok("arrive".to_owned());
    }
    let job = Job::find(session, &row.doc)?;
    let view = job.view();
    let checklist = Checklist::of(&view, &job.policy);
    let next = checklist.next().map(|step| match step.appliance {
        0 => format!("{} {}", step.step, step.title),
        appliance => format!("{} {} (appliance {appliance})", step.step, step.title),
    });
    Ok(next.unwrap_or_else(|| "complete".to_owned()))
}
