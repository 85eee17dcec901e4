use std::path::PathBuf;

use clap::Args;
use docket_device::app::outlets::import;
use docket_device::import::Encoding;
use serde_json::json;

use crate::context::Context;
use crate::errors::{Done, Exit};
use crate::page::{Span, strong, warn};

/// Import many outlets from a CSV file
///
/// The first line names the fields: outlet (its id), standing, name, level, zone, lat, lon, region, market, hours,
/// `supervised_by`, contact. Importing a file twice changes nothing; an edited cell replaces what was there, an empty one
/// says nothing. Rows that make no sense go to the rejects file, with line, field and reason; the others go in, all of
/// them or none, and the exit code is 4.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket outlet import outlets.csv
  docket outlet import outlets.csv --encoding windows-1252 --delimiter ';'")]
pub(crate) struct Import {
    /// The CSV file
    file: PathBuf,
    /// How its text is encoded: utf-8, latin-1, windows-1252
    #[arg(long, default_value = "utf-8", value_parser = encoding)]
    encoding: Encoding,
    /// What stands between two fields
    #[arg(long, default_value = ",", value_parser = delimiter, value_name = "CHAR")]
    delimiter: u8,
    /// Where rejected rows go [default: FILE with .rejects.csv]
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
}

fn encoding(text: &str) -> Result<Encoding, String> {
    Encoding::named(text).ok_or_else(|| format!("expected one of: {}", Encoding::NAMES.join(", ")))
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\r' | b'\n') => Ok(*byte),
        _ => Err("expected one ASCII character, not a quote".to_owned()),
    }
}

impl Import {
    pub(crate) fn run(self, context: &Context) -> Done {
        let rejects = self.rejects.clone().unwrap_or_else(|| self.file.with_extension("rejects.csv"));
        let options = import::Options { encoding: self.encoding, delimiter: self.delimiter };
        let mut session = context.session()?;
        let report = import::run(&mut session, &self.file, &rejects, options)?;
        for warning in &report.warnings {
            context.out.warn(warning);
        }
        let path = report.rejects_file.as_ref().map(|path| path.display().to_string());
        let answer = json!({
            "rows": report.rows, "new": report.new, "changed": report.changed, "unchanged": report.unchanged,
            "rejects": report.rejects, "rejects_file": path, "warnings": report.warnings,
        });
        context.out.show(&answer, |page| {
            page.line([strong(self.file.display().to_string()), format!("  {} rows", report.rows).into()]);
            let rejected = report.rejects.to_string();
            page.pairs([
                ("new outlets", report.new.to_string().into()),
                ("changed", report.changed.to_string().into()),
                ("held already", report.unchanged.to_string().into()),
                ("rejected", if report.rejects == 0 { Span::from(rejected) } else { warn(rejected) }),
            ]);
        })?;
        match path {
            Some(path) => {
                let rejects = report.rejects;
                context.out.warn(format!("{rejects} rows were rejected; repair them in {path} and import again"));
                Ok(Exit::Partial)
            }
            None => Ok(Exit::Clean),
        }
    }
}
