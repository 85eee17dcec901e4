use clap::{Args, Subcommand, ValueEnum};
use docket_format::PersonId;

use crate::context::Context;
use crate::errors::{CliError, Done};
use crate::times;

/// Show and record what technicians are qualified for
#[derive(Debug, Subcommand)]
pub(crate) enum Grade {
    Show(Show),
    Add(Add),
}

/// Show grades with the evidence, and what is missing for the next one
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  docket grade show\n  docket grade show T-042 --as-of 2020-01-31")]
pub(crate) struct Show {
    /// The technician; all when left out
    person: Option<PersonId>,
    /// Judge as of this time instead of now
    #[arg(long, value_name = "TIME")]
    as_of: Option<String>,
}

/// Record a certificate, an exam, an interview or a time of service
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket grade add T-042 certificate --level advanced --issuer 'Qingdao labour office' --issued 2018-05-02
  docket grade add T-042 exam --level A --issuer academy --issued 2019-03-01 --expires 2022-03-01
  docket grade add T-042 service --issuer Haier --from 2016-09-01")]
pub(crate) struct Add {
    /// The technician
    person: PersonId,
    /// What kind of evidence
    #[arg(value_enum)]
    kind: Evidence,
    /// Certificate: junior, intermediate or advanced; exam: C, B, A or A+
    #[arg(long)]
    level: Option<String>,
    /// Who issued it, or whose service it was
    #[arg(long)]
    issuer: String,
    /// When it was issued
    #[arg(long, value_name = "DATE", value_parser = times::date)]
    issued: Option<String>,
    /// When it lapses
    #[arg(long, value_name = "DATE", value_parser = times::date)]
    expires: Option<String>,
    /// Service: its first day
    #[arg(long, value_name = "DATE", value_parser = times::date)]
    from: Option<String>,
    /// Service: its last day; open when left out
    #[arg(long, value_name = "DATE", value_parser = times::date)]
    to: Option<String>,
}

/// A kind of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Evidence {
    /// A trade certificate
    Certificate,
    /// The brand's own exam
    Exam,
    /// The interview for product-support managers
    Interview,
    /// Years in the brand's after-sales service
    Service,
}

impl Grade {
    pub(crate) fn run(self, _context: &Context) -> Done {
        Err(CliError::environment("not built yet"))
    }
}
