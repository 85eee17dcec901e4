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
