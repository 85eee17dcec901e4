use clap::Args;

use crate::cli::command;
use crate::context::Context;
use crate::docs;
use crate::errors::{Done, Exit};

/// Write docs/cli.md
#[derive(Debug, Args)]
pub(crate) struct DocsCli {}

impl DocsCli {
    pub(crate) fn run(self, context: &Context) -> Done {
        let Self {} = self;
        context.out.bytes(docs::page(command()).as_bytes())?;
        Ok(Exit::Clean)
    }
}
