//! Many outlets out of a CSV file (D-H6: 5,338 of them). The header names the fields; an empty cell says nothing.
//!
//! Every good row goes in, in one transaction, and a row is whole or not at all. Importing a file twice changes nothing;
//! an edited cell replaces what the outlet's record had.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use docket_core::Policy;
use docket_format::DocId;
use serde_json::Value;

use super::field::{self, FIELDS};
use super::{Outlet, change, created, doc};
use crate::app::body;
use crate::app::error::AppError;
use crate::app::record;
use crate::app::session::Session;
use crate::import::{Encoding, NotValue, Reason, Record, Records, Rejects, RowReject};
use crate::store::Draft;

/// Most rows of one file.
pub const ROWS: usize = 100_000;

/// How a file is written.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Its encoding.
    pub encoding: Encoding,
    /// What stands between fields.
    pub delimiter: u8,
}

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Rows read, header and blank lines not counted.
    pub rows: u64,
    /// Outlets that are new.
    pub new: u64,
    /// Outlets that say something else now.
    pub changed: u64,
    /// Outlets that were just like this.
    pub unchanged: u64,
    /// Rows that were not imported.
    pub rejects: u64,
    /// Where they are.
    pub rejects_file: Option<PathBuf>,
    /// What the importer should know.
    pub warnings: Vec<String>,
}

/// A row that makes sense.
#[derive(Debug, PartialEq, Eq)]
struct Row {
    id: String,
    fields: Vec<(&'static str, String)>,
    standing: Option<String>,
}

/// Imports a file. Rows that make no sense go into `rejects`, each with its line, field and reason.
pub fn run(session: &mut Session, file: &Path, rejects: &Path, options: Options) -> Result<Report, AppError> {
    let policy = session.policy()?;
    let (rows, mut report) = read(file, rejects, options, &policy)?;
    let mut writes: Vec<(DocId, Vec<Draft>)> = Vec::new();
    for row in rows {
        let drafts = drafts(session, &row, &mut report)?;
        if !drafts.is_empty() {
            writes.push((doc(session, &row.id), drafts));
        }
    }
    if let Some(((doc, drafts), also)) = writes.split_first() {
        session.write_all(*doc, drafts, also)?;
    }
    report.warnings.sort();
    report.warnings.dedup();
    Ok(report)
}

/// What is new about an outlet.
fn drafts(session: &Session, row: &Row, report: &mut Report) -> Result<Vec<Draft>, AppError> {
    let outlet = Outlet::load(session, &row.id)?;
    let view = outlet.view();
    let mut drafts = Vec::new();
    let is_new = outlet.facts.is_empty();
    if is_new {
        let mut registers = body([("outlet", row.id.as_str().into())]);
        registers.extend(row.fields.iter().map(|(name, value)| ((*name).to_owned(), value.as_str().into())));
        drafts.push(created(registers));
    } else {
        let changes =
            row.fields.iter().filter_map(|(name, value)| change(&view.registers, name, &Value::from(value.as_str())));
        drafts.extend(changes);
    }
    if let Some(state) = row.standing.as_deref().filter(|state| view.standing().map(|now| now.state) != Some(state)) {
        let fields = body([("state", state.into()), ("why", "imported".into())]);
        drafts.push(record::checked(session, "outlet", "standing", fields, &mut report.warnings)?);
    }
    let counter = match (is_new, drafts.is_empty()) {
        (true, _) => &mut report.new,
        (false, false) => &mut report.changed,
        (false, true) => &mut report.unchanged,
    };
    *counter += 1;
    Ok(drafts)
}

/// The good rows; the others are in the rejects file.
fn read(file: &Path, rejects: &Path, options: Options, policy: &Policy) -> Result<(Vec<Row>, Report), AppError> {
    let failed = |error: io::Error| AppError::refused(format!("{}: {error}", file.display()));
    let opened = File::open(file).map_err(failed)?;
    let mut records = Records::new(BufReader::with_capacity(256 * 1024, opened), options.delimiter);
    let header = match records.next_record().map_err(failed)? {
        Some(Ok(record)) => Header::read(&record, options).map_err(|why| in_file(file, record.line, &why))?,
        Some(Err((why, record))) => {
            return Err(in_file(file, record.line, &format!("the header can't be read: {why}")));
        }
        None => return Err(AppError::refused(format!("{} is empty", file.display()))),
    };
    let mut report = Report::default();
    let mut rejected = Rejects::new(rejects);
    let refuse = |reject: &RowReject, rejected: &mut Rejects| {
        rejected.add(reject).map_err(|error| AppError::refused(format!("{}: {error}", rejects.display())))
    };
    let mut good: BTreeMap<String, (u64, Row)> = BTreeMap::new();
    while let Some(record) = records.next_record().map_err(failed)? {
        report.rows += 1;
        if report.rows > ROWS as u64 {
            return Err(AppError::refused(format!("{} has more than {ROWS} rows", file.display()))
                .hint("split it; nothing was imported"));
        }
        let (line, raw, read) = match record {
            Ok(record) => (record.line, record.raw.clone(), header.row(&record, options, policy)),
            Err((why, record)) => (record.line, record.raw, Err(Bad { column: None, value: None, reason: why.into() })),
        };
        let read = read.and_then(|row| match good.get(&row.id) {
            Some((first, known)) if *known != row => {
                Err(Bad::in_column("outlet", &row.id, format!("stands on line {first} already, with other data")))
            }
            _ => Ok(row),
        });
        match read {
            Ok(row) => drop(good.entry(row.id.clone()).or_insert((line, row))),
            Err(bad) => refuse(
                &RowReject { line, column: bad.column, value: bad.value, reason: bad.reason, raw },
                &mut rejected,
            )?,
        }
    }
    report.rejects = rejected.count();
    report.rejects_file =
        rejected.finish().map_err(|error| AppError::refused(format!("{}: {error}", rejects.display())))?;
    Ok((good.into_values().map(|(_, row)| row).collect(), report))
}

fn in_file(file: &Path, line: u64, why: &str) -> AppError {
    AppError::refused(format!("{}:{line}: {why}", file.display()))
        .hint(format!("columns: outlet, standing, {}", FIELDS.join(", ")))
}

/// Why a row was not taken.
struct Bad {
    column: Option<String>,
    value: Option<String>,
    reason: Reason,
}

impl Bad {
    fn in_column(column: &str, value: &str, why: String) -> Self {
        let value = Some(value.chars().take(120).collect());
        Self { column: Some(column.to_owned()), value, reason: NotValue::Shape(why).into() }
    }
}

/// The file's columns: each a field's name.
struct Header {
    names: Vec<String>,
}

impl Header {
    fn read(record: &Record, options: Options) -> Result<Self, String> {
        if record.raw.starts_with(b"\xff\xfe") || record.raw.starts_with(b"\xfe\xff") {
            return Err("the file is UTF-16, which is not read; save it as UTF-8".to_owned());
        }
        let mut names: Vec<String> = Vec::new();
        for cell in record.fields() {
            let name = options.encoding.decode(cell).map_err(|byte| format!("the header has the byte 0x{byte:02X}"))?;
            let name = name.trim().to_lowercase();
            if name != "outlet" && name != "standing" && !FIELDS.contains(&name.as_str()) {
                return Err(format!("`{}` is no field of an outlet", name.chars().take(60).collect::<String>()));
            }
            if names.contains(&name) {
                return Err(format!("the column `{name}` stands there twice"));
            }
            names.push(name);
        }
        if names.iter().any(|name| name == "outlet") { Ok(Self { names }) } else { Err("no column `outlet`".into()) }
    }

