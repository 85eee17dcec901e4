//! `docket job …`: one file for each verb.

mod assign;
mod cancel;
mod course;
mod export;
mod hand_over;
mod import;
mod list;
mod log;
mod new;
mod reassign;
mod reopen;
mod search;
mod show;
mod table;

use clap::Subcommand;

use crate::context::Context;
use crate::errors::Done;

/// Make, import, find, assign and read jobs
#[derive(Debug, Subcommand)]
pub(crate) enum Job {
    New(new::New),
    Import(import::Import),
    List(list::List),
    Show(show::Show),
    Search(search::Search),
    Assign(assign::Assign),
    HandOver(hand_over::HandJobOver),
    Reassign(reassign::Reassign),
    Cancel(cancel::Cancel),
    Reopen(reopen::Reopen),
    Log(log::Log),
    Export(export::Export),
}

impl Job {
    pub(crate) fn run(self, context: &Context) -> Done {
        match self {
            Self::New(command) => command.run(context),
            Self::Import(command) => command.run(context),
            Self::List(command) => command.run(context),
            Self::Show(command) => command.run(context),
            Self::Search(command) => command.run(context),
            Self::Assign(command) => command.run(context),
            Self::HandOver(command) => command.run(context),
            Self::Reassign(command) => command.run(context),
            Self::Cancel(command) => command.run(context),
            Self::Reopen(command) => command.run(context),
            Self::Log(command) => command.run(context),
            Self::Export(command) => command.run(context),
        }
    }
}
