//! `docket problem …`: one file for each verb.

mod link;
mod list;
mod new;
mod note;
mod show;
mod state;

use clap::Subcommand;

use crate::context::Context;
use crate::errors::Done;

/// Keep the known problems: what is learnt once is known at every outlet, offline too
#[derive(Debug, Subcommand)]
pub(crate) enum Problem {
    New(new::New),
    Note(note::Note),
    State(state::State),
    Link(link::Link),
    List(list::List),
    Show(show::Show),
}

impl Problem {
    pub(crate) fn run(self, context: &Context) -> Done {
        match self {
            Self::New(command) => command.run(context),
            Self::Note(command) => command.run(context),
            Self::State(command) => command.run(context),
            Self::Link(command) => command.run(context),
            Self::List(command) => command.run(context),
            Self::Show(command) => command.run(context),
        }
    }
}
