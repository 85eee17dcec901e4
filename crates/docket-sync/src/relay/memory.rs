//! A log in memory: the twin of the one on disk, for tests and simulation. Cloning it is a backup; assigning the clone
//! back is a restore.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use docket_format::change::Stored;
use docket_format::merkle::{Known, Node, Span};
use docket_format::seal::{Seal, VerifiedSeal};
use docket_format::{Author, ChangeHash, DeviceId, DocId, FactId, TenantId, digest};

use super::{DocRow, EntryRow, LeaseRow, Log, NewEntry, View};
use crate::wire::{Anchor, Cursor, DocSum, Epoch};

/// The scope of what everybody may see.
const COMMON: u64 = 0;

/// A company's log in memory.
#[derive(Debug, Clone)]
pub struct MemoryLog {
    epoch: Epoch,
    digests: Vec<[u8; 32]>,
    entries: Vec<Entry>,
    authors: Vec<Author>,
    seals: Vec<KeptSeal>,
    ids: BTreeMap<DocId, u64>,
    docs: Vec<Option<DocRow>>,
    names: Vec<DocId>,
    changes: BTreeMap<(u64, ChangeHash), Stored>,
    entries_of: BTreeMap<u64, Vec<u64>>,
    tags: BTreeMap<(u64, FactId), Vec<u64>>,
    ended: BTreeSet<(u64, FactId)>,
    members: BTreeMap<(u64, u64), Member>,
    scopes_of: BTreeMap<u64, BTreeSet<u64>>,
    leases: BTreeMap<Author, LeaseRow>,
    /// What was refused: by whom, where, why.
    pub quarantined: Vec<(DeviceId, DocId, String)>,
}

#[derive(Debug, Clone)]
struct Entry {
    body: Vec<u8>,
    authors: Vec<u32>,
    leaves: Vec<(u32, u64)>,
}

#[derive(Debug, Clone)]
struct KeptSeal {
    seal: Seal,
    held: BTreeSet<u64>,
    nodes: BTreeMap<Span, Node>,
}

#[derive(Debug, Clone, Copy)]
struct Member {
    entered_at: u64,
    newest: u64,
    tags: usize,
}

/// Nothing in memory fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a log in memory can't fail")]
pub enum Never {}

/// The chain digest of an empty log.
pub fn first_digest(tenant: TenantId, epoch: &Epoch) -> [u8; 32] {
    digest::labelled("docket-log", &[tenant.as_bytes(), epoch])
}

/// The chain digest after an entry.
pub fn next_digest(before: &[u8; 32], pos: u64, doc: DocId, body: &[u8]) -> [u8; 32] {
    digest::labelled("docket-log-entry", &[before, &pos.to_be_bytes(), doc.as_bytes(), body])
}

impl MemoryLog {
    /// An empty log.
    pub fn new(tenant: TenantId, epoch: Epoch) -> Self {
        Self {
            epoch,
            digests: vec![first_digest(tenant, &epoch)],
            entries: Vec::new(),
            authors: Vec::new(),
            seals: Vec::new(),
            ids: BTreeMap::new(),
            docs: Vec::new(),
            names: Vec::new(),
            changes: BTreeMap::new(),
            entries_of: BTreeMap::new(),
            tags: BTreeMap::new(),
            ended: BTreeSet::new(),
            members: BTreeMap::new(),
            scopes_of: BTreeMap::new(),
            leases: BTreeMap::new(),
            quarantined: Vec::new(),
        }
    }

    /// Every document with changes.
    pub fn docs(&self) -> impl Iterator<Item = (DocId, &DocRow)> {
        self.names.iter().zip(&self.docs).filter_map(|(doc, row)| Some((*doc, row.as_ref()?)))
    }

    fn hold(&mut self, scope: u64, row: u64, pos: u64) {
        let newest_entry = self.entries_of.get(&row).and_then(|all| all.last()).copied().unwrap_or(0);
        let member = self.members.entry((scope, row)).or_insert(Member {
            entered_at: pos,
            newest: pos.max(newest_entry),
            tags: 0,
        });
        member.tags += 1;
        self.scopes_of.entry(row).or_default().insert(scope);
    }

