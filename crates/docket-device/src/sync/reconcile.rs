//! Comparing the two records by sums and bringing together what differs, whoever wrote it: after a relay was put back,
//! deleted or swapped, and once a day as a check.

use std::collections::{BTreeMap, BTreeSet};

use docket_format::DocId;
use docket_sync::wire::{Anchor, Buckets, Compare, Compared, Cursor, DocSum, Sum, bucket_of};

use super::SyncError;
use super::job::Rebase;
use super::session::ask;
use super::transport::Transport;
use crate::error::StoreError;
use crate::store::{RelayRow, Store, read};

/// Most documents asked about at once.
const ASKED: usize = 16_384;
/// Most bytes of an answer: so many documents are in nobody's sight.
const MOST: usize = 256 * 1024 * 1024;
/// Above so many documents that differ, everything is pulled anew instead of one by one.
const MANY: usize = 4_096;

/// What differs.
#[derive(Debug)]
pub(super) struct Differing {
    /// Documents to push whole.
    pub push: BTreeSet<DocId>,
    /// Documents to ask for whole.
    pub want: BTreeSet<DocId>,
    /// The place of the log that was compared.
    pub at: Rebase,
}

/// Compares this device's record with what the relay holds in its sight.
pub(super) fn compare(store: &Store, transport: &mut dyn Transport, relay: &RelayRow) -> Result<Differing, SyncError> {
    let own = store.sums()?;
    let mut buckets = Buckets::default();
    for (&doc, &sum) in &own {
        buckets.add(DocSum { doc, sum });
    }
    let first = question(transport, relay, &Compare { buckets: Some(buckets), docs: Vec::new() })?;
    let (mut push, mut want, mut listed) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for DocSum { doc, sum } in &first.docs {
        listed.insert(*doc);
        match own.get(doc) {
            Some(same) if same == sum => {}
            Some(_) => {
                push.insert(*doc);
                want.insert(*doc);
            }
            None => {
                want.insert(*doc);
            }
        }
    }
    let buckets: BTreeSet<usize> = first.buckets.iter().map(|bucket| usize::from(*bucket)).collect();
    let unlisted = own.iter().filter(|(doc, _)| buckets.contains(&bucket_of(**doc)) && !listed.contains(doc));
    let unlisted: Vec<DocSum> = unlisted.map(|(&doc, &sum)| DocSum { doc, sum }).collect();
    if first.head.pos == 0 {
        push.extend(unlisted.iter().map(|doc| doc.doc)); // it holds nothing
    } else {
        for docs in unlisted.chunks(ASKED) {
            let asked = Compare { buckets: None, docs: docs.to_vec() };
            let second = question(transport, relay, &asked)?;
            push.extend(second.differing.into_iter().filter(|doc| own.contains_key(doc)));
        }
    }
    let Compared { epoch, head, view, .. } = first;
    let end = Cursor { eff: head.pos, pos: head.pos };
    let cursor = if want.len() > MANY { Cursor::default() } else { end };
    if want.len() > MANY {
        want.clear();
    }
    Ok(Differing { push, want, at: Rebase { epoch, head, view, cursor } })
}

fn question(transport: &mut dyn Transport, relay: &RelayRow, ask_for: &Compare) -> Result<Compared, SyncError> {
    let bytes = ask(transport, "/v1/compare", relay.token.as_deref(), ask_for.encode(), MOST)?;
    Compared::decode(&bytes).ok_or_else(|| SyncError::BadAnswer {
        url: transport.url().to_owned(),
        what: "it answered with a comparison that is none".into(),
    })
}

/// Whether a log is the one that an anchor is of, as far as can be told without asking.
pub(super) fn same_log(relay: &RelayRow, at: &Rebase) -> bool {
    relay.anchor.is_some_and(|(epoch, Anchor { pos, .. })| epoch == at.epoch && pos <= at.head.pos)
}

impl Store {
    /// Every document's sum.
    pub(crate) fn sums(&self) -> Result<BTreeMap<DocId, Sum>, StoreError> {
        self.sql(|sql| {
            let mut rows = BTreeMap::new();
            let mut changes = sql.prepare_cached("SELECT doc, hash FROM change")?;
            let mut found = changes.query([])?;
            while let Some(row) = found.next()? {
                rows.entry(row.get::<_, i64>(0)?).or_insert_with(Sum::default).add(read::hash(row, 1)?);
            }
            let mut docs = sql.prepare_cached("SELECT id, doc FROM doc WHERE changes > 0")?;
            let mut found = docs.query([])?;
            let mut sums = BTreeMap::new();
            while let Some(row) = found.next()? {
                let doc = DocId::from_bytes(row.get(1)?);
                let doc = doc.ok_or_else(|| StoreError::corrupt("a document without id"))?;
                sums.insert(doc, rows.get(&row.get::<_, i64>(0)?).copied().unwrap_or_default());
            }
            Ok(sums)
        })
    }
}
