use std::path::{Component, Path};
use std::str::FromStr;

use clap::{Args, Subcommand, ValueEnum};
use docket_device::app::AppError;
use docket_device::audit::{self, AuditError, Options, PACK_BYTES, Pack, PackError, Severity, Source};
use docket_device::store;
use docket_format::DocId;
use serde_json::{Value, json};

use crate::context::Context;
use crate::errors::{CliError, Done, Exit};
use crate::files;
use crate::page::{Span, Table, bad, faint, good, strong, warn};
use crate::times;

/// Check the records against the checklists' rules
#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    Run(Run),
    Rules(Rules),
}

/// Run the rules and list the findings
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket audit run --fail-on major
  docket audit run --as-of 2020-02-01 --format csv > findings.csv
  docket audit run --pack haier --pack ./our-rules.toml --rule missing-step")]
pub(crate) struct Run {
    /// Judge as of this time instead of now: equal records and equal times give equal bytes
    #[arg(long, value_name = "TIME")]
    as_of: Option<String>,
    /// Exit with 1 when there is a finding of this severity or above: info, minor, major, critical
    #[arg(long, value_name = "SEVERITY", value_parser = Severity::from_str)]
    fail_on: Option<Severity>,
    /// Only these rules
    #[arg(long = "rule", value_name = "ID")]
    rule: Vec<String>,
    /// The rules: `default`, `haier`, `changhong`, `hengji`, `severity`, or a pack of your own; may be repeated
    #[arg(long = "pack", alias = "rules", default_value = "default", value_name = "PACK|FILE")]
    packs: Vec<String>,
    /// How to write the findings; --json is short for json
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// List the rules: id, severity, domain row, message
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket audit rules")]
pub(crate) struct Rules {
    /// The rules: `default`, `haier`, `changhong`, `hengji`, `severity`, or a pack of your own; may be repeated
    #[arg(long = "pack", alias = "rules", default_value = "default", value_name = "PACK|FILE")]
    packs: Vec<String>,
}

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Table,
    Json,
    Csv,
}

impl Audit {
    pub(crate) fn run(self, context: &Context) -> Done {
        match self {
            Self::Run(command) => command.run(context),
            Self::Rules(command) => command.run(context),
        }
    }
}

/// The packs that were named, as one.
fn read_packs(named: &[String]) -> Result<Pack, CliError> {
    let mut packs = Vec::with_capacity(named.len());
    for name in named {
        packs.push(match Pack::shipped(name) {
            Some(shipped) => shipped.map_err(|bad| bad_pack(&bad))?,
            None => read_pack(name)?,
        });
    }
    Pack::join(packs).map_err(|bad| bad_pack(&bad))
}

fn read_pack(file: &str) -> Result<Pack, CliError> {
    let path = Path::new(file);
    let shipped: Vec<&str> = audit::shipped_names().collect();
    let text = files::text(path, PACK_BYTES as u64)
        .map_err(|missing| missing.hint(format!("a file, or one of the packs {}", shipped.join(", "))))?;
    Pack::parse_with(&text, file, &included).map_err(|bad| bad_pack(&bad))
}

/// A file that a pack of one's own includes: it lies beside that pack, or in a folder below.
fn included(name: &str, from: &str) -> Result<Source, String> {
    let below = Path::new(name);
    let plain = below.components().all(|part| matches!(part, Component::Normal(_)));
    if !plain || below.extension().is_none_or(|end| end != "toml") {
        let shipped: Vec<&str> = audit::shipped_names().collect();
        return Err(format!("neither a shipped pack ({}) nor a .toml file beside this one", shipped.join(", ")));
    }
    let path = Path::new(from).parent().unwrap_or(Path::new("")).join(below);
    let text = files::text(&path, PACK_BYTES as u64).map_err(|failed| failed.message)?;
    Ok(Source { file: path.display().to_string(), text })
}

