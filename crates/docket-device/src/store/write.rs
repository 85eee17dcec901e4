//! The write path: one transaction, one change, built without loading the document.

use docket_format::change::{Admission, Carrier, DocState as _, NewChange, admit, build};
use docket_format::fact::{Origin, Stamp};
use docket_format::{Author, DocId, Fact, FactHeader, FactId, limits};
use serde_json::{Map, Value};

use super::docs::Admitted;
use super::{Arrival, Store, Tx};
use crate::error::StoreError;

/// A fact to be written: its kind and payload. Header keys are the store's.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// The fact kind ("arrived").
    pub kind: String,
    /// The payload.
    pub body: Map<String, Value>,
}

impl Draft {
    /// A draft from a kind and a JSON object; anything but an object is an empty payload.
    pub fn new(kind: &str, body: Value) -> Self {
        let body = match body {
            Value::Object(body) => body,
            _ => Map::new(),
        };
        Self { kind: kind.to_owned(), body }
    }
}

/// Facts as they were submitted once: submitting them again can't double them.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepared {
    /// The document.
    pub doc: DocId,
    /// When they were written.
    pub at: Stamp,
    /// What was asked for.
    pub drafts: Vec<Draft>,
    /// Key and canonical text of each.
    pub facts: Vec<(FactId, String)>,
    /// What was written into other documents in the same transaction.
    pub also: Vec<Prepared>,
}

/// What an author's next fact in a document must carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Next {
    /// The author.
    pub author: Author,
    /// Its number, from 1.
    pub n: u64,
    /// The fact before.
    pub prev: Option<FactId>,
}

impl Next {
    /// The origin of that fact.
    pub fn origin(self, at: Stamp) -> Origin {
        Origin::Device { author: self.author, n: self.n, prev: self.prev, at }
    }
}

pub(super) fn write(
    store: &mut Store,
    doc: DocId,
    drafts: &[Draft],
    also: &[(DocId, Vec<Draft>)],
    now: &Stamp,
) -> Result<Vec<FactId>, StoreError> {
    let dir = store.dir().to_path_buf();
    let mut run = || {
        let mut tx = store.begin()?;
        let mut prepared = tx.prepare(doc, drafts, now)?;
        for (doc, drafts) in also {
            prepared.also.push(tx.prepare(*doc, drafts, now)?);
        }
        commit(tx, prepared)
    };
    run().map_err(|error| error.in_dir(&dir))
}

pub(super) fn submit(store: &mut Store, prepared: &Prepared) -> Result<Vec<FactId>, StoreError> {
    let dir = store.dir().to_path_buf();
    let mut run = || {
        let mut tx = store.begin()?;
        let ids: Vec<FactId> = prepared.facts.iter().map(|(id, _)| *id).collect();
        if tx.holds(prepared.doc, &ids)? {
            return Ok(ids);
        }
        // All of a transaction landed or nothing did.
        let mut prepared = prepared.fitting(&mut tx)?;
        for also in &mut prepared.also {
            *also = also.fitting(&mut tx)?;
        }
        commit(tx, prepared)
    };
    run().map_err(|error| error.in_dir(&dir))
}

impl Prepared {
    /// These facts if their numbers are still free, else new ones made of the same drafts.
    fn fitting(&self, tx: &mut Tx<'_>) -> Result<Self, StoreError> {
        let author = tx.author();
        let next = tx.next(self.doc, author)?;
        let (first, text) = self.facts.first().ok_or_else(|| StoreError::corrupt("nothing to submit"))?;
        let fact = Fact::read(self.doc, *first, text.as_bytes())?;
        let fits = matches!(fact.header.origin, Origin::Device { author, n, prev, .. }
            if (Next { author, n, prev }) == next);
        // Its number was used by another fact since: so it can't have landed, and new facts may be made of the drafts.
        if fits {
            return Ok(self.clone());
        }
        Ok(Self { also: self.also.clone(), ..tx.prepare(self.doc, &self.drafts, &self.at)? })
    }
}

fn commit(mut tx: Tx<'_>, prepared: Prepared) -> Result<Vec<FactId>, StoreError> {
    let ids = prepared.facts.iter().map(|(id, _)| *id).collect();
    for part in core::iter::once(&prepared).chain(&prepared.also) {
        tx.append(part.doc, &part.facts, &part.at)?;
    }
    match tx.commit() {
        Ok(()) => Ok(ids),
        Err(StoreError::CommitUnknown { path, source, .. }) => {
            Err(StoreError::CommitUnknown { path, prepared: Some(Box::new(prepared)), source })
        }
        Err(error) => Err(error),
    }
}

