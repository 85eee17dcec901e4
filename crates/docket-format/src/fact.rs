//! A fact: one immutable, canonical JSON object, named by its content.
//!
//! ```text
//! {"at":[wall_ms,"BOOTID",up_ms],"by":["DEVICE",incarnation],"k":"arrived","n":3,"prev":"FACTID", …payload}
//! {"k":"imported","no":"1-1523590121","src":"myla311", …payload}
//! ```
//!
//! A fact is either somebody's (`by`, `n`, `prev`, `at`) or comes out of an imported file (`src`, `no`), never both.
//! Kinds and payload keys that this version does not know are kept and carried.

use serde_json::{Map, Value};

use crate::canonical::{self, NotCanonical};
use crate::ids::{Author, DeviceId, DocId, FactId, Incarnation};

/// Keys of the header; a payload may not use them.
pub const HEADER_KEYS: [&str; 7] = ["at", "by", "k", "n", "no", "prev", "src"];

/// When a device wrote a fact, by its own means: all three are claims (DESIGN §6).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp {
    /// Wall clock, milliseconds since 1970.
    pub wall_ms: i64,
    /// Names one boot of the device, 1 to 26 characters of `0-9 A-Z`.
    pub boot: String,
    /// Milliseconds since that boot.
    pub up_ms: i64,
}

/// Who stands behind a fact.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// A device wrote it: the `n`-th (from 1) of this author in this document, after `prev`.
    Device {
        /// The device's life.
        author: Author,
        /// 1 for the author's first fact in the document.
        n: u64,
        /// The author's fact before this one; `None` exactly when `n` is 1.
        prev: Option<FactId>,
        /// When, as the device claims.
        at: Stamp,
    },
    /// A row of a file from outside; whoever holds the file makes the same fact.
    Import {
        /// The source's name, as the import map gives it.
        source: String,
        /// The source's own number for the record.
        number: String,
    },
}

/// The part of a fact that every kind has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactHeader {
    /// The kind ("arrived", "set" …): 1 to 40 characters of `a-z 0-9 _`.
    pub kind: String,
    /// Who stands behind it.
    pub origin: Origin,
}

/// A fact that was read and found well-formed. What its kind means is the domain's business.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// Its key.
    pub id: FactId,
    /// Kind and origin.
    pub header: FactHeader,
    /// The payload: all keys but the header's.
    pub body: Map<String, Value>,
}

/// Why a stored string is not a fact. Such strings are kept, have no effect, and are a finding.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// The bytes are not canonical JSON.
    #[error(transparent)]
    NotCanonical(#[from] NotCanonical),
    /// The key it was stored under is not its digest.
    #[error("stored under {stored}, but its content is {content}")]
    WrongKey {
        /// The key found.
        stored: FactId,
        /// The key that belongs to the content.
        content: FactId,
    },
    /// A header key is missing, of the wrong type or out of range.
    #[error("header key `{key}` {problem}")]
    Header {
        /// Which key.
        key: &'static str,
        /// What is wrong.
        problem: &'static str,
    },
    /// A payload tried to use a header key.
    #[error("payload uses the reserved key `{0}`")]
    Reserved(String),
}

impl Fact {
    /// Reads the string stored under `key` in `doc` and checks that the key is its digest.
    pub fn read(doc: DocId, key: FactId, bytes: &[u8]) -> Result<Self, Malformed> {
        let content = FactId::of(doc, bytes);
        if content != key {
            return Err(Malformed::WrongKey { stored: key, content });
        }
        let Value::Object(mut body) = canonical::read(bytes)? else {
            return Err(NotCanonical::NotObject.into());
        };
        let header = FactHeader::take(&mut body)?;
        Ok(Self { id: key, header, body })
    }

    /// Writes a fact: its canonical bytes, and itself with its key.
    #[allow(clippy::needless_pass_by_value, reason = "a header belongs to one fact: taking it says so")]
    pub fn write(doc: DocId, header: FactHeader, body: Map<String, Value>) -> Result<(Self, String), Malformed> {
        if let Some(key) = body.keys().find(|key| HEADER_KEYS.contains(&key.as_str())) {
            return Err(Malformed::Reserved(key.clone()));
        }
        let mut object = body;
        header.put(&mut object);
        let text = canonical::write(&Value::Object(object))?;
        // Read back what was written: normalisation may have changed text, and the reader's checks are the law.
        let fact = Self::read(doc, FactId::of(doc, text.as_bytes()), text.as_bytes())?;
        Ok((fact, text))
    }

