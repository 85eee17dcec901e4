//! What a relay keeps of one company.

use std::collections::{BTreeMap, BTreeSet};

use docket_format::change::{GENESIS_MAX_OP, Last, Stored, genesis};
use docket_format::merkle::{Known, Node, Span};
use docket_format::roster::{Roster, State};
use docket_format::seal::{Seal, VerifiedSeal};
use docket_format::{ActorId, Author, ChangeHash, DeviceId, DocId, FactId, scope};

use crate::wire::{Anchor, Cursor, DocSum, Epoch, Sum};

/// Most changes in a document's row: what a row takes is read and written with each of them.
const NEWEST: usize = 8;

/// What the relay knows about a document without its contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocRow {
    /// Its kind, as the first entry that named one said; never changed after.
    pub kind: Option<String>,
    /// Changes that no other builds on.
    pub heads: Vec<ChangeHash>,
    /// The highest operation.
    pub max_op: u64,
    /// Each actor's newest change.
    pub actors: Vec<(ActorId, Last)>,
    /// The sum of its changes.
    pub sum: Sum,
    /// How many changes.
    pub changes: u64,
    /// The newest of them, the oldest first; those before are the log's ([`Log::change`]).
    pub newest: Vec<(ChangeHash, Stored)>,
}

impl DocRow {
    /// A document that nobody wrote to.
    pub fn new(doc: DocId) -> Self {
        let (heads, actors) = (vec![genesis(doc).hash], Vec::new());
        let newest = Vec::new();
        Self { kind: None, heads, max_op: GENESIS_MAX_OP, actors, sum: Sum::default(), changes: 0, newest }
    }

    /// Takes out what is too much for a row: a job of a few changes, as most are, has all of them in it.
    pub(super) fn overflow(&mut self) -> Vec<(ChangeHash, Stored)> {
        if self.newest.len() <= NEWEST {
            return Vec::new();
        }
        // By halves, so that not every change of a long document goes to two places.
        self.newest.drain(..self.newest.len() - NEWEST / 2).collect()
    }
}

/// A document's share of one push.
#[derive(Debug, Clone)]
pub struct NewEntry<'a> {
    /// The document's row.
    pub row: u64,
    /// Its item, encoded with the log's own numbers for authors and seals: what every puller gets.
    pub body: &'a [u8],
    /// The authors that the item names.
    pub authors: &'a [u32],
    /// The leaves that the item holds: seal and place.
    pub leaves: &'a [(u32, u64)],
}

/// An entry as a puller gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryRow {
    /// Where it stands in the puller's order.
    pub at: Cursor,
    /// Its item.
    pub body: Vec<u8>,
    /// The authors that the item names.
    pub authors: Vec<u32>,
    /// The leaves that the item holds: seal and place.
    pub leaves: Vec<(u32, u64)>,
}

/// One life's right to push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeaseRow {
    /// The next push's number.
    pub next: u64,
    /// The nonce of the push before.
    pub nonce: [u8; 16],
}

/// What a device may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum View {
    /// Nothing: it lost its standing. It may still push; what it brings is a claim.
    Nothing,
    /// Every document.
    All,
    /// What everybody may, and this scope document with all that it names.
    Scope(DocId),
}

impl View {
    /// What the roster says of a device.
    pub fn of(roster: &Roster, device: DeviceId) -> Self {
        match roster.device(device) {
            Some(entry) if entry.state == State::Active => match &entry.person {
                Some(person) if !scope::sees_all(&entry.role) => Self::Scope(scope::doc(roster.tenant, person)),
                Some(_) => Self::All,
                None => Self::Nothing,
            },
            _ => Self::Nothing,
        }
    }

    /// Names the view: a cursor belongs to one.
    pub fn tag(&self) -> u64 {
        match self {
            Self::Nothing => 0,
            Self::All => u64::MAX,
            Self::Scope(doc) => {
                let (_, last) = doc.as_bytes().split_at(8);
                last.iter().fold(0, |tag, byte| tag << 8 | u64::from(*byte))
            }
        }
    }
}

/// One company's log. Methods that write run in the transaction that the caller began; nothing is answered to anybody
/// before it is committed and flushed.
pub trait Log {
    /// Why the log can't be read or written.
    type Error: core::error::Error + Send + Sync + 'static;

    /// Names this log.
    fn epoch(&self) -> Epoch;
    /// The newest entry and the chain digest there.
    fn head(&self) -> Result<Anchor, Self::Error>;
    /// The chain digest at a place; `None` above the head.
    fn digest_at(&self, pos: u64) -> Result<Option<[u8; 32]>, Self::Error>;

