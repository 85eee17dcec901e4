//! What a device is sent: the entries of its view after its cursor, in pages that are complete in themselves. Entries
//! are stored as they travel, so a page is their concatenation, compressed, with the authors and seals that it names.

use std::collections::BTreeMap;

use docket_format::bundle::join_items;
use docket_format::{Author, DocId};

use super::{EntryRow, Log, View};
use crate::judge::Shown;
use crate::prover::Prover;
use crate::wire::{Cursor, FRAME_BYTES, PageParts};

/// Uncompressed bytes of items at which a page is closed.
const PAGE_BYTES: usize = 512 * 1024;
/// zstd's level for pages: higher ones cost the relay more time than the bytes are worth.
const LEVEL: i32 = 3;

/// The next page of a view after a cursor and how far it reaches; `None` at its end.
pub fn next_page<L: Log>(
    log: &L,
    view: &View,
    after: Cursor,
    prover: &mut Prover,
) -> Result<Option<(Vec<u8>, Cursor)>, L::Error> {
    let (page, mark) = next_page_within(log, view, after, u64::MAX, &[], prover)?;
    Ok(page.map(|page| (page, mark)))
}

/// As [`next_page`], of what lies at or below a place and is not among the `own` entries, which the device has just
/// brought itself; and how far that reaches, page or none: what is its own is passed over.
pub(super) fn next_page_within<L: Log>(
    log: &L,
    view: &View,
    after: Cursor,
    upto: u64,
    own: &[(u64, u64)],
    prover: &mut Prover,
) -> Result<(Option<Vec<u8>>, Cursor), L::Error> {
    let is_own = |at: Cursor| own.iter().any(|(first, last)| (*first..=*last).contains(&at.pos));
    let mut reached = after;
    // No entry lies above where it takes effect: nothing follows the last place. Most exchanges are idle.
    while reached.pos < upto {
        let mut entries = log.entries(view, reached, PAGE_BYTES)?;
        entries.truncate(entries.partition_point(|entry| entry.at.eff <= upto));
        let Some(last) = entries.last() else { return Ok((None, reached)) };
        reached = last.at;
        entries.retain(|entry| !is_own(entry.at));
        while !entries.is_empty() {
            let page = page(log, &entries, Some(reached), prover)?;
            if page.len() <= FRAME_BYTES || entries.len() == 1 {
                return Ok((Some(page), reached));
            }
            // Leaves far apart in large trees: their proofs don't fit the frame.
            entries.truncate(entries.len() / 2);
            reached = entries.last().map_or(reached, |last| last.at);
        }
    }
    Ok((None, reached))
}

/// Pages with all of some documents, of those that the view shows: takes as many from the end of the list as fit one
/// page, or one document that needs several. Empty when nothing is left to send.
pub fn whole_pages<L: Log>(
    log: &L,
    view: &View,
    docs: &mut Vec<DocId>,
    prover: &mut Prover,
) -> Result<Vec<Vec<u8>>, L::Error> {
    let (mut entries, mut size) = (Vec::new(), 0);
    while let Some(doc) = docs.pop() {
        let Some((row, _)) = log.doc(doc)? else { continue };
        if !log.sees(view, row)? {
            continue;
        }
        let all = log.entries_of(row)?;
        let more: usize = all.iter().map(|entry| entry.body.len()).sum();
        if size > 0 && size + more > PAGE_BYTES {
            docs.push(doc);
            break;
        }
        size += more;
        entries.extend(all);
    }
    let (mut pages, mut rest) = (Vec::new(), entries.as_slice());
    while !rest.is_empty() {
        let mut filled = 0;
        let fit = rest.iter().take_while(|entry| {
            let first = filled == 0;
            filled += entry.body.len();
            first || filled <= PAGE_BYTES
        });
        let mut count = fit.count();
        loop {
            let (some, after) = rest.split_at(count);
            let page = page(log, some, None, prover)?;
            if page.len() <= FRAME_BYTES || count <= 1 {
                pages.push(page);
                rest = after;
                break;
            }
            count /= 2;
        }
    }
    Ok(pages)
}

fn page<L: Log>(log: &L, entries: &[EntryRow], mark: Option<Cursor>, prover: &mut Prover) -> Result<Vec<u8>, L::Error> {
    let mut authors: BTreeMap<Author, u32> = BTreeMap::new();
    let mut leaves: BTreeMap<u32, Vec<u64>> = BTreeMap::new();
    let mut numbers: Vec<u32> = entries.iter().flat_map(|entry| &entry.authors).copied().collect();
    numbers.sort_unstable();
    numbers.dedup();
    for number in numbers {
        if let Some(author) = log.author(number)? {
            authors.insert(author, number);
        }
    }
    for (seal, place) in entries.iter().flat_map(|entry| &entry.leaves) {
        leaves.entry(*seal).or_default().push(*place);
    }
    let mut seals = Vec::with_capacity(leaves.len());
    for (number, mut places) in leaves {
        places.sort_unstable();
        places.dedup();
        let Some(seal) = log.seal(number)? else { continue };
        let size = seal.claims().map_or(0, |body| body.leaves);
        if let Some(proof) = prover.prove(number, size, &places, || log.nodes(number, size))? {
            seals.push(Shown { number, seal, proof });
        }
    }
    let items = join_items(entries.iter().map(|entry| entry.body.as_slice()).collect::<Vec<_>>().into_iter());
    let parts = PageParts { authors: &authors, seals: &seals, items: &items, mark, level: LEVEL };
    // An entry is at most a pushed page, which was within the limit.
    Ok(parts.encode().unwrap_or_default())
}
