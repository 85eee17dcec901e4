use clap::Args;
use docket_device::audit;
use docket_device::store;
use serde_json::json;

use super::{failed, packs};
use crate::context::Context;
use crate::errors::{Done, Exit};
use crate::i18n::t;
use crate::page::good;

/// Check a pack of your own without running it: syntax, columns, types
///
/// What is wrong is shown with the rule, line and column, and with what was probably meant. Needs a store for its views;
/// no record is read.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket audit check ./our-rules.toml")]
pub(crate) struct Check {
    /// The pack: a TOML file, see docs/audit.md
    file: String,
}

impl Check {
    pub(super) fn run(self, context: &Context) -> Done {
        let pack = packs::file(&self.file)?;
        drop(context.reader()?);
        let mut sql = store::read_only(&context.store_dir()?)?;
        audit::check(&mut sql, &pack).map_err(failed)?;
        let answer = json!({"file": self.file, "pack": pack.name, "rules": pack.rules.len()});
        context.out.show(&answer, |page| {
            page.line([good(t("sound")), format!("  {}: {} rules", pack.name, pack.rules.len()).into()]);
        })?;
        Ok(Exit::Clean)
    }
}
