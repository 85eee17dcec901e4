//! Further people on one device: whom the roster lets work there, and what they stated before that ended.

use std::collections::{BTreeMap, BTreeSet};

use super::fold::plain_role;
use super::{SealTag, seal_tag, seal_tags};
use crate::fact::Fact;
use crate::ids::{DeviceId, FactId, PersonId, SealId};

/// A further person on a device. Which of the device's facts are theirs, those facts say (`as`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared {
    /// The person's name.
    pub name: String,
    /// What they may do.
    pub role: String,
    /// The newest `share` fact (by id) that stands, else the newest that ended.
    pub by: FactId,
    /// `None` = they may work there. Else only what they stated under these seals of the device is theirs.
    pub ended: Option<BTreeSet<SealTag>>,
}

impl Shared {
    /// Whether a seal of the device is one under which the person's word stays, now that they may not work there.
    pub fn is_under(&self, seal: SealId) -> bool {
        self.ended.as_ref().is_some_and(|seals| seals.contains(&seal_tag(seal)))
    }
}

/// The `share` and `unshare` facts that count.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Shares {
    given: BTreeMap<(DeviceId, PersonId), BTreeMap<FactId, (String, String)>>,
    ended: BTreeMap<FactId, BTreeSet<SealTag>>,
    pub(super) facts: BTreeSet<FactId>,
}

fn whose(fact: &Fact) -> Option<(DeviceId, PersonId)> {
    Some((DeviceId::parse_strict(fact.str("device")?).ok()?, fact.str("person")?.parse().ok()?))
}

impl Shares {
    pub(super) fn take(&mut self, fact: &Fact) -> Option<()> {
        let entry = (fact.str("name")?.to_owned(), plain_role(fact.str("role")?)?);
        self.given.entry(whose(fact)?).or_default().insert(fact.id, entry);
        self.facts.insert(fact.id);
        Some(())
    }

    /// Several ends of one share: what any of their issuers had seen stays.
    pub(super) fn take_end(&mut self, fact: &Fact) -> Option<()> {
        whose(fact)?;
        let seals = seal_tags(fact);
        for share in fact.fact_ids("over") {
            self.ended.entry(share).or_default().extend(seals.iter().copied());
        }
        self.facts.insert(fact.id);
        Some(())
    }

    /// The further people of one device.
    pub(super) fn of(&self, device: DeviceId) -> BTreeMap<PersonId, Shared> {
        let own = self.given.iter().filter(|((of, _), _)| *of == device);
        own.filter_map(|((_, person), shares)| Some((person.clone(), self.standing(shares)?))).collect()
    }

    /// A person's shares of a device that have not ended.
    pub(super) fn open(&self, device: DeviceId, person: &PersonId) -> impl Iterator<Item = FactId> {
        let shares = self.given.get(&(device, person.clone())).into_iter().flat_map(BTreeMap::keys).copied();
        shares.filter(|share| !self.ended.contains_key(share))
    }

    fn standing(&self, shares: &BTreeMap<FactId, (String, String)>) -> Option<Shared> {
        let open = shares.iter().rev().find(|(share, _)| !self.ended.contains_key(share));
        let (by, (name, role)) = open.or_else(|| shares.iter().next_back())?;
        let ended = open.is_none().then(|| {
            let seals = shares.keys().filter_map(|share| self.ended.get(share));
            seals.flatten().copied().collect()
        });
        Some(Shared { name: name.clone(), role: role.clone(), by: *by, ended })
    }
}
