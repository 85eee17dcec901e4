use clap::Args;
use docket_device::app::lists;

use crate::context::Context;
use crate::errors::Done;

use super::table;

/// Find jobs by number, product, customer, telephone, serial number, address or text
///
/// Words may come in any order and are compared however they are written; telephone numbers with or without +86, zeros
/// and spaces; serial numbers by their beginning. What another document of the same customer says counts too.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket job search street main
  docket job search '+86 138 0000 1111'
  docket job search SN-4711")]
pub(crate) struct Search {
    /// Words that must all occur
    #[arg(required = true, num_args = 1..)]
    words: Vec<String>,
    /// At most this many; 0 for all
    #[arg(long, default_value_t = 50, value_name = "N")]
    limit: u32,
}

impl Search {
    pub(crate) fn run(self, context: &Context) -> Done {
        let session = context.reader()?;
        let filter = lists::Filter { words: self.words, limit: self.limit, ..lists::Filter::default() };
        let (jobs, total) = lists::jobs(&session, &filter)?;
        table::jobs(context, &jobs, total)
    }
}