    /// The number of an author, made if missing.
    fn author_number(&mut self, author: Author) -> Result<u32, Self::Error>;
    /// The author of a number.
    fn author(&self, number: u32) -> Result<Option<Author>, Self::Error>;

    /// Stores a seal once; gives its number.
    fn put_seal(&mut self, seal: &VerifiedSeal) -> Result<u32, Self::Error>;
    /// The seal of a number.
    fn seal(&self, number: u32) -> Result<Option<Seal>, Self::Error>;
    /// Which of these leaves of a seal entries hold.
    fn held(&self, seal: u32, places: &[u64]) -> Result<Vec<bool>, Self::Error>;
    /// Keeps leaves that entries hold now, and nodes of the seal's tree that prove them.
    fn put_nodes(&mut self, seal: u32, leaves: &[(u64, Node)], given: &[(Span, Node)]) -> Result<(), Self::Error>;
    /// Everything that is known of a seal's tree.
    fn nodes(&self, seal: u32, size: u64) -> Result<Known, Self::Error>;

    /// A document's row, made if missing.
    fn row(&mut self, doc: DocId) -> Result<u64, Self::Error>;
    /// What is known of a document; `None` if it has no row.
    fn doc(&self, doc: DocId) -> Result<Option<(u64, DocRow)>, Self::Error>;
    /// Keeps what is known of a document.
    fn put_doc(&mut self, row: u64, doc: &DocRow) -> Result<(), Self::Error>;
    /// A change of a document that is not among the newest in its row.
    fn change(&self, row: u64, hash: ChangeHash) -> Result<Option<Stored>, Self::Error>;
    /// Keeps a change's header.
    fn put_change(&mut self, row: u64, hash: ChangeHash, stored: Stored) -> Result<(), Self::Error>;

    /// Appends an entry and moves its document to the newest place in every scope that holds it; gives the position.
    fn append(&mut self, entry: &NewEntry<'_>) -> Result<u64, Self::Error>;
    /// Shows a document to everybody from a position on.
    fn make_common(&mut self, row: u64, pos: u64) -> Result<(), Self::Error>;
    /// Documents come into a scope under a tag. Nothing if the tag has ended or is known.
    fn enter(&mut self, scope: u64, tag: FactId, rows: &[u64], pos: u64) -> Result<(), Self::Error>;
    /// A tag ends, now or before it came.
    fn leave(&mut self, scope: u64, tag: FactId) -> Result<(), Self::Error>;
    /// Every scope that a tag was ever made or ended in.
    fn scopes(&self) -> Result<Vec<u64>, Self::Error>;
    /// Makes a scope consist of these tags alone; those in `ended` stay ended. What is in sight already stays so without
    /// a break, what comes into sight does so at `pos`.
    fn put_scope(
        &mut self,
        scope: u64,
        live: &BTreeMap<FactId, Vec<u64>>,
        ended: &BTreeSet<FactId>,
        pos: u64,
    ) -> Result<(), Self::Error>;

    /// Entries in a view after a place, in its order, until they take `room` bytes (at least one).
    fn entries(&self, view: &View, after: Cursor, room: usize) -> Result<Vec<EntryRow>, Self::Error>;
    /// Every entry of a document, the oldest first.
    fn entries_of(&self, row: u64) -> Result<Vec<EntryRow>, Self::Error> {
        let mut all = Vec::new();
        self.look_back(row, &mut |entry| {
            all.push(entry);
            Ok(true)
        })?;
        all.reverse();
        Ok(all)
    }
    /// The entries of a document, the newest first, until `visit` has seen enough and says false.
    fn look_back(
        &self,
        row: u64,
        visit: &mut dyn FnMut(EntryRow) -> Result<bool, Self::Error>,
    ) -> Result<(), Self::Error>;
    /// The newest place in a view.
    fn newest(&self, view: &View) -> Result<u64, Self::Error>;
    /// Whether a view shows a document.
    fn sees(&self, view: &View, row: u64) -> Result<bool, Self::Error>;
    /// Every document of a view that has changes, with its sum.
    fn sums(&self, view: &View, visit: &mut dyn FnMut(DocSum)) -> Result<(), Self::Error>;

    /// One life's lease.
    fn lease(&self, author: Author) -> Result<Option<LeaseRow>, Self::Error>;
    /// Keeps it.
    fn put_lease(&mut self, author: Author, lease: LeaseRow) -> Result<(), Self::Error>;

    /// Keeps what was refused as evidence, up to a bound.
    fn quarantine(&mut self, by: DeviceId, doc: DocId, code: &str, bytes: &[u8]) -> Result<(), Self::Error>;
}
