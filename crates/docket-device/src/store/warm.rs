//! Documents as the last transactions left them. Who ticks through a visit writes to one document again and again: what
//! the write before knew of it need not be read again. A transaction that was given up and one of another process empty
//! this, so it never holds anything but what is stored.

use std::collections::{BTreeMap, VecDeque};

use docket_format::DocId;

use super::docs::DocWork;

/// The documents, last used last.
#[derive(Debug, Default)]
pub(crate) struct Warm(VecDeque<DocWork>);

impl Warm {
    /// Most documents kept, and the most of one transaction that are worth it.
    pub(crate) const DOCS: usize = 8;
    /// Most facts of a document that is kept.
    const FACTS: usize = 1_000;

    /// Hands a document out; until it is put back it is not here.
    pub(super) fn take(&mut self, doc: DocId) -> Option<DocWork> {
        let place = self.0.iter().position(|work| work.doc == doc)?;
        self.0.remove(place)
    }

    /// Keeps what a committed transaction worked on, if it is few and whole.
    pub(super) fn keep(&mut self, docs: BTreeMap<DocId, DocWork>) {
        if docs.len() > Self::DOCS {
            return;
        }
        let whole = |work: &DocWork| work.held.as_ref().is_some_and(|held| held.len() <= Self::FACTS);
        self.0.extend(docs.into_values().filter(|work| !work.is_new && whole(work)).map(DocWork::settled));
        let over = self.0.len().saturating_sub(Self::DOCS);
        self.0.drain(..over);
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}
