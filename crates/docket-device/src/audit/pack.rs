//! Rule packs: TOML files that a company writes.
//!
//! ```toml
//! name = "ours"
//! title = "What we check"
//! include = ["haier"]            # shipped packs, or files beside this one: their rules come first
//!
//! [[rule]]
//! id = "missing-step"            # a-z 0-9 -, unique, part of every finding's id: never change it
//! severity = "major"             # info, minor, major, critical
//! row = "D-H1"                   # the row of DOMAIN.md or section of the design that asks for it
//! title = "A required step was not done"
//! message = "{code}: step {step} is missing"
//! key = ["appliance", "step"]    # columns that, with the subject, name a finding; [] = one per subject
//! types = { appliance = "integer" } # optional: text, integer, number, boolean; with `?` also nothing
//! sql = '''
//! SELECT doc AS subject, code, appliance, step FROM v_step WHERE state = 'missing'
//! '''
//! ```
//!
//! `sql` is one SELECT over the views of `docs/schema.md`. Its column `subject` (mostly the document's id) is required
//! and is text. `:as_of_ms` is the time of the audit. Rows with the same id are one finding.

use core::fmt;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::message::Message;
use super::severity::Severity;
use super::types::Type;
use crate::import::Place;

/// The longest pack, in bytes.
pub const PACK_BYTES: usize = 256 * 1024;
/// Most rules of a pack with what it includes.
pub const PACK_RULES: usize = 500;

/// A file that a pack, or part of one, was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The file's name, as given.
    pub file: String,
    /// What it says.
    pub text: String,
}

impl Source {
    pub(super) fn error(&self, offset: usize, rule: Option<&str>, what: impl Into<String>) -> PackError {
        PackError {
            file: self.file.clone(),
            place: Place::of(&self.text, offset),
            rule: rule.map(str::to_owned),
            what: what.into(),
            hint: None,
        }
    }
}

/// What is wrong with a pack, or with one of its rules, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackError {
    /// The file's name, as given.
    pub file: String,
    /// Where in it.
    pub place: Place,
    /// The rule, once it is known which.
    pub rule: Option<String>,
    /// What is wrong.
    pub what: String,
    /// What to do about it, if that can be said.
    pub hint: Option<String>,
}

impl PackError {
    pub(super) fn hint(mut self, hint: Option<String>) -> Self {
        self.hint = hint.or(self.hint);
        self
    }
}

impl fmt::Display for PackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.file, self.place)?;
        if let Some(rule) = &self.rule {
            write!(f, "rule `{rule}`: ")?;
        }
        f.write_str(&self.what)
    }
}

impl core::error::Error for PackError {}

/// One rule.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Its id, part of every finding's id.
    pub id: String,
    /// How much its findings matter.
    pub severity: Severity,
    /// The row of DOMAIN.md (`D-H1`) or section of the design (`§2`) that asks for it.
    pub row: String,
    /// One line for people.
    pub title: String,
    /// The findings' message.
    pub message: Message,
    /// Columns that, with the subject, name a finding.
    pub key: Vec<String>,
    /// What the columns must hold, where the rule says so.
    pub types: BTreeMap<String, Type>,
    /// The SELECT.
    pub sql: String,
    pub(super) source: Arc<Source>,
    pub(super) places: Places,
}

/// Byte offsets in a rule's file.
#[derive(Debug, Clone)]
pub(super) struct Places {
    pub(super) id: usize,
    pub(super) message: usize,
    pub(super) key: Vec<usize>,
    pub(super) types: BTreeMap<String, usize>,
    /// Where `sql` stands, and whether it stands there unescaped.
    pub(super) sql: (usize, bool),
}

impl Rule {
    /// An error at a byte offset of the rule's SQL.
    pub(super) fn sql_error(&self, offset: usize, what: impl Into<String>) -> PackError {
        let (start, verbatim) = self.places.sql;
        // In a string with escapes the offsets differ: the string's start has to do.
        self.error(if verbatim { start + offset } else { start }, what)
    }

    /// An error at a byte offset of the rule's file.
    pub(super) fn error(&self, offset: usize, what: impl Into<String>) -> PackError {
        self.source.error(offset, Some(&self.id), what)
    }

    /// Whether both are the same rule of the same file, read twice.
    fn is(&self, other: &Self) -> bool {
        self.id == other.id && self.source == other.source
    }

    fn twice(&self, first: &Self) -> PackError {
        let what = if first.source.file == self.source.file {
            "is there twice".to_owned()
        } else {
            format!("is there twice: {} has it too", first.source.file)
        };
        self.error(self.places.id, what)
    }
}

/// A checked pack. Whether its SQL goes with the store's views shows when it is run, or by [`super::check`].
#[derive(Debug, Clone)]
pub struct Pack {
    /// Its name.
    pub name: String,
    /// One line for people.
    pub title: Option<String>,
    /// Its rules: those of the packs it includes, then its own, in the files' order.
    pub rules: Vec<Rule>,
}

impl Pack {
    /// Keeps only the rules named; the error is a name that the pack doesn't have.
    pub fn only(mut self, ids: &[String]) -> Result<Self, String> {
        if let Some(unknown) = ids.iter().find(|id| self.rules.iter().all(|rule| rule.id != **id)) {
            return Err(unknown.clone());
        }
        self.rules.retain(|rule| ids.contains(&rule.id));
        Ok(self)
    }

    /// Several packs as one. A rule that they share (because they include the same pack) counts once; two different
    /// rules of one name are an error.
    pub fn join(packs: Vec<Self>) -> Result<Self, PackError> {
        let names: Vec<&str> = packs.iter().map(|pack| pack.name.as_str()).collect();
        let title = if let [one] = packs.as_slice() { one.title.clone() } else { None };
        let mut joined = Self { name: names.join("+"), title, rules: Vec::new() };
        for rule in packs.into_iter().flat_map(|pack| pack.rules) {
            joined.add(rule)?;
        }
        Ok(joined)
    }

    /// Adds a rule, once.
    pub(super) fn add(&mut self, rule: Rule) -> Result<(), PackError> {
        match self.rules.iter().find(|known| known.id == rule.id) {
            Some(known) if known.is(&rule) && known.places.id == rule.places.id => Ok(()),
            Some(known) => Err(rule.twice(known)),
            None if self.rules.len() == PACK_RULES => {
                Err(rule.error(rule.places.id, format!("a pack has at most {PACK_RULES} rules with what it includes")))
            }
            None => {
                self.rules.push(rule);
                Ok(())
            }
        }
    }
}
