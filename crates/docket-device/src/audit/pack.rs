//! Rule packs: TOML files that a company writes.
//!
//! ```toml
//! name = "ours"
//! title = "What we check"
//!
//! [[rule]]
//! id = "missing-step"            # a-z 0-9 -, unique, part of every finding's id: never change it
//! severity = "major"             # info, minor, major, critical
//! row = "D-H1"                   # the row of DOMAIN.md or section of the design that asks for it
//! title = "A required step was not done"
//! message = "{code}: step {step} is missing"
//! key = ["appliance", "step"]    # columns that, with the subject, name a finding; [] = one per subject
//! sql = '''
//! SELECT doc AS subject, code, appliance, step FROM v_step WHERE state = 'missing'
//! '''
//! ```
//!
//! `sql` is one SELECT over the views of `docs/schema.md`. Its column `subject` (mostly the document's id) is required.
//! `:as_of_ms` is the time of the audit. Rows with the same id are one finding.

use core::fmt;
use std::collections::BTreeSet;

use serde::Deserialize;
use toml::Spanned;

use super::guard::check_names;
use super::message::Message;
use super::severity::Severity;
use crate::import::Place;

/// The longest pack, in bytes.
pub const PACK_BYTES: usize = 256 * 1024;
/// Most rules of a pack.
pub const PACK_RULES: usize = 500;

/// The pack that is used when none is named.
const DEFAULT: &str = include_str!("../../../../fixtures/audit/default.toml");
/// The checklist rules of the Haier policy.
const HAIER: &str = include_str!("../../../../fixtures/audit/haier.toml");

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
    /// The SELECT.
    pub sql: String,
    /// Byte offset in the pack's text where `sql` stands, and whether it stands there unescaped.
    sql_at: (usize, bool),
}

/// A checked pack. Whether its SQL goes with the store's views shows when it is run, or by [`super::check`].
#[derive(Debug, Clone)]
pub struct Pack {
    /// Its name.
    pub name: String,
    /// One line for people.
    pub title: Option<String>,
    /// Its rules, in the file's order.
    pub rules: Vec<Rule>,
    file: String,
    text: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPack {
    name: String,
    title: Option<String>,
    #[serde(default)]
    rule: Vec<RawRule>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    id: Spanned<String>,
    severity: Spanned<String>,
    row: Spanned<String>,
    title: String,
    message: Spanned<String>,
    key: Vec<String>,
    sql: Spanned<String>,
}

impl Pack {
    /// Reads and checks a pack. `file` is its name for errors.
    pub fn parse(text: &str, file: &str) -> Result<Self, PackError> {
        let mut pack =
            Self { name: String::new(), title: None, rules: Vec::new(), file: file.to_owned(), text: text.to_owned() };
        if text.len() > PACK_BYTES {
            return Err(pack.error(0, None, format!("{} bytes; a pack has at most {PACK_BYTES}", text.len())));
        }
        let raw: RawPack = toml::from_str(text)
            .map_err(|error| pack.error(error.span().map_or(0, |span| span.start), None, error.message()))?;
        if raw.rule.is_empty() || raw.rule.len() > PACK_RULES {
            return Err(pack.error(0, None, format!("a pack has 1 to {PACK_RULES} rules, not {}", raw.rule.len())));
        }
        let mut ids = BTreeSet::new();
        for rule in &raw.rule {
            if !ids.insert(rule.id.get_ref()) {
                return Err(pack.error(rule.id.span().start, Some(rule.id.get_ref()), "is there twice"));
            }
            let rule = pack.rule(rule)?;
            pack.rules.push(rule);
        }
        pack.name = raw.name;
        pack.title = raw.title;
        Ok(pack)
    }

    /// The pack that is used when none is named: the checklist rules and those about the record itself.
    pub fn builtin() -> Result<Self, PackError> {
        Self::parse(DEFAULT, "default.toml")
    }

    /// The checklist rules of the `haier` policy.
    pub fn haier() -> Result<Self, PackError> {
        Self::parse(HAIER, "haier.toml")
    }

    /// Keeps only the rules named; the error is a name that the pack doesn't have.
    pub fn only(mut self, ids: &[String]) -> Result<Self, String> {
        if let Some(unknown) = ids.iter().find(|id| self.rules.iter().all(|rule| rule.id != **id)) {
            return Err(unknown.clone());
        }
        self.rules.retain(|rule| ids.contains(&rule.id));
        Ok(self)
    }

    fn rule(&self, raw: &RawRule) -> Result<Rule, PackError> {
        let id = raw.id.get_ref();
        let plain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
        if !(1..=64).contains(&id.len()) || !id.bytes().all(plain) {
            return Err(self.error(raw.id.span().start, None, "a rule's id is 1 to 64 characters of a-z, 0-9, `-`"));
        }
        let fail = |at: usize, what: String| self.error(at, Some(id), what);
        let severity = raw.severity.get_ref().parse();
        let severity = severity.map_err(|why: super::BadSeverity| fail(raw.severity.span().start, why.to_string()))?;
        let row = raw.row.get_ref();
        if !(row.starts_with("D-") || row.starts_with('§')) || row.len() > 20 {
            return Err(fail(raw.row.span().start, format!("`{row}` is no row of DOMAIN.md (D-H1) or section (§2)")));
        }
        let message = Message::parse(raw.message.get_ref()).map_err(|why| fail(raw.message.span().start, why))?;
        let span = raw.sql.span();
        let sql = raw.sql.get_ref().clone();
        let verbatim = self.text.get(span.clone()).and_then(|literal| literal.find(&sql));
        let rule = Rule {
            id: id.clone(),
            severity,
            row: row.clone(),
            title: raw.title.clone(),
            message,
            key: raw.key.clone(),
            sql_at: (span.start + verbatim.unwrap_or(0), verbatim.is_some()),
            sql,
        };
        check_names(&rule.sql).map_err(|(offset, what)| self.sql_error(&rule, offset, what))?;
        Ok(rule)
    }

    /// An error at a byte offset of a rule's SQL.
    pub(super) fn sql_error(&self, rule: &Rule, offset: usize, what: impl Into<String>) -> PackError {
        let (start, verbatim) = rule.sql_at;
        // In a string with escapes the offsets differ: the string's start has to do.
        self.error(if verbatim { start + offset } else { start }, Some(&rule.id), what)
    }

    fn error(&self, offset: usize, rule: Option<&str>, what: impl Into<String>) -> PackError {
        PackError {
            file: self.file.clone(),
            place: Place::of(&self.text, offset),
            rule: rule.map(str::to_owned),
            what: what.into(),
            hint: None,
        }
    }
}
