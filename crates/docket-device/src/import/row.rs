//! One row to one job document, and to the customer's. Pure and deterministic: the same row, map and tenant give
//! the same bytes anywhere, so two offices that import the same file hold the same facts.
//!
//! Dates are carried as the source gives them, also when they contradict each other (closed before it was received):
//! the record says what the source said, and judging it is the fold's and the audit's business.

use docket_format::fact::{FactHeader, Origin};
use docket_format::{DocId, Fact, FactId, TenantId, canonical, crockford, digest};
use serde_json::{Map, Value};

use super::encoding::Encoding;
use super::header::Binding;
use super::map::Column;
use super::records::{NotRecord, Record};
use super::value::{self, CELL_BYTES, NotValue};

/// The longest external number, in bytes (the limit of a fact's `no`).
pub const NUMBER_BYTES: usize = 256;
/// How much of a cell a reject shows, in characters.
const SHOWN_CHARS: usize = 120;

/// A document with its one imported fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappedDoc {
    /// Derived from tenant, source and number.
    pub doc: DocId,
    /// "job" or "customer".
    pub kind: &'static str,
    /// The fact's key.
    pub id: FactId,
    /// The fact's canonical text.
    pub text: String,
}

/// What a row became.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappedRow {
    /// Line in the file, from 1.
    pub line: u64,
    /// The source's own number.
    pub number: String,
    /// The job.
    pub job: MappedDoc,
    /// The customer, unless the row says nothing about one. Rows with the same customer data share the document.
    pub customer: Option<MappedDoc>,
}

/// A row that was not imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowReject {
    /// Line in the file, from 1.
    pub line: u64,
    /// The column at fault, if it is one.
    pub column: Option<String>,
    /// Its cell, shortened; bytes that are no text shown as U+FFFD.
    pub value: Option<String>,
    /// Why.
    pub reason: Reason,
    /// The record's own bytes.
    pub raw: Vec<u8>,
}

/// Why a row was not imported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// The bytes are no CSV record.
    #[error(transparent)]
    NotRecord(#[from] NotRecord),
    /// More or fewer fields than the header.
    #[error("{found} fields; the header has {expected}")]
    Fields {
        /// Fields of the row.
        found: usize,
        /// Fields of the header.
        expected: usize,
    },
    /// No number, one that is too long, or one with control characters.
    #[error("the number must be 1 to {NUMBER_BYTES} bytes without control characters")]
    Number,
    /// A cell is not what its register holds.
    #[error(transparent)]
    Value(#[from] NotValue),
    /// The row as a whole is too large for one fact.
    #[error("the row does not fit into one fact: {0}")]
    Fact(String),
}

impl Reason {
    /// What to do about it, if that can be said.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Value(NotValue::Encoding { encoding: "utf-8", .. }) => Some(
                "if the whole file is in another encoding, declare it in the map: encoding = \"windows-1252\"; \
                 if only some rows are, the file mixes encodings: repair those rows",
            ),
            Self::NotRecord(NotRecord::Quote | NotRecord::Unclosed) => Some("double the quotes inside a quoted field"),
            Self::Fields { .. } => Some("a delimiter inside a field needs quotes around the field"),
            Self::Value(NotValue::NotInTable) => {
                Some("add it to the value table, or say in [otherwise] what to do with other cells")
            }
            _ => None,
        }
    }
}

/// Maps one record. `tenant` is part of the document ids.
pub fn map_row(binding: &Binding<'_>, tenant: TenantId, record: &Record) -> Result<MappedRow, RowReject> {
    Mapper { binding, tenant, record }.row()
}

pub(super) const fn encoding_name(encoding: Encoding) -> &'static str {
    encoding.name()
}

struct Mapper<'a> {
    binding: &'a Binding<'a>,
    tenant: TenantId,
    record: &'a Record,
}

