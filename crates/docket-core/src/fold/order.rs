//! The fold's order: a total order of facts that depends on nothing but the facts.
//!
//! One author's facts stand as the author numbered them. Between authors only wall clocks say anything, and only
//! claim it; a clock set back does not tear an author's chain apart, because a fact counts as no earlier than the
//! author's facts before it. Imported facts come first. Ties go by author and id.

use core::cell::Cell;
use std::rc::Rc;

use docket_format::fact::Origin;
use docket_format::{Author, DeviceId, Fact, FactId, PersonId};

use super::moment::Moment;
use crate::policy::Policy;
use crate::record::{AS, Record, Standing, Who};
use crate::time::UnixMs;
use crate::view::{Effect, Entry};

/// A fact in its place.
pub(super) struct Item<'a> {
    pub(super) fact: &'a Fact,
    /// Its place in the fold's order.
    pub(super) pos: u32,
    /// Who wrote it; `None` for an imported fact or an unknown device.
    pub(super) who: Option<Rc<Who>>,
    pub(super) standing: Standing,
    /// When it was written, by the evidence that counts; `None` for an imported one.
    pub(super) moment: Option<Moment>,
    /// What it does; later stages take effect away.
    pub(super) effect: Cell<Effect>,
    key: (i64, u64),
}

impl<'a> Item<'a> {
    pub(super) fn id(&self) -> FactId {
        self.fact.id
    }

    pub(super) fn kind(&self) -> &'a str {
        self.fact.kind()
    }

    pub(super) fn applied(&self) -> bool {
        self.effect.get() == Effect::Applied
    }

    /// Applied and of this kind.
    pub(super) fn is(&self, kind: &str) -> bool {
        self.applied() && self.kind() == kind
    }

    pub(super) fn person(&self) -> Option<PersonId> {
        self.who.as_ref().map(|who| who.person.clone())
    }

    pub(super) fn same_person(&self, other: &Self) -> bool {
        match (&self.who, &other.who) {
            (Some(mine), Some(theirs)) => mine.person == theirs.person,
            _ => false,
        }
    }

    pub(super) fn at(&self) -> Option<UnixMs> {
        self.fact.wall_ms().map(UnixMs)
    }

    /// The claimed time of a fact that only devices write; 1970 for an imported one.
    pub(super) fn wall(&self) -> UnixMs {
        self.at().unwrap_or(UnixMs(0))
    }

    pub(super) fn author(&self) -> Option<Author> {
        self.fact.author()
    }

    pub(super) fn device(&self) -> Option<DeviceId> {
        self.author().map(|author| author.device)
    }

    /// The author's own count, within a device: a later life comes later.
    pub(super) fn device_count(&self) -> (u32, u64) {
        (self.author().map_or(0, |author| author.incarnation.0), self.key.1)
    }

    pub(super) fn entry(&self) -> Entry<'a> {
        Entry {
            fact: self.id(),
            kind: self.kind(),
            person: self.person(),
            at_ms: self.at(),
            standing: self.standing,
            effect: self.effect.get(),
        }
    }
}

/// The record's facts, each once, in the fold's order.
pub(super) fn sorted<'a>(record: &Record<'a>, policy: &Policy) -> Vec<Item<'a>> {
    let mut items: Vec<Item<'a>> = record.facts.iter().map(|fact| item(fact, record, policy)).collect();
    if items.len() > 1 {
        items.sort_unstable_by_key(|item| (item.author(), item.key.1, item.id()));
        items.dedup_by_key(|item| item.id());
    }
    name_authors(&mut items, record);
    if items.len() > 1 {
        items.sort_unstable_by_key(|item| (item.key.0, item.author(), item.key.1, item.id()));
    }
    for (pos, item) in items.iter_mut().enumerate() {
        item.pos = pos as u32;
    }
    items
}

fn item<'a>(fact: &'a Fact, record: &Record<'a>, policy: &Policy) -> Item<'a> {
    let key = match &fact.header.origin {
        Origin::Import { .. } => (i64::MIN, 0),
        Origin::Device { n, at, .. } => (at.wall_ms, *n),
    };
    let standing = record.evidence.standing(fact.id);
    let moment = Moment::of(fact, policy);
    Item { fact, pos: 0, who: None, standing, moment, effect: Cell::new(Effect::Applied), key }
}

/// Asks once for each author, and for each fact that somebody else wrote on the author's device; lifts each fact to no earlier than its author's facts before it.
fn name_authors(items: &mut [Item<'_>], record: &Record<'_>) {
    let mut current: Option<(Author, Option<Rc<Who>>, i64)> = None;
    for item in items {
        let Some(author) = item.author() else { continue };
        let (who, latest) = match current.take() {
            Some((same, who, latest)) if same == author => (who, latest.max(item.key.0)),
            _ => (record.evidence.person(author).map(Rc::new), item.key.0),
        };
        item.key.0 = latest;
        if item.fact.body.contains_key(AS) {
            item.who = record.evidence.person_of(item.fact).map(Rc::new);
        } else {
            item.who.clone_from(&who);
        }
        current = Some((author, who, latest));
    }
}
