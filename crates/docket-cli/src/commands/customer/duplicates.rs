use clap::Args;
use docket_device::app::duplicates::{self, Customer};
use serde_json::json;

use crate::context::Context;
use crate::errors::{Done, Exit};
use crate::i18n::{t, tr};
use crate::page::{Table, faint, strong};

/// List customers that may be one: the same telephone number, or the same name and address
///
/// Numbers and names are compared however they are written. Nothing is changed: `docket customer link` says that two
/// are one, `docket customer unlink` takes that back.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket customer duplicates --limit 20")]
pub(crate) struct Duplicates {
    /// At most this many; 0 for all
    #[arg(long, default_value_t = 50, value_name = "N")]
    limit: usize,
}

impl Duplicates {
    pub(crate) fn run(self, context: &Context) -> Done {
        let session = context.reader()?;
        let (pairs, total) = duplicates::duplicates(&session, self.limit)?;
        context.out.show(&json!({"total": total, "pairs": pairs}), |page| {
            if pairs.is_empty() {
                page.line([tr!("duplicates-none").into()]);
                return;
            }
            let mut table =
                Table::new(&["score", "same", "customer", "name", "phone", "address", "jobs"]).right(&[0, 6]);
            for pair in &pairs {
                let why: Vec<String> = pair.why.iter().map(|why| t(why)).collect();
                for (customer, first) in [(&pair.one, true), (&pair.other, false)] {
                    let score = if first { strong(pair.score.to_string()) } else { faint("") };
                    let why = if first { why.join(", ") } else { String::new() };
                    let text = |text: &Option<String>| text.clone().unwrap_or_default().into();
                    let Customer { code, name, phone, address, jobs, .. } = customer;
                    table.row([
                        score,
                        why.into(),
                        strong(code),
                        text(name),
                        text(phone),
                        text(address),
                        jobs.to_string().into(),
                    ]);
                }
            }
            page.table(&table);
        })?;
        if pairs.len() < total {
            context.out.note(tr!("duplicates-more", shown = pairs.len(), total = total));
        }
        Ok(Exit::Clean)
    }
}
