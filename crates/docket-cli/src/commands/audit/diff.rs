use std::path::{Path, PathBuf};

use clap::Args;
use docket_device::audit::{EARLIER_BYTES, Earlier, Known};

use super::{about, severity};
use crate::context::Context;
use crate::errors::{CliError, Done, Exit};
use crate::files;
use crate::i18n::t;
use crate::page::{Span, Table, bad, faint, good, strong};

/// Compare two audits: what is new, what is gone, what is still so
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket audit run --json > march.json
  docket audit diff february.json march.json")]
pub(crate) struct Diff {
    /// The earlier audit: what `audit run --json` or `audit baseline` wrote
    old: PathBuf,
    /// The later one
    new: PathBuf,
    /// List what is still so, too
    #[arg(long)]
    all: bool,
}

/// Reads an earlier audit.
pub(super) fn earlier(path: &Path) -> Result<Earlier, CliError> {
    let text = files::text(path, EARLIER_BYTES as u64)?;
    Earlier::parse(&text, &path.display().to_string()).map_err(|bad| {
        CliError::usage(bad).hint("`docket audit run --json` and `docket audit baseline` write such files")
    })
}

impl Diff {
    pub(super) fn run(self, context: &Context) -> Done {
        let (old, new) = (earlier(&self.old)?, earlier(&self.new)?);
        let difference = old.against(&new);
        context.out.show(&difference.to_json(), |page| {
            let mut table = Table::new(&["finding", "", "severity", "rule", "about", "what"]);
            let mut add = |known: &Known, mark: Span| {
                table.row([
                    strong(known.id.short()),
                    mark,
                    severity(known.severity),
                    known.rule.as_str().into(),
                    about(&known.subject).into(),
                    known.message.as_str().into(),
                ]);
            };
            difference.new.iter().for_each(|known| add(known, bad(t("new"))));
            difference.gone.iter().for_each(|known| add(known, good(t("gone"))));
            difference.still.iter().filter(|_| self.all).for_each(|known| add(known, faint(t("still"))));
            page.table(&table);
            let (new, gone, still) = (difference.new.len(), difference.gone.len(), difference.still.len());
            page.say(format!("{new} new, {gone} gone, {still} still"));
        })?;
        Ok(Exit::Clean)
    }
}
