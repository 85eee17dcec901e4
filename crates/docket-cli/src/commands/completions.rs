use clap::Args;
use clap_complete::Shell;

use crate::cli::command;
use crate::context::Context;
use crate::errors::{Done, Exit};

/// Write a shell's completion script
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket completions bash > ~/.local/share/bash-completion/completions/docket
  docket completions zsh > ~/.zfunc/_docket")]
pub(crate) struct Completions {
    /// Which shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(self, context: &Context) -> Done {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command(), "docket", &mut script);
        context.out.bytes(&script)?;
        Ok(Exit::Clean)
    }
}
