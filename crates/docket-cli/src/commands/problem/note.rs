use clap::Args;
use docket_device::app::problems::{self, Problem};
use serde_json::json;

use crate::context::Context;
use crate::errors::{Done, Exit};
use crate::i18n::t;
use crate::page::{good, strong};

/// Add what was learnt about a problem
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket problem note 4Z0P 'warm the seal before fitting it'")]
pub(crate) struct Note {
    /// The problem
    problem: String,
    /// What was learnt
    text: String,
}

impl Note {
    pub(super) fn run(self, context: &Context) -> Done {
        let mut session = context.session()?;
        let problem = Problem::find(&session, &self.problem)?;
        let fact = problems::note(&mut session, problem.doc, &self.text)?;
        let answer = json!({"code": problem.doc.short(), "fact": fact.to_string()});
        context.out.show(&answer, |page| page.line([strong(problem.doc.short()), "  ".into(), good(t("recorded"))]))?;
        Ok(Exit::Clean)
    }
}
