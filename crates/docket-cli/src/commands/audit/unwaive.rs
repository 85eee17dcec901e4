use clap::Args;
use docket_device::app::audits;
use docket_device::audit::Waiver;
use serde_json::json;

use crate::context::Context;
use crate::errors::{CliError, Done, Exit};
use crate::i18n::t;
use crate::page::strong;

/// Take a waiver back: the finding counts again
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket audit unwaive 4ZJ1K7Q2 --reason 'the part came'")]
pub(crate) struct Unwaive {
    /// The finding: any unique start of its id, as `docket audit waivers` lists it
    id: String,
    /// Why
    #[arg(long)]
    reason: Option<String>,
}

impl Unwaive {
    pub(super) fn run(self, context: &Context) -> Done {
        let mut session = context.session()?;
        let known = audits::waivers(&session)?;
        let typed = self.id.to_uppercase();
        let named = |waiver: &Waiver| waiver.finding.to_string().starts_with(&typed);
        let live: Vec<&Waiver> =
            known.iter().map(|waiver| &**waiver).filter(|waiver| waiver.ended_by.is_none() && named(waiver)).collect();
        let Some(first) = live.first() else {
            return Err(CliError::usage(format!("no waiver of a finding `{}` counts", self.id))
                .hint("`docket audit waivers` lists them"));
        };
        if live.iter().any(|waiver| waiver.finding != first.finding) {
            return Err(CliError::usage(format!("several waived findings begin with `{}`", self.id))
                .hint("type more characters of the id"));
        }
        let finding = first.finding;
        let written = audits::unwaive(&mut session, &live, self.reason.as_deref())?;
        let mut warnings: Vec<&String> = written.iter().flat_map(|one| &one.warnings).collect();
        warnings.dedup();
        for warning in &warnings {
            context.out.warn(warning);
        }
        let facts: Vec<String> = written.iter().map(|one| one.fact.to_string()).collect();
        context.out.show(&json!({"finding": finding.to_string(), "facts": facts, "warnings": warnings}), |page| {
            page.line([strong(finding.short()), t("  is waived no longer").into()]);
        })?;
        Ok(Exit::Clean)
    }
}
