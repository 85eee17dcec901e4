use std::path::PathBuf;

use clap::Args;
use docket_device::dossier::{self, What};
use serde_json::json;

use super::{Judging, over_store, packs};
use crate::context::Context;
use crate::errors::{CliError, Done, Exit};
use crate::files;
use crate::i18n::t;
use crate::page::good;

/// Write an evidence pack: the findings and the records that they rest on, in one signed file
///
/// It holds the documents with their seals and the roster, the rules and what they found, and is a plain tar.
/// Whoever has it can check it with `docket audit verify-export`, without a store and without a server.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket audit export march.evidence --as-of 2026-04-01
  docket audit export earth.evidence --rule core-without-safety-test --no-customers")]
pub(crate) struct Export {
    /// The file to write; an existing one is replaced only with --overwrite
    file: PathBuf,
    #[command(flatten)]
    judging: Judging,
    /// Only these rules
    #[arg(long = "rule", value_name = "ID")]
    rule: Vec<String>,
    /// The rules: a shipped pack, or one of your own; may be repeated
    #[arg(long = "pack", default_value = "default", value_name = "PACK|FILE")]
    packs: Vec<String>,
    /// Leave out customers' documents: no names, addresses and phone numbers go out
    #[arg(long)]
    no_customers: bool,
    /// Replace an existing file
    #[arg(long)]
    overwrite: bool,
}

impl Export {
    pub(super) fn run(self, context: &Context) -> Done {
        if self.file.is_file() && !self.overwrite {
            return Err(CliError::usage(format!("{} exists", self.file.display())).hint("--overwrite replaces it"));
        }
        let pack = packs::read_only(&self.packs, &self.rule)?;
        let audit = over_store(context, &pack, &self.judging)?;
        let mut session = context.session()?;
        let what = What { pack: &pack, audit: &audit, without_customers: self.no_customers };
        let made = dossier::make(&mut session, &what)?;
        files::write(&self.file, &made.bytes)?;
        let (file, bytes) = (self.file.display().to_string(), made.bytes.len());
        let (findings, documents) = (made.manifest.findings, made.manifest.documents.len());
        let answer = json!({"file": file, "bytes": bytes, "findings": findings, "waived": made.manifest.waived,
                            "documents": documents, "as_of": audit.as_of()});
        context.out.show(&answer, |page| {
            let what = format!("  {file}: {findings} findings, {documents} documents, {bytes} bytes");
            page.line([good(t("written")), what.into()]);
        })?;
        Ok(Exit::Clean)
    }
}