    /// The kind.
    pub fn kind(&self) -> &str {
        &self.header.kind
    }

    /// The author, for a fact that a device wrote.
    pub fn author(&self) -> Option<Author> {
        match &self.header.origin {
            Origin::Device { author, .. } => Some(*author),
            Origin::Import { .. } => None,
        }
    }

    /// The claimed wall clock in milliseconds since 1970, for a fact that a device wrote.
    pub fn wall_ms(&self) -> Option<i64> {
        match &self.header.origin {
            Origin::Device { at, .. } => Some(at.wall_ms),
            Origin::Import { .. } => None,
        }
    }

    /// A payload string.
    pub fn str(&self, key: &str) -> Option<&str> {
        self.body.get(key)?.as_str()
    }

    /// A payload integer.
    pub fn int(&self, key: &str) -> Option<i64> {
        self.body.get(key)?.as_i64()
    }

    /// A payload list of fact ids (as in `over`); entries that are no fact ids are left out.
    pub fn fact_ids(&self, key: &str) -> Vec<FactId> {
        let items = self.body.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        items.iter().filter_map(|item| FactId::parse_strict(item.as_str()?).ok()).collect()
    }

    /// A payload fact id (as in `fixes` and `visit`).
    pub fn fact_id(&self, key: &str) -> Option<FactId> {
        FactId::parse_strict(self.str(key)?).ok()
    }
}

impl FactHeader {
    fn take(body: &mut Map<String, Value>) -> Result<Self, Malformed> {
        let kind = match body.remove("k") {
            Some(Value::String(kind)) if is_kind(&kind) => kind,
            _ => return Err(header("k", "must be 1 to 40 characters of a-z, 0-9, _")),
        };
        let origin = if body.contains_key("src") { take_import(body)? } else { take_device(body)? };
        match HEADER_KEYS.iter().find(|&&key| body.contains_key(key)) {
            Some(key) => Err(header(key, "does not go with the others")),
            None => Ok(Self { kind, origin }),
        }
    }

    pub(crate) fn put(&self, object: &mut Map<String, Value>) {
        object.insert("k".into(), self.kind.clone().into());
        match &self.origin {
            Origin::Device { author, n, prev, at } => {
                let by = vec![author.device.to_string().into(), author.incarnation.0.into()];
                let stamp = vec![at.wall_ms.into(), at.boot.clone().into(), at.up_ms.into()];
                object.insert("at".into(), Value::Array(stamp));
                object.insert("by".into(), Value::Array(by));
                object.insert("n".into(), (*n).into());
                if let Some(prev) = prev {
                    object.insert("prev".into(), prev.to_string().into());
                }
            }
            Origin::Import { source, number } => {
                object.insert("src".into(), source.clone().into());
                object.insert("no".into(), number.clone().into());
            }
        }
    }
}

fn take_import(body: &mut Map<String, Value>) -> Result<Origin, Malformed> {
    let mut text = |key: &'static str| match body.remove(key) {
        Some(Value::String(text)) if (1..=256).contains(&text.len()) => Ok(text),
        _ => Err(header(key, "must be a string of 1 to 256 bytes")),
    };
    Ok(Origin::Import { source: text("src")?, number: text("no")? })
}