    fn name(&self, row: u64) -> Option<DocId> {
        self.names.get(index(row)).copied()
    }

    /// The scopes that a view is made of.
    fn scopes(&self, view: &View) -> Vec<u64> {
        match view {
            View::Scope(doc) => [COMMON].into_iter().chain(self.ids.get(doc).copied()).collect(),
            View::All | View::Nothing => Vec::new(),
        }
    }

    /// The position from which a document has been in sight; `None` if it isn't.
    fn entered(&self, view: &View, row: u64) -> Option<u64> {
        match view {
            View::Nothing => None,
            View::All => Some(0),
            View::Scope(_) => {
                let scopes = self.scopes(view).into_iter();
                scopes.filter_map(|scope| self.members.get(&(scope, row))).map(|member| member.entered_at).min()
            }
        }
    }

    fn entry(&self, pos: u64, at: Cursor) -> Option<EntryRow> {
        let Entry { body, authors, leaves, .. } = self.entries.get(index(pos))?.clone();
        Some(EntryRow { at, body, authors, leaves })
    }
}

/// Every tag that a scope can have.
fn of_scope(scope: u64) -> RangeInclusive<(u64, FactId)> {
    (scope, FactId::from_bytes([0; 16]))..=(scope, FactId::from_bytes([0xff; 16]))
}

/// Rows and positions count from 1.
fn index(number: u64) -> usize {
    (number as usize).wrapping_sub(1)
}

impl Log for MemoryLog {
    type Error = Never;

    fn epoch(&self) -> Epoch {
        self.epoch
    }

    fn head(&self) -> Result<Anchor, Never> {
        let pos = self.entries.len() as u64;
        Ok(Anchor { pos, digest: self.digests.last().copied().unwrap_or_default() })
    }

    fn digest_at(&self, pos: u64) -> Result<Option<[u8; 32]>, Never> {
        Ok(self.digests.get(pos as usize).copied())
    }

    fn author_number(&mut self, author: Author) -> Result<u32, Never> {
        if let Some(place) = self.authors.iter().position(|known| *known == author) {
            return Ok(place as u32);
        }
        self.authors.push(author);
        Ok(self.authors.len() as u32 - 1)
    }

    fn author(&self, number: u32) -> Result<Option<Author>, Never> {
        Ok(self.authors.get(number as usize).copied())
    }

    fn put_seal(&mut self, seal: &VerifiedSeal) -> Result<u32, Never> {
        if let Some(place) = self.seals.iter().position(|kept| kept.seal == *seal.raw()) {
            return Ok(place as u32);
        }
        self.seals.push(KeptSeal { seal: seal.raw().clone(), held: BTreeSet::new(), nodes: BTreeMap::new() });
        Ok(self.seals.len() as u32 - 1)
    }

    fn seal(&self, number: u32) -> Result<Option<Seal>, Never> {
        Ok(self.seals.get(number as usize).map(|kept| kept.seal.clone()))
    }

    fn held(&self, seal: u32, places: &[u64]) -> Result<Vec<bool>, Never> {
        let kept = self.seals.get(seal as usize);
        Ok(places.iter().map(|place| kept.is_some_and(|kept| kept.held.contains(place))).collect())
    }

    fn put_nodes(&mut self, seal: u32, leaves: &[(u64, Node)], given: &[(Span, Node)]) -> Result<(), Never> {
        let Some(kept) = self.seals.get_mut(seal as usize) else { return Ok(()) };
        kept.nodes.extend(given.iter().copied());
        kept.nodes.extend(leaves.iter().map(|(first, node)| (Span { first: *first, len: 1 }, *node)));
        kept.held.extend(leaves.iter().map(|(place, _)| place));
        Ok(())
    }

    fn nodes(&self, seal: u32, size: u64) -> Result<Known, Never> {
        let mut known = Known::new(size);
        for (span, node) in self.seals.get(seal as usize).iter().flat_map(|kept| &kept.nodes) {
            known.node(*span, *node);
        }
        Ok(known)
    }

