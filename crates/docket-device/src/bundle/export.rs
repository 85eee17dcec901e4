//! Making a bundle: seal what this device has not sealed, collect what vouches for each document, write.

use std::collections::{BTreeMap, BTreeSet};

use docket_format::bundle::{Header, Held, Item, LeafRef, SealEntry, Writer};
use docket_format::change::{Carrier, NewChange, Parsed};
use docket_format::fact::Stamp;
use docket_format::keys::SecretKey;
use docket_format::merkle::{self, Node};
use docket_format::roster::Roster;
use docket_format::{Author, ChangeHash, DeviceId, DocId, Fact, FactId, PersonId};
use docket_sync::judge;

use super::{BundleError, scope};
use crate::company::roster;
use crate::error::StoreError;
use crate::keys;
use crate::project::evidence;
use crate::sealing;
use crate::store::{ChangeRow, Store, Voucher};

/// Uncompressed size at which a chunk is closed: large enough for zstd to see the repetition, a quarter of the limit.
const CHUNK_TARGET: usize = 1024 * 1024;
/// zstd's level: see `docs/architecture.md` for what others cost.
const LEVEL: i32 = 7;
/// Most runs of seals that a header names as held.
const HELD: usize = 16_384;
/// Leaves over a document up to which nobody looks at its facts to find out which are needed.
const PLAIN: usize = 64;

/// What to export.
#[derive(Debug, Clone, Copy, Default)]
pub struct Export<'a> {
    /// A device (any unique beginning of its id) or a person of the roster; `None`: everything, for anybody.
    pub to: Option<&'a str>,
    /// Also what the addressee is known to hold.
    pub full: bool,
    /// Only what a newcomer needs to join: roster, policies, technicians' evidence; no jobs, no customers.
    pub welcome: bool,
    /// Of all that, only these documents, and what everybody needs to judge them: roster, policies, technicians'
    /// evidence. For handing over single jobs; their customers are named like any other document.
    pub only: Option<&'a BTreeSet<DocId>>,
}

/// A bundle that was made.
#[derive(Debug)]
pub struct Exported {
    /// The file's bytes.
    pub bytes: Vec<u8>,
    /// For which device.
    pub to: Option<DeviceId>,
    /// Documents in it.
    pub documents: u64,
    /// Changes in it.
    pub changes: u64,
    /// Documents left out because the addressee holds them.
    pub held_already: u64,
    /// This device's facts and imports that were sealed for it.
    pub sealed: u64,
}

/// Makes a bundle. Writes to the store only to keep the new seal.
pub fn export(store: &mut Store, what: &Export<'_>, now: &Stamp) -> Result<Exported, BundleError> {
    let roster = roster(store)?;
    let to = what.to.map(|text| addressee(&roster, text)).transpose()?;
    let mut docs = match to {
        _ if what.welcome => scope::common(store)?,
        Some(device) => scope::for_device(store, &roster, device)?,
        None => scope::everything(store)?,
    };
    if let Some(only) = what.only {
        let common = scope::common(store)?;
        docs.retain(|doc| only.contains(doc) || common.contains(doc));
    }
    let key = keys::load(store.dir(), store.device())?;
    let wanted = docs.iter().copied().collect();
    let sealed =
        if sealing::any_unsealed(store, &wanted)? { sealing::seal_in(store, &key, &wanted, now.wall_ms)? } else { 0 };
    let held = match to.filter(|_| !what.full) {
        Some(device) => store.held_by(device)?,
        None => Vec::new(),
    };
    let mut plan = Plan::default();
    let mut held_already = 0;
    for doc in docs {
        let vouchers = needed(store, &roster, doc)?;
        let known = |voucher: &Voucher| {
            held.iter().any(|run| run.author == voucher.author && (run.first..=run.last).contains(&voucher.count))
        };
        if !vouchers.is_empty() && vouchers.iter().all(known) {
            held_already += 1;
            continue;
        }
        plan.add(doc, vouchers);
    }
    let plan = plan.prove(store)?;
    let held = store.held()?;
    let mut bytes = write(store, &key, to, &plan, held, now)?;
    bytes.held_already = held_already;
    bytes.sealed = sealed;
    Ok(bytes)
}

