use clap::Args;

use crate::context::Context;
use crate::demo;
use crate::errors::Done;

/// Watch the whole story once, in a temporary folder
///
/// An office imports 10,000 real service requests and dispatches to three technicians by grade. They work without a
/// network; their bundles come back scrambled, some twice. Clashes are decided, every store is verified, a tampered
/// copy is found out, the audit runs. Nothing of it stays.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  docket demo\n  docket demo --json")]
pub(crate) struct Demo {}

impl Demo {
    #[allow(clippy::unused_self, reason = "every command is run the same way")]
    pub(crate) fn run(self, context: &Context) -> Done {
        demo::tell(context)
    }
}