impl Tx<'_> {
    /// What `author`'s next fact in `doc` must carry.
    pub fn next(&mut self, doc: DocId, author: Author) -> Result<Next, StoreError> {
        let tip = self.with_doc(doc, |sql, work| work.tip(sql, author))?;
        Ok(match tip {
            Some((n, fact)) => Next { author, n: n + 1, prev: Some(fact) },
            None => Next { author, n: 1, prev: None },
        })
    }

    /// Turns drafts into this device's next facts. Nothing is stored.
    pub fn prepare(&mut self, doc: DocId, drafts: &[Draft], now: &Stamp) -> Result<Prepared, StoreError> {
        let mut next = self.next(doc, self.author())?;
        let mut facts = Vec::with_capacity(drafts.len());
        for draft in drafts {
            let header = FactHeader { kind: draft.kind.clone(), origin: next.origin(now.clone()) };
            let (fact, text) = Fact::write(doc, header, draft.body.clone())?;
            next = Next { n: next.n + 1, prev: Some(fact.id), ..next };
            facts.push((fact.id, text));
        }
        Ok(Prepared { doc, at: now.clone(), drafts: drafts.to_vec(), facts, also: Vec::new() })
    }

    /// Puts ready-made facts into the document as one change of this device. The facts may be anybody's: re-carried
    /// facts keep their authorship.
    pub fn append(&mut self, doc: DocId, facts: &[(FactId, String)], now: &Stamp) -> Result<(), StoreError> {
        let author = self.author();
        let carrier = Carrier::Device(author);
        let facts: Vec<(FactId, &str)> = facts.iter().map(|(id, text)| (*id, text.as_str())).collect();
        let time = (now.wall_ms / 1000).clamp(limits::CHANGE_TIME_MIN, limits::CHANGE_TIME_MAX);
        let actor = docket_format::ActorId::of_device(author, doc);
        self.prefetch(doc, actor, None, &[])?;
        self.with_doc(doc, |sql, work| {
            let deps = work.heads().to_vec();
            let (seq, start_op) = (work.last(actor).seq + 1, work.max_op() + 1);
            let built = build(&NewChange { doc, carrier, seq, start_op, deps: &deps, time, facts: &facts })?;
            // The same check that everybody's changes pass, so that no other device refuses what this one builds on.
            let arrival = Arrival::read(doc, carrier, &built.bytes)?;
            if admit(&arrival.change, work)? != Admission::New {
                return Err(StoreError::corrupt(format!("document {doc}: its row does not fit its changes")));
            }
            for fact in arrival.facts.iter().flatten() {
                if let Origin::Device { author, n, .. } = fact.header.origin {
                    work.set_tip(sql, author, n, fact.id)?;
                }
            }
            work.push(Admitted { arrival, vouch: false });
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing;
    use serde_json::json;

    #[test]
    fn a_commit_that_fails_hands_back_what_to_submit_again() {
        let (dir, mut store) = testing::store();
        let at = testing::at();
        let (doc, _) = store.create_doc(&[Draft::new("created", json!({"dk": "job"}))], &at).unwrap();
        let other = DocId::new_v7(1, [3; 10]);
        store.conn.commit_hook(Some(|| true)).unwrap(); // every commit is turned into a failure
        let also = [(other, vec![Draft::new("noted", json!({"text": "x"}))])];
        let error = store.write_all(doc, &[Draft::new("arrived", json!({}))], &also, &at).unwrap_err();
        store.conn.commit_hook(None::<fn() -> bool>).unwrap();
        let StoreError::CommitUnknown { prepared: Some(prepared), path, .. } = error else { panic!("{error:?}") };
        assert_eq!(path, dir.path().join(crate::store::DATABASE));
        assert_eq!(store.facts(doc).unwrap().len(), 1);
        let ids = store.submit(&prepared).unwrap();
        assert_eq!(ids, [prepared.facts[0].0]);
        assert_eq!(store.submit(&prepared).unwrap(), ids);
        assert_eq!(store.facts(doc).unwrap().len(), 2);
        assert_eq!(store.facts(other).unwrap().len(), 1, "all of a transaction or nothing");
    }
}
