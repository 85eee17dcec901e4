//! One cell to one value.

use serde_json::Value as Json;
use toml::Value as Toml;

use super::map::{Column, ImportMap};
use super::target::{self, Bounds, Type};
use super::time::NotTime;

/// The longest cell, in bytes of UTF-8.
pub const CELL_BYTES: usize = 8 * 1024;

/// A value of a value table or a constant, already checked.
pub(super) type Scalar = Json;

/// What to do with a cell that a value table doesn't name.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Otherwise {
    Keep,
    Reject,
    Use(Scalar),
}

/// Why a cell is not a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotValue {
    /// A byte has no meaning in the file's encoding.
    #[error("byte 0x{byte:02X} is not {encoding}")]
    Encoding {
        /// The first such byte.
        byte: u8,
        /// The encoding that the map declares.
        encoding: &'static str,
    },
    /// Over [`CELL_BYTES`].
    #[error("{0} bytes; a cell has at most {CELL_BYTES}")]
    TooLong(usize),
    /// Empty, though the map requires it.
    #[error("is empty, and the map requires it")]
    Missing,
    /// The value table doesn't name it, and the map says to reject such cells.
    #[error("is not in the map's value table")]
    NotInTable,
    /// Not a time of the given format and zone.
    #[error(transparent)]
    Time(#[from] NotTime),
    /// Not a number, or out of bounds, or not a short name.
    #[error("{0}")]
    Shape(String),
    /// A control character that no text needs.
    #[error("holds the control character U+{0:04X}")]
    Control(u32),
}

/// Converts a decoded cell; `None` for an empty one.
pub(super) fn convert(map: &ImportMap, column: &Column, cell: &str) -> Result<Option<Json>, NotValue> {
    let cell = cell.trim();
    if cell.is_empty() {
        return if column.required { Err(NotValue::Missing) } else { Ok(None) };
    }
    if let Some(table) = &column.table {
        match (table.get(cell), &column.otherwise) {
            (Some(value), _) | (None, Otherwise::Use(value)) => return Ok(Some(value.clone())),
            (None, Otherwise::Reject) => return Err(NotValue::NotInTable),
            (None, Otherwise::Keep) => {}
        }
    }
    let zone = map.zone.as_ref();
    Ok(Some(match (column.kind, &column.format) {
        (Type::Timestamp, Some(format)) => format.timestamp(cell, zone, map.ambiguous)?.into(),
        (Type::Date, Some(format)) => format.date(cell, zone, map.ambiguous)?.into(),
        (Type::Decimal, _) => decimal(cell, column.bounds).map_err(NotValue::Shape)?.into(),
        (Type::Int, _) => int(cell, column.bounds).map_err(NotValue::Shape)?.into(),
        (Type::Slug, _) => slugged(cell).map_err(NotValue::Shape)?.into(),
        (Type::Text | Type::Timestamp | Type::Date | Type::Bool, _) => text(cell)?.into(),
    }))
}

/// Text may break lines and tabulate; other control characters are what terminals and broken exports put there.
fn text(cell: &str) -> Result<&str, NotValue> {
    let control = cell.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'));
    control.map_or(Ok(cell), |c| Err(NotValue::Control(u32::from(c))))
}

/// Spells a cell as a short name: ASCII letters in lower case, everything that is no letter or digit as one `_`.
/// Other scripts have no such spelling: they need a value table.
fn slugged(cell: &str) -> Result<String, String> {
    let mut name = String::with_capacity(cell.len());
    for c in cell.chars() {
        match c {
            'A'..='Z' | 'a'..='z' | '0'..='9' | '.' | '-' => name.push(c.to_ascii_lowercase()),
            c if c.is_alphanumeric() => return slug(cell).map(str::to_owned),
            _ if name.ends_with('_') || name.is_empty() => {}
            _ => name.push('_'),
        }
    }
    slug(name.trim_end_matches('_')).map(str::to_owned)
}

fn slug(cell: &str) -> Result<&str, String> {
    if target::is_slug(cell) {
        Ok(cell)
    } else {
        Err("is not a short name (1 to 64 of a-z, 0-9, `_`, `.`, `-`); a value table can give it one".to_owned())
    }
}

fn decimal(cell: &str, bounds: Option<Bounds>) -> Result<&str, String> {
    let number: docket_core::decimal::Decimal =
        cell.parse().map_err(|_| "is not a decimal (digits with at most one point)".to_owned())?;
    let whole = |bound: i64| bound.to_string().parse::<docket_core::decimal::Decimal>().ok();
    match bounds {
        Some(Bounds { min, max })
            if whole(min).is_some_and(|b| number < b) || whole(max).is_some_and(|b| number > b) =>
        {
            Err(format!("is outside {min} to {max}"))
        }
        _ => Ok(cell),
    }
}

fn int(cell: &str, bounds: Option<Bounds>) -> Result<i64, String> {
    let number: i64 = cell.parse().map_err(|_| "is not a whole number".to_owned())?;
    match bounds {
        Some(Bounds { min, max }) if number < min || number > max => Err(format!("is outside {min} to {max}")),
        _ => Ok(number),
    }
}

/// The type that a constant of an unknown register has by its spelling in TOML.
pub(super) fn kind_of(value: &Toml) -> Type {
    match value {
        Toml::Integer(_) => Type::Int,
        Toml::Boolean(_) => Type::Bool,
        _ => Type::Text,
    }
}

/// A value written in the map itself, checked against its register's type.
pub(super) fn constant(value: &Toml, kind: Type, bounds: Option<Bounds>) -> Result<Scalar, String> {
    match (value, kind) {
        (Toml::String(given), Type::Text) => {
            let given = text(given.trim()).map_err(|why| why.to_string())?;
            if given.is_empty() || given.len() > CELL_BYTES {
                return Err(format!("must have 1 to {CELL_BYTES} bytes"));
            }
            Ok(given.into())
        }
        (Toml::String(given), Type::Slug) => slug(given).map(Into::into),
        (Toml::String(given), Type::Decimal) => decimal(given, bounds).map(Into::into),
        (Toml::String(given), Type::Timestamp) => match docket_core::time::UnixMs::parse(given) {
            Some(_) => Ok(given.as_str().into()),
            None => Err("must be an RFC 3339 instant".to_owned()),
        },
        (Toml::String(given), Type::Date) => match docket_core::time::date(given) {
            Some(_) => Ok(given.as_str().into()),
            None => Err("must be a day, YYYY-MM-DD".to_owned()),
        },
        (Toml::Integer(given), Type::Int) => int(&given.to_string(), bounds).map(Into::into),
        (Toml::Boolean(given), Type::Bool) => Ok((*given).into()),
        (other, kind) => Err(format!("must be {}, not {}", kind.name(), other.type_str())),
    }
}
