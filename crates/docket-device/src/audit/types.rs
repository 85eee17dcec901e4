//! What a rule says its columns hold.

use core::fmt;
use core::str::FromStr;

use rusqlite::types::ValueRef;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Type {
    what: What,
    /// Whether it may hold nothing.
    optional: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Text,
    Integer,
    Number,
    Boolean,
}

/// The words for the types.
const WORDS: [(&str, What); 4] =
    [("text", What::Text), ("integer", What::Integer), ("number", What::Number), ("boolean", What::Boolean)];

impl Type {
    /// What the column `subject` always holds.
    pub(super) const SUBJECT: Self = Self { what: What::Text, optional: false };

    /// Whether a value is of this type.
    pub(super) fn holds(self, value: ValueRef<'_>) -> bool {
        match (self.what, value) {
            (_, ValueRef::Null) => self.optional,
            (What::Text, ValueRef::Text(_))
            | (What::Integer | What::Number, ValueRef::Integer(_))
            | (What::Number, ValueRef::Real(_))
            | (What::Boolean, ValueRef::Integer(0 | 1)) => true,
            _ => false,
        }
    }

    /// Whether a table's column declared like this may hold such values. A column without a declaration may.
    pub(super) fn fits(self, declared: &str) -> bool {
        let never: &[&str] = match self.what {
            What::Text => &["INTEGER", "REAL", "BLOB"],
            What::Integer | What::Boolean => &["TEXT", "REAL", "BLOB"],
            What::Number => &["TEXT", "BLOB"],
        };
        !never.contains(&declared.to_ascii_uppercase().as_str())
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = WORDS.iter().find(|(_, what)| *what == self.what).map_or("", |(word, _)| word);
        write!(f, "{word}{}", if self.optional { "?" } else { "" })
    }
}

impl FromStr for Type {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (word, optional) = text.strip_suffix('?').map_or((text, false), |word| (word, true));
        let found = WORDS.iter().find(|(known, _)| *known == word);
        found.map(|(_, what)| Self { what: *what, optional }).ok_or_else(|| {
            format!("`{text}` is no type: text, integer, number or boolean, with `?` if there may be nothing")
        })
    }
}

/// What SQLite calls a value's type.
pub(super) fn word(value: ValueRef<'_>) -> &'static str {
    match value {
        ValueRef::Null => "nothing",
        ValueRef::Integer(_) => "an integer",
        ValueRef::Real(_) => "a decimal number",
        ValueRef::Text(_) => "text",
        ValueRef::Blob(_) => "bytes",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_read_written_and_hold_what_they_say() {
        for text in ["text", "text?", "integer", "number?", "boolean"] {
            assert_eq!(text.parse::<Type>().unwrap().to_string(), text);
        }
        assert!("string".parse::<Type>().unwrap_err().contains("`string` is no type"));
        let holds = |kind: &str, value| kind.parse::<Type>().unwrap().holds(value);
        assert!(holds("text?", ValueRef::Null) && !holds("text", ValueRef::Null));
        assert!(holds("number", ValueRef::Integer(2)) && holds("number", ValueRef::Real(0.5)));
        assert!(!holds("integer", ValueRef::Real(0.5)) && !holds("text", ValueRef::Integer(1)));
        assert!(holds("boolean", ValueRef::Integer(1)) && !holds("boolean", ValueRef::Integer(2)));
        assert!(!Type::SUBJECT.fits("INTEGER") && Type::SUBJECT.fits("TEXT") && Type::SUBJECT.fits(""));
    }
}
