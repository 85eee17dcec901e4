use clap::{Args, Subcommand};
use docket_core::dispatch::Proposal;
use docket_core::grade::Grade;
use docket_device::app::dispatch::{self, Considered};
use docket_device::app::{Job, Session};
use serde_json::json;

use crate::context::Context;
use crate::errors::{Done, Exit};
use crate::i18n::t;
use crate::page::{Page, Table, bad, faint, good, strong};

/// Find out who may take a job, and who best
#[derive(Debug, Subcommand)]
pub(crate) enum Dispatch {
    Recommend(Recommend),
    Explain(Explain),
}

/// Propose technicians and outlets for a job, best first, with the reasons
///
/// Whoever has the least sufficient grade comes first, then who knows the product, who belongs to the region, who has
/// the fewest jobs that day, who is nearest, whose outlet did best in inspections. The policy may name another order.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  docket dispatch recommend K7Q2\n  docket dispatch recommend K7Q2 --limit 20 --json"
)]
pub(crate) struct Recommend {
    /// The job
    job: String,
    /// At most this many of each; 0 for all
    #[arg(long, default_value_t = 5, value_name = "N")]
    limit: usize,
}

/// Show the least grade that a job needs, why, and of everybody why or why not
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket dispatch explain K7Q2")]
pub(crate) struct Explain {
    /// The job
    job: String,
}

impl Dispatch {
    pub(crate) fn run(self, context: &Context) -> Done {
        match self {
            Self::Recommend(command) => command.run(context),
            Self::Explain(command) => command.run(context),
        }
    }
}

impl Recommend {
    fn run(self, context: &Context) -> Done {
        let session = context.reader()?;
        let (job, mut found) = consider(&session, &self.job, false)?;
        let (technicians, outlets) = (found.technicians.len(), found.outlets.len());
        for proposals in [&mut found.technicians, &mut found.outlets] {
            proposals.retain(|proposal| proposal.may);
            proposals.truncate(if self.limit == 0 { usize::MAX } else { self.limit });
        }
        let answer = json!({"code": job.doc.short(), "considered": {"technicians": technicians, "outlets": outlets},
            "proposals": found});
        context.out.show(&answer, |page| {
            needs(page, &job, &found);
            for (title, proposals) in [("Technicians", &found.technicians), ("Outlets", &found.outlets)] {
                let known = if title == "Technicians" { technicians } else { outlets };
                if proposals.is_empty() {
                    if known > 0 {
                        page.title(title);
                        page.line([faint(format!(
                            "  none of {known} may take it; `docket dispatch explain` says why"
                        ))]);
                    }
                    continue;
                }
                page.title(title);
                page.indented(&ranked(proposals));
            }
        })?;
        Ok(Exit::Clean)
    }
}

impl Explain {
    fn run(self, context: &Context) -> Done {
        let session = context.reader()?;
        let (job, found) = consider(&session, &self.job, true)?;
        let answer = json!({"code": job.doc.short(), "need": found.need, "day": found.day,
            "technicians": found.technicians, "outlets": found.outlets});
        context.out.show(&answer, |page| {
            needs(page, &job, &found);
            for (title, proposals) in [("Technicians", &found.technicians), ("Outlets", &found.outlets)] {
                if !proposals.is_empty() {
                    page.title(title);
                    page.indented(&ranked(proposals));
                }
            }
        })?;
        Ok(Exit::Clean)
    }
}

fn consider(session: &Session, typed: &str, whole: bool) -> Result<(Job, Considered), crate::errors::CliError> {
    let job = Job::find(session, typed)?;
    let found = dispatch::consider(session, &job, whole)?;
    Ok((job, found))
}

fn needs(page: &mut Page, job: &Job, found: &Considered) {
    page.line([
        strong(job.doc.short()),
        t("  needs grade ").into(),
        strong(found.need.grade.as_str()),
        faint(format!("  on {}", found.day)),
    ]);
    for reason in &found.need.reasons {
        page.say(format!("  {reason}"));
    }
    for (what, named) in [("outlet", &found.designated_outlet), ("technician", &found.designated_technician)] {
        if let Some(named) = named {
            page.say(format!("  the customer's contract names {what} {named}"));
        }
    }
}

fn ranked(proposals: &[Proposal]) -> Table {
    let mut table = Table::new(&["", "grade", "may go", "why"]);
    for one in proposals {
        table.row([
            strong(&one.id),
            one.grade.map(Grade::as_str).unwrap_or_default().into(),
            if one.may { good(t("yes")) } else { bad(t("no")) },
            one.why().into(),
        ]);
    }
    table
}
