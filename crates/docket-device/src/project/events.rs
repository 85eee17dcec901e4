//! Catalogued facts with effect, and the signs of duties that were broken, of any kind of document.

use docket_core::view::{Event, Sign};
use docket_format::PersonId;
use rusqlite::Connection;
use rusqlite::types::Value;

use super::Target;
use super::rows::{Table, put, row};
use crate::error::StoreError;

const EVENTS: Table =
    Table { name: "p_event", columns: &["pos", "fact", "kind", "person", "role", "at_ms", "stated", "body"], keys: 1 };
const SIGNS: Table =
    Table { name: "p_sign", columns: &["pos", "sign", "row", "key", "detail", "fact", "person", "at_ms"], keys: 1 };

pub(super) fn put_events(sql: &Connection, target: &Target<'_>, events: &[Event<'_>]) -> Result<(), StoreError> {
    let rows = events.iter().enumerate().map(|(pos, event)| {
        let role = event.role.as_ref().map(|role| role.as_str().to_owned());
        // A fact's body is an object of plain values: writing it can't fail.
        let body = serde_json::to_string(event.body).unwrap_or_default();
        let (fact, kind, at_ms) = (event.fact.to_string(), event.kind.to_owned(), event.at_ms.map(|at| at.0));
        row![pos as i64, fact, kind, text(event.person.as_ref()), role, at_ms, event.stated, body]
    });
    put(sql, &EVENTS, target, rows.collect())
}

pub(super) fn put_signs(sql: &Connection, target: &Target<'_>, signs: &[Sign]) -> Result<(), StoreError> {
    let rows = signs.iter().enumerate().map(|(pos, sign)| -> Vec<Value> {
        let (name, domain, key) = (sign.sign.to_owned(), sign.row.to_owned(), sign.key.clone());
        let (fact, at_ms) = (sign.fact.map(|fact| fact.to_string()), sign.at_ms.map(|at| at.0));
        row![pos as i64, name, domain, key, sign.detail.clone(), fact, text(sign.person.as_ref()), at_ms]
    });
    put(sql, &SIGNS, target, rows.collect())
}

fn text(person: Option<&PersonId>) -> Option<String> {
    person.map(PersonId::to_string)
}
