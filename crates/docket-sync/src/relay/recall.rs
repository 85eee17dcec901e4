//! Which facts a document's entries hold: asked for the rare leaf that comes without its fact.

use std::collections::{BTreeMap, BTreeSet};

use docket_format::bundle::{join_items, read_items};
use docket_format::{Fact, FactId, TenantId, limits};

use super::Log;

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
            let mut authors = BTreeMap::new();
            for number in &entry.authors {
                authors.insert(*number, log.author(*number)?);
            }
            // Each by itself: together they may be more than one reading takes.
            let body = join_items([entry.body.as_slice()].into_iter());
            match read_items(tenant, &|number| authors.get(&number).copied().flatten(), &body) {
                Ok(items) => {
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
                Err(_) => found.whole = false,
            }
            Ok(!wanted.is_empty())
        })?;
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relay::{MemoryLog, admit, read_page};
    use crate::testkit::Company;
    use docket_format::DocId;
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
}
