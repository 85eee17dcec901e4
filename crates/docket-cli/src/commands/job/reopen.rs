use clap::Args;
use docket_device::app::{Job, jobs};
use serde_json::json;

use crate::context::Context;
use crate::errors::{Done, Exit};

/// Open a finished, refused or cancelled job again
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket job reopen K7Q2 --reason 'leaks again'")]
pub(crate) struct Reopen {
    /// The job
    job: String,
    /// Why
    #[arg(long)]
    reason: String,
}

impl Reopen {
    pub(crate) fn run(self, context: &Context) -> Done {
        let mut session = context.session()?;
        let job = Job::find(&session, &self.job)?;
        let fact = jobs::reopen(&mut session, &job, &self.reason)?;
        let answer = json!({"code": job.doc.short(), "fact": fact.to_string()});
        context.out.show(&answer, |page| page.say(format!("{} is open again", job.doc.short())))?;
        Ok(Exit::Clean)
    }
}
