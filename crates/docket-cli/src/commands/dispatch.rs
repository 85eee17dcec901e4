use clap::{Args, Subcommand};
use docket_device::app::{Job, dispatch};
use serde_json::json;

use crate::context::Context;
use crate::errors::{Done, Exit};
use crate::i18n::t;
use crate::page::{Table, bad, good, strong};

/// Find out who may take a job
#[derive(Debug, Subcommand)]
pub(crate) enum Dispatch {
    Explain(Explain),
}

/// Show the least grade that a job needs, why, and who has it
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket dispatch explain K7Q2")]
pub(crate) struct Explain {
    /// The job
    job: String,
}

impl Dispatch {
    pub(crate) fn run(self, context: &Context) -> Done {
        match self {
            Self::Explain(command) => command.run(context),
        }
    }
}

impl Explain {
    fn run(self, context: &Context) -> Done {
        let session = context.reader()?;
        let job = Job::find(&session, &self.job)?;
        let (need, verdicts) = dispatch::explain(&session, &job)?;
        let answer = json!({"code": job.doc.short(), "need": need, "technicians": verdicts});
        context.out.show(&answer, |page| {
            page.line([strong(job.doc.short()), t("  needs grade ").into(), strong(need.grade.as_str())]);
            for reason in &need.reasons {
                page.say(format!("  {reason}"));
            }
            let mut table = Table::new(&["person", "grade", "alone", "why"]);
            for verdict in &verdicts {
                table.row([
                    strong(verdict.person.as_str()),
                    verdict.grade.grade.as_str().into(),
                    if verdict.alone { good(t("yes")) } else { bad(t("no")) },
                    verdict.why.as_str().into(),
                ]);
            }
            if !verdicts.is_empty() {
                page.title("Technicians");
                page.indented(&table);
            }
        })?;
        Ok(Exit::Clean)
    }
}
