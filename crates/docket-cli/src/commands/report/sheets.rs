//! Tables out of the views: one command each, and one page with all of them.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use docket_device::report::{self, Cell, Kind, Period, Sheet, Unit};
use jiff::ToSpan as _;
use jiff::civil::Date;
use serde_json::json;

use crate::context::Context;
use crate::errors::{CliError, Done, Exit};
use crate::figures::said;
use crate::files;
use crate::html::report::render;
use crate::i18n;
use crate::page::{Span, Table, faint};

/// How to write a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Table,
    Csv,
    Json,
    Html,
}

/// What every sheet takes.
#[derive(Debug, Args)]
struct Common {
    /// The first day; the first of this month's year when left out
    #[arg(long, value_name = "DATE")]
    from: Option<Date>,
    /// The last day; today when left out
    #[arg(long, value_name = "DATE")]
    until: Option<Date>,
    /// How to write it
    #[arg(long, value_enum, default_value_t = Format::Table, value_name = "FORMAT")]
    format: Format,
    /// The file to write; standard output when left out
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Most rows of each table; 0 = all
    #[arg(long, default_value_t = 0, value_name = "N")]
    limit: usize,
}

macro_rules! sheet {
    ($(#[$doc:meta])* $name:ident, $kinds:expr) => {
        #[derive(Debug, Args)]
        $(#[$doc])*
        pub(crate) struct $name {
            #[command(flatten)]
            common: Common,
        }

        impl $name {
            pub(crate) fn run(self, context: &Context) -> Done {
                self.common.run(context, &$kinds)
            }
        }
    };
    ($(#[$doc:meta])* $name:ident, $kinds:expr, published: $published:expr) => {
        #[derive(Debug, Args)]
        $(#[$doc])*
        pub(crate) struct $name {
            #[command(flatten)]
            common: Common,
            /// Only ratings and penalties that were marked as harmless: what may be published
            #[arg(long)]
            publishable: bool,
        }

        impl $name {
            pub(crate) fn run(self, context: &Context) -> Done {
                self.common.run(context, if self.publishable { &$published } else { &$kinds })
            }
        }
    };
}

sheet!(
    /// Score cards of technicians, best first: punctuality, first-time fix, satisfaction, trend, place among peers
    ///
    /// The score is the mean of what is known of: on time, within the time allowed, first-time fix, signed,
    /// satisfaction, surveys by third parties, no bad answer, rating. Peers are technicians of one grade; the trend compares with the period of
    /// equal length before.
    #[command(after_help = "\
Examples:
  docket report technicians --from 2026-01-01 --until 2026-03-31
  docket report technicians --format csv --out technicians.csv
  docket report technicians --publishable --format html --out wall.html")]
    Technicians,
    [Kind::Technicians],
    published: [Kind::PublishedTechnicians]
);
sheet!(
    /// Score cards of outlets, best first: contact in time, first-time fix, no fault found, satisfaction, inspections
    #[command(after_help = "\
Examples:
  docket report outlets --from 2026-01-01
  docket report outlets --publishable")]
    Outlets,
    [Kind::Outlets],
    published: [Kind::PublishedOutlets]
);
sheet!(
    /// Score cards of managers, best first: the results of the outlets that they answer for, rolled up
    ///
    /// An outlet's managers are the people there whose post or role is `outlet_manager`; above them stand whoever
    /// `supervised_by` names, a person or another outlet's managers, and so on upwards. What customers said in surveys
    /// and call-backs counts for all of them.
    #[command(after_help = "\
Examples:
  docket report managers --from 2026-01-01
  docket report managers --format csv --out managers.csv")]
    Managers,
    [Kind::Managers]
);
sheet!(
    /// Faults by model: what flows back to design and production
    #[command(after_help = "Example: docket report models --from 2026-01-01 --format html --out models.html")]
    Models,
    [Kind::Models]
);
sheet!(
    /// Month by month: requests, repairs, first-time fix, repeats, returns
    #[command(after_help = "Example: docket report months --from 2025-07-01")]
    Months,
    [Kind::Months]
);
sheet!(
    /// Complaints counted by cause
    #[command(after_help = "Example: docket report complaints --from 2026-01-01")]
    Complaints,
    [Kind::Complaints]
);
sheet!(
    /// Everything on one page
    #[command(after_help = "\
Examples:
  docket report all --from 2026-01-01 --format html --out report.html
  docket report all --format html --lang zh --out report.html")]
    All,
    [
        Kind::Months,
        Kind::Managers,
        Kind::Outlets,
        Kind::Technicians,
        Kind::Models,
        Kind::Complaints
    ]
);

impl Common {
    fn run(&self, context: &Context, kinds: &[Kind]) -> Done {
        let (from, until) = self.days(context)?;
        let period = period(context, from, until)?;
        let sheets = report::make(&context.store_dir()?, kinds, period)?;
        let sheets: Vec<Sheet> = sheets.into_iter().map(|sheet| self.cut(sheet)).collect();
        let format = if context.out.is_json() { Format::Json } else { self.format };
        let written = match format {
            Format::Table if self.out.is_none() => return shown(context, &sheets),
            Format::Table => {
                return Err(CliError::usage("a table is for the screen").hint("--format csv, json or html with --out"));
            }
            Format::Json => {
                let answer = json!({"from": from.to_string(), "until": until.to_string(), "sheets": sheets});
                let text = serde_json::to_string_pretty(&answer);
                text.map_err(|bad| CliError::environment(bad.to_string()))?.into_bytes()
            }
            Format::Csv => comma_separated(&sheets)?,
            Format::Html => render(&sheets, from, until)?.into_bytes(),
        };
        match &self.out {
            Some(file) => files::write(file, &written)?,
            None => context.out.bytes(&[written, vec![b'\n']].concat())?,
        }
        Ok(Exit::Clean)
    }

    fn days(&self, context: &Context) -> Result<(Date, Date), CliError> {
        let today = context.now().to_zoned(context.zone()).date();
        let (from, until) = (self.from.unwrap_or_else(|| today.first_of_year()), self.until.unwrap_or(today));
        if from > until {
            return Err(CliError::usage(format!("--from {from} lies after --until {until}")));
        }
        Ok((from, until))
    }

    fn cut(&self, mut sheet: Sheet) -> Sheet {
        if self.limit > 0 {
            sheet.rows.truncate(self.limit);
        }
        sheet
    }
}

/// The days in the zone that was asked for.
fn period(context: &Context, from: Date, until: Date) -> Result<Period, CliError> {
    let far = || CliError::usage("a day beyond what calendars know").hint("use a year from 1970 to 9998");
    let start = |day: Date| day.to_zoned(context.zone()).map(|at| at.timestamp().as_millisecond()).map_err(|_| far());
    let next = until.checked_add(1.day()).map_err(|_| far())?;
    Ok(Period { from_ms: start(from)?, until_ms: start(next)? })
}

fn shown(context: &Context, sheets: &[Sheet]) -> Done {
    context.out.page(|page| {
        for sheet in sheets {
            page.title(sheet.title);
            if sheet.rows.is_empty() {
                page.line([faint(i18n::text("nothing in this period"))]);
                continue;
            }
            let titles: Vec<&'static str> = sheet.columns.iter().map(|column| column.title).collect();
            let numbers = sheet.columns.iter().enumerate().filter(|(_, column)| column.unit != Unit::Text);
            let numbers: Vec<usize> = numbers.map(|(index, _)| index).collect();
            let mut table = Table::new(&titles).right(&numbers);
            for row in &sheet.rows {
                table.row(sheet.columns.iter().zip(row).map(|(column, cell)| Span::from(said(column, cell))));
            }
            page.table(&table);
        }
    })?;
    Ok(Exit::Clean)
}

/// One table after the other, each with its head and an empty line between.
fn comma_separated(sheets: &[Sheet]) -> Result<Vec<u8>, CliError> {
    let mut out = Vec::new();
    for (index, sheet) in sheets.iter().enumerate() {
        if index > 0 {
            out.push(b'\n');
        }
        let mut writer = csv::Writer::from_writer(&mut out);
        let failed = |bad: csv::Error| CliError::environment(format!("can't write CSV: {bad}"));
        writer.write_record(sheet.columns.iter().map(|column| column.id)).map_err(failed)?;
        for row in &sheet.rows {
            let cells = row.iter().map(|cell| match cell {
                Cell::Text(text) => text.clone(),
                Cell::Number(number) => number.to_string(),
                Cell::Unknown => String::new(),
            });
            writer.write_record(cells).map_err(failed)?;
        }
        writer.flush().map_err(|bad| CliError::environment(format!("can't write CSV: {bad}")))?;
    }
    Ok(out)
}
