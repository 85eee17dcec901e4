use std::path::PathBuf;

use clap::Args;
use docket_device::StoreError;
use docket_device::app::import;
use docket_device::import::{ImportError, MAP_BYTES};
use serde_json::json;

use crate::context::Context;
use crate::errors::{CliError, Done, Exit};
use crate::files;
use crate::i18n::t;
use crate::page::{Span, faint, strong, warn};

/// Import jobs from another system's CSV export
///
/// The map says which column is what, the time zone, the source's name and how values translate. Importing a file
/// twice changes nothing. Rows that can't be read go to the rejects file, with line and reason; the others go in, and
/// the exit code is 4.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket job import 311.csv --map myla311.toml")]
pub(crate) struct Import {
    /// The CSV file
    file: PathBuf,
    /// The import map
    #[arg(long, value_name = "MAP")]
    map: PathBuf,
    /// Where rejected rows go [default: FILE with .rejects.csv]
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
}

impl Import {
    pub(crate) fn run(self, context: &Context) -> Done {
        let map = import::map(&files::text(&self.map, MAP_BYTES as u64)?, &self.map.display().to_string())?;
        let rejects = self.rejects.clone().unwrap_or_else(|| self.file.with_extension("rejects.csv"));
        let mut session = context.session()?;
        let bar = context.out.progress(0, "importing");
        let report = import::run(&mut session, &self.file, &map, &rejects, |progress| {
            bar.set_length(progress.of_bytes);
            bar.set_position(progress.bytes);
        });
        bar.finish_and_clear();
        let report = report.map_err(failed)?;
        let rejects = report.rejects_file.as_ref().map(|path| path.display().to_string());
        let answer = json!({
            "source": map.source(), "rows": report.rows, "new": report.new, "unchanged": report.unchanged,
            "changed": report.changed, "duplicates": report.duplicates, "rejects": report.rejects,
            "rejects_file": rejects, "customers": report.customers, "customers_new": report.customers_new,
        });
        context.out.show(&answer, |page| {
            let source = map.title().unwrap_or(map.source());
            page.line([strong(source), t(&format!("  {} rows", report.rows)).into()]);
            page.pairs([
                ("new jobs", report.new.to_string().into()),
                ("held already", report.unchanged.to_string().into()),
                ("held with other data", number(report.changed)),
                ("new customers", report.customers_new.to_string().into()),
                ("rejected", number(report.rejects)),
            ]);
            if report.changed > 0 {
                page.line([faint(t("next  ")), t("docket inbox list   shows what differs").into()]);
            }
        })?;
        match &rejects {
            Some(path) => {
                context
                    .out
                    .warn(format!("{} rows were rejected; repair them in {path} and import again", report.rejects));
                Ok(Exit::Partial)
            }
            None => Ok(Exit::Clean),
        }
    }
}

fn number(count: u64) -> Span {
    if count == 0 { Span::from("0") } else { warn(count.to_string()) }
}

fn failed(error: ImportError<StoreError>) -> CliError {
    match error {
        ImportError::Store(error) => error.into(),
        ImportError::Read { path, error } => crate::errors::file("read", &path, &error),
        ImportError::Rejects { path, error } => crate::errors::file("write", &path, &error),
        ImportError::Header(error) => {
            CliError::usage(error.to_string()).hint("the map and the file must fit each other")
        }
    }
}
