use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::{Judging, over_store, packs};
use crate::context::Context;
use crate::errors::{CliError, Done, Exit};
use crate::files;
use crate::i18n::t;
use crate::page::good;

/// Write down the present findings, so that later audits can report only new ones
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket audit baseline known.json
  docket audit run --baseline known.json --fail-on minor")]
pub(crate) struct Baseline {
    /// The file to write
    file: PathBuf,
    #[command(flatten)]
    judging: Judging,
    /// The rules: a shipped pack, or one of your own; may be repeated
    #[arg(long = "pack", default_value = "default", value_name = "PACK|FILE")]
    packs: Vec<String>,
}

impl Baseline {
    pub(super) fn run(self, context: &Context) -> Done {
        let pack = packs::read(&self.packs)?;
        let audit = over_store(context, &pack, &self.judging)?;
        let text = serde_json::to_string_pretty(&audit.to_baseline());
        let text = text.map_err(|error| CliError::environment(format!("can't write JSON: {error}")))?;
        files::write(&self.file, format!("{text}\n").as_bytes())?;
        let file = self.file.display().to_string();
        let answer = json!({"file": file, "pack": pack.name, "as_of": audit.as_of(), "findings": audit.findings.len()});
        context.out.show(&answer, |page| {
            page.line([
                good(t("written")),
                format!("  {}: {} findings of {}", file, audit.findings.len(), pack.name).into(),
            ]);
        })?;
        Ok(Exit::Clean)
    }
}