    fn row(&mut self, doc: DocId) -> Result<u64, Never> {
        if let Some(row) = self.ids.get(&doc) {
            return Ok(*row);
        }
        self.docs.push(None);
        self.names.push(doc);
        let row = self.docs.len() as u64;
        self.ids.insert(doc, row);
        Ok(row)
    }

    fn doc(&self, doc: DocId) -> Result<Option<(u64, DocRow)>, Never> {
        let Some(&row) = self.ids.get(&doc) else { return Ok(None) };
        let known = self.docs.get(index(row)).cloned().flatten();
        Ok(Some((row, known.unwrap_or_else(|| DocRow::new(doc)))))
    }

    fn put_doc(&mut self, row: u64, doc: &DocRow) -> Result<(), Never> {
        if let Some(slot) = self.docs.get_mut(index(row)) {
            *slot = Some(doc.clone());
        }
        Ok(())
    }

    fn change(&self, row: u64, hash: ChangeHash) -> Result<Option<Stored>, Never> {
        Ok(self.changes.get(&(row, hash)).copied())
    }

    fn put_change(&mut self, row: u64, hash: ChangeHash, stored: Stored) -> Result<(), Never> {
        self.changes.insert((row, hash), stored);
        Ok(())
    }

    fn append(&mut self, entry: &NewEntry<'_>) -> Result<u64, Never> {
        let NewEntry { row, body, authors, leaves } = *entry;
        let pos = self.entries.len() as u64 + 1;
        let before = self.digests.last().copied().unwrap_or_default();
        if let Some(doc) = self.name(row) {
            self.digests.push(next_digest(&before, pos, doc, body));
        }
        self.entries.push(Entry { body: body.to_vec(), authors: authors.to_vec(), leaves: leaves.to_vec() });
        self.entries_of.entry(row).or_default().push(pos);
        for scope in self.scopes_of.get(&row).into_iter().flatten() {
            if let Some(member) = self.members.get_mut(&(*scope, row)) {
                member.newest = pos;
            }
        }
        Ok(pos)
    }

    fn make_common(&mut self, row: u64, pos: u64) -> Result<(), Never> {
        self.hold(COMMON, row, pos);
        Ok(())
    }

    fn enter(&mut self, scope: u64, tag: FactId, rows: &[u64], pos: u64) -> Result<(), Never> {
        if self.ended.contains(&(scope, tag)) || self.tags.contains_key(&(scope, tag)) {
            return Ok(());
        }
        let rows: BTreeSet<u64> = rows.iter().copied().collect();
        for row in &rows {
            self.hold(scope, *row, pos);
        }
        self.tags.insert((scope, tag), rows.into_iter().collect());
        Ok(())
    }

    fn leave(&mut self, scope: u64, tag: FactId) -> Result<(), Never> {
        self.ended.insert((scope, tag));
        for row in self.tags.remove(&(scope, tag)).into_iter().flatten() {
            let Some(member) = self.members.get_mut(&(scope, row)) else { continue };
            member.tags = member.tags.saturating_sub(1);
            if member.tags == 0 {
                self.members.remove(&(scope, row));
                self.scopes_of.entry(row).or_default().remove(&scope);
            }
        }
        Ok(())
    }

    fn scopes(&self) -> Result<Vec<u64>, Never> {
        let tags = self.tags.keys().map(|(scope, _)| *scope).chain(self.ended.iter().map(|(scope, _)| *scope));
        Ok(tags.collect::<BTreeSet<_>>().into_iter().collect())
    }

