//! Texts that are English in the code, found in the catalogue by their English template. So the library below, whose
//! errors are English sentences with names and numbers in them, never learns of languages, and a text without Chinese
//! words is shown as it is.

use std::collections::HashMap;
use std::sync::LazyLock;

use fluent_bundle::FluentArgs;
use fluent_bundle::types::FluentValue;

use super::catalogue::{self, PHRASES, Piece};

/// The English templates.
struct Book {
    /// Those without a value, by their text.
    exact: HashMap<String, String>,
    /// Those with values, the ones that say most first.
    open: Vec<(String, Vec<Piece>)>,
}

static BOOK: LazyLock<Book> = LazyLock::new(|| Book::of(PHRASES[0]));
static CHINESE: LazyLock<catalogue::Bundle> = LazyLock::new(|| catalogue::bundle("zh", &[PHRASES[1]]));

impl Book {
    fn of(file: &str) -> Self {
        let (mut exact, mut open) = (HashMap::new(), Vec::new());
        for (key, pieces) in catalogue::templates(file) {
            match pieces.as_slice() {
                [Piece::Literal(text)] => drop(exact.insert(text.clone(), key)),
                _ => open.push((key, pieces)),
            }
        }
        open.sort_by_key(|(key, pieces)| (core::cmp::Reverse(weight(pieces)), key.clone()));
        Self { exact, open }
    }

    fn find<'t>(&self, text: &'t str) -> Option<(&str, Vec<(&str, &'t str)>)> {
        if let Some(key) = self.exact.get(text) {
            return Some((key, Vec::new()));
        }
        self.open.iter().find_map(|(key, pieces)| Some((key.as_str(), values(pieces, text)?)))
    }
}

/// How much of a template is text.
fn weight(pieces: &[Piece]) -> usize {
    let literals = pieces.iter().map(|piece| match piece {
        Piece::Literal(text) => text.len(),
        Piece::Value(_) => 0,
    });
    literals.sum()
}

/// The values of a text that follows a template: each reaches to the next literal, the last to the end.
fn values<'p, 't>(pieces: &'p [Piece], text: &'t str) -> Option<Vec<(&'p str, &'t str)>> {
    let mut found = Vec::new();
    let mut rest = text;
    let mut open: Option<&str> = None;
    for (at, piece) in pieces.iter().enumerate() {
        match (piece, open.take()) {
            (Piece::Value(name), None) => open = Some(name),
            // Two values side by side can't be told apart.
            (Piece::Value(_), Some(_)) => return None,
            (Piece::Literal(literal), None) => rest = rest.strip_prefix(literal.as_str())?,
            (Piece::Literal(literal), Some(name)) => {
                let last = at + 1 == pieces.len();
                let start = if last { rest.len().checked_sub(literal.len())? } else { rest.find(literal.as_str())? };
                if rest.get(start..start + literal.len())? != literal {
                    return None;
                }
                found.push((name, rest.get(..start)?));
                rest = rest.get(start + literal.len()..)?;
            }
        }
    }
    if let Some(name) = open {
        found.push((name, rest));
        rest = "";
    }
    rest.is_empty().then_some(found)
}

/// The Chinese for an English text; `None` where the catalogue has none. Spaces around it stay.
pub(super) fn translated(english: &str) -> Option<String> {
    let inner = english.trim();
    if inner.is_empty() {
        return None;
    }
    let (key, values) = BOOK.find(inner)?;
    let args: FluentArgs = values.into_iter().map(|(name, value)| (name, FluentValue::from(value))).collect();
    let chinese = catalogue::format(&CHINESE, key, &args)?;
    let (before, after) = english.split_once(inner).unwrap_or_default();
    Some(format!("{before}{chinese}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_finds_the_template_that_says_most() {
        let book = Book::of("a = this job is { $status }\nb = this job is { $status } already\nc = no jobs\n");
        assert_eq!(book.find("no jobs"), Some(("c", vec![])));
        assert_eq!(book.find("this job is done"), Some(("a", vec![("status", "done")])));
        assert_eq!(book.find("this job is done already"), Some(("b", vec![("status", "done")])));
        assert_eq!(book.find("that job is done"), None);
    }

    #[test]
    fn values_reach_to_the_next_literal() {
        let book = Book::of("a = step { $a } is in { $b } ({ $c }), not in `{ $d }`\n");
        let (_, values) = book.find("step A1 is in ohm (Ω), not in `is in`").unwrap();
        assert_eq!(values, [("a", "A1"), ("b", "ohm"), ("c", "Ω"), ("d", "is in")]);
        assert_eq!(book.find("step A1 is in ohm (Ω)"), None);
    }
}
