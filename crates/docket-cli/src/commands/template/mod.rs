//! `docket template`: the checklists of a policy.

mod check;
mod list;
mod migrate;
mod show;

use clap::Subcommand;

use crate::context::Context;
use crate::errors::Done;

/// Look at checklists, check a pack of them, bring open jobs to another one
#[derive(Debug, Subcommand)]
pub(crate) enum Template {
    List(list::List),
    Show(show::Show),
    Check(check::Check),
    Migrate(migrate::Migrate),
}

impl Template {
    pub(crate) fn run(self, context: &Context) -> Done {
        match self {
            Self::List(command) => command.run(context),
            Self::Show(command) => command.run(context),
            Self::Check(command) => command.run(context),
            Self::Migrate(command) => command.run(context),
        }
    }
}
