//! The import map: a TOML file that says what each column of somebody else's CSV export is.
//!
//! ```toml
//! source = "myla311"                    # the source's name, part of every document id: never change it
//! title = "Where the file comes from"   # for people
//! encoding = "utf-8"                    # or "latin-1", "windows-1252"
//! delimiter = ","
//! time_zone = "America/Los_Angeles"     # IANA name; needed when a timestamp carries no offset
//! ambiguous = "earlier"                 # the hour that a clock change repeats: "earlier", "later" or "reject"
//! number = "srnumber"                   # the column of the source's own number
//! required = ["received_at"]            # registers whose cells may not be empty
//!
//! [formats]                             # strftime, or "rfc3339"
//! timestamp = "%Y-%m-%d %H:%M:%S"
//! date = "%Y-%m-%d"
//!
//! [columns]                             # the job's registers = the file's columns
//! channel = "requestsource"
//! received_at = "createddate"
//! serviced_on = { column = "servicedate", format = "%Y-%m-%d %H:%M:%S" }
//! ext_owner = { column = "owner", type = "text" }
//!
//! [constants]
//! outlet = "LA-NORTH"
//!
//! [values.channel]                      # cells = values
//! "Call" = "phone"
//!
//! [otherwise]                           # cells that a value table doesn't name: "reject" (default), "keep"
//! channel = { use = "other" }           # or one value for all
//!
//! [customer]                            # the customer's registers: personal data lives only there
//! address = "address"
//! ```
//!
//! One column may feed one register: then an edited cell is one conflict, never two.

use std::collections::BTreeMap;

use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde::Deserialize;
use toml::{Spanned, Value};

use super::encoding::Encoding;
use super::map_error::{MapError, Source};
use super::place::nearest;
use super::target::{self, Bounds, Home, Type};
use super::time::{Ambiguous, Format};
use super::value::{self, Otherwise, Scalar};

/// The longest map, in bytes.
pub const MAP_BYTES: usize = 256 * 1024;

/// What one register is filled from.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Column {
    pub(super) register: String,
    /// The header of the file's column.
    pub(super) header: String,
    pub(super) kind: Type,
    pub(super) bounds: Option<Bounds>,
    pub(super) format: Option<Format>,
    pub(super) table: Option<BTreeMap<String, Scalar>>,
    pub(super) otherwise: Otherwise,
    pub(super) required: bool,
}

/// A checked import map.
#[derive(Debug, Clone)]
pub struct ImportMap {
    pub(super) source: String,
    pub(super) title: Option<String>,
    pub(super) encoding: Encoding,
    pub(super) delimiter: u8,
    pub(super) zone: Option<TimeZone>,
    pub(super) ambiguous: Ambiguous,
    pub(super) number: String,
    pub(super) job: Vec<Column>,
    pub(super) customer: Vec<Column>,
    pub(super) constants: Vec<(String, Scalar)>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    source: Spanned<String>,
    title: Option<String>,
    encoding: Option<Spanned<String>>,
    delimiter: Option<Spanned<String>>,
    time_zone: Option<Spanned<String>>,
    ambiguous: Option<Spanned<String>>,
    number: Spanned<String>,
    #[serde(default)]
    required: Vec<Spanned<String>>,
    #[serde(default)]
    formats: Formats,
    columns: Spanned<BTreeMap<String, Spanned<Value>>>,
    #[serde(default)]
    constants: BTreeMap<String, Spanned<Value>>,
    #[serde(default)]
    values: BTreeMap<String, Spanned<BTreeMap<String, Spanned<Value>>>>,
    #[serde(default)]
    otherwise: BTreeMap<String, Spanned<Value>>,
    #[serde(default)]
    customer: BTreeMap<String, Spanned<Value>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Formats {
    timestamp: Option<Spanned<String>>,
    date: Option<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LongColumn {
    column: String,
    r#type: Option<String>,
    format: Option<String>,
}

impl ImportMap {
    /// Reads and checks a map. `file` is its name for errors.
    pub fn parse(text: &str, file: &str) -> Result<Self, MapError> {
        let source = Source { file, text };
        if text.len() > MAP_BYTES {
            return Err(source.error(0, format!("{} bytes; a map has at most {MAP_BYTES}", text.len())));
        }
        let raw: Raw = toml::from_str(text).map_err(|error| source.toml(&error))?;
        Reader { source, raw: &raw }.map()
    }

    /// The source's name.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Where the file comes from, for people.
    pub fn title(&self) -> Option<&str> {
        self.title.as_deref()
    }

    /// The file's delimiter, one ASCII byte.
    pub fn delimiter(&self) -> u8 {
        self.delimiter
    }
}

/// Checks a raw map, with the text at hand for places.
struct Reader<'a> {
    source: Source<'a>,
    raw: &'a Raw,
}

impl Reader<'_> {
    fn map(&self) -> Result<ImportMap, MapError> {
        let raw = self.raw;
        let zone = raw.time_zone.as_ref().map(|name| self.zone(name)).transpose()?;
        let job = self.columns(raw.columns.get_ref(), Home::Job)?;
        let customer = self.columns(&raw.customer, Home::Customer)?;
        if job.is_empty() {
            return Err(self.at(&raw.columns, "names no column"));
        }
        let constants = self.constants()?;
        let map = ImportMap {
            source: self.source_name()?,
            title: raw.title.clone(),
            encoding: self.encoding()?,
            delimiter: self.delimiter()?,
            zone,
            ambiguous: self.ambiguous()?,
            number: raw.number.get_ref().clone(),
            job,
            customer,
            constants,
        };
        self.cross_check(&map)?;
        Ok(map)
    }

