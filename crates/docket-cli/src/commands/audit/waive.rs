use clap::Args;
use docket_device::app::audits;
use docket_device::audit::FindingId;
use jiff::civil::Date;
use serde_json::json;

use super::{Judging, over_store, packs};
use crate::context::Context;
use crate::errors::{CliError, Done, Exit};
use crate::page::strong;
use crate::times;

/// Answer for a finding until a day: it stays listed, and doesn't count
///
/// A waiver is a record like any other: who, when, why, until when. It is sealed, synced and can be verified.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  docket audit waive 4ZJ1K7Q2 --until 2026-12-31 --reason 'spare part on order, agreed with the customer'")]
pub(crate) struct Waive {
    /// The finding: its id, or any unique start of one that `docket audit run` lists
    id: String,
    /// The last day on which it counts (UTC)
    #[arg(long, value_name = "DATE", value_parser = times::date)]
    until: String,
    /// Why
    #[arg(long)]
    reason: String,
    /// The rules to look the finding up in; may be repeated
    #[arg(long = "pack", default_value = "default", value_name = "PACK|FILE")]
    packs: Vec<String>,
}

impl Waive {
    pub(super) fn run(self, context: &Context) -> Done {
        let until: Date = self.until.parse().map_err(|_| CliError::usage("not a date"))?;
        if self.reason.trim().is_empty() {
            return Err(CliError::usage("a waiver needs a reason"));
        }
        let (finding, message) = self.find(context)?;
        let mut session = context.session()?;
        let written = audits::waive(&mut session, finding, until, &self.reason)?;
        written.warnings.iter().for_each(|warning| context.out.warn(warning));
        let answer = json!({"finding": finding.to_string(), "until": self.until, "fact": written.fact.to_string(),
                            "message": message, "warnings": written.warnings});
        context.out.show(&answer, |page| {
            page.line([
                strong(finding.short()),
                format!("  waived until {}: {}", self.until, self.reason.trim()).into(),
            ]);
            page.say(message.unwrap_or_default());
        })?;
        Ok(Exit::Clean)
    }

    /// The finding that was named, among those of now; a whole id may also be of one that is not there now.
    fn find(&self, context: &Context) -> Result<(FindingId, Option<String>), CliError> {
        let pack = packs::read(&self.packs)?;
        let audit = over_store(context, &pack, &Judging::NOW)?;
        let typed = self.id.to_uppercase();
        let found: Vec<_> =
            audit.findings.iter().filter(|finding| finding.id.to_string().starts_with(&typed)).collect();
        match (found.as_slice(), self.id.parse::<FindingId>()) {
            ([only], _) => Ok((only.id, Some(only.message.to_string()))),
            ([], Ok(id)) => {
                context.out.note("no rule finds this now: the waiver waits for it");
                Ok((id, None))
            }
            ([], Err(_)) => Err(CliError::usage(format!("no finding goes by `{}`", self.id))
                .hint("`docket audit run` lists them; name the --pack it came from")),
            (several, _) => {
                let mut failed = CliError::usage(format!("{} findings begin with `{}`", several.len(), self.id))
                    .hint("type more characters of the id");
                let lines = several.iter().take(10).map(|finding| format!("{}  {}", finding.id, finding.message));
                failed.details = lines.collect();
                Err(failed)
            }
        }
    }
}
