use clap::Args;
use docket_device::app::{Job, inbox, jobs};
use serde_json::json;

use crate::context::Context;
use crate::errors::{Done, Exit};

/// Change one field of a job: appointment, phone, address, difficulty …
///
/// The change says which values it replaces: those you were shown. If someone else changed the field meanwhile, both
/// values stay and the inbox shows the conflict.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket set K7Q2 difficulty high
  docket set K7Q2 phone '+86 532 8893 9999'
  docket set K7Q2 text 'second floor' --over 4ZJ1…   replace only this earlier value")]
pub(crate) struct Set {
    /// The job
    job: String,
    /// The field's name, as `docket job show` prints it
    field: String,
    /// Its new value
    value: String,
    /// Replace these facts instead of the values that now stand
    #[arg(long, value_name = "FACT", num_args = 1..)]
    over: Vec<String>,
}

impl Set {
    pub(crate) fn run(self, context: &Context) -> Done {
        let mut session = context.tick()?;
        let job = Job::find(&session, &self.job)?;
        let value = match self.field.as_str() {
            "appointment" | "received_at" => context.rfc3339(&self.value)?,
            _ => self.value,
        };
        let changed = jobs::set(&mut session, &job, &self.field, &value, &self.over)?;
        if !changed.beside.is_empty() {
            let beside: Vec<String> = changed.beside.iter().map(inbox::plain).collect();
            context.out.warn(format!("another value stands beside it: {}; see `docket inbox list`", beside.join(", ")));
        }
        let answer = json!({
            "code": job.doc.short(), "field": self.field, "value": value, "replaced": changed.replaced,
            "beside": changed.beside, "fact": changed.fact.map(|fact| fact.to_string()),
        });
        context.out.show(&answer, |page| match (changed.fact, changed.replaced.as_slice()) {
            (None, _) => page.say(format!("{} {} is {value} already", job.doc.short(), self.field)),
            (_, []) => page.say(format!("{} {}: {value}", job.doc.short(), self.field)),
            (_, old) => {
                let old: Vec<String> = old.iter().map(inbox::plain).collect();
                page.say(format!("{} {}: {value} (was {})", job.doc.short(), self.field, old.join(", ")));
            }
        })?;
        Ok(Exit::Clean)
    }
}
