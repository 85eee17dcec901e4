//! Taking a bundle in: verify all of it, then store it; what fails goes to quarantine and never stops the rest.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::mpsc::{SyncSender, sync_channel};

use docket_format::bundle::{BadBundle, Bundle, Header, Item};
use docket_format::change::Carrier;
use docket_format::fact::Stamp;
use docket_format::roster::Roster;
use docket_format::{DeviceId, DocId, Incarnation};
use docket_sync::judge::{Bad, Good, Judged, Proof, Shown, Tips, judge, roster_facts, seals, tips, whole};

use super::BundleError;
use crate::error::StoreError;
use crate::keys;
use crate::sealing;
use crate::store::{Counts, Sender, Store};
use crate::taking::Taken;

/// After so many changes a transaction ends, so that another process can write in between.
const BATCH: usize = 4_000;
/// Changes that the judging thread hands to the storing one at once.
const PART: usize = 250;
/// Parts that may wait: bounds what is in memory twice.
const WAITING: usize = 8;

/// What became of a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportReport {
    /// Who made it.
    pub from: DeviceId,
    /// When, by the maker's clock, milliseconds since 1970.
    pub made_ms: i64,
    /// Documents in it.
    pub documents: u64,
    /// What became of its changes.
    pub counts: Counts,
    /// Seals that hold.
    pub seals: u64,
    /// Seals that don't, and why.
    pub bad_seals: Vec<String>,
    /// Facts carried again by this device because the change that brought them can't be built on.
    pub recarried: u64,
    /// Why items were quarantined: reason and how many.
    pub reasons: BTreeMap<String, u64>,
}

impl ImportReport {
    /// Whether everything in the bundle is part of the record now.
    pub fn is_whole(&self) -> bool {
        self.counts.parked == 0 && self.counts.refused == 0 && self.bad_seals.is_empty()
    }
}

/// Takes a bundle in. `name` says for people where it came from. Doing it twice is harmless.
pub fn import(store: &mut Store, bytes: &[u8], name: &str, now: &Stamp) -> Result<ImportReport, BundleError> {
    let bundle = Bundle::open(bytes, Some(store.tenant()))?;
    let header = bundle.header();
    if let Some(to) = header.to.filter(|to| *to != store.device()) {
        return Err(BundleError::NotForUs(to));
    }
    let items = whole(items(&bundle)?);
    let mut facts = roster_facts(store.tenant(), &items);
    facts.extend(store.facts(store.roster_doc())?);
    let roster = Roster::fold(store.tenant(), &facts);
    // A new device's first bundle itself introduces its maker.
    if roster.device(header.from.device).is_none() {
        return Err(BundleError::UnknownMaker(header.from.device));
    }
    // What this device wrote before its folder was put back would hide the ends of what it wrote since.
    let own = |item: &&Item| item.changes.iter().any(|(carrier, _)| is_of(*carrier, store.device()));
    let own: BTreeSet<DocId> = items.iter().filter(own).map(|item| item.doc).collect();
    if sealing::any_unsealed(store, &own)? {
        let key = keys::load(store.dir(), store.device())?;
        sealing::seal_in(store, &key, &own, now.wall_ms)?;
    }
    let (good, bad) = seals(&shown(&bundle), &roster, &items);
    let life = store.newest_sealed_life(header.from.device)?;
    let mut run = Run {
        store,
        taken: Taken::default(),
        sender: Sender { name, now_ms: now.wall_ms, vouch: false },
        report: ImportReport {
            from: header.from.device,
            made_ms: header.made_ms,
            documents: items.len() as u64,
            counts: Counts::default(),
            seals: good.len() as u64,
            bad_seals: Vec::new(),
            recarried: 0,
            reasons: BTreeMap::new(),
        },
    };
    run.bad_seals(&bad)?;
    run.items(items, &roster, &tips(&good))?;
    run.seals(&good, header, life)?;
    let Run { taken, report, .. } = run;
    Ok(ImportReport { counts: taken.counts, recarried: taken.recarried, reasons: taken.reasons, ..report })
}

fn is_of(carrier: Carrier, device: DeviceId) -> bool {
    matches!(carrier, Carrier::Device(author) if author.device == device)
}

