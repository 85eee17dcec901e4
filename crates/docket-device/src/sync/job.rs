//! What an exchange is for, and what comes of it.

use std::collections::{BTreeMap, BTreeSet};

use docket_format::{DocId, Incarnation};
use docket_sync::wire::{Anchor, Cursor, Epoch};

/// What an exchange is for, beyond what always is.
#[derive(Debug, Clone, Default)]
pub(super) struct Job {
    /// Documents to push whole.
    pub whole: BTreeSet<DocId>,
    /// Documents to ask for whole.
    pub want: BTreeSet<DocId>,
    /// Documents with records of this device that no seal reaches.
    pub seal: BTreeSet<DocId>,
    /// The place of the log that a comparison was made at: what comes after it is pulled.
    pub rebase: Option<Rebase>,
    /// Nothing is pulled.
    pub push_only: bool,
    /// A comparison asked for it: what it brings counts as healed.
    pub heals: bool,
}

/// See [`Job::rebase`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Rebase {
    pub epoch: Epoch,
    pub head: Anchor,
    pub view: u64,
    pub cursor: Cursor,
}

/// What to do after an exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Next {
    /// Both sides hold what they should.
    Done,
    /// Another exchange, with these documents pushed and asked for whole, and own records in them sealed.
    Again { whole: BTreeSet<DocId>, want: BTreeSet<DocId>, seal: BTreeSet<DocId>, more: bool },
    /// Another copy of this life pushed: begin a new one.
    Fork,
    /// The log is not the one that this device knew: compare.
    Reconcile,
}

/// What a push came to.
#[derive(Debug, Default)]
pub(super) struct Pushed {
    /// Changes that the relay holds now.
    pub accepted: u64,
    /// Of those, new to it.
    pub new: u64,
    /// Codes of what it refused, and how many.
    pub refused: BTreeMap<String, u64>,
    /// Facts carried again because of that.
    pub recarried: u64,
    /// Changes that it refused for the second time: kept here, in the inbox.
    pub stuck: u64,
    /// Own changes were taken out of the record and are carried again in a new life.
    pub new_life: Option<Incarnation>,
}
