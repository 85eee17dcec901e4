use clap::Args;
use docket_device::verify::{self, Report};
use serde_json::json;

use crate::context::Context;
use crate::errors::{CliError, Done, Exit};
use crate::i18n::t;
use crate::page::{Table, bad, good};

/// Prove, with no server, who recorded what, and that nothing was altered
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  docket verify\n  docket verify K7Q2\n\nExits with 1 when something is forged, altered, missing or of unknown origin."
)]
pub(crate) struct Verify {
    /// Only these jobs
    job: Vec<String>,
}

impl Verify {
    pub(crate) fn run(self, context: &Context) -> Done {
        let session = context.reader()?;
        let reports = if self.job.is_empty() {
            vec![verify::verify(session.store(), None)?]
        } else {
            let docs =
                self.job.iter().map(|job| Ok(session.resolve(job, "job")?)).collect::<Result<Vec<_>, CliError>>()?;
            docs.into_iter()
                .map(|doc| Ok(verify::verify(session.store(), Some(doc))?))
                .collect::<Result<_, CliError>>()?
        };
        let sum = |pick: fn(&Report) -> u64| reports.iter().map(pick).sum::<u64>();
        let flaws: Vec<_> = reports.iter().flat_map(|report| &report.flaws).collect();
        let verdict = if flaws.is_empty() { "ok" } else { "failed" };
        let listed: Vec<_> = flaws
            .iter()
            .map(|flaw| {
                json!({
                    "verdict": flaw.verdict.word(), "doc": flaw.doc.map(|doc| doc.to_string()),
                    "code": flaw.doc.map(|doc| doc.short()), "fact": flaw.fact.map(|fact| fact.to_string()),
                    "detail": flaw.detail,
                })
            })
            .collect();
        let answer = json!({
            "verify": verdict, "documents": sum(|r| r.documents), "facts": sum(|r| r.facts),
            "proven": sum(|r| r.proven), "own_unsealed": sum(|r| r.own_unsealed), "claims": sum(|r| r.claims),
            "tail_unknown": sum(|r| r.tail_unknown), "seals": sum(|r| r.seals), "flaws": listed,
        });
        context.out.show(&answer, |page| {
            page.line([if flaws.is_empty() { good(t("ok")) } else { bad(t("failed")) }]);
            page.pairs([
                ("documents", sum(|r| r.documents).to_string().into()),
                ("records", sum(|r| r.facts).to_string().into()),
                ("proven by seals", sum(|r| r.proven).to_string().into()),
                ("own, sealed at the next hand-over", sum(|r| r.own_unsealed).to_string().into()),
                ("claims of revoked devices", sum(|r| r.claims).to_string().into()),
                ("ends that may hide later records", sum(|r| r.tail_unknown).to_string().into()),
            ]);
            if !flaws.is_empty() {
                let mut table = Table::new(&["", "document", "record", "what"]);
                for flaw in &flaws {
                    let doc = flaw.doc.map(|doc| doc.short()).unwrap_or_default();
                    let fact: String =
                        flaw.fact.map(|fact| fact.to_string()).unwrap_or_default().chars().take(8).collect();
                    table.row([bad(flaw.verdict.word()), doc.into(), fact.into(), flaw.detail.as_str().into()]);
                }
                page.title("Flaws");
                page.indented(&table);
            }
        })?;
        Ok(if flaws.is_empty() { Exit::Clean } else { Exit::Findings })
    }
}
