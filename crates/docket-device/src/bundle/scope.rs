//! Which documents a bundle holds: all of them, or what its addressee is entitled to see (DESIGN §5).

use std::collections::BTreeSet;

use docket_format::roster::Roster;
use docket_format::{DeviceId, DocId, PersonId};

use crate::error::StoreError;
use crate::store::Store;

/// The documents for a device: everything for an office role; for a technician what their scope shows, the jobs whose
/// crew holds the person or that one of their devices worked on, with their customers, their scope itself, and
/// everybody's rosters, policies and technician files.
pub(super) fn for_device(store: &Store, roster: &Roster, device: DeviceId) -> Result<Vec<DocId>, StoreError> {
    let all = documents(store)?;
    let Some(entry) = roster.device(device) else { return Ok(Vec::new()) };
    let Some(person) = entry.person.as_ref().filter(|_| !docket_format::scope::sees_all(&entry.role)) else {
        return Ok(all.into_iter().map(|(doc, _)| doc).collect());
    };
    let mut entitled = entitled(store, roster, person)?;
    entitled.extend(in_scope(store, person)?);
    let seen = all.into_iter().filter(|(doc, kind)| is_common(kind.as_deref()) || entitled.contains(doc));
    Ok(seen.map(|(doc, _)| doc).collect())
}

/// What everybody may see: rosters, policies, technicians' evidence.
pub(super) fn common(store: &Store) -> Result<Vec<DocId>, StoreError> {
    let all = documents(store)?.into_iter();
    Ok(all.filter(|(_, kind)| is_common(kind.as_deref())).map(|(doc, _)| doc).collect())
}

/// What a relay shows a person: everything to an office role, else what is common, their scope, and what it holds in.
/// `None` if nobody knows the person.
pub(super) fn shown_to(store: &Store, roster: &Roster, person: &PersonId) -> Result<Option<Vec<DocId>>, StoreError> {
    let devices = roster.devices().filter(|(_, entry)| entry.person.as_ref() == Some(person));
    let roles: Vec<&str> = devices.map(|(_, entry)| entry.role.as_str()).collect();
    let all = documents(store)?;
    let office = !roles.is_empty() && roles.iter().all(|role| docket_format::scope::sees_all(role));
    let shown = in_scope(store, person)?;
    if roles.is_empty() && !all.iter().any(|(doc, _)| shown.contains(doc)) {
        return Ok(None);
    }
    let seen = all.into_iter().filter(|(doc, kind)| office || is_common(kind.as_deref()) || shown.contains(doc));
    Ok(Some(seen.map(|(doc, _)| doc).collect()))
}

/// A person's scope document, and what it shows.
fn in_scope(store: &Store, person: &PersonId) -> Result<BTreeSet<DocId>, StoreError> {
    let mut docs = crate::app::scope::of(store, person)?.scope.docs();
    docs.insert(docket_format::scope::doc(store.tenant(), person));
    Ok(docs)
}

/// A document of an unknown kind is shown to nobody new.
fn is_common(kind: Option<&str>) -> bool {
    kind.is_some_and(docket_format::scope::is_common)
}

pub(super) fn everything(store: &Store) -> Result<Vec<DocId>, StoreError> {
    Ok(documents(store)?.into_iter().map(|(doc, _)| doc).collect())
}

/// Documents with their kinds, in the order of [`Store::line`].
fn documents(store: &Store) -> Result<Vec<(DocId, Option<String>)>, StoreError> {
    let mut docs = store.sql(|sql| {
        let mut statement = sql.prepare_cached("SELECT doc, kind FROM doc WHERE changes > 0")?;
        let mut rows = statement.query([])?;
        let mut docs = Vec::new();
        while let Some(row) = rows.next()? {
            let doc = DocId::from_bytes(row.get(0)?).ok_or_else(|| StoreError::corrupt("a document without id"))?;
            docs.push((doc, row.get::<_, Option<String>>(1)?));
        }
        Ok(docs)
    })?;
    let place = store.line()?;
    docs.sort_unstable_by_key(|(doc, _)| place(*doc));
    Ok(docs)
}

fn entitled(store: &Store, roster: &Roster, person: &PersonId) -> Result<BTreeSet<DocId>, StoreError> {
    let own: Vec<DeviceId> =
        roster.devices().filter(|(_, entry)| entry.person.as_ref() == Some(person)).map(|(device, _)| device).collect();
    store.sql(|sql| {
        let mut found = BTreeSet::new();
        let mut keep = |query: &str, key: &dyn rusqlite::ToSql| -> Result<(), StoreError> {
            let mut statement = sql.prepare_cached(query)?;
            let mut rows = statement.query([key])?;
            while let Some(row) = rows.next()? {
                for column in 0..2 {
                    let id: Option<[u8; 16]> = row.get(column)?;
                    found.extend(id.and_then(DocId::from_bytes));
                }
            }
            Ok(())
        };
        let crew = "SELECT id, customer FROM p_job WHERE instr(',' || crew || ',', ',' || ?1 || ',') > 0";
        keep(crew, &person.as_str())?;
        let worked = "SELECT d.doc, j.customer FROM author a JOIN chain c ON c.author = a.id JOIN doc d ON d.id = c.doc
                        LEFT JOIN p_job j ON j.doc = d.id WHERE a.device = ?1";
        for device in own {
            keep(worked, &device.as_bytes().as_slice())?;
        }
        Ok(found)
    })
}
