//! `docket outlet …`: one file for each verb.

mod call;
mod import;
mod inspect;
mod list;
mod new;
mod rate;
mod respond;
mod set;
mod show;
mod standing;

use clap::Subcommand;
use docket_device::app::record::Written;
use serde_json::json;

use crate::context::Context;
use crate::errors::{Done, Exit};
use crate::page::{faint, strong};

/// Make, import, find, inspect and judge outlets
#[derive(Debug, Subcommand)]
pub(crate) enum Outlet {
    New(new::New),
    Import(import::Import),
    List(list::List),
    Show(show::Show),
    Set(set::Set),
    Standing(standing::Standing),
    Inspect(inspect::Inspect),
    Call(call::Call),
    Respond(respond::Respond),
    Rate(rate::Rate),
}

impl Outlet {
    pub(crate) fn run(self, context: &Context) -> Done {
        match self {
            Self::New(command) => command.run(context),
            Self::Import(command) => command.run(context),
            Self::List(command) => command.run(context),
            Self::Show(command) => command.run(context),
            Self::Set(command) => command.run(context),
            Self::Standing(command) => command.run(context),
            Self::Inspect(command) => command.run(context),
            Self::Call(command) => command.run(context),
            Self::Respond(command) => command.run(context),
            Self::Rate(command) => command.run(context),
        }
    }
}

/// Answers a fact that was stated about somebody or something.
pub(super) fn stated(context: &Context, subject: &str, what: &str, written: &Written) -> Done {
    for warning in &written.warnings {
        context.out.warn(warning);
    }
    let answer = json!({"subject": subject, "fact": written.fact.to_string(), "warnings": written.warnings});
    context.out.show(&answer, |page| {
        let short: String = written.fact.to_string().chars().take(8).collect();
        page.line([strong(subject), format!("  {what}  ").into(), faint(short)]);
    })?;
    Ok(Exit::Clean)
}
