//! The roster: which device is whose, for the fold and for `v_device`.

use std::collections::BTreeMap;

use docket_format::DocId;
use docket_format::roster::{Roster, State};
use rusqlite::{Connection, params};

use super::Target;
use crate::error::StoreError;

type Entry = (Option<String>, String, String, String, String);

/// Projects the roster; returns the documents in which a device with a new standing wrote.
pub(super) fn project(sql: &Connection, target: &Target<'_>) -> Result<Vec<DocId>, StoreError> {
    let before = stored(sql)?;
    let roster = Roster::fold(target.tenant, target.facts);
    let now: BTreeMap<Vec<u8>, Entry> = roster
        .devices()
        .map(|(device, entry)| {
            let (state, seals) = match &entry.state {
                State::Active => ("active", BTreeMap::new()),
                State::Contested => ("contested", BTreeMap::new()),
                State::Rotated { .. } => ("rotated", BTreeMap::new()),
                State::Revoked { seals, .. } => {
                    ("revoked", seals.iter().map(|(life, count)| (life.0, *count)).collect())
                }
            };
            let seals = serde_json::to_string(&seals).unwrap_or_default();
            let person = entry.person.as_ref().map(ToString::to_string);
            let entry = (person, entry.name.clone(), entry.role.clone(), state.to_owned(), seals);
            (device.as_bytes().to_vec(), entry)
        })
        .collect();
    sql.execute("DELETE FROM p_device", [])?;
    let mut put = sql.prepare_cached(
        "INSERT INTO p_device(device, person, name, role, state, seals) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for (device, (person, name, role, state, seals)) in &now {
        put.execute(params![device, person, name, role, state, seals])?;
    }
    let mut docs = Vec::new();
    let mut of_device = sql.prepare_cached(
        "SELECT DISTINCT d.doc FROM author a JOIN chain c ON c.author = a.id JOIN doc d ON d.id = c.doc
          WHERE a.device = ?1 AND d.kind <> 'roster'",
    )?;
    for device in before.keys().chain(now.keys().filter(|device| !before.contains_key(*device))) {
        if before.get(device) != now.get(device) {
            let ids = of_device.query_map([device], |row| row.get::<_, [u8; 16]>(0))?;
            for id in ids {
                docs.extend(DocId::from_bytes(id?));
            }
        }
    }
    Ok(docs)
}

fn stored(sql: &Connection) -> Result<BTreeMap<Vec<u8>, Entry>, StoreError> {
    let mut statement = sql.prepare_cached("SELECT device, person, name, role, state, seals FROM p_device")?;
    let rows = statement
        .query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
