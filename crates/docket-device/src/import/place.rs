//! Where in a text something stands, as people count: from 1, columns in characters.

use core::fmt;

/// A place in a text file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl Place {
    /// The place of a byte offset; offsets past the end, or inside a character, mean the nearest one before.
    pub fn of(text: &str, offset: usize) -> Self {
        let mut end = offset.min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let before = text.get(..end).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
        Self { line: before.matches('\n').count() + 1, column }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// The known name that was probably meant, for a hint: at most two edits away, or equal but for case.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = name.to_lowercase();
    known
        .into_iter()
        .map(|other| (edits(&wanted, &other.to_lowercase()), other))
        .filter(|(edits, _)| *edits <= 2)
        .min()
        .map(|(_, other)| other)
}

/// Levenshtein distance. Names are short; anything over 64 characters is "far".
fn edits(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len() > 64 || b.len() > 64 {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, &from) in a.iter().enumerate() {
        let mut left = i + 1;
        let mut next = vec![left];
        for (&to, pair) in b.iter().zip(row.windows(2)) {
            let (diagonal, above) = (pair.first().copied().unwrap_or(0), pair.last().copied().unwrap_or(0));
            left = (diagonal + usize::from(from != to)).min(above + 1).min(left + 1);
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_lines_and_characters_from_one() {
        let text = "a\nüb\n";
        for (offset, expect) in [(0, "1:1"), (1, "1:2"), (2, "2:1"), (3, "2:1"), (4, "2:2"), (6, "3:1"), (99, "3:1")] {
            assert_eq!(Place::of(text, offset).to_string(), expect, "{offset}");
        }
    }

    #[test]
    fn a_typing_mistake_finds_its_name_and_nonsense_finds_none() {
        let known = ["createddate", "closeddate", "status"];
        assert_eq!(nearest("Status", known), Some("status"));
        assert_eq!(nearest("creatddate", known), Some("createddate"));
        assert_eq!(nearest("latitude", known), None);
    }
}