/// What a technician's first sync would bring.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Preview {
    /// Documents by kind.
    pub documents: BTreeMap<String, u64>,
    /// Changes in them.
    pub changes: u64,
    /// Bytes of a bundle with all of it, with one proof for all leaves of a seal.
    pub bytes: u64,
}

/// Makes the bundle of everything that a person is shown, and counts it. Nothing is sealed or stored; `None` if nobody
/// in the roster and no scope document here goes by that name.
pub fn preview(store: &Store, person: &PersonId, now: &Stamp) -> Result<Option<Preview>, BundleError> {
    let roster = roster(store)?;
    let Some(docs) = scope::shown_to(store, &roster, person)? else { return Ok(None) };
    let (mut plan, mut documents) = (Plan::default(), BTreeMap::new());
    for doc in docs {
        let kind = store.info(doc)?.and_then(|info| info.kind).unwrap_or_else(|| "unknown".to_owned());
        *documents.entry(kind).or_default() += 1;
        plan.add(doc, needed(store, &roster, doc)?);
    }
    let key = keys::load(store.dir(), store.device())?;
    let mut plan = plan.prove(store)?;
    let proofs = plan.join_proofs();
    let made = write(store, &key, None, &plan, Vec::new(), now)?;
    Ok(Some(Preview { documents, changes: made.changes, bytes: made.bytes.len() as u64 + proofs }))
}

fn addressee(roster: &Roster, text: &str) -> Result<DeviceId, BundleError> {
    let carried: Vec<DeviceId> = roster
        .devices()
        .filter(|(_, entry)| entry.person.as_ref().is_some_and(|person| person.as_str() == text))
        .filter(|(_, entry)| entry.state == docket_format::roster::State::Active)
        .map(|(id, _)| id)
        .collect();
    let found = match carried.as_slice() {
        [device] => Some(*device),
        [] => roster.named(text),
        _ => None,
    };
    found.ok_or_else(|| BundleError::UnknownAddressee(text.chars().take(80).collect()))
}

/// What of all that vouches for a document's facts must travel with it: usually the leaf that reaches farthest for each
/// author, and one for each imported fact. Forks, tails that were never shown and seals that no longer stand say less
/// than they seem to, so where there is more than one leaf the facts themselves decide.
pub(crate) fn needed(store: &Store, roster: &Roster, doc: DocId) -> Result<Vec<Voucher>, StoreError> {
    let vouchers = store.vouchers(doc)?;
    let mut seen = BTreeSet::new();
    let plain = vouchers.iter().all(|voucher| {
        let leaf = voucher.placed.leaf;
        seen.insert(if leaf.n == 0 { (None, Some(leaf.fact)) } else { (Some(voucher.author), None) })
    });
    if plain && vouchers.len() <= PLAIN {
        return Ok(vouchers);
    }
    let mut ranked = Vec::with_capacity(vouchers.len());
    for voucher in vouchers {
        let entry = roster.device(voucher.author.device);
        let may = voucher.placed.leaf.n > 0 || entry.is_some_and(|entry| evidence::may_vouch(&entry.role));
        let seal = store.seal(voucher.row)?.id();
        let stands = may && roster.seal_stands(voucher.author.device, seal);
        // Named when a further person's leave ended: whose the facts before it are hangs on it.
        let named = entry.is_some_and(|entry| entry.others.values().any(|other| other.is_under(seal)));
        ranked.push(((stands, named), voucher));
    }
    // Seals that stand first: what they reach needs no other.
    ranked.sort_by_key(|(stands, voucher)| {
        core::cmp::Reverse((*stands, voucher.placed.leaf.n, voucher.count, voucher.row, voucher.placed.pos))
    });
    let facts = store.facts(doc)?;
    let facts: BTreeMap<FactId, &Fact> = facts.iter().map(|fact| (fact.id, fact)).collect();
    let (mut covered, mut tails) = (BTreeSet::new(), BTreeSet::new());
    let needed = ranked.into_iter().map(|(_, voucher)| voucher).filter(|voucher| {
        let leaf = voucher.placed.leaf;
        match facts.get(&leaf.fact) {
            // Proof that something was never shown: one for each author will do.
            None => leaf.n > 0 && tails.insert(voucher.author),
            Some(_) => judge::cover(&facts, voucher.author, &leaf, &mut covered),
        }
    });
    Ok(needed.collect())
}

