//! What is wrong with an import map: where, what, and a hint.

use core::fmt;

use super::place::Place;

/// Why a text is not an import map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapError {
    /// The file's name, as given.
    pub file: String,
    /// Where in it; the start of the file when the text as a whole is at fault.
    pub place: Place,
    /// What is wrong.
    pub what: String,
    /// What to do about it, if that can be said.
    pub hint: Option<String>,
}

impl fmt::Display for MapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.place, self.what)
    }
}

impl core::error::Error for MapError {}

/// A map's text and name while it is read: turns byte offsets into errors.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) file: &'a str,
    pub(super) text: &'a str,
}

impl Source<'_> {
    pub(super) fn error(&self, offset: usize, what: impl Into<String>) -> MapError {
        MapError { file: self.file.to_owned(), place: Place::of(self.text, offset), what: what.into(), hint: None }
    }

    pub(super) fn toml(&self, error: &toml::de::Error) -> MapError {
        self.error(error.span().map_or(0, |span| span.start), error.message())
    }
}

impl MapError {
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(super) fn maybe_hint(mut self, hint: Option<String>) -> Self {
        self.hint = hint;
        self
    }
}
