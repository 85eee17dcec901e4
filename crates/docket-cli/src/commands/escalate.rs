use clap::Args;
use docket_device::app::Job;
use docket_device::app::requests;

use crate::commands::recorded;
use crate::context::Context;
use crate::errors::Done;

/// Pass a job up
///
/// Whom to tell is in the policy where nobody is named here.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket escalate K7Q2 --to head_of_department --person H-003
  docket escalate K7Q2 --to named_contact --department development
  docket escalate K7Q2 --to task_force --text 'the same fault in three cities'")]
pub(crate) struct Escalate {
    /// The job
    job: String,
    /// `head_of_department`, `company_leader`, `named_contact` or `task_force`
    #[arg(long)]
    to: String,
    /// The department whose named contact is meant
    #[arg(long)]
    department: Option<String>,
    /// Who
    #[arg(long)]
    person: Option<String>,
    /// In words
    #[arg(long)]
    text: Option<String>,
}

impl Escalate {
    pub(crate) fn run(self, context: &Context) -> Done {
        let mut session = context.session()?;
        let job = Job::find(&session, &self.job)?;
        let to =
            requests::Escalation { to: self.to, department: self.department, person: self.person, text: self.text };
        let recorded = requests::escalate(&mut session, &job, &to)?;
        recorded::tell(context, &session, &job, &recorded)
    }
}
