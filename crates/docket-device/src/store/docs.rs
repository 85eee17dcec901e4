//! One document's state while a transaction works on it, read from its row and the index, never by loading it.

use std::collections::{BTreeMap, BTreeSet};

use docket_format::change::{DocState, GENESIS_MAX_OP, Last, Stored, genesis};
use docket_format::{ActorId, Author, ChangeHash, DocId, Fact, FactId};
use rusqlite::{Connection, OptionalExtension as _};

use super::{Arrival, body, read};
use crate::error::StoreError;
use crate::project::Shelf;

/// A change that was admitted and is not in its table yet.
#[derive(Debug)]
pub(crate) struct Admitted {
    pub arrival: Arrival,
    /// Whether this device put imported facts into the record and should vouch for them.
    pub vouch: bool,
}

/// A document in work.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "four independent questions about the document, each asked alone")]
pub(crate) struct DocWork {
    pub doc: DocId,
    /// Row id; for a new document the one it will get.
    pub row: i64,
    /// The document has no row yet.
    pub is_new: bool,
    pub kind: Option<String>,
    pub changes: u64,
    /// Well-formed facts in the table, each once.
    pub facts: u64,
    pub pending: Vec<Admitted>,
    /// Well-formed facts that this transaction added.
    pub fresh: Vec<Fact>,
    /// The document's other well-formed facts, each once, by id; `None`: not read.
    pub held: Option<Vec<Fact>>,
    /// Ids of the facts in the table that are not in `held`; `None`: not read, and nor is `held`.
    beside: Option<BTreeSet<FactId>>,
    /// Its rows in the projections, as far as they are known.
    pub shelf: Shelf,
    /// Something changed that the projection depends on.
    pub to_project: bool,
    /// A projection of it may exist.
    pub projected: bool,
    /// Its row has the kind and number that `fresh` says.
    pub named: bool,
    max_op: u64,
    heads: Vec<ChangeHash>,
    genesis: ChangeHash,
    known: BTreeMap<ChangeHash, Stored>,
    last: BTreeMap<ActorId, Last>,
    /// `known` and `last` have all of the document's changes.
    is_known: bool,
    tips: BTreeMap<Author, (u64, FactId)>,
    /// This transaction brought changes of others, which can hold facts of any device.
    mixed: bool,
}

impl DocWork {
    /// Reads the document's row; a document without one consists of its genesis and will get row `next_row`.
    pub(crate) fn load(sql: &Connection, doc: DocId, next_row: &mut i64) -> Result<Self, StoreError> {
        let hash = genesis(doc).hash;
        let genesis_change = Stored { actor: ActorId::of_genesis(doc), max_op: GENESIS_MAX_OP };
        let mut work = Self {
            doc,
            row: 0,
            is_new: true,
            kind: None,
            changes: 0,
            facts: 0,
            pending: Vec::new(),
            fresh: Vec::new(),
            held: Some(Vec::new()),
            beside: Some(BTreeSet::new()),
            shelf: Shelf::default(),
            to_project: false,
            projected: false,
            named: false,
            max_op: GENESIS_MAX_OP,
            heads: vec![hash],
            genesis: hash,
            known: BTreeMap::from([(hash, genesis_change)]),
            last: BTreeMap::new(),
            is_known: true,
            tips: BTreeMap::new(),
            mixed: false,
        };
        let mut statement =
            sql.prepare_cached("SELECT id, kind, max_op, changes, heads, facts FROM doc WHERE doc = ?1")?;
        let row = statement
            .query_row([doc.as_bytes()], |row| {
                (work.row, work.kind, work.facts) = (row.get(0)?, row.get(1)?, row.get::<_, i64>(5)? as u64);
                Ok((row.get::<_, i64>(2)?, row.get::<_, i64>(3)?, row.get::<_, Vec<u8>>(4)?))
            })
            .optional()?;
        if let Some((max_op, changes, heads)) = row {
            let heads = body::split(&heads).ok_or_else(|| StoreError::corrupt(format!("heads of document {doc}")))?;
            if !heads.is_empty() {
                work.heads = heads;
            }
            (work.max_op, work.changes) = (max_op as u64, changes as u64);
            (work.is_new, work.projected) = (false, changes > 0);
            work.is_known = changes == 0;
            work.held = work.is_known.then(Vec::new);
            work.beside = work.is_known.then(BTreeSet::new);
        } else {
            work.row = *next_row;
            *next_row += 1;
        }
        Ok(work)
    }

