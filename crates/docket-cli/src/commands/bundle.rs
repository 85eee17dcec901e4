use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use docket_device::bundle;
use serde_json::{Value, json};

use crate::context::Context;
use crate::errors::{CliError, Done, Exit};
use crate::files;
use crate::i18n::t;
use crate::page::{Page, Span, bad, faint, good, strong, warn};
use crate::times;

/// Hand records over as a file, in both directions
#[derive(Debug, Subcommand)]
pub(crate) enum Bundle {
    Export(Export),
    Import(Import),
    Show(Show),
}

/// Write what this store holds into a sealed file
///
/// The file can be carried by stick, mail or messenger, imported many times and in any order.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  docket bundle export monday.docket\n  docket bundle export wang.docket --to T-042"
)]
pub(crate) struct Export {
    /// The file to write; an existing one is replaced only with --overwrite
    file: PathBuf,
    /// For this device or person: what it may see and is not known to hold
    #[arg(long, value_name = "DEVICE|PERSON")]
    to: Option<String>,
    /// Also what the addressee is known to hold
    #[arg(long, requires = "to")]
    full: bool,
    /// For a newcomer who will enrol with it: roster, policies and grades; no jobs, no customers
    #[arg(long, conflicts_with = "to")]
    welcome: bool,
    /// Replace an existing file
    #[arg(long)]
    overwrite: bool,
}

/// Take in what bundles hold
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket bundle import wang.docket li.docket")]
pub(crate) struct Import {
    /// The files
    #[arg(required = true, num_args = 1..)]
    files: Vec<PathBuf>,
}

/// Show what a bundle holds, without taking it in
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket bundle show wang.docket")]
pub(crate) struct Show {
    /// The file
    file: PathBuf,
}

impl Bundle {
    pub(crate) fn run(self, context: &Context) -> Done {
        match self {
            Self::Export(command) => command.run(context),
            Self::Import(command) => command.run(context),
            Self::Show(command) => command.run(context),
        }
    }
}

impl Export {
    fn run(self, context: &Context) -> Done {
        if self.file.is_file() && !self.overwrite {
            return Err(CliError::usage(format!("{} exists", self.file.display())).hint("--overwrite replaces it"));
        }
        let mut session = context.session()?;
        let stamp = session.stamp();
        let what = bundle::Export { to: self.to.as_deref(), full: self.full, welcome: self.welcome, only: None };
        let made = bundle::export(session.store_mut(), &what, &stamp)?;
        files::write(&self.file, &made.bytes)?;
        let to = made.to.map(|device| device.to_string());
        let answer = json!({
            "file": self.file.display().to_string(), "bytes": made.bytes.len(), "to": to,
            "documents": made.documents, "changes": made.changes, "held_already": made.held_already,
            "sealed": made.sealed,
        });
        context.out.show(&answer, |page| {
            page.line([strong(self.file.display().to_string()), format!("  {} bytes", made.bytes.len()).into()]);
            page.pairs([
                ("for", to.clone().unwrap_or_else(|| t("anybody of the company")).into()),
                ("documents", made.documents.to_string().into()),
                ("changes", made.changes.to_string().into()),
                ("left out, held already", made.held_already.to_string().into()),
                ("newly sealed", made.sealed.to_string().into()),
            ]);
        })?;
        Ok(Exit::Clean)
    }
}

impl Import {
    fn run(self, context: &Context) -> Done {
        let mut session = context.session()?;
        let mut done = Exit::Clean;
        let mut answers = Vec::new();
        let mut failed = None;
        for file in &self.files {
            let stamp = session.stamp();
            let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let taken = files::bundle(file)
                .and_then(|bytes| bundle::import(session.store_mut(), &bytes, &name, &stamp).map_err(CliError::from));
            match taken {
                Ok(report) => {
                    if !report.is_whole() {
                        done = Exit::Partial;
                    }
                    answers.push((file, report));
                }
                // The other files are taken in all the same; the first failure decides the exit code.
                Err(error) => {
                    let error = CliError { message: format!("{}: {}", file.display(), error.message), ..error };
                    match failed {
                        None => failed = Some(error),
                        Some(_) => context.out.error(&error),
                    }
                }
            }
        }
        let reports: Vec<Value> = answers.iter().map(|(file, report)| to_json(file, report)).collect();
        context.out.show(&json!({"bundles": reports}), |page| {
            for (file, report) in &answers {
                describe(page, file, report);
            }
        })?;
        match failed {
            Some(error) => Err(error),
            None => Ok(done),
        }
    }
}

fn to_json(file: &Path, report: &bundle::ImportReport) -> Value {
    let counts = &report.counts;
    json!({
        "file": file.display().to_string(), "from": report.from.to_string(), "made_ms": report.made_ms,
        "documents": report.documents, "new": counts.new, "known": counts.known, "parked": counts.parked,
        "refused": counts.refused, "seals": report.seals, "bad_seals": report.bad_seals,
        "recarried": report.recarried, "reasons": report.reasons, "whole": report.is_whole(),
    })
}

fn describe(page: &mut Page, file: &Path, report: &bundle::ImportReport) {
    let counts = &report.counts;
    let whole = if report.is_whole() { good(t("whole")) } else { bad(t("in part")) };
    page.line([strong(file.display().to_string()), "  ".into(), whole]);
    let number = |count: u64| if count == 0 { Span::from("0") } else { warn(count.to_string()) };
    page.pairs([
        ("from", report.from.to_string().into()),
        ("documents", report.documents.to_string().into()),
        ("new changes", counts.new.to_string().into()),
        ("held already", counts.known.to_string().into()),
        ("waiting for others", number(counts.parked)),
        ("quarantined", number(counts.refused)),
        ("seals checked", report.seals.to_string().into()),
    ]);
    for seal in &report.bad_seals {
        page.line([bad(t("  bad seal: ")), seal.into()]);
    }
    for (reason, count) in &report.reasons {
        page.line([warn(format!("  {count} × ")), reason.into()]);
    }
}

impl Show {
    fn run(self, context: &Context) -> Done {
        let bytes = files::bundle(&self.file)?;
        let file = docket_format::bundle::Bundle::open(&bytes, None).map_err(bundle::BundleError::from)?;
        let header = file.header();
        let (mut documents, mut changes) = (0usize, 0usize);
        for items in file.chunks() {
            let items = items.map_err(bundle::BundleError::from)?;
            documents += items.len();
            changes += items.iter().map(|item| item.changes.len()).sum::<usize>();
        }
        let to = header.to.map(|device| device.to_string());
        let answer = json!({
            "file": self.file.display().to_string(), "bytes": bytes.len(), "tenant": header.tenant.to_string(),
            "from": header.from.device.to_string(), "to": to, "made_ms": header.made_ms, "documents": documents,
            "changes": changes, "seals": file.seals().len(), "chunks": file.chunk_count(),
        });
        let zone = context.zone();
        context.out.show(&answer, |page| {
            page.line([strong(self.file.display().to_string()), format!("  {} bytes", bytes.len()).into()]);
            page.pairs([
                ("company", header.tenant.to_string().into()),
                ("from", header.from.device.to_string().into()),
                ("for", to.clone().unwrap_or_else(|| t("anybody of the company")).into()),
                ("made", times::show(header.made_ms, &zone).into()),
                ("documents", documents.to_string().into()),
                ("changes", changes.to_string().into()),
                ("seals", file.seals().len().to_string().into()),
            ]);
            page.line([faint(t("not checked against a roster: `docket bundle import` does that"))]);
        })?;
        Ok(Exit::Clean)
    }
}
