use clap::Args;
use docket_device::app::{Job, jobs};
use serde_json::json;

use crate::context::Context;
use crate::errors::{Done, Exit};

/// Cancel a job
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket job cancel K7Q2 --reason 'customer bought elsewhere'")]
pub(crate) struct Cancel {
    /// The job
    job: String,
    /// Why
    #[arg(long)]
    reason: String,
}

impl Cancel {
    pub(crate) fn run(self, context: &Context) -> Done {
        let mut session = context.session()?;
        let job = Job::find(&session, &self.job)?;
        let fact = jobs::cancel(&mut session, &job, &self.reason)?;
        let answer = json!({"code": job.doc.short(), "fact": fact.to_string()});
        context.out.show(&answer, |page| page.say(format!("{} is cancelled", job.doc.short())))?;
        Ok(Exit::Clean)
    }
}