    /// Reads what [`docket_format::change::admit`] will ask about a change with these dependencies and this actor: all of
    /// the document's changes, if something of it is not known yet. If there is room for so many facts they stay for the
    /// projection, and there is less afterwards.
    pub(crate) fn prefetch(
        &mut self,
        sql: &Connection,
        actor: ActorId,
        own: Option<ChangeHash>,
        deps: &[ChangeHash],
        room: &mut u64,
    ) -> Result<(), StoreError> {
        if self.is_known {
            return Ok(());
        }
        let mut ask = own.iter().chain(deps).chain(&self.heads);
        if ask.all(|hash| self.known.contains_key(hash)) && self.last.contains_key(&actor) {
            return Ok(());
        }
        if self.held.is_none() && self.facts <= *room {
            match self.read_whole(sql) {
                Ok(facts) => *room = room.saturating_sub(facts),
                // A row that is damaged is in nobody's way who brings nothing new.
                Err(StoreError::Corrupt { .. }) => self.read_headers(sql)?,
                Err(error) => return Err(error),
            }
        } else {
            self.read_headers(sql)?;
        }
        self.is_known = true;
        Ok(())
    }

    fn read_whole(&mut self, sql: &Connection) -> Result<u64, StoreError> {
        let mut held = Vec::new();
        read::each_change(sql, self.doc, self.row, |actor, change| {
            self.note(change.hash, actor, Last { seq: change.seq, max_op: change.max_op() });
            held.extend(read::well_formed(&change));
        })?;
        let count = held.len() as u64;
        self.held = Some(read::each_once(held));
        self.beside = Some(BTreeSet::new());
        Ok(count)
    }

    fn read_headers(&mut self, sql: &Connection) -> Result<(), StoreError> {
        let mut statement =
            sql.prepare_cached("SELECT hash, actor, seq, start_op + ops - 1 FROM change WHERE doc = ?1")?;
        let mut rows = statement.query([self.row])?;
        while let Some(row) = rows.next()? {
            let (actor, seq, max_op) = (ActorId::from_bytes(row.get(1)?), row.get::<_, i64>(2)?, row.get::<_, i64>(3)?);
            self.note(read::hash(row, 0)?, actor, Last { seq: seq as u64, max_op: max_op as u64 });
        }
        Ok(())
    }

    fn note(&mut self, hash: ChangeHash, actor: ActorId, last: Last) {
        self.known.insert(hash, Stored { actor, max_op: last.max_op });
        let newest = self.last.entry(actor).or_insert(last);
        if newest.seq < last.seq {
            *newest = last;
        }
    }

    /// Takes in a change that was just admitted.
    pub(crate) fn push(&mut self, admitted: Admitted) {
        let change = &admitted.arrival.change;
        let (hash, actor, last) = (change.hash, change.actor, Last { seq: change.seq, max_op: change.max_op() });
        self.max_op = self.max_op.max(last.max_op);
        self.heads.retain(|head| change.deps.binary_search(head).is_err());
        self.heads.push(hash);
        self.heads.sort_unstable();
        self.note(hash, actor, last);
        self.changes += 1;
        self.to_project = true;
        self.pending.push(admitted);
    }

    /// Whether a fact is in the table.
    pub(super) fn has(&mut self, sql: &Connection, fact: FactId) -> Result<bool, StoreError> {
        let beside = match &mut self.beside {
            Some(beside) => beside,
            None => self.beside.insert(read::indexed(sql, self.row)?.into_iter().collect()),
        };
        let held = self.held.as_ref().is_some_and(|held| held.binary_search_by_key(&fact, |held| held.id).is_ok());
        Ok(held || beside.contains(&fact))
    }

    /// Takes in a fact that was just put into the table.
    pub(super) fn add(&mut self, fact: Fact) {
        self.facts += 1;
        if let Some(beside) = &mut self.beside {
            beside.insert(fact.id);
        }
        self.fresh.push(fact);
    }

    /// Has all of the document's facts in `held`: what was pending must be in its table by now.
    pub(crate) fn gather(&mut self, sql: &Connection) -> Result<&[Fact], StoreError> {
        let facts = match self.held.take() {
            Some(mut facts) => {
                facts.append(&mut self.fresh);
                read::each_once(facts)
            }
            None => read::facts(sql, self.doc, self.row)?,
        };
        self.fresh.clear();
        self.beside = Some(BTreeSet::new());
        Ok(self.held.insert(facts))
    }

