use std::path::Path;
use std::sync::Arc;

use clap::Args;
use docket_core::Policy;
use docket_device::app::templates::{self, Change, Place, Plan};
use docket_device::app::{Job, Session, policies};
use docket_format::{DocId, limits};
use serde_json::json;

use crate::context::Context;
use crate::errors::{CliError, Done, Exit};
use crate::files;
use crate::i18n::t;
use crate::page::{Page, Span, bad, faint, good, strong, warn};

/// Bring open jobs to another policy and its checklists
///
/// Rehearse with --dry-run: for each job it says which answers stay, which move or are judged otherwise, and which steps
/// become required. Without it all jobs are brought over in one transaction, or none; the reason stays with each.
/// Nothing that was recorded changes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket template migrate --to our-rules.toml --dry-run
  docket template migrate --to haier --reason 'rules of May' K7Q2 M3XA")]
pub(crate) struct Migrate {
    /// The policy: a file, or the name of one that was adopted or is shipped
    #[arg(long, value_name = "PACK|FILE")]
    to: String,
    /// Only say what would happen
    #[arg(long)]
    dry_run: bool,
    /// Why; needed unless rehearsing
    #[arg(long, required_unless_present = "dry_run")]
    reason: Option<String>,
    /// The jobs; all that are open when left out
    #[arg(value_name = "JOB")]
    jobs: Vec<String>,
}

impl Migrate {
    pub(crate) fn run(self, context: &Context) -> Done {
        let plans;
        let target;
        if self.dry_run {
            let session = context.reader()?;
            target = self.target(&session)?;
            plans = templates::rehearse(&session, &target, &self.jobs(&session)?)?;
        } else {
            let mut session = context.session()?;
            target = self.target(&session)?;
            let jobs = self.jobs(&session)?;
            plans = templates::migrate(&mut session, &target, &jobs, self.reason.as_deref().unwrap_or_default())?;
        }
        let brought = plans.iter().filter(|plan| plan.left.is_none()).count();
        let answer = json!({
            "policy": target.name, "version": target.version, "digest": target.digest.to_string(),
            "dry_run": self.dry_run, "brought": brought, "jobs": plans,
        });
        context.out.show(&answer, |page| {
            plans.iter().for_each(|plan| show(page, plan));
            let verb = if self.dry_run { "would be brought" } else { "brought" };
            page.say(format!("{brought} of {} jobs {verb} to {} {}", plans.len(), target.name, target.version));
        })?;
        Ok(Exit::Clean)
    }

    fn target(&self, session: &Session) -> Result<Arc<Policy>, CliError> {
        if let Some(policy) = templates::known(session, &self.to)? {
            return Ok(policy);
        }
        let text = files::text(Path::new(&self.to), limits::POLICY_BYTES as u64)?;
        Ok(Arc::new(policies::parse(&text, &self.to)?))
    }

    fn jobs(&self, session: &Session) -> Result<Vec<DocId>, CliError> {
        if self.jobs.is_empty() {
            return Ok(templates::open_jobs(session)?);
        }
        let named = self.jobs.iter().map(|typed| Job::find(session, typed).map(|job| job.doc));
        let mut docs = named.collect::<Result<Vec<_>, _>>()?;
        docs.sort_unstable();
        docs.dedup();
        Ok(docs)
    }
}

fn show(page: &mut Page, plan: &Plan) {
    let pin = |pins: &[Option<String>; 2]| pins.get(1).cloned().flatten().unwrap_or_else(|| "no checklist".into());
    let head = [strong(&plan.code), format!("  {} to {}", pin(&plan.from), pin(&plan.to)).into()];
    if let Some(left) = &plan.left {
        page.line([strong(&plan.code), faint(t(&format!("  left: {left}")))]);
        return;
    }
    page.line(head);
    let places = |places: &[Place]| places.iter().map(place).collect::<Vec<_>>().join(", ");
    let changes = |changes: &[Change]| changes.iter().map(change).collect::<Vec<_>>().join(", ");
    for (what, list, span) in [
        ("kept", places(&plan.kept), good as fn(String) -> Span),
        ("moved", changes(&plan.moved), warn),
        ("judged anew", changes(&plan.judged_anew), warn),
        ("without a place", places(&plan.without_place), bad),
        ("newly required", places(&plan.newly_required), bad),
        ("no longer required", places(&plan.no_longer_required), faint),
    ] {
        if !list.is_empty() {
            page.line([faint(format!("  {what:<18} ")), span(list)]);
        }
    }
}

fn place(place: &Place) -> String {
    if place.appliance == 0 { place.step.clone() } else { format!("{}/{}", place.step, place.appliance) }
}

fn change(change: &Change) -> String {
    let words = |status: &str| status.replace('_', " ");
    let (from, to) = (place(&change.from), place(&change.to));
    let named = if from == to { from } else { format!("{from} → {to}") };
    if change.was == change.is { named } else { format!("{named}: {} → {}", words(change.was), words(change.is)) }
}
