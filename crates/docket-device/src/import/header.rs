//! The first record of the file, matched with the map: every column the map names must be there once.

use super::map::{Column, ImportMap};
use super::place::nearest;
use super::records::Record;

/// Why a file's header does not go with the map. Nothing was imported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// The file has no record at all.
    #[error("the file is empty")]
    Empty,
    /// It starts with the byte order mark of UTF-16.
    #[error("the file is UTF-16, which is not read; save it as UTF-8")]
    Utf16,
    /// The first record is not one.
    #[error("line {line}: the header can't be read: {why}")]
    Unreadable {
        /// Its line.
        line: u64,
        /// What is wrong.
        why: String,
    },
    /// The map names a column that the file does not have.
    #[error("the file has no column `{column}`")]
    Missing {
        /// The column.
        column: String,
        /// "did you mean", or the columns that there are.
        hint: String,
    },
    /// A column that the map names stands there twice.
    #[error("the file has the column `{0}` more than once")]
    Twice(String),
}

/// A map bound to one file's header.
#[derive(Debug, Clone)]
pub struct Binding<'m> {
    pub(super) map: &'m ImportMap,
    /// The header's names, in order.
    pub(super) names: Vec<String>,
    /// Index of the number's column.
    pub(super) number: usize,
    pub(super) job: Vec<(usize, &'m Column)>,
    pub(super) customer: Vec<(usize, &'m Column)>,
}

impl ImportMap {
    /// Finds the map's columns in a file's header record.
    pub fn bind(&self, header: &Record) -> Result<Binding<'_>, HeaderError> {
        if header.raw.starts_with(b"\xff\xfe") || header.raw.starts_with(b"\xfe\xff") {
            return Err(HeaderError::Utf16);
        }
        let names = header.fields().map(|field| match self.encoding.decode(field) {
            Ok(name) => Ok(name.trim().to_owned()),
            Err(byte) => Err(HeaderError::Unreadable {
                line: header.line,
                why: format!("byte 0x{byte:02X} is not {}", super::row::encoding_name(self.encoding)),
            }),
        });
        let names: Vec<String> = names.collect::<Result<_, _>>()?;
        let all = |columns: &'_ [Column]| -> Result<Vec<usize>, HeaderError> {
            columns.iter().map(|column| index(&names, &column.header)).collect()
        };
        let (job, customer, number) = (all(&self.job)?, all(&self.customer)?, index(&names, &self.number)?);
        Ok(Binding {
            map: self,
            number,
            job: job.into_iter().zip(&self.job).collect(),
            customer: customer.into_iter().zip(&self.customer).collect(),
            names,
        })
    }
}

fn index(names: &[String], wanted: &str) -> Result<usize, HeaderError> {
    let mut found = names.iter().enumerate().filter(|(_, name)| *name == wanted).map(|(index, _)| index);
    match (found.next(), found.next()) {
        (Some(index), None) => Ok(index),
        (Some(_), Some(_)) => Err(HeaderError::Twice(wanted.to_owned())),
        (None, _) => {
            let hint = nearest(wanted, names.iter().map(String::as_str)).map_or_else(
                || format!("it has: {}", names.join(", ").chars().take(300).collect::<String>()),
                |near| format!("did you mean `{near}`?"),
            );
            Err(HeaderError::Missing { column: wanted.to_owned(), hint })
        }
    }
}
