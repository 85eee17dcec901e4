use clap::Args;
use docket_device::app::Job;
use docket_device::app::hand_over::{self, HandOver};
use docket_format::PersonId;
use serde_json::json;

use crate::context::Context;
use crate::errors::{Done, Exit};

/// Make another outlet, or another person there, responsible for a job
///
/// At any time exactly one outlet and one handler answer for a job. Every hand-over keeps its reason; a job that is
/// handed over too often is a finding.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket job hand-over K7Q2 --outlet QD-002 --reason 'nearer to the customer'
  docket job hand-over K7Q2 --handler R-007 --reason 'on leave'")]
pub(crate) struct HandJobOver {
    /// The job
    job: String,
    /// The outlet that is responsible from now on
    #[arg(long, required_unless_present = "handler")]
    outlet: Option<String>,
    /// The person there
    #[arg(long)]
    handler: Option<PersonId>,
    /// Why
    #[arg(long)]
    reason: String,
    /// Why an outlet that may not take it takes it all the same
    #[arg(long = "override", value_name = "REASON")]
    overridden: Option<String>,
}

impl HandJobOver {
    pub(crate) fn run(self, context: &Context) -> Done {
        let mut session = context.session()?;
        let job = Job::find(&session, &self.job)?;
        let to = HandOver { outlet: self.outlet, handler: self.handler, why: self.reason, overridden: self.overridden };
        let done = hand_over::hand_over(&mut session, &job, &to)?;
        for warning in &done.warnings {
            context.out.warn(warning);
        }
        let answer = json!({
            "code": job.doc.short(), "from": done.from, "outlet": to.outlet,
            "handler": to.handler.as_ref().map(PersonId::as_str), "fact": done.fact.to_string(),
            "warnings": done.warnings,
        });
        context.out.show(&answer, |page| {
            let to: Vec<&str> =
                [to.outlet.as_deref(), to.handler.as_ref().map(PersonId::as_str)].into_iter().flatten().collect();
            let from = done.from.as_deref().map(|from| format!(" (was {from})")).unwrap_or_default();
            page.say(format!("{} is with {}{from}", job.doc.short(), to.join(", ")));
        })?;
        Ok(Exit::Clean)
    }
}
