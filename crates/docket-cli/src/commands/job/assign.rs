use clap::Args;
use docket_device::app::Job;
use docket_device::app::jobs::{self, Assignment};
use docket_format::PersonId;
use serde_json::json;

use crate::context::Context;
use crate::errors::{Done, Exit};

/// Give a job to a crew, and agree on a time
///
/// A technician below the job's least grade is refused, unless --override says why; the audit keeps it. No person at
/// all takes the job back.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket job assign K7Q2 T-042 --at '2020-02-03 09:00' --window 60
  docket job assign K7Q2 T-042 T-007 --vehicle 'QD 4410'
  docket job assign K7Q2 --nobody")]
pub(crate) struct Assign {
    /// The job
    job: String,
    /// The crew
    #[arg(required_unless_present = "nobody", conflicts_with = "nobody", num_args = 1..)]
    crew: Vec<PersonId>,
    /// Take the job back
    #[arg(long)]
    nobody: bool,
    /// The agreed time
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// How many minutes late still count as on time
    #[arg(long, value_name = "MINUTES", requires = "at")]
    window: Option<u32>,
    /// Why somebody goes whom the rules of dispatch speak against
    #[arg(long = "override", value_name = "REASON")]
    overridden: Option<String>,
    /// The service vehicle
    #[arg(long)]
    vehicle: Option<String>,
    /// Why others go than the customer's contract names
    #[arg(long, value_name = "REASON")]
    elsewhere: Option<String>,
}

impl Assign {
    pub(crate) fn run(self, context: &Context) -> Done {
        let at = self.at.as_deref().map(|text| context.rfc3339(text)).transpose()?;
        let mut session = context.session()?;
        let job = Job::find(&session, &self.job)?;
        let assignment = Assignment {
            crew: self.crew,
            appointment: at.map(|at| (at, self.window)),
            overridden: self.overridden,
            vehicle: self.vehicle,
            elsewhere: self.elsewhere,
        };
        let warnings = jobs::assign(&mut session, &job, &assignment)?;
        for warning in &warnings {
            context.out.warn(warning);
        }
        let crew: Vec<String> = assignment.crew.iter().map(ToString::to_string).collect();
        let appointment = assignment.appointment.map(|(at, _)| at);
        let answer = json!({"code": job.doc.short(), "crew": crew, "appointment": appointment, "warnings": warnings});
        context.out.show(&answer, |page| {
            let who = if crew.is_empty() { "nobody".to_owned() } else { crew.join(", ") };
            let when = appointment.as_deref().map(|at| format!(", {at}")).unwrap_or_default();
            page.say(format!("{} is assigned to {who}{when}", job.doc.short()));
        })?;
        Ok(Exit::Clean)
    }
}
