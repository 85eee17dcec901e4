//! What is wrong with a policy file, and where.

use core::fmt;
use core::ops::Range;

/// A policy was refused. Displays as `haier.toml:12:5: unknown answer type "tex"`; the hint is for a second line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct PolicyError {
    /// The file's name as the caller gave it.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub what: String,
    /// What to do about it, if there is something to say.
    pub hint: Option<String>,
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.what)
    }
}

/// A policy's text and name, to turn byte ranges into lines and columns.
#[derive(Clone, Copy)]
pub(super) struct Source<'s> {
    pub(super) text: &'s str,
    pub(super) file: &'s str,
}

impl Source<'_> {
    pub(super) fn error(&self, span: &Range<usize>, what: impl Into<String>, hint: impl Into<String>) -> PolicyError {
        let hint = Some(hint.into()).filter(|hint| !hint.is_empty());
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        PolicyError {
            file: self.file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
            what: what.into(),
            hint,
        }
    }
}
