use clap::Args;
use docket_device::app::customers::{self, Customer};

use crate::context::Context;
use crate::errors::Done;

/// End a coverage before its time
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket customer end-cover M3TR 4ZJ1 --reason 'moved away'")]
pub(crate) struct EndCover {
    /// The customer, or a job of theirs
    customer: String,
    /// The coverage: any unique start of its record's id, as `docket customer show` prints it
    coverage: String,
    /// Why
    #[arg(long)]
    reason: String,
}

impl EndCover {
    pub(super) fn run(self, context: &Context) -> Done {
        let mut session = context.session()?;
        let customer = Customer::find(&session, &self.customer)?;
        let (fact, warnings) = customers::end(&mut session, &customer, &self.coverage, &self.reason)?;
        super::tell(context, &customer.doc.short(), fact, &warnings)
    }
}
