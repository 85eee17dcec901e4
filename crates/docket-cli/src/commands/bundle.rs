use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::context::Context;
use crate::errors::{CliError, Done};

/// Hand records over as a file, in both directions
#[derive(Debug, Subcommand)]
pub(crate) enum Bundle {
    Export(Export),
    Import(Import),
    Show(Show),
}

/// Write what this store holds into a sealed file
///
/// The file can be carried by stick, mail or messenger, imported many times and in any order.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  docket bundle export monday.docket\n  docket bundle export wang.docket --to 7K2M")]
pub(crate) struct Export {
    /// The file to write; an existing one is replaced only with --overwrite
    file: PathBuf,
    /// Only what this device has not shown to have: any unique start of its id
    #[arg(long, value_name = "DEVICE")]
    to: Option<String>,
    /// Replace an existing file
    #[arg(long)]
    overwrite: bool,
}

/// Take in what bundles hold
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket bundle import wang.docket li.docket")]
pub(crate) struct Import {
    /// The files
    #[arg(required = true, num_args = 1..)]
    files: Vec<PathBuf>,
}

/// Show what a bundle holds, without taking it in
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket bundle show wang.docket")]
pub(crate) struct Show {
    /// The file
    file: PathBuf,
}

impl Bundle {
    pub(crate) fn run(self, _context: &Context) -> Done {
        Err(CliError::environment("not built yet"))
    }
}
