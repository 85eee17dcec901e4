//! From arguments to exit code.

use std::process::ExitCode;

use clap::FromArgMatches;

use crate::cli::{Cli, command};
use crate::context::Context;
use crate::errors;
use crate::i18n;
use crate::output::{self, Output};

pub(crate) fn run() -> ExitCode {
    i18n::begin();
    let parsed = command().try_get_matches().and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => {
            match i18n::usage::answer(&error, output::width()) {
                Some(answer) => output::parser(&answer, error.use_stderr()),
                // `--help | head` closes the pipe: that is success too.
                None => drop(error.print()),
            }
            return ExitCode::from(error.exit_code() as u8);
        }
    };
    let context = Context::new(&cli.globals, Output::new(&cli.globals));
    let done = cli.command.run(&context);
    if let Err(error) = &done {
        context.out.error(error);
    }
    errors::code(&done)
}
