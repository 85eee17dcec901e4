use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::context::Context;
use crate::errors::{CliError, Done};

/// Check the records against the checklists' rules
#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    Run(Run),
    Rules(Rules),
}

/// Run the rules and list the findings
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket audit run --fail-on error
  docket audit run --as-of 2020-02-01 --format csv > findings.csv
  docket audit run --rules ./our-rules.toml --rule missing-step")]
pub(crate) struct Run {
    /// Judge as of this time instead of now: equal records and equal times give equal bytes
    #[arg(long, value_name = "TIME")]
    as_of: Option<String>,
    /// Exit with 1 when there is a finding of this severity or above
    #[arg(long, value_enum, value_name = "SEVERITY")]
    fail_on: Option<Severity>,
    /// Only these rules
    #[arg(long = "rule", value_name = "ID")]
    rule: Vec<String>,
    /// A pack of rules instead of the built-in one
    #[arg(long, value_name = "FILE")]
    rules: Option<PathBuf>,
    /// How to write the findings; --json is short for json
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// List the rules: id, severity, domain row, message
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket audit rules")]
pub(crate) struct Rules {
    /// A pack of rules instead of the built-in one
    #[arg(long, value_name = "FILE")]
    rules: Option<PathBuf>,
}

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Severity {
    Info,
    Warning,
    Error,
}

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Table,
    Json,
    Csv,
}

impl Audit {
    pub(crate) fn run(self, _context: &Context) -> Done {
        Err(CliError::environment("not built yet"))
    }
}
