//! `docket customer …`: one file for each verb.

mod bought;
mod cover;
mod duplicates;
mod end_cover;
mod link;
mod show;

use clap::Subcommand;
use docket_format::FactId;
use serde_json::json;

use crate::context::Context;
use crate::errors::{Done, Exit};
use crate::i18n::t;
use crate::page::{faint, good, strong};

/// Customers: what they bought, what is covered, which of them are one
#[derive(Debug, Subcommand)]
pub(crate) enum Customer {
    Show(show::Show),
    Bought(bought::Bought),
    Cover(cover::Cover),
    EndCover(end_cover::EndCover),
    Duplicates(duplicates::Duplicates),
    Link(link::Link),
    Unlink(link::Unlink),
}

impl Customer {
    pub(crate) fn run(self, context: &Context) -> Done {
        match self {
            Self::Show(command) => command.run(context),
            Self::Bought(command) => command.run(context),
            Self::Cover(command) => command.run(context),
            Self::EndCover(command) => command.run(context),
            Self::Duplicates(command) => command.run(context),
            Self::Link(command) => command.run(context),
            Self::Unlink(command) => command.run(context),
        }
    }
}

/// Prints a record about a customer.
fn tell(context: &Context, code: &str, fact: FactId, warnings: &[String]) -> Done {
    for warning in warnings {
        context.out.warn(warning);
    }
    let answer = json!({"code": code, "fact": fact.to_string(), "warnings": warnings});
    context.out.show(&answer, |page| {
        let shown: String = fact.to_string().chars().take(8).collect();
        page.line([strong(code), "  ".into(), good(t("recorded")), "  ".into(), faint(shown)]);
    })?;
    Ok(Exit::Clean)
}