/// The documents of a bundle, with what vouches for them.
#[derive(Default)]
struct Plan {
    docs: Vec<(DocId, Vec<Voucher>)>,
    seals: Vec<SealEntry>,
    /// Row of a seal → its place in `seals`.
    places: BTreeMap<i64, u32>,
}

impl Plan {
    fn add(&mut self, doc: DocId, vouchers: Vec<Voucher>) {
        self.docs.push((doc, vouchers));
    }

    /// Decides for each seal whether the bundle holds it whole, and makes proofs where not.
    fn prove(mut self, store: &Store) -> Result<Self, StoreError> {
        let mut used: BTreeMap<i64, u64> = BTreeMap::new();
        for voucher in self.docs.iter().flat_map(|(_, vouchers)| vouchers) {
            *used.entry(voucher.row).or_default() += 1;
        }
        let mut paths: BTreeMap<(i64, u64), Vec<Node>> = BTreeMap::new();
        for (row, count) in used {
            let seal = store.seal(row)?;
            let leaves = seal.claims().map_err(|_| StoreError::corrupt(format!("seal {row} is malformed")))?.leaves;
            let complete = leaves == count;
            if !complete {
                paths.extend(proofs(store, row, leaves)?.into_iter().map(|(pos, path)| ((row, pos), path)));
            }
            self.places.insert(row, self.seals.len() as u32);
            self.seals.push(SealEntry { seal, complete });
        }
        for (_, vouchers) in &mut self.docs {
            // A leaf that nothing here proves would spoil its seal for the others.
            vouchers.retain_mut(|voucher| {
                let whole = self.seals.get(self.places.get(&voucher.row).map_or(0, |&place| place as usize));
                voucher.placed.proof = paths.remove(&(voucher.row, voucher.placed.pos));
                voucher.placed.proof.is_some() || whole.is_some_and(|entry| entry.complete)
            });
        }
        Ok(self)
    }
}

impl Plan {
    /// Takes the proof from every leaf, and counts the bytes of one proof for all leaves of each seal, as a relay's
    /// pages have it: half of a small scope would else be proofs.
    fn join_proofs(&mut self) -> u64 {
        let mut known: BTreeMap<i64, (merkle::Known, BTreeSet<u64>)> = BTreeMap::new();
        for voucher in self.docs.iter_mut().flat_map(|(_, vouchers)| vouchers) {
            let Some(path) = voucher.placed.proof.take().filter(|path| !path.is_empty()) else { continue };
            let size = self.places.get(&voucher.row).and_then(|place| self.seals.get(*place as usize));
            let Some(claims) = size.and_then(|entry| entry.seal.claims().ok()) else { continue };
            let seal = known.entry(voucher.row).or_insert_with(|| (merkle::Known::new(claims.leaves), BTreeSet::new()));
            seal.0.leaf(voucher.placed.pos, voucher.placed.leaf.node());
            seal.0.path(voucher.placed.pos, &path);
            seal.1.insert(voucher.placed.pos);
        }
        let nodes = known.values_mut().map(|(known, picked)| {
            let picked: Vec<u64> = picked.iter().copied().collect();
            known.prove(&picked).map_or(0, |nodes| nodes.len())
        });
        nodes.sum::<usize>() as u64 * size_of::<Node>() as u64
    }
}

/// The proof of every leaf of a seal that is stored here.
fn proofs(store: &Store, row: i64, count: u64) -> Result<Vec<(u64, Vec<Node>)>, StoreError> {
    let mut known = store.known_of(row, count)?;
    let leaves = store.leaves_of(row)?;
    Ok(leaves.into_iter().filter_map(|placed| Some((placed.pos, known.path_of(placed.pos)?))).collect())
}