    fn put_scope(
        &mut self,
        scope: u64,
        live: &BTreeMap<FactId, Vec<u64>>,
        ended: &BTreeSet<FactId>,
        pos: u64,
    ) -> Result<(), Never> {
        // New tags first: what they hold in too stays in sight without a break.
        let old: Vec<FactId> = self.tags.range(of_scope(scope)).map(|((_, tag), _)| *tag).collect();
        let gone: Vec<FactId> = old.into_iter().filter(|tag| !live.contains_key(tag)).collect();
        let kept: Vec<(u64, FactId)> = self.ended.range(of_scope(scope)).copied().collect();
        for tag in kept {
            self.ended.remove(&tag);
        }
        for (tag, rows) in live {
            self.enter(scope, *tag, rows, pos)?;
        }
        for tag in gone {
            self.leave(scope, tag)?;
            self.ended.remove(&(scope, tag));
        }
        self.ended.extend(ended.iter().map(|tag| (scope, *tag)));
        Ok(())
    }

    fn entries(&self, view: &View, after: Cursor, room: usize) -> Result<Vec<EntryRow>, Never> {
        let mut order: Vec<Cursor> = match view {
            View::Nothing => Vec::new(),
            View::All => {
                (after.pos.max(after.eff) + 1..=self.entries.len() as u64).map(|pos| Cursor { eff: pos, pos }).collect()
            }
            View::Scope(_) => {
                let scopes = self.scopes(view);
                let rows: BTreeSet<u64> = scopes
                    .iter()
                    .flat_map(|scope| self.members.range((*scope, 0)..=(*scope, u64::MAX)))
                    .filter(|(_, member)| member.newest >= after.eff)
                    .map(|((_, row), _)| *row)
                    .collect();
                let all = rows.iter().flat_map(|row| {
                    let entered = self.entered(view, *row).unwrap_or(u64::MAX);
                    let entries = self.entries_of.get(row).into_iter().flatten();
                    entries.map(move |&pos| Cursor { eff: pos.max(entered), pos })
                });
                all.filter(|at| *at > after).collect()
            }
        };
        order.sort_unstable();
        let (mut found, mut size) = (Vec::new(), 0);
        for at in order {
            let Some(entry) = self.entry(at.pos, at) else { continue };
            if size > 0 && size + entry.body.len() > room {
                break;
            }
            size += entry.body.len();
            found.push(entry);
        }
        Ok(found)
    }

    fn look_back(&self, row: u64, visit: &mut dyn FnMut(EntryRow) -> Result<bool, Never>) -> Result<(), Never> {
        let all = self.entries_of.get(&row).into_iter().flatten().rev();
        for entry in all.filter_map(|&pos| self.entry(pos, Cursor { eff: pos, pos })) {
            if !visit(entry)? {
                break;
            }
        }
        Ok(())
    }

    fn newest(&self, view: &View) -> Result<u64, Never> {
        Ok(match view {
            View::Nothing => 0,
            View::All => self.entries.len() as u64,
            View::Scope(_) => {
                let scopes = self.scopes(view).into_iter();
                let members = scopes.flat_map(|scope| self.members.range((scope, 0)..=(scope, u64::MAX)));
                members.map(|(_, member)| member.newest).max().unwrap_or(0)
            }
        })
    }

    fn sees(&self, view: &View, row: u64) -> Result<bool, Never> {
        Ok(self.entered(view, row).is_some())
    }

    fn sums(&self, view: &View, visit: &mut dyn FnMut(DocSum)) -> Result<(), Never> {
        for (row, (doc, known)) in (1..).zip(self.names.iter().zip(&self.docs)) {
            let Some(known) = known.as_ref().filter(|known| known.changes > 0) else { continue };
            if self.entered(view, row).is_some() {
                visit(DocSum { doc: *doc, sum: known.sum });
            }
        }
        Ok(())
    }

    fn lease(&self, author: Author) -> Result<Option<LeaseRow>, Never> {
        Ok(self.leases.get(&author).copied())
    }

    fn put_lease(&mut self, author: Author, lease: LeaseRow) -> Result<(), Never> {
        self.leases.insert(author, lease);
        Ok(())
    }

    fn quarantine(&mut self, by: DeviceId, doc: DocId, code: &str, _bytes: &[u8]) -> Result<(), Never> {
        self.quarantined.push((by, doc, code.to_owned()));
        Ok(())
    }
}
