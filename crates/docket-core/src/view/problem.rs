//! A known problem (D-E2, D-E8).

use docket_format::{DocId, FactId, PersonId};

use super::register::str_of;
use super::{Entry, Registers};
use crate::issue::Issue;
use crate::text;
use crate::time::UnixMs;

/// What somebody wrote down.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Note<'a> {
    /// The fact.
    #[serde(serialize_with = "text::one")]
    pub fact: FactId,
    /// Who.
    #[serde(serialize_with = "text::option")]
    pub person: Option<PersonId>,
    /// When, as the device claims.
    pub at_ms: Option<UnixMs>,
    /// What.
    pub text: &'a str,
}

/// A known problem, as the document's facts tell it.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct ProblemView<'a> {
    /// The document.
    #[serde(serialize_with = "text::one")]
    pub doc: DocId,
    /// Its registers (`title`, `product`, `model`, `state`, `contact`).
    pub registers: Registers<'a>,
    /// What is known about it, in the fold's order.
    pub notes: Vec<Note<'a>>,
    /// What a person must look at.
    pub issues: Vec<Issue>,
    /// Every fact in the fold's order, and what it did.
    pub timeline: Vec<Entry<'a>>,
}

impl<'a> ProblemView<'a> {
    /// A text register's value to show.
    pub fn str(&self, register: &str) -> Option<&'a str> {
        str_of(&self.registers, register)
    }
}
