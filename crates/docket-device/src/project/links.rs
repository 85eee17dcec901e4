//! What ties documents together beside their registers: appliances' serial numbers, and customers' documents that are
//! one customer (D-K3).

use std::collections::{BTreeMap, BTreeSet};

use docket_core::view::Event;
use docket_format::{DocId, FactId};
use rusqlite::{Connection, params};

use super::Target;
use super::rows::{Table, put, row};
use crate::error::StoreError;
use crate::folding::squash;

const SERIALS: Table = Table { name: "p_serial", columns: &["serial"], keys: 1 };

/// Stores a document's serial numbers: of the job, of what the customer bought.
pub(super) fn put_serials<'s>(
    sql: &Connection,
    target: &Target<'_>,
    serials: impl Iterator<Item = &'s str>,
) -> Result<(), StoreError> {
    let serials: BTreeSet<String> =
        serials.map(|serial| squash(serial).replace(' ', "")).filter(|serial| !serial.is_empty()).collect();
    put(sql, &SERIALS, target, serials.into_iter().map(|serial| row![serial]).collect())
}

/// The links that stand in a customer's document: `same_as` facts that no `not_same_as` takes back.
pub(crate) fn standing(events: &[Event<'_>]) -> BTreeMap<FactId, DocId> {
    let back = |event: &Event<'_>| event.str("fixes").and_then(|id| FactId::parse_strict(id).ok());
    let ended: BTreeSet<FactId> = events.iter().filter(|event| event.kind == "not_same_as").filter_map(back).collect();
    let links = events.iter().filter(|event| event.kind == "same_as" && !ended.contains(&event.fact));
    links.filter_map(|event| Some((event.fact, event.str("doc")?.parse().ok()?))).collect()
}

/// Stores a customer's links; the groups are made anew where they changed.
pub(super) fn put_links(sql: &Connection, target: &Target<'_>, events: &[Event<'_>]) -> Result<(), StoreError> {
    let links = standing(events);
    let before: i64 = if target.fresh {
        0
    } else {
        sql.prepare_cached("DELETE FROM p_same WHERE doc = ?1")?.execute([target.row])? as i64
    };
    let id = target.doc.as_bytes();
    for (fact, other) in &links {
        sql.prepare_cached("INSERT OR IGNORE INTO p_same(doc, fact, one, other) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![target.row, fact.as_bytes(), id, other.as_bytes()])?;
    }
    if before > 0 || !links.is_empty() { regroup(sql) } else { Ok(()) }
}

/// Names each linked customer's group by the least id in it. Links are few: somebody made each by hand.
fn regroup(sql: &Connection) -> Result<(), StoreError> {
    let mut keys: BTreeMap<[u8; 16], [u8; 16]> = BTreeMap::new();
    let mut links = sql.prepare_cached("SELECT one, other FROM p_same")?;
    let links = links.query_map([], |row| Ok((row.get::<_, [u8; 16]>(0)?, row.get::<_, [u8; 16]>(1)?)))?;
    for link in links {
        let (one, other) = link?;
        let (mine, theirs) = (*keys.entry(one).or_insert(one), *keys.entry(other).or_insert(other));
        let (least, most) = (mine.min(theirs), mine.max(theirs));
        for key in keys.values_mut().filter(|key| **key == most) {
            *key = least;
        }
    }
    sql.execute("DELETE FROM p_link", [])?;
    let mut insert = sql.prepare_cached("INSERT INTO p_link(customer, person_key) VALUES (?1, ?2)")?;
    for (customer, key) in keys {
        insert.execute(params![customer, key])?;
    }
    Ok(())
}