    fn row(&self, record: &Record, options: Options, policy: &Policy) -> Result<Row, Bad> {
        let (found, expected) = (record.len(), self.names.len());
        if found != expected {
            return Err(Bad { column: None, value: None, reason: Reason::Fields { found, expected } });
        }
        let mut row = Row { id: String::new(), fields: Vec::new(), standing: None };
        for (index, name) in self.names.iter().enumerate() {
            let bytes = record.field(index).unwrap_or_default();
            let cell = options.encoding.decode(bytes).map_err(|byte| Bad {
                column: Some(name.clone()),
                value: Some(String::from_utf8_lossy(bytes).chars().take(120).collect()),
                reason: NotValue::Encoding { byte, encoding: options.encoding.name() }.into(),
            })?;
            let bad = |why| Bad::in_column(name, &cell, why);
            match name.as_str() {
                "outlet" => row.id = field::id(&cell).map_err(bad)?,
                _ if cell.trim().is_empty() => {}
                "standing" => row.standing = Some(field::value("standing", &cell, policy).map_err(bad)?),
                _ => {
                    let value = field::value(name, &cell, policy).map_err(bad)?;
                    row.fields.extend(FIELDS.into_iter().find(|known| known == name).map(|known| (known, value)));
                }
            }
        }
        let has = |wanted: &str| row.fields.iter().any(|(name, _)| *name == wanted);
        if has("lat") != has("lon") {
            return Err(Bad::in_column("lat", "", "half a place: give both lat and lon, or neither".to_owned()));
        }
        Ok(row)
    }
}