impl Mapper<'_> {
    fn row(&self) -> Result<MappedRow, RowReject> {
        let (found, expected) = (self.record.len(), self.binding.names.len());
        if found != expected {
            return Err(self.reject(None, Reason::Fields { found, expected }));
        }
        let number = self.number()?;
        let customer = self.customer()?;
        let mut regs = self.registers(&self.binding.job)?;
        for (register, value) in &self.binding.map.constants {
            regs.insert(register.clone(), value.clone());
        }
        if let Some(customer) = &customer {
            regs.insert("customer".to_owned(), customer.doc.to_string().into());
        }
        let job = self.document("job", &number, regs)?;
        Ok(MappedRow { line: self.record.line, number, job, customer })
    }

    fn number(&self) -> Result<String, RowReject> {
        let index = self.binding.number;
        let number = self.cell(index)?.trim().to_owned();
        let good = (1..=NUMBER_BYTES).contains(&number.len()) && !number.chars().any(char::is_control);
        if good { Ok(number) } else { Err(self.reject(Some(index), Reason::Number)) }
    }

    fn customer(&self) -> Result<Option<MappedDoc>, RowReject> {
        let regs = self.registers(&self.binding.customer)?;
        if regs.is_empty() {
            return Ok(None);
        }
        // Sources have no number for a customer: the data themselves are the name, so that the same address and
        // phone are one customer, and an edited one is another customer instead of a change to everybody's.
        let regs = Value::Object(regs);
        let spelled = canonical::write(&regs).map_err(|why| self.reject(None, Reason::Fact(why.to_string())))?;
        let number = crockford::encode(&digest::labelled16("docket-customer", &[spelled.as_bytes()]));
        let Value::Object(regs) = regs else { return Ok(None) };
        self.document("customer", &number, regs).map(Some)
    }

    fn registers(&self, columns: &[(usize, &Column)]) -> Result<Map<String, Value>, RowReject> {
        let mut regs = Map::new();
        for &(index, column) in columns {
            let cell = self.cell(index)?;
            let value = value::convert(self.binding.map, column, &cell);
            if let Some(value) = value.map_err(|why| self.reject(Some(index), why.into()))? {
                regs.insert(column.register.clone(), value);
            }
        }
        Ok(regs)
    }

    fn cell(&self, index: usize) -> Result<std::borrow::Cow<'_, str>, RowReject> {
        let bytes = self.record.field(index).unwrap_or_default();
        let encoding = self.binding.map.encoding;
        let text = encoding.decode(bytes).map_err(|byte| {
            self.reject(Some(index), NotValue::Encoding { byte, encoding: encoding_name(encoding) }.into())
        })?;
        if text.len() > CELL_BYTES {
            return Err(self.reject(Some(index), NotValue::TooLong(text.len()).into()));
        }
        Ok(text)
    }

    fn document(&self, kind: &'static str, number: &str, regs: Map<String, Value>) -> Result<MappedDoc, RowReject> {
        let source = &self.binding.map.source;
        let doc = DocId::derived(self.tenant, kind, source, number);
        let body = Map::from_iter([("dk".to_owned(), kind.into()), ("regs".to_owned(), Value::Object(regs))]);
        let origin = Origin::Import { source: source.clone(), number: number.to_owned() };
        let header = FactHeader { kind: "imported".to_owned(), origin };
        let (fact, text) =
            Fact::write(doc, header, body).map_err(|why| self.reject(None, Reason::Fact(why.to_string())))?;
        Ok(MappedDoc { doc, kind, id: fact.id, text })
    }

    fn reject(&self, index: Option<usize>, reason: Reason) -> RowReject {
        let value = index.and_then(|index| self.record.field(index)).map(|bytes| {
            // Cut before decoding: a cell may be large, and only its start is shown.
            let start = bytes.get(..SHOWN_CHARS * 4).unwrap_or(bytes);
            String::from_utf8_lossy(start).chars().take(SHOWN_CHARS).collect()
        });
        RowReject {
            line: self.record.line,
            column: index.and_then(|index| self.binding.names.get(index)).cloned(),
            value,
            reason,
            raw: self.record.raw.clone(),
        }
    }
}
