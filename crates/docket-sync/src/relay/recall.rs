//! Reading entries back: which facts they hold is asked for the roster, for scopes, and for the rare leaf that comes
//! without its fact.

use std::collections::{BTreeMap, BTreeSet};

use docket_format::bundle::{Item, join_items, read_items};
use docket_format::{Fact, FactId, TenantId, limits};

use super::{EntryRow, Log};

/// Looks through entries, as far as one page is worth it.
pub(super) struct Recall {
    /// Bytes of entries that may still be read.
    room: usize,
}

impl Default for Recall {
    /// As much as a page can hold itself: nobody makes a relay work for nothing.
    fn default() -> Self {
        Self { room: limits::CHUNK_BYTES }
    }
}

/// What was found.
#[derive(Default)]
pub(super) struct Found {
    /// Those of the wanted facts that the log holds.
    pub facts: BTreeMap<FactId, Fact>,
    /// Whether all of the document was looked through: what is not among `facts` is not in the log.
    pub whole: bool,
}

impl Recall {
    /// Looks for facts in a document's entries, the newest first.
    pub(super) fn find<L: Log>(
        &mut self,
        log: &L,
        tenant: TenantId,
        row: u64,
        mut wanted: BTreeSet<FactId>,
    ) -> Result<Found, L::Error> {
        let mut found = Found { whole: true, ..Found::default() };
        let room = &mut self.room;
        log.look_back(row, &mut |entry| {
            let Some(rest) = room.checked_sub(entry.body.len()) else {
                (*room, found.whole) = (0, false);
                return Ok(false);
            };
            *room = rest;
            match items_of(log, tenant, &entry)? {
                Some(items) => {
                    for item in &items {
                        let texts = item.changes.iter().flat_map(|(_, change)| &change.facts);
                        for (key, text) in texts {
                            if wanted.contains(key)
                                && let Ok(fact) = Fact::read(item.doc, *key, text.as_bytes())
                            {
                                wanted.remove(key);
                                found.facts.insert(*key, fact);
                            }
                        }
                    }
                }
                None => found.whole = false,
            }
            Ok(!wanted.is_empty())
        })?;
        Ok(found)
    }
}

/// What an entry holds; `None` for one that was damaged since it was admitted. Each is read by itself: together they may
/// be more than one reading takes.
pub(super) fn items_of<L: Log>(log: &L, tenant: TenantId, entry: &EntryRow) -> Result<Option<Vec<Item>>, L::Error> {
    let mut authors = BTreeMap::new();
    for number in &entry.authors {
        authors.insert(*number, log.author(*number)?);
    }
    let body = join_items([entry.body.as_slice()].into_iter());
    Ok(read_items(tenant, &|number| authors.get(&number).copied().flatten(), &body).ok())
}

/// Everything that the log holds of a document.
pub(super) fn all_of<L: Log>(log: &L, tenant: TenantId, row: u64) -> Result<Vec<Item>, L::Error> {
    let mut all = Vec::new();
    for entry in log.entries_of(row)? {
        // What doesn't read is missing here, and devices that hold it bring it back.
        all.extend(items_of(log, tenant, &entry)?.unwrap_or_default());
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relay::{MemoryLog, NewEntry, admit, read_page, roster_facts_of};
    use crate::testkit::Company;
    use docket_format::DocId;
    use docket_format::roster::Roster;
    use serde_json::json;

    #[test]
    fn facts_are_found_as_far_as_a_page_is_worth_it() {
        let mut company = Company::new(1);
        let mut pen = company.device(2, "A-1", "admin");
        let doc = DocId::new_v7(1, [1; 10]);
        let mut log = MemoryLog::new(company.tenant, [5; 16]);
        let mut ids = Vec::new();
        for n in 0..20 {
            let (id, change) = pen.write(doc, "noted", json!({"text": n.to_string()}));
            let (page, roster) = (pen.page(vec![change]), company.roster());
            admit(&mut log, &roster, pen.author.device, read_page(page, &roster)).unwrap();
            ids.push(id);
        }
        let (row, _) = log.doc(doc).unwrap().unwrap();
        let find = |room: usize, wanted: &[FactId]| {
            let mut recall = Recall { room };
            let found = recall.find(&log, company.tenant, row, wanted.iter().copied().collect()).unwrap();
            (found.facts.len(), found.whole, recall.room)
        };
        let (first, last, unknown) = (ids[0], ids[19], FactId::from_bytes([9; 16]));
        let (found, whole, rest) = find(100_000, &[first, last, unknown]);
        assert_eq!((found, whole), (2, true));
        let all = 100_000 - rest;
        // The newest first, and no further than to what is wanted.
        assert!(100_000 - find(100_000, &[last]).2 < all / 10);
        assert_eq!(find(all / 2, &[first, last]), (1, false, 0));
        assert_eq!(find(0, &[last]), (0, false, 0));
    }

    #[test]
    fn an_entry_that_does_not_read_takes_no_other_along() {
        let mut company = Company::new(1);
        let pen = company.device(2, "A-1", "admin");
        let mut log = MemoryLog::new(company.tenant, [5; 16]);
        let roster = company.roster();
        admit(&mut log, &roster, pen.author.device, read_page(company.roster_page(), &roster)).unwrap();
        let (row, _) = log.doc(docket_format::roster::doc(company.tenant)).unwrap().unwrap();
        log.append(&NewEntry { row, body: &[0xff; 40], authors: &[], leaves: &[] }).unwrap();
        let facts = roster_facts_of(&log, company.tenant).unwrap();
        assert_eq!(Roster::fold(company.tenant, &facts), roster);
    }
}
