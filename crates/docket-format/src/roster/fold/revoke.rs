//! Revocations: which count, and what of a revoked device stands.

use std::collections::{BTreeMap, BTreeSet};

use super::signed::Signed;
use super::{RECOVERY, ROOT, Roster, State};
use crate::fact::{Fact, Origin};
use crate::ids::{DeviceId, FactId};
use crate::roster::{SealTag, issuer, seal_tags};

impl Roster {
    /// The revocations that count, issuers nearest the root first: one that a shallower issuer cut off has no effect;
    /// between equals both count, so a stolen admin device can't outrun its own revocation.
    pub(super) fn cuts(
        &self,
        facts: &[&Fact],
        before: &BTreeMap<FactId, FactId>,
        signed: &Signed,
    ) -> BTreeMap<DeviceId, Cut> {
        let mut revocations: Vec<(u32, &Fact, DeviceId, DeviceId)> = facts
            .iter()
            .filter(|fact| fact.kind() == "revoke")
            .filter_map(|fact| {
                let by = issuer(fact)?;
                let entry = self.devices.get(&by).filter(|entry| entry.may_certify())?;
                if entry.state == State::Contested {
                    return None;
                }
                self.is_signed(fact, &entry.key, signed).then_some(())?;
                let target: DeviceId = DeviceId::parse_strict(fact.str("device")?).ok()?;
                let protected = self.devices.get(&target).is_some_and(|target| match target.role.as_str() {
                    // The root is the tenant: nobody can revoke it. The recovery key is the way back from a stolen
                    // admin device, which must not be able to close it.
                    ROOT => true,
                    RECOVERY => entry.depth > 0,
                    _ => false,
                });
                (!protected).then_some((entry.depth, *fact, by, target))
            })
            .collect();
        revocations.sort_by_key(|(depth, fact, ..)| (*depth, fact.id));
        let mut cuts: BTreeMap<DeviceId, Cut> = BTreeMap::new();
        for (depth, fact, by, target) in revocations {
            let outranked = cuts.get(&by).is_some_and(|old| old.depth < depth && !old.seen.contains(&fact.id));
            if outranked {
                continue;
            }
            let said = Said { seen: closure(fact, before), seals: seal_tags(fact) };
            let cut = cuts.entry(target).or_insert_with(|| Cut::new(depth, fact.id));
            cut.add(by, said);
        }
        cuts
    }

    pub(super) fn apply_revocations(&mut self, cuts: &BTreeMap<DeviceId, Cut>, facts: &[&Fact]) {
        for (device, cut) in cuts {
            let Some(fact) = facts.iter().find(|fact| fact.id == cut.fact) else { continue };
            if let Some(entry) = self.devices.get_mut(device) {
                let why = fact.str("why").unwrap_or_default().to_owned();
                entry.state = State::Revoked { seals: cut.seals.clone(), why };
            }
        }
    }
}

/// Who may not issue, or not everything.
#[derive(Default)]
pub(super) struct Barred {
    pub(super) cuts: BTreeMap<DeviceId, Cut>,
    pub(super) contested: BTreeSet<DeviceId>,
    /// Not a matter of who is barred: what was checked once need not be again.
    pub(super) signed: Signed,
}

/// What is left of a revoked device: what every issuer who revoked it had seen.
pub(super) struct Cut {
    depth: u32,
    fact: FactId,
    said: BTreeMap<DeviceId, Said>,
    /// Its roster facts that count.
    pub(super) seen: BTreeSet<FactId>,
    /// Its seals that stand.
    seals: BTreeSet<SealTag>,
}

/// What one issuer's revocations of a device name.
#[derive(Default)]
struct Said {
    seen: BTreeSet<FactId>,
    seals: BTreeSet<SealTag>,
}

impl Cut {
    fn new(depth: u32, fact: FactId) -> Self {
        Self { depth, fact, said: BTreeMap::new(), seen: BTreeSet::new(), seals: BTreeSet::new() }
    }

    /// Several revocations by one issuer are one long list; those of several issuers leave what all of them name.
    fn add(&mut self, by: DeviceId, said: Said) {
        let own = self.said.entry(by).or_default();
        own.seen.extend(said.seen);
        own.seals.extend(said.seals);
        let mut all = self.said.values();
        let Some(first) = all.next() else { return };
        (self.seen, self.seals) = (first.seen.clone(), first.seals.clone());
        for other in all {
            self.seen.retain(|fact| other.seen.contains(fact));
            self.seals.retain(|seal| other.seals.contains(seal));
        }
    }
}

/// Each fact's predecessor in its author's chain.
pub(super) fn chains(facts: &[Fact]) -> BTreeMap<FactId, FactId> {
    let before = facts.iter().filter_map(|fact| match &fact.header.origin {
        Origin::Device { prev, .. } => Some((fact.id, (*prev)?)),
        Origin::Import { .. } => None,
    });
    before.collect()
}

/// The facts that a revocation's `seen` names and all before them. A number would not do: whoever has the key can
/// state another fact under any number.
fn closure(revocation: &Fact, before: &BTreeMap<FactId, FactId>) -> BTreeSet<FactId> {
    let mut seen = BTreeSet::new();
    for tip in revocation.fact_ids("seen") {
        let mut at = Some(tip);
        while let Some(fact) = at.filter(|fact| seen.insert(*fact)) {
            at = before.get(&fact).copied();
        }
    }
    seen
}
