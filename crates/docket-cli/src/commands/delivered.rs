use clap::Args;
use docket_device::app::{Job, goods};

use crate::commands::recorded;
use crate::context::Context;
use crate::errors::Done;

/// Record that the goods are at the customer's
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket delivered K7Q2 --goods '16 air conditioners'")]
pub(crate) struct Delivered {
    /// The job
    job: String,
    /// What was delivered
    #[arg(long)]
    goods: Option<String>,
}

impl Delivered {
    pub(crate) fn run(self, context: &Context) -> Done {
        let mut session = context.tick()?;
        let job = Job::find(&session, &self.job)?;
        let recorded = goods::state(&mut session, &job, "delivered", [("goods", self.goods.map(Into::into))])?;
        recorded::tell(context, &session, &job, &recorded)
    }
}
