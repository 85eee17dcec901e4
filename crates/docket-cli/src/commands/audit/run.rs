use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, ValueEnum};
use docket_device::audit::{Audit, Compared, Finding, Severity};

use super::{Judging, about, over_store, packs, severity};
use crate::context::Context;
use crate::errors::{Done, Exit};
use crate::i18n::t;
use crate::page::{Page, Span, Table, bad, faint, good, strong, warn};
use crate::times;

/// Run the rules and list the findings
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket audit run --fail-on major
  docket audit run --as-of 2020-02-01 --format csv > findings.csv
  docket audit run --pack haier --pack ./our-rules.toml --rule missing-step
  docket audit run --baseline known.json --fail-on minor     only what is new
  docket audit run --since last-month.json                   new, still so, gone")]
pub(crate) struct Run {
    #[command(flatten)]
    judging: Judging,
    /// Exit with 1 when there is a finding of this severity or above that nobody waived: info, minor, major, critical
    #[arg(long, value_name = "SEVERITY", value_parser = Severity::from_str)]
    fail_on: Option<Severity>,
    /// Only these rules
    #[arg(long = "rule", value_name = "ID")]
    rule: Vec<String>,
    /// The rules: `default`, `haier`, `changhong`, `hengji`, `severity`, or a pack of your own; may be repeated
    #[arg(long = "pack", alias = "rules", default_value = "default", value_name = "PACK|FILE")]
    packs: Vec<String>,
    /// Leave out what this file has: a baseline, or the JSON of an earlier audit
    #[arg(long, value_name = "FILE", conflicts_with = "since")]
    baseline: Option<PathBuf>,
    /// Say what is new, still so or gone since this audit: a baseline, or the JSON of an earlier audit
    #[arg(long, value_name = "FILE")]
    since: Option<PathBuf>,
    /// How to write the findings; --json is short for json
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Most findings in a table; 0 = all. Other formats always have all
    #[arg(long, default_value_t = 1000, value_name = "N")]
    limit: usize,
}

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Table,
    Json,
    Csv,
    Junit,
    Sarif,
}

impl Format {
    /// The file format; `None` = a table for people.
    const fn file(self, json: bool) -> Option<docket_device::audit::Format> {
        use docket_device::audit::Format as File;
        match self {
            Self::Table if json => Some(File::Json),
            Self::Table => None,
            Self::Json => Some(File::Json),
            Self::Csv => Some(File::Csv),
            Self::Junit => Some(File::Junit),
            Self::Sarif => Some(File::Sarif),
        }
    }
}

impl Run {
    pub(super) fn run(self, context: &Context) -> Done {
        let pack = packs::read_only(&self.packs, &self.rule)?;
        let earlier =
            self.baseline.as_ref().or(self.since.as_ref()).map(|path| super::diff::earlier(path)).transpose()?;
        let mut audit = over_store(context, &pack, &self.judging)?;
        if let Some(earlier) = earlier {
            if self.baseline.is_some() {
                audit.hold_against(&earlier);
            } else {
                audit.compare(&earlier);
            }
        }
        match self.format.file(context.out.is_json()) {
            Some(format) => context.out.stream(|out| audit.write(format, out))?,
            None => context.out.page(|page| self.show(context, &audit, page))?,
        }
        let failed = self.fail_on.is_some_and(|least| audit.at_or_above(least) > 0);
        Ok(if failed { Exit::Findings } else { Exit::Clean })
    }

    fn show(&self, context: &Context, audit: &Audit, page: &mut Page) {
        let zone = context.zone();
        let most = if self.limit == 0 { usize::MAX } else { self.limit };
        if !audit.findings.is_empty() {
            let mut table = Table::new(&["finding", "severity", "", "rule", "row", "about", "what"]);
            for finding in audit.findings.iter().take(most) {
                table.row([
                    strong(finding.id.short()),
                    severity(finding.severity),
                    self.mark(audit.compared.as_ref(), finding),
                    (*finding.rule).into(),
                    (*finding.row).into(),
                    about(&finding.subject).into(),
                    (*finding.message).into(),
                ]);
            }
            page.table(&table);
            if audit.findings.len() > most {
                page.line([faint(t(&format!("… and {} more: --limit 0 shows all", audit.findings.len() - most)))]);
            }
            page.blank();
        }
        if let Some(compared) = audit.compared.as_ref().filter(|compared| !compared.gone.is_empty()) {
            page.title(format!("Gone since {}", compared.as_of));
            let mut table = Table::new(&["finding", "severity", "rule", "about", "what"]);
            for known in compared.gone.iter().take(most) {
                table.row([
                    strong(known.id.short()),
                    severity(known.severity),
                    known.rule.as_str().into(),
                    about(&known.subject).into(),
                    known.message.as_str().into(),
                ]);
            }
            page.table(&table);
            page.blank();
        }
        let count = audit.open().count();
        let verdict = if count == 0 { good(t("clean")) } else { bad(t(&format!("{count} findings"))) };
        let mut line = vec![verdict];
        if audit.waived() > 0 {
            line.push(warn(t(&format!("  {} waived", audit.waived()))));
        }
        if let Some(compared) = &audit.compared {
            let (still, gone) = (compared.still.len(), compared.gone.len());
            let word = if self.baseline.is_some() { "known" } else { "still" };
            let new = audit.findings.iter().filter(|finding| !compared.still.contains(&finding.id)).count();
            line.push(format!("  {new} new, {still} {word}, {gone} gone").into());
        }
        let when = times::show(audit.as_of_ms, &zone);
        line.push(format!("  {} rules of {}, as of {when}", audit.rules.len(), audit.pack).into());
        page.line(line);
    }

    /// What is particular about a finding.
    fn mark(&self, compared: Option<&Compared>, finding: &Finding) -> Span {
        if let Some(waiver) = &finding.waived {
            return warn(t(&format!("waived until {}", waiver.until)));
        }
        match compared.filter(|_| self.since.is_some()) {
            Some(compared) if compared.still.contains(&finding.id) => faint(t("still")),
            Some(_) => bad(t("new")),
            None => "".into(),
        }
    }
}
