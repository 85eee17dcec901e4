//! The signed visit report.

use std::path::PathBuf;

use clap::Args;
use docket_device::app::Job;
use docket_device::app::visit_report::{VisitReport, visit_report};

use crate::context::Context;
use crate::errors::{Done, Exit};
use crate::files;
use crate::html;
use crate::i18n::{t, word};
use crate::page::{Page, Span, Table, bad, faint, good, strong, warn};
use crate::times;

/// The visit report: the checklist, the customer's signature, and what changed since it was given
///
/// A signature covers a digest of the answers as they stood; if an answer was changed later, the report says that the
/// signature is stale and shows the difference. Needs no network.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket report visit K7Q2
  docket report visit K7Q2 --html report.html --lang zh")]
pub(crate) struct Visit {
    /// The job
    job: String,
    /// Write a printable page to this file
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

impl Visit {
    pub(crate) fn run(self, context: &Context) -> Done {
        let session = context.reader()?;
        let job = Job::find(&session, &self.job)?;
        let report = visit_report(&session, &job)?;
        if let Some(file) = &self.html {
            let company = session.roster()?.name.clone();
            let page = html::visit::render(&report, &company, &context.zone());
            files::write(file, page.as_bytes())?;
        }
        context.out.show(&report, |page| shown(page, &report, context))?;
        Ok(Exit::Clean)
    }
}

fn shown(page: &mut Page, report: &VisitReport, context: &Context) {
    page.line([strong(&report.code), Span::from(format!("  {}", word(report.status)))]);
    let show = |ms: i64| times::show(ms, &context.zone());
    for (person, arrived, ended) in &report.visits {
        let ended = ended.map_or_else(|| "…".to_owned(), show);
        page.line([faint(format!("{} {} – {ended}", person.as_deref().unwrap_or("?"), show(*arrived)))]);
    }
    let mut table = Table::new(&["Step", "Appliance", "What", "Answer", "State", "Signed as"]);
    for line in &report.lines {
        let appliance = if line.appliance == 0 { String::new() } else { line.appliance.to_string() };
        let state = match line.state {
            "ok" => good(word("ok")),
            "missing" => warn(word("missing")),
            "not_asked" => faint(word("not_asked")),
            other => bad(word(other)),
        };
        table.row([
            Span::from(&line.step),
            Span::from(appliance),
            Span::from(&line.title),
            Span::from(line.answer.as_deref().unwrap_or_default()),
            state,
            warn(line.signed_as.as_deref().unwrap_or_default()),
        ]);
    }
    page.table(&table);
    if report.signatures.is_empty() {
        page.line([warn(t("nobody has signed"))]);
    }
    for signature in &report.signatures {
        let when = signature.at_ms.map(show).unwrap_or_default();
        let mark =
            if signature.stale { bad(t("  stale: an answer changed since")) } else { good(t("  covers the answers")) };
        page.line([Span::from(format!("{} ({}) {when}", signature.name, word(&signature.role))), mark]);
    }
}
