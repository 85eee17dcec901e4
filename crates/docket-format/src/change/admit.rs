//! Admission: does a well-formed change fit the document as it stands here? Structural only; who may write what is
//! judged by the fold, and whether a seal is present by whoever holds the seals (DESIGN §5).

use std::collections::BTreeMap;

use super::{GENESIS_MAX_OP, Parsed, Refused, genesis};
use crate::ids::{ActorId, ChangeHash, DocId};
use crate::limits;

/// What a document's state knows about one stored change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// Its actor.
    pub actor: ActorId,
    /// The number of its last operation.
    pub max_op: u64,
}

/// What a document's state knows about one actor's newest change; zeros for an actor without any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Last {
    /// The actor's highest sequence number.
    pub seq: u64,
    /// The actor's highest operation. An operation is named by its number and actor, so a later change of the actor
    /// must start above it even if it doesn't build on it.
    pub max_op: u64,
}

/// The state of one document, read beforehand and not changing while [`admit`] looks at it. A document that nobody
/// has written to consists of its genesis: `max_op` 2, `heads` the genesis hash, `change` of that hash known.
pub trait DocState {
    /// The highest operation of all admitted changes; the next change written here starts one above.
    fn max_op(&self) -> u64;
    /// The newest of an actor's changes.
    fn last(&self, actor: ActorId) -> Last;
    /// An admitted change. Asked for a change's own hash, its dependencies and the heads.
    fn change(&self, hash: ChangeHash) -> Option<Stored>;
    /// Admitted changes that no admitted change builds on.
    fn heads(&self) -> &[ChangeHash];
}

/// What admission found. None of these is an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    /// It fits: store it.
    New,
    /// It is already here.
    Known,
    /// It builds on changes that are not here: park it and ask for these.
    Missing(Vec<ChangeHash>),
}

/// Judges a change against its document's state. Admit changes one by one, and the state after each before the next.
///
/// # Errors
/// [`Refused::SeqReused`], [`Refused::SeqGap`], [`Refused::StartOpLow`], [`Refused::StartOpHigh`],
/// [`Refused::HeadsOfDevice`] (more than 4 unmerged heads of the actor), [`Refused::HeadsOfDocument`] (more than 64).
pub fn admit(parsed: &Parsed, state: &dyn DocState) -> Result<Admission, Refused> {
    if state.change(parsed.hash).is_some() {
        return Ok(Admission::Known);
    }
    let mut missing = Vec::new();
    let last = state.last(parsed.actor);
    let mut after = last.max_op;
    for &dep in &parsed.deps {
        match state.change(dep) {
            Some(stored) => after = after.max(stored.max_op),
            None => missing.push(dep),
        }
    }
    // A reused number stays reused whatever arrives later, so it need not wait to be refused.
    check_reuse(parsed, last)?;
    if !missing.is_empty() {
        return Ok(Admission::Missing(missing));
    }
    check_place(parsed, last, after)?;
    check_heads(parsed, state)?;
    Ok(Admission::New)
}

pub(crate) fn check_reuse(parsed: &Parsed, last: Last) -> Result<(), Refused> {
    if parsed.seq <= last.seq {
        return Err(Refused::SeqReused { seq: parsed.seq, last: last.seq });
    }
    Ok(())
}

/// `after`: the highest operation of what the change builds on and of its actor's last change.
pub(crate) fn check_place(parsed: &Parsed, last: Last, after: u64) -> Result<(), Refused> {
    if parsed.seq > last.seq.saturating_add(1) {
        return Err(Refused::SeqGap { seq: parsed.seq, last: last.seq });
    }
    if parsed.start_op <= after {
        return Err(Refused::StartOpLow { start_op: parsed.start_op, after });
    }
    // Measured from what it builds on, not from the document's highest operation here: two devices that hold
    // different branches must judge alike. An honest change builds on every head, where both are the same.
    let limit = after.saturating_add(limits::START_OP_LEAD);
    if parsed.start_op > limit {
        return Err(Refused::StartOpHigh { start_op: parsed.start_op, limit });
    }
    Ok(())
}

fn check_heads(parsed: &Parsed, state: &dyn DocState) -> Result<(), Refused> {
    let (mut all, mut own) = (1, 1);
    for &head in state.heads() {
        if parsed.deps.binary_search(&head).is_err() {
            all += 1;
            own += usize::from(state.change(head).is_some_and(|stored| stored.actor == parsed.actor));
        }
    }
    if own > limits::HEADS_PER_DEVICE {
        return Err(Refused::HeadsOfDevice { heads: own });
    }
    if all > limits::CHANGE_DEPS {
        return Err(Refused::HeadsOfDocument { heads: all });
    }
    Ok(())
}

/// A document's state in memory: what a store keeps in tables, and its twin in tests.
#[derive(Debug, Clone)]
pub struct MemoryState {
    max_op: u64,
    heads: Vec<ChangeHash>,
    changes: BTreeMap<ChangeHash, Stored>,
    last: BTreeMap<ActorId, Last>,
}

impl MemoryState {
    /// A document that consists of its genesis.
    pub fn new(doc: DocId) -> Self {
        let hash = genesis(doc).hash;
        let actor = ActorId::of_genesis(doc);
        Self {
            max_op: GENESIS_MAX_OP,
            heads: vec![hash],
            changes: BTreeMap::from([(hash, Stored { actor, max_op: GENESIS_MAX_OP })]),
            last: BTreeMap::from([(actor, Last { seq: 1, max_op: GENESIS_MAX_OP })]),
        }
    }

    /// Takes in a change for which [`admit`] just answered [`Admission::New`].
    pub fn push(&mut self, parsed: &Parsed) {
        let max_op = parsed.max_op();
        self.max_op = self.max_op.max(max_op);
        self.heads.retain(|head| parsed.deps.binary_search(head).is_err());
        self.heads.push(parsed.hash);
        self.heads.sort_unstable();
        self.changes.insert(parsed.hash, Stored { actor: parsed.actor, max_op });
        self.last.insert(parsed.actor, Last { seq: parsed.seq, max_op });
    }
}

impl DocState for MemoryState {
    fn max_op(&self) -> u64 {
        self.max_op
    }

    fn last(&self, actor: ActorId) -> Last {
        self.last.get(&actor).copied().unwrap_or_default()
    }

    fn change(&self, hash: ChangeHash) -> Option<Stored> {
        self.changes.get(&hash).copied()
    }

    fn heads(&self) -> &[ChangeHash] {
        &self.heads
    }
}
