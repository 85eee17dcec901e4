use std::path::PathBuf;

use clap::Args;
use docket_device::dossier::{self, Checked};
use docket_format::TenantId;
use serde_json::{Value, json};

use crate::context::Context;
use crate::errors::{CliError, Done, Exit};
use crate::files;
use crate::i18n::t;
use crate::page::{Page, Table, bad, faint, good, warn};
use crate::times;

/// Check an evidence pack: who made it, and that nothing in it was changed
///
/// Needs no store and no server. The roster in the file leads back to the company's root key; compare the company with the
/// one that you expect, or name it.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  docket audit verify-export march.evidence

Exits with 1 when something was changed, is missing or of unknown origin.")]
pub(crate) struct VerifyExport {
    /// The file
    file: PathBuf,
    /// The company that it must be of: its id, as `docket status` shows it
    #[arg(long, value_name = "ID")]
    tenant: Option<TenantId>,
}

impl VerifyExport {
    pub(super) fn run(self, context: &Context) -> Done {
        let bytes = files::bundle(&self.file)?;
        let scratch = tempfile::tempdir()
            .map_err(|error| CliError::environment(format!("no temporary folder for the record: {error}")))?;
        let checked = dossier::check(&bytes, self.tenant, &scratch.path().join("record"))?;
        context.out.show(&answer(&checked), |page| show(&checked, context, page))?;
        Ok(if checked.ok() { Exit::Clean } else { Exit::Findings })
    }
}

fn answer(checked: &Checked) -> Value {
    let flaws = checked.flaws.iter().map(|flaw| json!({"entry": flaw.entry, "what": flaw.what}));
    let maker = checked.maker.as_ref();
    json!({
        "verify": if checked.ok() { "ok" } else { "failed" },
        "flaws": flaws.collect::<Vec<_>>(),
        "manifest": checked.manifest,
        "maker": maker.map(|(person, role, standing)| json!({"person": person, "role": role, "standing": standing})),
        "relay_ms": checked.relay_ms,
        "documents": checked.record.as_ref().map(|report| report.documents),
        "facts": checked.record.as_ref().map(|report| report.facts),
        "proven": checked.record.as_ref().map(|report| report.proven),
        "changes": checked.received.changes,
        "receipts": checked.received.certified,
        "receipts_of_others": checked.received.others,
        "received_until_ms": checked.received.until_ms,
        "reproduced": checked.reproduced,
        "elsewhere": checked.elsewhere,
    })
}

fn show(checked: &Checked, context: &Context, page: &mut Page) {
    let zone = context.zone();
    page.line([if checked.ok() { good(t("ok")) } else { bad(t("failed")) }]);
    if let Some(manifest) = &checked.manifest {
        let (person, role, standing) = checked.maker.clone().unwrap_or_default();
        let maker = format!("{person} {role} ({standing}), device {}", manifest.made_by.device);
        page.pairs([
            ("company", manifest.tenant.as_str().into()),
            ("made by", if checked.maker.is_some() { maker.into() } else { bad(t("unknown")) }),
            ("made", times::show(manifest.made_ms, &zone).into()),
            ("audit", format!("{}, as of {}", manifest.pack, times::show(manifest.as_of_ms, &zone)).into()),
            ("findings", format!("{}, {} of them waived", manifest.findings, manifest.waived).into()),
        ]);
    }
    if let Some(report) = &checked.record {
        let relay = checked.relay_ms.map_or_else(|| faint(t("never")), |ms| times::show(ms, &zone).into());
        let received = &checked.received;
        let receipts = format!("{} of {}", received.certified + received.others, received.changes);
        page.pairs([
            ("documents", report.documents.to_string().into()),
            ("records", report.facts.to_string().into()),
            ("proven by seals", report.proven.to_string().into()),
            ("relay's last signed time", relay),
            ("changes with a relay's receipt", receipts.into()),
            ("found again in this record", checked.reproduced.to_string().into()),
        ]);
        if !checked.elsewhere.is_empty() {
            let count = checked.elsewhere.len();
            page.line([warn(t(&format!("{count} findings rest on records that are not enclosed")))]);
        }
    }
    if !checked.flaws.is_empty() {
        let mut table = Table::new(&["entry", "what"]);
        for flaw in &checked.flaws {
            table.row([bad(&flaw.entry), flaw.what.as_str().into()]);
        }
        page.title("Flaws");
        page.indented(&table);
    }
}
