use clap::Args;
use docket_device::app::{Session, duplicates};
use docket_format::DocId;
use serde_json::json;

use crate::context::Context;
use crate::errors::{Done, Exit};
use crate::i18n::tr;
use crate::page::{Table, strong, warn};

/// Say that two customers are one
///
/// Nothing is merged or lost: lists and searches show the jobs of both. `docket customer unlink` takes it back.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket customer link 7K2M 9QXZ --reason 'same number, married name'")]
pub(crate) struct Link {
    /// One of the two: a customer's code, or one of its jobs
    one: String,
    /// The other
    other: String,
    /// Why
    #[arg(long)]
    reason: String,
}

/// Take back that two customers are one
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket customer unlink 7K2M 9QXZ --reason 'father and son'")]
pub(crate) struct Unlink {
    /// One of the two: a customer's code, or one of its jobs
    one: String,
    /// The other
    other: String,
    /// Why
    #[arg(long)]
    reason: String,
}

impl Link {
    pub(crate) fn run(self, context: &Context) -> Done {
        let mut session = context.session()?;
        let (one, other) = (duplicates::find(&session, &self.one)?, duplicates::find(&session, &self.other)?);
        let (fact, warnings) = duplicates::link(&mut session, one, other, &self.reason)?;
        let facts: Vec<String> = fact.iter().map(ToString::to_string).collect();
        if fact.is_none() {
            context.out.note(tr!("customer-linked-already", one = one.short(), other = other.short()));
        }
        show(context, &session, one, &facts, &warnings)
    }
}

impl Unlink {
    pub(crate) fn run(self, context: &Context) -> Done {
        let mut session = context.session()?;
        let (one, other) = (duplicates::find(&session, &self.one)?, duplicates::find(&session, &self.other)?);
        let (facts, warnings) = duplicates::unlink(&mut session, one, other, &self.reason)?;
        let facts: Vec<String> = facts.iter().map(ToString::to_string).collect();
        show(context, &session, one, &facts, &warnings)
    }
}

fn show(context: &Context, session: &Session, one: DocId, facts: &[String], warnings: &[String]) -> Done {
    for warning in warnings {
        context.out.warn(warning);
    }
    let group = duplicates::group(session, one)?;
    context.out.show(&json!({"facts": facts, "group": group, "warnings": warnings}), |page| {
        let said = match group.len() {
            0 | 1 => warn(tr!("customer-alone", one = one.short())),
            count => strong(tr!("customer-group", count = count)),
        };
        page.line([said]);
        let mut table = Table::new(&["customer", "name", "phone", "address", "jobs"]).right(&[4]);
        for one in &group {
            let text = |text: &Option<String>| text.clone().unwrap_or_default().into();
            table.row([
                strong(&one.code),
                text(&one.name),
                text(&one.phone),
                text(&one.address),
                one.jobs.to_string().into(),
            ]);
        }
        page.indented(&table);
    })?;
    Ok(Exit::Clean)
}