fn write(
    store: &Store,
    key: &SecretKey,
    to: Option<DeviceId>,
    plan: &Plan,
    mut held: Vec<Held>,
    now: &Stamp,
) -> Result<Exported, BundleError> {
    let mut carriers: BTreeSet<Author> = BTreeSet::new();
    let mut documents = 0;
    let mut items = Vec::with_capacity(plan.docs.len());
    let mut changes = 0;
    for (doc, vouchers) in &plan.docs {
        let rows = store.changes(*doc)?;
        changes += rows.len() as u64;
        carriers.extend(rows.iter().filter_map(|row| match row.carrier {
            Carrier::Device(author) => Some(author),
            Carrier::Import => None,
        }));
        documents += 1;
        items.extend(pieces(item(*doc, &rows, vouchers, &plan.places)));
    }
    held.truncate(HELD); // a receipt less costs only another copy
    let header = Header {
        tenant: store.tenant(),
        from: store.author(),
        key: key.public(),
        to,
        made_ms: now.wall_ms,
        authors: carriers.into_iter().collect(),
        held,
        documents,
        changes,
    };
    let mut writer = Writer::new(&header, &plan.seals, LEVEL)?;
    let mut rest = items.as_slice();
    while !rest.is_empty() {
        let (chunk, after) = rest.split_at(fitting(rest));
        writer.chunk(chunk)?;
        rest = after;
    }
    Ok(Exported { bytes: writer.finish(key), to, documents, changes, held_already: 0, sealed: 0 })
}

/// A document too large for one chunk goes out in several items, whatever somebody piled up in it.
fn pieces(item: Item) -> Vec<Item> {
    if weight(&item) <= CHUNK_TARGET {
        return vec![item];
    }
    let doc = item.doc;
    let empty = || Item { doc, changes: Vec::new(), leaves: Vec::new() };
    let (mut pieces, mut last, mut size) = (Vec::new(), empty(), 0);
    let changes = item.changes.into_iter().map(|change| Item { changes: vec![change], ..empty() });
    let leaves = item.leaves.into_iter().map(|leaf| Item { leaves: vec![leaf], ..empty() });
    for part in changes.chain(leaves) {
        size += weight(&part);
        if size > CHUNK_TARGET && !(last.changes.is_empty() && last.leaves.is_empty()) {
            pieces.push(std::mem::replace(&mut last, empty()));
            size = weight(&part);
        }
        last.changes.extend(part.changes);
        last.leaves.extend(part.leaves);
    }
    pieces.push(last);
    pieces
}

/// How many items go into the next chunk: at least one.
fn fitting(items: &[Item]) -> usize {
    let mut size = 0;
    let fit = items.iter().take_while(|item| {
        let before = size;
        size += weight(item);
        before == 0 || size <= CHUNK_TARGET
    });
    fit.count()
}

/// A little more than an item takes in a chunk.
fn weight(item: &Item) -> usize {
    let changes: usize = item.changes.iter().map(|(_, change)| change_weight(&change.deps, &change.facts)).sum();
    let leaves: usize = item.leaves.iter().map(|leaf| LEAF_WEIGHT + leaf.proof.len() * 34).sum();
    ITEM_WEIGHT + changes + leaves
}

/// What an item takes beside its changes and leaves.
pub(crate) const ITEM_WEIGHT: usize = 24;
/// What a leaf takes without a proof of its own.
pub(crate) const LEAF_WEIGHT: usize = 48;

/// A little more than a change takes in an item.
pub(crate) fn change_weight(deps: &[ChangeHash], facts: &[(FactId, String)]) -> usize {
    64 + deps.len() * 34 + facts.iter().map(|(_, text)| text.len() + 24).sum::<usize>()
}

fn item(doc: DocId, rows: &[ChangeRow], vouchers: &[Voucher], places: &BTreeMap<i64, u32>) -> Item {
    let leaves = vouchers
        .iter()
        .filter_map(|voucher| {
            Some(LeafRef {
                seal: *places.get(&voucher.row)?,
                index: voucher.placed.pos,
                leaf: voucher.placed.leaf,
                proof: voucher.placed.proof.clone().unwrap_or_default(),
            })
        })
        .collect();
    Item { doc, changes: rows.iter().map(|row| parsed(doc, row)).collect(), leaves }
}

/// The row's hash was compared with its content when it was read.
pub(crate) fn parsed(doc: DocId, row: &ChangeRow) -> (Carrier, Parsed) {
    let facts: Vec<(FactId, &str)> = row.facts.iter().map(|(key, text)| (*key, text.as_str())).collect();
    let ChangeRow { carrier, seq, start_op, ref deps, time, hash, .. } = *row;
    (carrier, Parsed::of_built(&NewChange { doc, carrier, seq, start_op, deps, time, facts: &facts }, hash))
}
