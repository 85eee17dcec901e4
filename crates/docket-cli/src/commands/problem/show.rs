use clap::Args;
use docket_device::app::problems::{self, Problem};
use serde_json::json;

use crate::context::Context;
use crate::errors::{Done, Exit};
use crate::i18n::t;
use crate::page::{faint, strong};
use crate::times;

/// Show a known problem with what was learnt about it
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket problem show 4Z0P")]
pub(crate) struct Show {
    /// The problem
    problem: String,
}

impl Show {
    pub(super) fn run(self, context: &Context) -> Done {
        let session = context.reader()?;
        let problem = Problem::find(&session, &self.problem)?;
        let view = problem.view();
        let jobs = problems::jobs_of(&session, problem.doc)?;
        let zone = context.zone();
        context.out.show(&json!({"code": problem.doc.short(), "view": view, "jobs": jobs}), |page| {
            page.line([strong(problem.doc.short()), "  ".into(), view.str("title").unwrap_or_default().into()]);
            let pairs = ["product", "model", "state", "contact"].into_iter();
            page.pairs(pairs.filter_map(|name| Some((name, view.str(name)?.into()))));
            for note in &view.notes {
                let day = note.at_ms.map(|at| times::day(at.0, &zone)).unwrap_or_default();
                page.line([faint(format!("{day}  ")), note.text.into()]);
            }
            if !jobs.is_empty() {
                page.line([faint(t("shown by  ")), jobs.join(" ").into()]);
            }
        })?;
        Ok(Exit::Clean)
    }
}
