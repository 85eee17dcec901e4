//! Every stored seal checked anew: signature against the roster's key, leaves against the root.

use std::collections::{BTreeMap, BTreeSet};

use docket_format::merkle::{Node, climb_many};
use docket_format::roster::Roster;
use docket_format::seal::{BadSeal, VerifiedSeal};
use docket_format::{Author, DocId, FactId, SealId};

use super::{Flaw, Report, Verdict};
use crate::error::StoreError;
use crate::project::evidence;
use crate::store::{PlacedLeaf, Store, StoredSeal};

/// A sealed tip: the author's number, the fact, the seal.
type Tip = (u64, FactId, SealId);

/// What valid seals prove.
pub(super) struct Sealed {
    tips: BTreeMap<(DocId, Author), Vec<Tip>>,
    /// Imported facts that somebody vouches for, and whether somebody's word for them counts.
    imported: BTreeMap<(DocId, FactId), bool>,
    /// Imported facts that this device will vouch for at the next hand-over.
    pub(super) own_unvouched: BTreeSet<FactId>,
}

impl Sealed {
    pub(super) fn check(store: &Store, roster: &Roster, report: &mut Report) -> Result<Self, StoreError> {
        let mut sealed = Self { tips: BTreeMap::new(), imported: BTreeMap::new(), own_unvouched: unvouched(store)? };
        let mut last: Option<(Author, u64)> = None;
        for stored in store.seals()? {
            let StoredSeal { author, count, .. } = stored;
            report.seals += 1;
            if last == Some((author, count)) {
                let detail = format!("device {} made two seals with the count {count}", author.device);
                report.flaws.push(Flaw { verdict: Verdict::Forged, doc: None, fact: None, detail });
            }
            last = Some((author, count));
            let leaves = store.leaves_of(stored.row)?;
            match check_one(store, roster, &stored, &leaves)? {
                Ok(seal) => sealed.take(roster, &seal, &leaves),
                Err((verdict, reason)) => {
                    let reason = match verdict {
                        Verdict::UnknownDevice => "the device is not in the roster".to_owned(),
                        _ => reason.to_string(),
                    };
                    let detail = format!("seal {count} of device {}: {reason}", author.device);
                    report.flaws.push(Flaw { verdict, doc: None, fact: None, detail });
                }
            }
        }
        Ok(sealed)
    }

    fn take(&mut self, roster: &Roster, seal: &VerifiedSeal, leaves: &[PlacedLeaf]) {
        let (body, id) = (seal.body(), seal.id());
        let device = body.author.device;
        let counts = roster.seal_stands(device, id)
            && roster.device(device).is_some_and(|entry| evidence::may_vouch(&entry.role));
        for placed in leaves {
            let leaf = placed.leaf;
            if leaf.n == 0 {
                *self.imported.entry((leaf.doc, leaf.fact)).or_default() |= counts;
            } else {
                self.tips.entry((leaf.doc, body.author)).or_default().push((leaf.n, leaf.fact, id));
            }
        }
    }

    /// Whether the word of anybody who vouches for an imported fact counts; `None` if nobody does.
    pub(super) fn imported(&self, doc: DocId, fact: FactId) -> Option<bool> {
        self.imported.get(&(doc, fact)).copied()
    }

    /// The farthest sealed tip: number and fact.
    pub(super) fn reach(&self, doc: DocId, author: Author) -> Option<(u64, FactId)> {
        self.tips.get(&(doc, author))?.iter().max().map(|&(n, fact, _)| (n, fact))
    }

    /// The tips under seals that still stand.
    pub(super) fn good_tips(&self, roster: &Roster, doc: DocId, author: Author) -> impl Iterator<Item = FactId> {
        let tips = self.tips.get(&(doc, author)).map(Vec::as_slice).unwrap_or_default();
        tips.iter().filter(move |(_, _, seal)| roster.seal_stands(author.device, *seal)).map(|&(_, fact, _)| fact)
    }
}

type Checked = Result<VerifiedSeal, (Verdict, BadSeal)>;

fn check_one(
    store: &Store,
    roster: &Roster,
    stored: &StoredSeal,
    leaves: &[PlacedLeaf],
) -> Result<Checked, StoreError> {
    let seal = store.seal(stored.row)?;
    let forged = |reason| (Verdict::Forged, reason);
    let checked = seal.claims().map_err(forged).and_then(|body| {
        let device = body.author.device;
        let key = roster.key(device).ok_or((Verdict::UnknownDevice, BadSeal::OtherDevice(device)))?;
        if body.leaves != stored.leaves {
            return Err((Verdict::Altered, BadSeal::Leaves));
        }
        seal.verify(roster.tenant, key).map_err(forged)
    });
    let seal = match checked {
        Ok(seal) => seal,
        Err(reason) => return Ok(Err(reason)),
    };
    let covered = if stored.whole {
        let nodes: Vec<Node> = leaves.iter().map(|placed| placed.leaf.node()).collect();
        seal.covers_all(&nodes)
    } else {
        covers_these(store, stored.row, &seal, leaves)?
    };
    Ok(covered.map_err(|reason| (Verdict::Altered, reason)).map(|()| seal))
}

/// Whether the leaves that are here, with the paths and nodes that came with them, lead to the seal's root.
fn covers_these(
    store: &Store,
    row: i64,
    seal: &VerifiedSeal,
    leaves: &[PlacedLeaf],
) -> Result<Result<(), BadSeal>, StoreError> {
    let size = seal.body().leaves;
    let places: Vec<u64> = leaves.iter().map(|placed| placed.pos).collect();
    let nodes: Vec<(u64, Node)> = leaves.iter().map(|placed| (placed.pos, placed.leaf.node())).collect();
    let proof = store.known_of(row, size)?.prove(&places);
    let climbed = proof.and_then(|proof| climb_many(size, &nodes, &proof));
    Ok(if climbed.is_some_and(|climbed| climbed.root == seal.body().root) { Ok(()) } else { Err(BadSeal::Leaves) })
}

fn unvouched(store: &Store) -> Result<BTreeSet<FactId>, StoreError> {
    store.sql(|sql| {
        let mut statement = sql.prepare_cached("SELECT fact FROM unvouched")?;
        let mut rows = statement.query([])?;
        let mut facts = BTreeSet::new();
        while let Some(row) = rows.next()? {
            facts.insert(FactId::from_bytes(row.get(0)?));
        }
        Ok(facts)
    })
}
