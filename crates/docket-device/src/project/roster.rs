//! The roster: which device is whose, for the fold and for `v_device`.

use std::collections::BTreeMap;

use docket_format::roster::{Roster, State};
use docket_format::{DocId, crockford};
use rusqlite::{Connection, params};

use super::{Target, evidence};
use crate::error::StoreError;

/// Person, name, role, state, seals, and the further people.
type Entry = (Option<String>, String, String, String, String, Vec<Other>);
/// A further person: number, name, role; once that ended, the seals under which their word stays theirs.
type Other = (String, String, String, Option<String>);

/// Projects the roster; returns the documents in which a device with a new standing wrote.
pub(super) fn project(sql: &Connection, target: &Target<'_>) -> Result<Vec<DocId>, StoreError> {
    let before = stored(sql)?;
    let roster = Roster::fold(target.tenant, target.facts);
    let now: BTreeMap<Vec<u8>, Entry> = roster
        .devices()
        .map(|(device, entry)| {
            let (state, seals) = match &entry.state {
                State::Active => ("active", String::new()),
                State::Contested => ("contested", String::new()),
                State::Rotated { .. } => ("rotated", String::new()),
                State::Revoked { seals, .. } => ("revoked", seals.iter().map(|tag| crockford::encode(tag)).collect()),
            };
            let person = entry.person.as_ref().map(ToString::to_string);
            let others = entry.others.iter().map(|(person, shared)| {
                let seals = shared.ended.as_ref().map(|seals| seals.iter().map(|tag| crockford::encode(tag)).collect());
                (person.to_string(), shared.name.clone(), shared.role.clone(), seals)
            });
            let entry =
                (person, entry.name.clone(), entry.role.clone(), state.to_owned(), seals, others.collect::<Vec<_>>());
            (device.as_bytes().to_vec(), entry)
        })
        .collect();
    sql.execute("DELETE FROM p_device", [])?;
    sql.execute("DELETE FROM p_shared", [])?;
    let mut put = sql.prepare_cached(
        "INSERT INTO p_device(device, person, name, role, state, seals) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for (device, (person, name, role, state, seals, others)) in &now {
        put.execute(params![device, person, name, role, state, seals])?;
        for (person, name, role, seals) in others {
            sql.prepare_cached("INSERT INTO p_shared(device, person, name, role, seals) VALUES (?1, ?2, ?3, ?4, ?5)")?
                .execute(params![device, person, name, role, seals])?;
        }
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
            docs.extend(vouched_otherwise(sql, device, before.get(device), now.get(device))?);
        }
    }
    Ok(docs)
}

/// Documents with imported facts for which this device's word counts now and did not before, or the other way round.
fn vouched_otherwise(
    sql: &Connection,
    device: &[u8],
    before: Option<&Entry>,
    now: Option<&Entry>,
) -> Result<Vec<DocId>, StoreError> {
    let counts = |entry: Option<&Entry>, packed: &[u8]| {
        entry.is_some_and(|(_, _, role, state, seals, _)| {
            evidence::may_vouch(role) && evidence::seal_stands(state, seals, packed)
        })
    };
    let mut seals =
        sql.prepare_cached("SELECT s.id, s.bytes FROM author a JOIN seal s ON s.author = a.id WHERE a.device = ?1")?;
    let seals = seals.query_map([device], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?)))?;
    let mut leaves = sql.prepare_cached(
        "SELECT DISTINCT d.doc FROM seal_leaf l JOIN doc d ON d.id = l.doc WHERE l.seal = ?1 AND l.n = 0",
    )?;
    let mut docs = Vec::new();
    for seal in seals {
        let (row, packed) = seal?;
        if counts(before, &packed) != counts(now, &packed) {
            for id in leaves.query_map([row], |row| row.get::<_, [u8; 16]>(0))? {
                docs.extend(DocId::from_bytes(id?));
            }
        }
    }
    Ok(docs)
}

fn stored(sql: &Connection) -> Result<BTreeMap<Vec<u8>, Entry>, StoreError> {
    let mut statement = sql.prepare_cached("SELECT device, person, name, role, state, seals FROM p_device")?;
    let rows = statement.query_map([], |row| {
        Ok((row.get(0)?, (row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, Vec::new())))
    })?;
    let mut entries: BTreeMap<Vec<u8>, Entry> = rows.collect::<Result<_, _>>()?;
    let mut statement =
        sql.prepare_cached("SELECT device, person, name, role, seals FROM p_shared ORDER BY device, person")?;
    let rows = statement
        .query_map([], |row| Ok((row.get::<_, Vec<u8>>(0)?, (row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))))?;
    for row in rows {
        let (device, other) = row?;
        if let Some(entry) = entries.get_mut(&device) {
            entry.5.push(other);
        }
    }
    Ok(entries)
}
