//! Canonical JSON: one spelling for one value, because a fact's name is the hash of its bytes.
//!
//! Object keys sorted by bytes and unique, no white space, integers only (i64; decimals travel as strings with a
//! unit), strings in Unicode NFC with the shortest escapes, depth ≤ [`limits::FACT_DEPTH`], size ≤
//! [`limits::FACT_BYTES`].

use serde_json::Value;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::limits;

/// Why bytes are not a canonical fact.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotCanonical {
    /// Over the size limit.
    #[error("{bytes} bytes; the limit is {}", limits::FACT_BYTES)]
    TooLong {
        /// Size found.
        bytes: usize,
    },
    /// Not JSON at all.
    #[error("not JSON: {0}")]
    NotJson(String),
    /// Objects or arrays nested deeper than the limit.
    #[error("nested deeper than {}", limits::FACT_DEPTH)]
    TooDeep,
    /// A number that is not a 64-bit integer.
    #[error("`{0}` is not an integer; write decimals as strings with a unit")]
    NotInteger(String),
    /// A string or key that is not in Unicode normal form C.
    #[error("text is not in Unicode NFC")]
    NotNfc,
    /// The same value has another, canonical spelling.
    #[error("not the canonical spelling of its value")]
    Spelling,
    /// A fact is a JSON object.
    #[error("not a JSON object")]
    NotObject,
}

/// Writes a value canonically, normalising text to NFC.
pub fn write(value: &Value) -> Result<String, NotCanonical> {
    let normalised;
    let value = match check(value, 1) {
        // Nearly always: then nothing needs to be copied.
        Ok(()) => value,
        Err(NotCanonical::NotNfc) => {
            normalised = normalise(value, 1)?;
            &normalised
        }
        Err(other) => return Err(other),
    };
    let text = serde_json::to_string(value).map_err(|bad| NotCanonical::NotJson(bad.to_string()))?;
    if text.len() > limits::FACT_BYTES {
        return Err(NotCanonical::TooLong { bytes: text.len() });
    }
    Ok(text)
}

/// Reads bytes that must already be the canonical spelling.
pub fn read(bytes: &[u8]) -> Result<Value, NotCanonical> {
    if bytes.len() > limits::FACT_BYTES {
        return Err(NotCanonical::TooLong { bytes: bytes.len() });
    }
    let text = core::str::from_utf8(bytes).map_err(|e| NotCanonical::NotJson(e.to_string()))?;
    let value: Value = serde_json::from_str(text).map_err(|e| NotCanonical::NotJson(e.to_string()))?;
    check(&value, 1)?;
    // serde_json's map is a BTreeMap: it sorts by bytes and keeps one of two equal keys, so any other spelling differs.
    let mut rest = Rest(bytes);
    match serde_json::to_writer(&mut rest, &value) {
        Ok(()) if rest.0.is_empty() => Ok(value),
        _ => Err(NotCanonical::Spelling),
    }
}

/// What is still to be written: takes only the bytes that come next in it.
struct Rest<'a>(&'a [u8]);

impl std::io::Write for Rest<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 = self.0.strip_prefix(bytes).ok_or(std::io::ErrorKind::InvalidData)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn check(value: &Value, depth: usize) -> Result<(), NotCanonical> {
    match value {
        Value::Null | Value::Bool(_) => Ok(()),
        Value::Number(n) => n.as_i64().map(|_| ()).ok_or_else(|| NotCanonical::NotInteger(n.to_string())),
        Value::String(s) => check_nfc(s),
        Value::Array(items) => {
            check_depth(depth)?;
            items.iter().try_for_each(|item| check(item, depth + 1))
        }
        Value::Object(map) => {
            check_depth(depth)?;
            map.iter().try_for_each(|(key, item)| {
                check_nfc(key)?;
                check(item, depth + 1)
            })
        }
    }
}

fn check_depth(depth: usize) -> Result<(), NotCanonical> {
    if depth > limits::FACT_DEPTH { Err(NotCanonical::TooDeep) } else { Ok(()) }
}

fn check_nfc(text: &str) -> Result<(), NotCanonical> {
    if text.is_ascii() || is_nfc(text) { Ok(()) } else { Err(NotCanonical::NotNfc) }
}

fn is_nfc(text: &str) -> bool {
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => true,
        IsNormalized::No => false,
        IsNormalized::Maybe => text.nfc().eq(text.chars()),
    }
}

fn normalise(value: &Value, depth: usize) -> Result<Value, NotCanonical> {
    Ok(match value {
        Value::String(s) if !s.is_ascii() => Value::String(s.nfc().collect()),
        Value::Array(items) => {
            check_depth(depth)?;
            Value::Array(items.iter().map(|item| normalise(item, depth + 1)).collect::<Result<_, _>>()?)
        }
        Value::Object(map) => {
            check_depth(depth)?;
            let entries = map.iter().map(|(key, item)| Ok((key.nfc().collect(), normalise(item, depth + 1)?)));
            Value::Object(entries.collect::<Result<_, NotCanonical>>()?)
        }
        other => {
            check(other, depth)?;
            other.clone()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn other_spellings_of_a_value_are_refused() {
        assert!(read(br#"{"a":1,"b":"x"}"#).is_ok());
        for (bytes, expect) in [
            (&br#"{"b":"x","a":1}"#[..], NotCanonical::Spelling),
            (br#"{"a":1,"a":1}"#, NotCanonical::Spelling),
            (br#"{ "a":1}"#, NotCanonical::Spelling),
            (br#"{"a":"\u0041"}"#, NotCanonical::Spelling),
            (br#"{"a":1.5}"#, NotCanonical::NotInteger("1.5".into())),
            (br#"{"a":1e2}"#, NotCanonical::NotInteger("100.0".into())),
            (br#"{"a":-0}"#, NotCanonical::NotInteger("-0.0".into())),
            (br#"{"a":[[[[1]]]]}"#, NotCanonical::TooDeep),
            ("{\"a\":\"e\u{301}\"}".as_bytes(), NotCanonical::NotNfc),
        ] {
            assert_eq!(read(bytes), Err(expect), "{}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn writing_normalises_text_and_refuses_what_has_no_spelling() {
        assert_eq!(write(&json!({"b": "e\u{301}", "a": [1]})).unwrap(), "{\"a\":[1],\"b\":\"é\"}");
        assert!(write(&json!({"a": 0.5})).is_err());
        assert!(write(&json!({"a": [[[[1]]]]})).is_err());
    }

    #[test]
    fn depth_and_size_hold_at_the_limit() {
        assert!(read(br#"{"a":[[[1]]]}"#).is_ok(), "depth 4 is the limit");
        for (extra, ok) in [(-1i64, true), (0, true), (1, false)] {
            let filler = "x".repeat((limits::FACT_BYTES as i64 + extra) as usize - r#"{"a":""}"#.len());
            let text = format!(r#"{{"a":"{filler}"}}"#);
            assert_eq!(read(text.as_bytes()).is_ok(), ok, "{extra}");
            assert_eq!(write(&json!({"a": filler})).is_ok(), ok, "{extra}");
        }
    }
}
