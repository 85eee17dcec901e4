//! `docket customer …`: one file for each verb.

mod duplicates;
mod link;

use clap::Subcommand;

use crate::context::Context;
use crate::errors::Done;

/// Find customers that are one, and say so
#[derive(Debug, Subcommand)]
pub(crate) enum Customer {
    Duplicates(duplicates::Duplicates),
    Link(link::Link),
    Unlink(link::Unlink),
}

impl Customer {
    pub(crate) fn run(self, context: &Context) -> Done {
        match self {
            Self::Duplicates(command) => command.run(context),
            Self::Link(command) => command.run(context),
            Self::Unlink(command) => command.run(context),
        }
    }
}