/// The seals as the judge reads them.
fn shown(bundle: &Bundle<'_>) -> Vec<Shown> {
    let seals = bundle.seals().iter().zip(0..);
    let seals = seals.map(|(entry, number)| {
        let proof = if entry.complete { Proof::Complete } else { Proof::Each };
        Shown { number, seal: entry.seal.clone(), proof }
    });
    seals.collect()
}

/// Everything that a bundle brings, read on two threads.
pub(crate) fn items(bundle: &Bundle<'_>) -> Result<Vec<Item>, BundleError> {
    let read = |some: Range<usize>| -> Result<Vec<Item>, BadBundle> {
        let mut items = Vec::new();
        for place in some {
            items.extend(bundle.chunk(place)?);
        }
        Ok(items)
    };
    let count = bundle.chunk_count();
    if count < 2 {
        return Ok(read(0..count)?);
    }
    std::thread::scope(|scope| {
        let back = scope.spawn(|| read(count / 2..count));
        let mut items = read(0..count / 2)?;
        // A panic there is one here.
        items.extend(back.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
        Ok(items)
    })
}

struct Run<'a> {
    store: &'a mut Store,
    taken: Taken,
    sender: Sender<'a>,
    report: ImportReport,
}

impl Run<'_> {
    fn bad_seals(&mut self, bad: &[Bad]) -> Result<(), StoreError> {
        if bad.is_empty() {
            return Ok(());
        }
        let mut tx = self.store.begin()?;
        for Bad { bytes, reason } in bad {
            let detail = reason.to_string();
            tx.quarantine(&self.sender, None, bytes, "bad-seal", &detail)?;
            self.report.bad_seals.push(detail);
        }
        tx.commit()
    }

    /// Reads and judges on this thread, stores on another. The roster first: what it says decides how the rest is
    /// shown.
    fn items(&mut self, mut items: Vec<Item>, roster: &Roster, tips: &Tips) -> Result<(), StoreError> {
        let roster_doc = self.store.roster_doc();
        items.sort_by_key(|item| item.doc != roster_doc);
        std::thread::scope(|scope| {
            let (send, receive) = sync_channel(WAITING);
            let stored = scope.spawn(move || {
                // Leaving early drops `receive`; the next send then fails and judging stops.
                let mut parts = receive.into_iter().peekable();
                while parts.peek().is_some() {
                    self.take(&mut parts)?;
                }
                Ok(())
            });
            judge_all(items, roster, tips, send);
            // A panic there is one here.
            stored.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }

    /// One transaction.
    fn take(&mut self, parts: &mut impl Iterator<Item = Vec<Judged>>) -> Result<(), StoreError> {
        let mut tx = self.store.begin()?;
        let mut taken = 0;
        while taken < BATCH
            && let Some(part) = parts.next()
        {
            taken += part.len();
            for judged in part {
                self.taken.take(&mut tx, &self.sender, judged)?;
            }
        }
        self.taken.settle(&mut tx, &self.sender)?;
        tx.commit()
    }

    fn seals(&mut self, good: &[Good], header: &Header, life: Option<Incarnation>) -> Result<(), StoreError> {
        let mut tx = self.store.begin()?;
        // One without leaves vouches for nothing here.
        for Good { seal, leaves, .. } in good.iter().filter(|good| !good.leaves.is_empty()) {
            tx.store_seal_part(seal, leaves)?;
        }
        tx.note_held(header.from, life, &header.held)?;
        tx.commit()
    }
}

#[allow(clippy::needless_pass_by_value, reason = "the sender must be gone when judging is over: that ends the storing")]
fn judge_all(items: Vec<Item>, roster: &Roster, tips: &Tips, send: SyncSender<Vec<Judged>>) {
    let mut part = Vec::with_capacity(PART);
    for item in items {
        part.extend(judge(item, roster, tips));
        if part.len() >= PART && send.send(std::mem::take(&mut part)).is_err() {
            return;
        }
    }
    if !part.is_empty() {
        // Nobody listens any more only if the import failed.
        let _ = send.send(part);
    }
}