    /// Gives the memory of its facts back; what asks for them again reads them again.
    pub(crate) fn let_go(&mut self) {
        (self.held, self.beside) = (None, None);
    }

    /// What the next transaction may go on with instead of reading the document anew.
    pub(super) fn settled(mut self) -> Self {
        self.to_project = false;
        if std::mem::take(&mut self.mixed) {
            self.tips.clear();
        }
        let heads = &self.heads;
        self.known.retain(|hash, _| *hash == self.genesis || heads.contains(hash));
        self.is_known = false;
        self
    }

    /// The hash that an untouched document has as its only head.
    pub(crate) fn genesis(&self) -> ChangeHash {
        self.genesis
    }

    /// The author's newest fact here: (n, id).
    pub(crate) fn tip(&mut self, sql: &Connection, author: Author) -> Result<Option<(u64, FactId)>, StoreError> {
        if let Some(tip) = self.tips.get(&author) {
            return Ok(Some(*tip));
        }
        if self.is_new {
            return Ok(None);
        }
        let mut statement = sql.prepare_cached(
            "SELECT c.n, c.tip FROM chain c JOIN author a ON a.id = c.author
              WHERE c.doc = ?1 AND a.device = ?2 AND a.incarnation = ?3",
        )?;
        let tip = statement
            .query_row(rusqlite::params![self.row, author.device.as_bytes(), author.incarnation.0], |row| {
                Ok((row.get::<_, i64>(0)? as u64, FactId::from_bytes(row.get(1)?)))
            })
            .optional()?;
        self.tips.extend(tip.map(|tip| (author, tip)));
        Ok(tip)
    }

    /// Notes a fact that this transaction appended: the end of its author's chain, unless it was carried again.
    pub(crate) fn set_tip(&mut self, sql: &Connection, author: Author, n: u64, fact: FactId) -> Result<(), StoreError> {
        if self.tip(sql, author)?.is_none_or(|(newest, _)| n > newest) {
            self.tips.insert(author, (n, fact));
        }
        Ok(())
    }

    /// Takes in a change of others: the ends of chains are read anew.
    pub(crate) fn push_of_others(&mut self, admitted: Admitted) {
        self.mixed = true;
        self.tips.clear();
        self.push(admitted);
    }
}

impl DocState for DocWork {
    fn max_op(&self) -> u64 {
        self.max_op
    }

    fn last(&self, actor: ActorId) -> Last {
        self.last.get(&actor).copied().unwrap_or_default()
    }

    fn change(&self, hash: ChangeHash) -> Option<Stored> {
        self.known.get(&hash).copied()
    }

    fn heads(&self) -> &[ChangeHash] {
        &self.heads
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Draft;
    use crate::store::testing;
    use serde_json::json;

    #[test]
    fn a_document_is_known_whether_or_not_there_is_room_for_its_facts() {
        let (_dir, mut store) = testing::store();
        let at = testing::at();
        let (doc, _) = store.create_doc(&[Draft::new("created", json!({"dk": "job"}))], &at).unwrap();
        for text in ["a", "b"] {
            store.write(doc, &[Draft::new("noted", json!({"text": text}))], &at).unwrap();
        }
        let changes = store.changes(doc).unwrap();
        for (room, kept) in [(0, 0), (2, 0), (3, 3)] {
            let mut work = DocWork::load(store.conn(), doc, &mut 9).unwrap();
            let actor = ActorId::of_device(store.author(), doc);
            let mut left = room;
            let listed = |work: &mut DocWork| {
                let own = changes.iter().flat_map(|change| &change.facts);
                assert!(own.clone().all(|(fact, _)| work.has(store.conn(), *fact).unwrap()));
                assert!(!work.has(store.conn(), FactId::from_bytes([7; 16])).unwrap());
                own.count()
            };
            assert_eq!(listed(&mut work), 3, "not read yet");
            work.prefetch(store.conn(), actor, None, &[], &mut left).unwrap();
            listed(&mut work);
            assert_eq!(room - left, kept);
            assert_eq!(work.held.as_ref().map_or(0, Vec::len) as u64, kept);
            assert!(changes.iter().all(|change| work.change(change.hash).is_some()));
            assert_eq!(work.last(actor), Last { seq: 3, max_op: GENESIS_MAX_OP + 3 });
            assert_eq!(work.gather(store.conn()).unwrap(), store.facts(doc).unwrap());
            listed(&mut work);
            work.let_go();
            listed(&mut work);
        }
    }
}
