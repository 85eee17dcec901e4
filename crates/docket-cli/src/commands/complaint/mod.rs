//! `docket complaint …`: one file for each verb.

mod answer;
mod handle;
mod list;
mod new;

use clap::Subcommand;

use crate::context::Context;
use crate::errors::Done;

/// Record complaints, what came of them, and that the customer was told
#[derive(Debug, Subcommand)]
pub(crate) enum Complaint {
    New(new::New),
    Handle(handle::Handle),
    Answer(answer::Answer),
    List(list::List),
}

impl Complaint {
    pub(crate) fn run(self, context: &Context) -> Done {
        match self {
            Self::New(command) => command.run(context),
            Self::Handle(command) => command.run(context),
            Self::Answer(command) => command.run(context),
            Self::List(command) => command.run(context),
        }
    }
}
