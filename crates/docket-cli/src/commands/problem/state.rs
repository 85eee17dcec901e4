use clap::Args;
use docket_device::app::problems::{self, Problem};
use serde_json::json;

use crate::context::Context;
use crate::errors::{Done, Exit};
use crate::page::{good, strong};

/// Say where a problem stands
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket problem state 4Z0P solved")]
pub(crate) struct State {
    /// The problem
    problem: String,
    /// open, solved, or a word of the company's own
    state: String,
}

impl State {
    pub(super) fn run(self, context: &Context) -> Done {
        let mut session = context.session()?;
        let problem = Problem::find(&session, &self.problem)?;
        let fact = problems::set_state(&mut session, &problem, &self.state)?;
        let answer = json!({"code": problem.doc.short(), "fact": fact.to_string(), "state": self.state});
        context.out.show(&answer, |page| page.line([strong(problem.doc.short()), "  ".into(), good(&self.state)]))?;
        Ok(Exit::Clean)
    }
}
