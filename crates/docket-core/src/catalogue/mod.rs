//! The catalogue of facts about calls, goods, money, complaints, outlets (DOMAIN.md): for each kind the documents that it
//! belongs to and its fields. One table, so that the fold, the command line and the documentation can't differ.
//!
//! The kinds that carry a visit's structure (`arrived`, `step`, `decided` …) are older and checked by hand in the fold.

mod field;
mod table;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Map, Value};

pub use field::{FIVE, Field, Type};
pub use table::SHAPES;

/// What a fact of one kind looks like.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// The kind.
    pub kind: &'static str,
    /// The kinds of documents (`dk`) that it belongs to.
    pub docs: &'static [&'static str],
    /// Its fields, besides those that any may carry ([`COMMON`]).
    pub fields: &'static [Field],
}

/// Fields that any catalogued fact may carry: words of its own, the visit it was made in, and when it happened if it was
/// written down later.
pub const COMMON: [Field; 3] =
    [Field::may("text", Type::Text), Field::may("visit", Type::Fact), Field::may("when", Type::Instant)];

/// Why a payload does not fit its kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{field}` {what}")]
pub struct Fault {
    /// The field.
    pub field: &'static str,
    /// What is wrong with it.
    pub what: String,
}

/// The shape of a kind, if it is a catalogued one.
pub fn shape(kind: &str) -> Option<&'static Shape> {
    // Asked several times for each fact of a fold.
    static BY_KIND: LazyLock<BTreeMap<&'static str, &'static Shape>> =
        LazyLock::new(|| SHAPES.iter().map(|shape| (shape.kind, shape)).collect());
    BY_KIND.get(kind).copied()
}

impl Shape {
    /// What is wrong with a payload; `None` = nothing. Keys that this version does not know are nobody's fault.
    pub fn fault(&self, body: &Map<String, Value>) -> Option<Fault> {
        self.fields.iter().chain(&COMMON).find_map(|field| {
            let what = match body.get(field.name) {
                None | Some(Value::Null) if field.required => "is missing".to_owned(),
                None | Some(Value::Null) => return None,
                Some(value) => field.ty.fault(value)?,
            };
            Some(Fault { field: field.name, what })
        })
    }

    /// Whether facts of this kind belong into documents of this kind.
    pub fn belongs_to(&self, document: &str) -> bool {
        self.docs.contains(&document)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fault(kind: &str, body: Value) -> Option<String> {
        let Value::Object(body) = body else { panic!("a body is an object") };
        shape(kind).unwrap().fault(&body).map(|fault| fault.to_string())
    }

    #[test]
    fn what_is_missing_or_absurd_is_named() {
        assert_eq!(fault("contacted", json!({"purpose": "first", "reached": true})), None);
        let said = |kind, body| fault(kind, body).unwrap();
        assert_eq!(said("contacted", json!({})), "`purpose` is missing");
        assert!(said("contacted", json!({"purpose": "chat"})).starts_with("`purpose` must be one of: first, solution"));
        assert_eq!(
            said("charged", json!({"item": "visit", "minor": -1, "currency": "CNY"})),
            "`minor` must be a whole number from 0 to 1000000000000"
        );
        assert_eq!(
            said("charged", json!({"item": "visit", "minor": 1, "currency": "yuan"})),
            "`currency` must be three capitals, as in CNY"
        );
        assert_eq!(said("bought", json!({"product": "x", "on": "2026-02-30"})), "`on` must be a day, as in 2026-03-01");
        assert_eq!(
            said("handled", json!({"complaint": "nothing", "result": "x"})),
            "`complaint` must be a record's id"
        );
        assert_eq!(
            said("confirmed", json!({"name": "Li", "five": {"A": true}})),
            "`five` must say yes or no to each of A, B, C, D, E"
        );
    }

    #[test]
    fn kinds_differ_and_every_one_belongs_somewhere() {
        let mut kinds: Vec<&str> = SHAPES.iter().map(|shape| shape.kind).collect();
        kinds.sort_unstable();
        assert!(kinds.array_windows().all(|[a, b]| a != b));
        assert!(SHAPES.iter().all(|shape| !shape.docs.is_empty()));
    }
}
