use std::path::PathBuf;

use clap::{Args, ValueEnum};
use docket_device::app::Job;
use docket_device::app::visit;

use crate::commands::recorded;
use crate::context::Context;
use crate::errors::Done;
use crate::files;

/// Have the work signed: the signature covers the answers as they now stand
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket sign K7Q2 --role customer --name 'Zhang Min' --image signature.png
  docket sign K7Q2 --role technician --name 'Wang'")]
pub(crate) struct Sign {
    /// The job
    job: String,
    /// Who signs
    #[arg(long, value_enum)]
    role: Signer,
    /// The signer's name
    #[arg(long)]
    name: String,
    /// A picture of the signature
    #[arg(long, value_name = "FILE")]
    image: Option<PathBuf>,
}

/// Who signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Signer {
    Customer,
    Technician,
}

impl Sign {
    pub(crate) fn run(self, context: &Context) -> Done {
        let mut session = context.tick()?;
        let job = Job::find(&session, &self.job)?;
        let image = self.image.as_deref().map(files::picture).transpose()?;
        let role = match self.role {
            Signer::Customer => "customer",
            Signer::Technician => "technician",
        };
        let recorded = visit::sign(&mut session, &job, role, &self.name, image.as_deref())?;
        recorded::tell(context, &session, &job, &recorded)
    }
}
