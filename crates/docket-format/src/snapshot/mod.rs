//! Snapshots: one document with its whole history as one Automerge document chunk, the way `save` and
//! `save_nocompress` write it. Lossless: every change keeps its hash.
//!
//! * [`build`] writes byte for byte what Automerge's `save_nocompress` writes for the same changes, so an export opens
//!   in any Automerge library;
//! * [`read`] takes a chunk from outside apart into changes. Each is rebuilt, judged by the grammar and limits of
//!   [`crate::change::preflight`] and by the order rules of [`crate::change::admit`], and hashed; the heads must come
//!   out; and the columns, inflated where they are deflated, must be exactly those that `build` writes.
//!
//! What a snapshot can't show is who carried each change: compare [`crate::change::Carrier::actor`] with the change's
//! actor before storing one.
//!
//! Limits: [`limits::SNAPSHOT_BYTES`] before and after inflating, [`limits::SNAPSHOT_CHANGES`] changes,
//! [`MOST_OPS`] operations, [`MOST_DEPS`] dependencies in all. A document beyond them is carried as changes.

mod columns;
mod encode;
mod parse;

pub use encode::build;
pub use parse::read;

use crate::change::{Parsed, Refused};
use crate::ids::{ActorId, ChangeHash, DocId};
use crate::limits;

/// Operations in one snapshot: a fact's key and text take 32 bytes or more.
pub const MOST_OPS: u64 = limits::SNAPSHOT_BYTES as u64 / 32;
/// Dependencies of all changes of one snapshot: four each at the limit of changes. Most have one.
pub const MOST_DEPS: u64 = limits::SNAPSHOT_CHANGES as u64 * 4;

/// A snapshot that was read and found well-formed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Snapshot {
    /// The document.
    pub doc: DocId,
    /// Its changes but genesis, each after those that it builds on.
    pub changes: Vec<Parsed>,
    /// Changes that none of them builds on, sorted.
    pub heads: Vec<ChangeHash>,
    /// The actors of genesis and of the changes, sorted.
    pub actors: Vec<ActorId>,
}

/// What is in a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SnapshotInfo {
    /// Changes, genesis included.
    pub changes: usize,
    /// Operations, those of genesis included.
    pub ops: usize,
    /// Changes that none of them builds on, sorted.
    pub heads: Vec<ChangeHash>,
    /// The actors of genesis and of the changes, sorted.
    pub actors: Vec<ActorId>,
}

/// Checks a snapshot from outside without any state: [`read`], and only the summary kept.
///
/// # Errors
/// The first reason found.
pub fn preflight(doc: DocId, bytes: &[u8]) -> Result<SnapshotInfo, Refused> {
    let snapshot = read(doc, bytes)?;
    let facts: usize = snapshot.changes.iter().map(|change| change.facts.len()).sum();
    Ok(SnapshotInfo {
        changes: snapshot.changes.len() + 1,
        ops: facts + crate::change::GENESIS_MAX_OP as usize,
        heads: snapshot.heads,
        actors: snapshot.actors,
    })
}
