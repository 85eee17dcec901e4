//! Fields of catalogued facts, and what their values must be.

use docket_format::{DocId, FactId};
use serde_json::Value;

use crate::time::{self, UnixMs};

/// A field.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What its value must be.
    pub ty: Type,
    /// Whether a fact without it makes no sense.
    pub required: bool,
}

/// What a value must be.
#[derive(Debug, Clone, Copy)]
pub enum Type {
    /// Text, not empty.
    Text,
    /// One of these words.
    Word(&'static [&'static str]),
    /// Yes or no.
    Flag,
    /// A whole number within these bounds, both included.
    Int(i64, i64),
    /// A day, `YYYY-MM-DD`.
    Date,
    /// An instant, RFC 3339.
    Instant,
    /// Another fact's id.
    Fact,
    /// An audit finding's id.
    Finding,
    /// A document's id.
    Doc,
    /// A currency by ISO 4217.
    Currency,
    /// Yes or no to each of the five services (D-H13).
    Five,
    /// Registers: an object.
    Registers,
}

/// The five services of a visit (D-H1).
pub const FIVE: [&str; 5] = ["A", "B", "C", "D", "E"];

impl Field {
    /// A field that must be there.
    pub(super) const fn must(name: &'static str, ty: Type) -> Self {
        Self { name, ty, required: true }
    }

    /// A field that may be there.
    pub(super) const fn may(name: &'static str, ty: Type) -> Self {
        Self { name, ty, required: false }
    }
}

impl Type {
    /// What is wrong with a value; `None` = nothing.
    pub(crate) fn fault(self, value: &Value) -> Option<String> {
        let text = value.as_str();
        let good = match self {
            Self::Text => text.is_some_and(|text| !text.trim().is_empty()),
            Self::Word(words) => text.is_some_and(|text| words.contains(&text)),
            Self::Flag => value.is_boolean(),
            Self::Int(least, most) => value.as_i64().is_some_and(|number| (least..=most).contains(&number)),
            Self::Date => text.is_some_and(|text| time::date(text).is_some()),
            Self::Instant => text.is_some_and(|text| UnixMs::parse(text).is_some()),
            Self::Fact | Self::Finding => text.is_some_and(|text| FactId::parse_strict(text).is_ok()),
            Self::Doc => text.is_some_and(|text| text.parse::<DocId>().is_ok()),
            Self::Currency => {
                text.is_some_and(|text| text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase()))
            }
            Self::Five => FIVE.iter().all(|letter| value.get(letter).is_some_and(Value::is_boolean)),
            Self::Registers => value.is_object(),
        };
        if good { None } else { Some(self.wanted()) }
    }

    fn wanted(self) -> String {
        match self {
            Self::Text => "must be text, not empty".to_owned(),
            Self::Word(words) => format!("must be one of: {}", words.join(", ")),
            Self::Flag => "must be true or false".to_owned(),
            Self::Int(least, most) => format!("must be a whole number from {least} to {most}"),
            Self::Date => "must be a day, as in 2026-03-01".to_owned(),
            Self::Instant => "must be a time, as in 2026-03-01T09:00:00+08:00".to_owned(),
            Self::Fact => "must be a record's id".to_owned(),
            Self::Finding => "must be a finding's id: 26 characters".to_owned(),
            Self::Doc => "must be a document's id".to_owned(),
            Self::Currency => "must be three capitals, as in CNY".to_owned(),
            Self::Five => format!("must say yes or no to each of {}", FIVE.join(", ")),
            Self::Registers => "must be an object".to_owned(),
        }
    }
}