fn bad_pack(bad: &PackError) -> CliError {
    let failed = CliError::usage(bad.to_string());
    match &bad.hint {
        Some(hint) => failed.hint(hint),
        None => failed,
    }
}

/// A finding's subject as lists name it: a document by its code.
fn about(subject: &str) -> String {
    subject.parse::<DocId>().map_or_else(|_| subject.to_owned(), |doc| doc.short())
}

fn severity(severity: Severity) -> Span {
    match severity {
        Severity::Info => faint(severity.as_str()),
        Severity::Minor => warn(severity.as_str()),
        _ => bad(severity.as_str()),
    }
}

impl Run {
    fn run(self, context: &Context) -> Done {
        let mut pack = read_packs(&self.packs)?;
        if !self.rule.is_empty() {
            let known: Vec<String> = pack.rules.iter().map(|rule| rule.id.clone()).collect();
            pack = pack.only(&self.rule).map_err(|unknown| {
                CliError::usage(format!("the pack has no rule `{unknown}`"))
                    .hint(format!("one of: {}", known.join(", ")))
            })?;
        }
        let zone = context.zone();
        let as_of_ms = match self.as_of.as_deref() {
            Some(text) => times::parse(text, &zone)?.as_millisecond(),
            None => context.now().as_millisecond(),
        };
        // Opened for writing once, so that tables of an older program are made anew; the rules get a connection of
        // their own that can only read.
        drop(context.session().or_else(|_| context.reader())?);
        let mut sql = store::read_only(&context.store_dir()?)?;
        let audit = audit::run(&mut sql, &pack, Options::as_of(as_of_ms)).map_err(|error| match error {
            AuditError::Rule(bad) => bad_pack(&bad),
            AuditError::Store(error) => AppError::from(docket_device::StoreError::from(error)).into(),
        })?;
        match self.format {
            Format::Csv => {
                let mut csv = Vec::new();
                audit.to_csv(&mut csv).map_err(|e| CliError::environment(format!("can't write CSV: {e}")))?;
                context.out.bytes(&csv)?;
            }
            Format::Json => context.out.json(&audit.to_json())?,
            Format::Table => context.out.show(&audit.to_json(), |page| {
                if !audit.findings.is_empty() {
                    let mut table = Table::new(&["finding", "severity", "rule", "row", "about", "what"]);
                    for finding in &audit.findings {
                        table.row([
                            strong(finding.id.chars().take(8).collect::<String>()),
                            severity(finding.severity),
                            finding.rule.as_str().into(),
                            finding.row.as_str().into(),
                            about(&finding.subject).into(),
                            finding.message.as_str().into(),
                        ]);
                    }
                    page.table(&table);
                    page.blank();
                }
                let count = audit.findings.len();
                let verdict = if count == 0 { good("clean") } else { bad(format!("{count} findings")) };
                let when = times::show(audit.as_of_ms, &zone);
                page.line([verdict, format!("  {} rules of {}, as of {when}", audit.rules.len(), audit.pack).into()]);
            })?,
        }
        let failed = self.fail_on.is_some_and(|least| audit.at_or_above(least) > 0);
        Ok(if failed { Exit::Findings } else { Exit::Clean })
    }
}

impl Rules {
    fn run(self, context: &Context) -> Done {
        let pack = read_packs(&self.packs)?;
        let rules: Vec<Value> = pack
            .rules
            .iter()
            .map(
                |rule| json!({"id": rule.id, "severity": rule.severity.as_str(), "row": rule.row, "title": rule.title}),
            )
            .collect();
        context.out.show(&json!({"pack": pack.name, "rules": rules}), |page| {
            let mut table = Table::new(&["rule", "severity", "row", "what"]);
            for rule in &pack.rules {
                table.row([
                    strong(&rule.id),
                    severity(rule.severity),
                    rule.row.as_str().into(),
                    rule.title.as_str().into(),
                ]);
            }
            page.table(&table);
        })?;
        Ok(Exit::Clean)
    }
}