fn take_device(body: &mut Map<String, Value>) -> Result<Origin, Malformed> {
    let author = match body.remove("by") {
        Some(Value::Array(by)) => read_author(&by),
        _ => None,
    };
    let author = author.ok_or(header("by", "must be [device id, incarnation]"))?;
    let n = body.remove("n").as_ref().and_then(Value::as_u64).filter(|&n| n > 0);
    let n = n.ok_or(header("n", "must be a positive integer"))?;
    let prev = match body.remove("prev") {
        None => None,
        Some(Value::String(text)) => {
            Some(FactId::parse_strict(&text).map_err(|_| header("prev", "must be a fact id"))?)
        }
        Some(_) => return Err(header("prev", "must be a fact id")),
    };
    if prev.is_none() != (n == 1) {
        return Err(header("prev", "must be absent from an author's first fact, present in every other"));
    }
    let at = match body.remove("at") {
        Some(Value::Array(at)) => read_stamp(&at),
        _ => None,
    };
    let at = at.ok_or(header("at", "must be [wall ms, boot id, ms since boot]"))?;
    Ok(Origin::Device { author, n, prev, at })
}

fn read_author(by: &[Value]) -> Option<Author> {
    let [Value::String(device), Value::Number(incarnation)] = by else { return None };
    let device = DeviceId::parse_strict(device).ok()?;
    Some(Author { device, incarnation: Incarnation(incarnation.as_u64()?.try_into().ok()?) })
}

fn read_stamp(at: &[Value]) -> Option<Stamp> {
    let [Value::Number(wall), Value::String(boot), Value::Number(up)] = at else { return None };
    let named = (1..=26).contains(&boot.len()) && boot.bytes().all(|c| c.is_ascii_digit() || c.is_ascii_uppercase());
    let up_ms = up.as_i64().filter(|&ms| ms >= 0)?;
    named.then_some(Stamp { wall_ms: wall.as_i64()?, boot: boot.clone(), up_ms })
}

fn is_kind(kind: &str) -> bool {
    (1..=40).contains(&kind.len()) && kind.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_')
}

const fn header(key: &'static str, problem: &'static str) -> Malformed {
    Malformed::Header { key, problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doc() -> DocId {
        DocId::new_v7(1, [1; 10])
    }

    fn device_header(n: u64, prev: Option<FactId>) -> FactHeader {
        let author = Author { device: DeviceId::from_bytes([3; 16]), incarnation: Incarnation(1) };
        let at = Stamp { wall_ms: 1_700_000_000_000, boot: "B1".into(), up_ms: 5 };
        FactHeader { kind: "arrived".into(), origin: Origin::Device { author, n, prev, at } }
    }

    #[test]
    fn what_is_written_reads_back_under_its_key_and_under_no_other() {
        let body = Map::from_iter([("text".to_owned(), Value::from("Küche"))]);
        let (fact, text) = Fact::write(doc(), device_header(1, None), body).unwrap();
        assert_eq!(Fact::read(doc(), fact.id, text.as_bytes()).unwrap(), fact);
        let other = FactId::from_bytes([9; 16]);
        assert!(matches!(Fact::read(doc(), other, text.as_bytes()), Err(Malformed::WrongKey { .. })));
        let elsewhere = DocId::new_v7(2, [1; 10]);
        assert!(Fact::read(elsewhere, fact.id, text.as_bytes()).is_err(), "a fact belongs to one document");
    }

    #[test]
    fn a_chain_starts_without_prev_and_goes_on_with_it() {
        let prev = Some(FactId::from_bytes([1; 16]));
        for (n, prev, good) in [(1, None, true), (2, prev, true), (1, prev, false), (2, None, false)] {
            assert_eq!(Fact::write(doc(), device_header(n, prev), Map::new()).is_ok(), good, "n={n}");
        }
    }

    #[test]
    fn an_origin_is_a_device_or_a_file_never_both() {
        let read = |text: &str| Fact::read(doc(), FactId::of(doc(), text.as_bytes()), text.as_bytes());
        assert!(read(r#"{"k":"imported","no":"1","src":"s"}"#).is_ok());
        assert!(read(r#"{"k":"imported","n":1,"no":"1","src":"s"}"#).is_err());
        assert!(read(r#"{"k":"Imported","no":"1","src":"s"}"#).is_err());
        assert!(read(r#"{"k":"imported","no":"1"}"#).is_err());
    }

    #[test]
    fn a_payload_cannot_pose_as_a_header() {
        let body = Map::from_iter([("src".to_owned(), Value::from("x"))]);
        assert!(matches!(Fact::write(doc(), device_header(1, None), body), Err(Malformed::Reserved(_))));
    }
}
