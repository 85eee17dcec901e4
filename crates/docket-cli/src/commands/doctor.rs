use clap::Args;
use docket_device::doctor::{self, Harm};
use serde_json::json;

use crate::context::Context;
use crate::errors::{Done, Exit};
use crate::i18n::t;
use crate::page::{Table, bad, faint, good};

/// Check the store's health, and rebuild its tables
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  docket doctor\n  docket doctor --rebuild")]
pub(crate) struct Doctor {
    /// Make the tables behind lists and audits anew from the records
    #[arg(long)]
    rebuild: bool,
}

impl Doctor {
    pub(crate) fn run(self, context: &Context) -> Done {
        let mut session = context.session()?;
        let rebuilt = if self.rebuild { Some(doctor::rebuild(session.store_mut())?) } else { None };
        let report = doctor::check(session.store_mut())?;
        let findings: Vec<_> = report
            .findings
            .iter()
            .map(|finding| {
                json!({
                    "harm": harm(finding.harm), "code": finding.code, "what": finding.what,
                    "doc": finding.doc.map(|doc| doc.to_string()),
                })
            })
            .collect();
        let answer = json!({
            "sound": report.is_sound(), "documents": report.docs, "changes": report.changes, "facts": report.facts,
            "projections_compared": report.projections_compared, "rebuilt": rebuilt, "findings": findings,
        });
        context.out.show(&answer, |page| {
            if let Some(rebuilt) = rebuilt {
                page.say(format!("tables made anew for {rebuilt} documents"));
            }
            page.line([if report.is_sound() { good(t("sound")) } else { bad(t("damaged")) }]);
            page.pairs([
                ("documents", report.docs.to_string().into()),
                ("changes, each against its hash", report.changes.to_string().into()),
                ("records, each against its id", report.facts.to_string().into()),
            ]);
            let mut table = Table::new(&[]);
            for finding in &report.findings {
                let tone = if finding.harm == Harm::Note { faint(finding.code) } else { bad(finding.code) };
                table.row([tone, finding.what.as_str().into()]);
            }
            page.indented(&table);
        })?;
        Ok(if report.is_sound() { Exit::Clean } else { Exit::Findings })
    }
}

fn harm(harm: Harm) -> &'static str {
    match harm {
        Harm::Note => "note",
        Harm::Derived => "derived",
        Harm::Record => "record",
    }
}
