//! Audits: rules, their findings, and what becomes of those.

mod baseline;
mod check;
mod diff;
mod export;
mod packs;
mod rules;
mod run;
mod sample;
mod unwaive;
mod verify_export;
mod waive;
mod waivers;

use std::time::Duration;

use clap::{Args, Subcommand};
use docket_device::app::AppError;
use docket_device::audit::{self, AuditError, Options, Pack, RULE_TIME, Severity};
use docket_device::{StoreError, store};
use docket_format::DocId;

use crate::context::Context;
use crate::errors::{CliError, Done};
use crate::i18n::word;
use crate::page::{Span, bad, faint, warn};
use crate::times;

/// Check the records against the checklists' rules
#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    Run(run::Run),
    Rules(rules::Rules),
    Check(check::Check),
    Waive(waive::Waive),
    Unwaive(unwaive::Unwaive),
    Waivers(waivers::Waivers),
    Baseline(baseline::Baseline),
    Diff(diff::Diff),
    Sample(sample::Sample),
    Export(export::Export),
    VerifyExport(verify_export::VerifyExport),
}

impl Audit {
    pub(crate) fn run(self, context: &Context) -> Done {
        match self {
            Self::Run(command) => command.run(context),
            Self::Rules(command) => command.run(context),
            Self::Check(command) => command.run(context),
            Self::Waive(command) => command.run(context),
            Self::Unwaive(command) => command.run(context),
            Self::Waivers(command) => command.run(context),
            Self::Baseline(command) => command.run(context),
            Self::Diff(command) => command.run(context),
            Self::Sample(command) => command.run(context),
            Self::Export(command) => command.run(context),
            Self::VerifyExport(command) => command.run(context),
        }
    }
}

/// As of when rules judge, and how long each may take.
#[derive(Debug, Args)]
struct Judging {
    /// Judge as of this time instead of now: equal records and equal times give equal bytes
    #[arg(long, value_name = "TIME")]
    as_of: Option<String>,
    /// The most processor time that one rule may take, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = RULE_TIME.as_secs(), value_parser = clap::value_parser!(u64).range(1..=86_400))]
    rule_time: u64,
}

impl Judging {
    const NOW: Self = Self { as_of: None, rule_time: RULE_TIME.as_secs() };
}

/// Runs a pack over the store, on two cores.
fn over_store(context: &Context, pack: &Pack, judging: &Judging) -> Result<audit::Audit, CliError> {
    let as_of_ms = match &judging.as_of {
        Some(text) => times::parse(text, &context.zone())?.as_millisecond(),
        None => context.now().as_millisecond(),
    };
    // Opened for writing once, so that tables of an older program are made anew; the rules get connections of their
    // own that can only read.
    drop(context.session().or_else(|_| context.reader())?);
    let mut connections = store::read_only_pair(&context.store_dir()?)?;
    let options = Options { as_of_ms, rule_time: Duration::from_secs(judging.rule_time) };
    audit::run_on(&mut connections, pack, options).map_err(failed)
}

fn failed(error: AuditError) -> CliError {
    match error {
        AuditError::Rule(bad) => packs::bad_pack(&bad),
        AuditError::Store(error) => AppError::from(StoreError::from(error)).into(),
    }
}

/// A finding's subject as lists name it: a document by its code.
fn about(subject: &str) -> String {
    subject.parse::<DocId>().map_or_else(|_| subject.to_owned(), |doc| doc.short())
}

fn severity(severity: Severity) -> Span {
    match severity {
        Severity::Info => faint(word(severity.as_str())),
        Severity::Minor => warn(word(severity.as_str())),
        _ => bad(word(severity.as_str())),
    }
}