    fn at<T>(&self, spot: &Spanned<T>, what: impl Into<String>) -> MapError {
        self.source.error(spot.span().start, what)
    }

    fn source_name(&self) -> Result<String, MapError> {
        let spot = &self.raw.source;
        if target::is_slug(spot.get_ref()) {
            return Ok(spot.get_ref().clone());
        }
        Err(self.at(spot, "`source` must be 1 to 64 characters of a-z, 0-9, `_`, `.`, `-`"))
    }

    fn encoding(&self) -> Result<Encoding, MapError> {
        let Some(spot) = &self.raw.encoding else { return Ok(Encoding::default()) };
        Encoding::named(spot.get_ref()).ok_or_else(|| {
            self.at(spot, format!("unknown encoding `{}`", spot.get_ref()))
                .hint(format!("known: {}", Encoding::NAMES.join(", ")))
        })
    }

    fn delimiter(&self) -> Result<u8, MapError> {
        let Some(spot) = &self.raw.delimiter else { return Ok(b',') };
        match spot.get_ref().as_bytes() {
            [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\r' | b'\n') => Ok(*byte),
            _ => Err(self.at(spot, "`delimiter` must be one ASCII character, not a quote or a line break")),
        }
    }

    /// Zones come from the database inside the program, not from the system: two offices must make the same bytes.
    fn zone(&self, spot: &Spanned<String>) -> Result<TimeZone, MapError> {
        TimeZoneDatabase::bundled().get(spot.get_ref()).map_err(|_| {
            self.at(spot, format!("unknown time zone `{}`", spot.get_ref()))
                .hint("use an IANA name, as in America/Los_Angeles or Asia/Shanghai")
        })
    }

    fn ambiguous(&self) -> Result<Ambiguous, MapError> {
        let Some(spot) = &self.raw.ambiguous else { return Ok(Ambiguous::Earlier) };
        match spot.get_ref().as_str() {
            "earlier" => Ok(Ambiguous::Earlier),
            "later" => Ok(Ambiguous::Later),
            "reject" => Ok(Ambiguous::Reject),
            other => Err(self.at(spot, format!("`ambiguous` is \"earlier\", \"later\" or \"reject\", not `{other}`"))),
        }
    }

    fn columns(&self, raw: &BTreeMap<String, Spanned<Value>>, home: Home) -> Result<Vec<Column>, MapError> {
        raw.iter().map(|(register, spot)| self.column(register, spot, home)).collect()
    }

    fn column(&self, register: &str, spot: &Spanned<Value>, home: Home) -> Result<Column, MapError> {
        self.check_home(register, spot, home)?;
        let long = match spot.get_ref() {
            Value::String(header) => LongColumn { column: header.clone(), r#type: None, format: None },
            other => other.clone().try_into().map_err(|error: toml::de::Error| {
                self.at(spot, format!("`{register}`: {}", error.message()))
                    .hint(format!("write {register} = \"column\", or {{ column = …, type = …, format = … }}"))
            })?,
        };
        let (kind, bounds) = self.kind(register, spot, long.r#type.as_deref())?;
        let format = self.format(register, spot, kind, long.format.as_deref())?;
        let table = self.raw.values.get(register).map(|table| self.table(register, kind, bounds, table)).transpose()?;
        if kind == Type::Bool && table.is_none() {
            return Err(self
                .at(spot, format!("`{register}` is a bool without a value table"))
                .hint(format!("add [values.{register}] with lines like \"Y\" = true")));
        }
        let otherwise = self.otherwise(register, kind, bounds, table.is_some())?;
        let required = self.raw.required.iter().any(|name| name.get_ref() == register);
        let register = register.to_owned();
        Ok(Column { register, header: long.column, kind, bounds, format, table, otherwise, required })
    }

    fn check_home(&self, register: &str, spot: &Spanned<Value>, home: Home) -> Result<(), MapError> {
        if !target::is_register(register) {
            return Err(self
                .at(spot, format!("`{register}` can't be a register's name"))
                .hint("a letter a-z, then a-z, 0-9 or _, at most 40 characters"));
        }
        match target::find(register).map(|known| known.home) {
            Some(Home::Reserved) => Err(self.at(spot, format!("`{register}` is filled by docket, never by a map"))),
            Some(Home::Customer) if home == Home::Job => Err(self
                .at(spot, format!("`{register}` is personal data and lives only in the customer's document"))
                .hint("move the line to [customer]")),
            Some(Home::Job) if home == Home::Customer => {
                Err(self.at(spot, format!("`{register}` belongs to the job")).hint("move the line to [columns]"))
            }
            _ => Ok(()),
        }
    }

    fn kind(
        &self,
        register: &str,
        spot: &Spanned<Value>,
        named: Option<&str>,
    ) -> Result<(Type, Option<Bounds>), MapError> {
        let known = target::find(register);
        let Some(name) = named else { return Ok(known.map_or((Type::Text, None), |known| (known.kind, known.bounds))) };
        let kind = Type::named(name).ok_or_else(|| {
            let known: Vec<_> = Type::NAMES.iter().map(|(known, _)| *known).collect();
            self.at(spot, format!("unknown type `{name}`")).hint(format!("known: {}", known.join(", ")))
        })?;
        match known {
            Some(known) if known.kind != kind => {
                Err(self.at(spot, format!("`{register}` holds {}, not {name}", known.kind.name())))
            }
            _ => Ok((kind, known.and_then(|known| known.bounds))),
        }
    }

    fn format(
        &self,
        register: &str,
        spot: &Spanned<Value>,
        kind: Type,
        own: Option<&str>,
    ) -> Result<Option<Format>, MapError> {
        let shared = match kind {
            Type::Timestamp => &self.raw.formats.timestamp,
            Type::Date => &self.raw.formats.date,
            _ if own.is_some() => {
                return Err(self.at(spot, format!("`{register}`: only times and dates have a format")));
            }
            _ => return Ok(None),
        };
        let (text, offset) = match (own, shared) {
            (Some(own), _) => (own, spot.span().start),
            (None, Some(shared)) => (shared.get_ref().as_str(), shared.span().start),
            (None, None) => {
                return Err(self
                    .at(spot, format!("`{register}` needs a format"))
                    .hint(format!("add `format` here, or `{}` under [formats]", kind.name())));
            }
        };
        let format =
            Format::parse(text, kind).map_err(|why| self.source.error(offset, format!("format `{text}`: {why}")))?;
        if format.needs_zone() && self.raw.time_zone.is_none() {
            return Err(self
                .source
                .error(offset, format!("format `{text}` has no offset, and `time_zone` is not set")));
        }
        Ok(Some(format))
    }

    fn table(
        &self,
        register: &str,
        kind: Type,
        bounds: Option<Bounds>,
        raw: &Spanned<BTreeMap<String, Spanned<Value>>>,
    ) -> Result<BTreeMap<String, Scalar>, MapError> {
        let scalar = |(cell, spot): (&String, &Spanned<Value>)| {
            Ok((cell.trim().to_owned(), self.scalar(register, kind, bounds, spot)?))
        };
        raw.get_ref().iter().map(scalar).collect()
    }

    fn scalar(
        &self,
        register: &str,
        kind: Type,
        bounds: Option<Bounds>,
        spot: &Spanned<Value>,
    ) -> Result<Scalar, MapError> {
        value::constant(spot.get_ref(), kind, bounds)
            .map_err(|why| self.at(spot, format!("value of `{register}` {why}")))
    }

    fn otherwise(
        &self,
        register: &str,
        kind: Type,
        bounds: Option<Bounds>,
        has_table: bool,
    ) -> Result<Otherwise, MapError> {
        let Some(spot) = self.raw.otherwise.get(register) else {
            return Ok(if has_table { Otherwise::Reject } else { Otherwise::Keep });
        };
        let wrong = || self.at(spot, format!("`otherwise.{register}` is \"keep\", \"reject\" or {{ use = value }}"));
        if !has_table {
            return Err(self.at(spot, format!("`{register}` has no value table")));
        }
        match spot.get_ref() {
            Value::String(word) if word == "keep" && kind == Type::Bool => {
                Err(self.at(spot, "a bool can't keep the cell's text"))
            }
            Value::String(word) if word == "keep" => Ok(Otherwise::Keep),
            Value::String(word) if word == "reject" => Ok(Otherwise::Reject),
            Value::Table(table) if table.len() == 1 => {
                let given = table.get("use").ok_or_else(wrong)?;
                let given = value::constant(given, kind, bounds);
                given.map(Otherwise::Use).map_err(|why| self.at(spot, format!("value of `{register}` {why}")))
            }
            _ => Err(wrong()),
        }
    }

    fn constants(&self) -> Result<Vec<(String, Scalar)>, MapError> {
        let one = |(register, spot): (&String, &Spanned<Value>)| {
            self.check_home(register, spot, Home::Job)?;
            let known = target::find(register);
            let kind = known.map_or_else(|| value::kind_of(spot.get_ref()), |known| known.kind);
            let scalar = self.scalar(register, kind, known.and_then(|known| known.bounds), spot)?;
            if self.raw.columns.get_ref().contains_key(register) {
                return Err(self.at(spot, format!("`{register}` is a constant and a column")));
            }
            Ok((register.clone(), scalar))
        };
        self.raw.constants.iter().map(one).collect()
    }

    /// What only the whole map shows: names that nothing uses, columns used twice.
    fn cross_check(&self, map: &ImportMap) -> Result<(), MapError> {
        let registers: Vec<&str> = map.job.iter().chain(&map.customer).map(|column| column.register.as_str()).collect();
        for name in &self.raw.required {
            if !registers.contains(&name.get_ref().as_str()) {
                let hint =
                    nearest(name.get_ref(), registers.iter().copied()).map(|near| format!("did you mean `{near}`?"));
                return Err(self.at(name, format!("required `{}` is no column", name.get_ref())).maybe_hint(hint));
            }
        }
        let tables = self.raw.values.iter().map(|(name, spot)| (name, spot.span().start));
        let others = self.raw.otherwise.iter().map(|(name, spot)| (name, spot.span().start));
        for (name, offset) in tables.chain(others) {
            if !registers.contains(&name.as_str()) {
                let hint = nearest(name, registers.iter().copied()).map(|near| format!("did you mean `{near}`?"));
                return Err(self
                    .source
                    .error(offset, format!("values for `{name}`, which is no column"))
                    .maybe_hint(hint));
            }
        }
        for (register, spot) in self.raw.columns.get_ref().iter().chain(&self.raw.customer) {
            let same = |column: &&Column| column.header == header_of(spot.get_ref()) && column.register != *register;
            if let Some(other) = map.job.iter().chain(&map.customer).find(same) {
                let what = format!("column `{}` feeds both `{register}` and `{}`", other.header, other.register);
                return Err(self.at(spot, what).hint("one column, one register: an edited cell must be one conflict"));
            }
        }
        Ok(())
    }
}

fn header_of(raw: &Value) -> &str {
    match raw {
        Value::String(header) => header,
        other => other.get("column").and_then(Value::as_str).unwrap_or_default(),
    }
}
