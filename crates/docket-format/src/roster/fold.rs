//! Reading the roster: which device is whose, with which role, and which of its seals still count. The same facts give
//! the same roster in whatever order they came.

use std::collections::{BTreeMap, BTreeSet};

use crate::fact::Fact;
use crate::ids::{DeviceId, FactId, Incarnation, PersonId, TenantId};
use crate::keys::{PublicKey, Signature};
use crate::roster::{issuer, public_key, verify_enrolment, verify_fact};

/// A device's standing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It may write.
    Active,
    /// It lost its standing: only what came under these seal counts stays good; the rest is a claim.
    Revoked {
        /// The highest good seal count of each life; a life not named has none.
        seals: BTreeMap<Incarnation, u64>,
        /// The reason given.
        why: String,
    },
    /// Two devices used one invitation: neither stands until an admin certifies one.
    Contested,
    /// It changed its key; its older seals stay good.
    Rotated {
        /// The device of the new key.
        to: DeviceId,
    },
}

/// One device in the roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its public key.
    pub key: PublicKey,
    /// Who carries it; `None` for the root and recovery keys.
    pub person: Option<PersonId>,
    /// The person's name.
    pub name: String,
    /// Its role ("technician", "admin" …).
    pub role: String,
    /// Its standing.
    pub state: State,
    /// The fact that brought it in.
    pub by: FactId,
    /// Steps from the root key: 0 for root and recovery.
    pub depth: u32,
    /// Stated by an issuer, not taken up with an invitation.
    direct: bool,
}

/// A roster fact without effect, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Which fact.
    pub fact: FactId,
    /// Why it has no effect.
    pub reason: &'static str,
}

/// The roster as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster {
    /// The tenant.
    pub tenant: TenantId,
    /// The company's name; empty before `founded` is known.
    pub name: String,
    devices: BTreeMap<DeviceId, Entry>,
    invites: BTreeMap<FactId, Invite>,
    /// Facts without effect.
    pub problems: BTreeSet<Problem>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Invite {
    key: PublicKey,
    person: PersonId,
    name: String,
    role: String,
    expires_ms: i64,
    depth: u32,
    taken: BTreeSet<DeviceId>,
}

impl Roster {
    /// Folds the facts of the roster document (any order; those of other kinds are passed over).
    pub fn fold(tenant: TenantId, facts: &[Fact]) -> Self {
        let mut facts: Vec<&Fact> = facts.iter().filter(|fact| super::is_kind(fact.kind())).collect();
        facts.sort_by_key(|fact| fact.id);
        facts.dedup_by_key(|fact| fact.id);
        // First without revocations, to learn each issuer's depth; then with those that count.
        let all = Self::grow(tenant, &facts, &BTreeMap::new());
        let cuts = all.cuts(&facts);
        let mut roster = Self::grow(tenant, &facts, &cuts);
        roster.apply_revocations(&cuts, &facts);
        roster.note_problems(&facts);
        roster
    }

    /// A device's entry.
    pub fn device(&self, device: DeviceId) -> Option<&Entry> {
        self.devices.get(&device)
    }

    /// Every device, by id.
    pub fn devices(&self) -> impl Iterator<Item = (DeviceId, &Entry)> {
        self.devices.iter().map(|(id, entry)| (*id, entry))
    }

    /// The open invitation that a key belongs to: its fact, expiry and who took it already.
    pub fn invitation(&self, key: &PublicKey) -> Option<(FactId, i64, &BTreeSet<DeviceId>)> {
        let found = self.invites.iter().find(|(_, invite)| invite.key == *key);
        found.map(|(id, invite)| (*id, invite.expires_ms, &invite.taken))
    }

    /// Whether a seal of this count by this life stands: its facts are the device's, not mere claims.
    pub fn seal_stands(&self, device: DeviceId, incarnation: Incarnation, count: u64) -> bool {
        match self.devices.get(&device).map(|entry| &entry.state) {
            Some(State::Active | State::Rotated { .. }) => true,
            Some(State::Revoked { seals, .. }) => seals.get(&incarnation).is_some_and(|&good| count <= good),
            Some(State::Contested) | None => false,
        }
    }

    /// The public key of a device, active or not: who signed can be told even when it no longer counts.
    pub fn key(&self, device: DeviceId) -> Option<&PublicKey> {
        self.devices.get(&device).map(|entry| &entry.key)
    }

    /// Takes facts in until nothing more follows: each needs an issuer that is already in.
    fn grow(tenant: TenantId, facts: &[&Fact], cuts: &BTreeMap<DeviceId, Cut>) -> Self {
        let mut roster = Self {
            tenant,
            name: String::new(),
            devices: BTreeMap::new(),
            invites: BTreeMap::new(),
            problems: BTreeSet::new(),
        };
        let mut open: Vec<&Fact> = facts.to_vec();
        loop {
            // Level by level, so that a device's depth is the shortest way from the root whatever the facts' order.
            let level = roster.clone();
            let before = open.len();
            open.retain(|fact| !roster.take(&level, fact, cuts));
            if open.len() == before {
                break;
            }
        }
        let contested = roster.invites.values().filter(|invite| invite.taken.len() > 1);
        let contested: Vec<DeviceId> = contested.flat_map(|invite| invite.taken.iter().copied()).collect();
        for device in contested {
            // A direct certificate settles the contest for the device that it names.
            if let Some(entry) = roster.devices.get_mut(&device).filter(|entry| !entry.direct) {
                entry.state = State::Contested;
            }
        }
        roster
    }

    /// Tries one fact; true when it was taken in.
    fn take(&mut self, known: &Self, fact: &Fact, cuts: &BTreeMap<DeviceId, Cut>) -> bool {
        if fact.kind() == "enrol" {
            return self.take_enrolment(known, fact).unwrap_or(false);
        }
        let Some((device, n)) = issuer(fact) else { return false };
        if fact.kind() == "founded" {
            return self.take_founding(fact).unwrap_or(false);
        }
        let Some(entry) = known.devices.get(&device) else { return false };
        let cut = cuts.get(&device).is_some_and(|cut| n > cut.seen);
        if cut || verify_fact(self.tenant, fact, &entry.key).is_err() {
            return false;
        }
        let depth = entry.depth;
        match fact.kind() {
            "recovery" if entry.role == ROOT => self.take_recovery(fact).is_some(),
            "certify" if entry.may_certify() => self.take_certificate(fact, depth + 1).is_some(),
            "invite" if entry.may_certify() => self.take_invite(fact, depth).is_some(),
            "revoke" => entry.may_certify(),
            "rotate" if entry.person.is_some() => self.take_rotation(fact, device).is_some(),
            _ => false,
        }
    }

    fn take_founding(&mut self, fact: &Fact) -> Option<bool> {
        let key = public_key(fact).filter(|key| key.tenant() == self.tenant)?;
        verify_fact(self.tenant, fact, &key).ok()?;
        fact.str("name")?.clone_into(&mut self.name);
        self.insert(Entry::new(key, None, "root key", ROOT, fact, 0));
        Some(true)
    }

    fn take_recovery(&mut self, fact: &Fact) -> Option<()> {
        self.insert(Entry::new(public_key(fact)?, None, "recovery key", RECOVERY, fact, 0));
        Some(())
    }

    fn take_certificate(&mut self, fact: &Fact, depth: u32) -> Option<()> {
        let person: PersonId = fact.str("person")?.parse().ok()?;
        let (name, role) = (fact.str("name")?.to_owned(), plain_role(fact.str("role")?)?);
        self.insert(Entry::new(public_key(fact)?, Some(person), &name, &role, fact, depth));
        Some(())
    }

    fn take_invite(&mut self, fact: &Fact, depth: u32) -> Option<()> {
        let invite = Invite {
            key: public_key(fact)?,
            person: fact.str("person")?.parse().ok()?,
            name: fact.str("name")?.to_owned(),
            role: plain_role(fact.str("role")?)?,
            expires_ms: fact.int("expires_ms")?,
            depth,
            taken: BTreeSet::new(),
        };
        self.invites.insert(fact.id, invite);
        Some(())
    }

    fn take_enrolment(&mut self, known: &Self, fact: &Fact) -> Option<bool> {
        let key = public_key(fact)?;
        verify_fact(self.tenant, fact, &key).ok()?;
        let id = fact.fact_id("invite")?;
        let invite = known.invites.get(&id)?.clone();
        let vouched = fact.str("isig").and_then(Signature::from_text)?;
        verify_enrolment(self.tenant, id, &invite.key, &key, &vouched).ok()?;
        self.invites.get_mut(&id)?.taken.insert(key.device());
        self.insert(Entry::new(key, Some(invite.person), &invite.name, &invite.role, fact, invite.depth + 1));
        Some(true)
    }

    fn take_rotation(&mut self, fact: &Fact, device: DeviceId) -> Option<()> {
        let key = public_key(fact).filter(|key| key.device() != device)?;
        let old = self.devices.get(&device)?.clone();
        self.insert(Entry::new(key, old.person, &old.name, &old.role, fact, old.depth));
        self.devices.get_mut(&device)?.state = State::Rotated { to: key.device() };
        Some(())
    }

    /// Of several entries for one key a direct certificate stands, then the one nearest the root, then the lower fact.
    fn insert(&mut self, entry: Entry) {
        let device = entry.key.device();
        let rank = |entry: &Entry| (!entry.direct, entry.depth, entry.by);
        if self.devices.get(&device).is_none_or(|old| rank(&entry) < rank(old)) {
            self.devices.insert(device, entry);
        }
    }

    /// The revocations that count, issuers nearest the root first: one that a shallower issuer cut off has no effect;
    /// between equals both count, so a stolen admin device can't outrun its own revocation.
    fn cuts(&self, facts: &[&Fact]) -> BTreeMap<DeviceId, Cut> {
        let mut revocations: Vec<(u32, Cut, DeviceId, u64, DeviceId)> = facts
            .iter()
            .filter(|fact| fact.kind() == "revoke")
            .filter_map(|fact| {
                let (by, n) = issuer(fact)?;
                let entry = self.devices.get(&by).filter(|entry| entry.may_certify())?;
                verify_fact(self.tenant, fact, &entry.key).ok()?;
                let target: DeviceId = DeviceId::parse_strict(fact.str("device")?).ok()?;
                // The root is the tenant: nobody can revoke it.
                if self.devices.get(&target).is_some_and(|entry| entry.role == ROOT) {
                    return None;
                }
                let seen = u64::try_from(fact.int("seen")?).ok()?;
                Some((entry.depth, Cut { seen, depth: entry.depth, fact: fact.id }, by, n, target))
            })
            .collect();
        revocations.sort_by_key(|(depth, cut, ..)| (*depth, cut.fact));
        let mut cuts: BTreeMap<DeviceId, Cut> = BTreeMap::new();
        for (depth, cut, by, n, target) in revocations {
            let outranked = cuts.get(&by).is_some_and(|old| old.depth < depth && n > old.seen);
            if outranked {
                continue;
            }
            let entry = cuts.entry(target).or_insert(cut);
            entry.seen = entry.seen.min(cut.seen);
        }
        cuts
    }

    fn apply_revocations(&mut self, cuts: &BTreeMap<DeviceId, Cut>, facts: &[&Fact]) {
        for (device, cut) in cuts {
            let Some(fact) = facts.iter().find(|fact| fact.id == cut.fact) else { continue };
            if let Some(entry) = self.devices.get_mut(device) {
                let why = fact.str("why").unwrap_or_default().to_owned();
                entry.state = State::Revoked { seals: seal_counts(fact), why };
            }
        }
    }

    fn note_problems(&mut self, facts: &[&Fact]) {
        let used: BTreeSet<FactId> =
            self.devices.values().map(|entry| entry.by).chain(self.invites.keys().copied()).collect();
        for fact in facts {
            let idle = match fact.kind() {
                "revoke" => {
                    let target = fact.str("device").and_then(|text| DeviceId::parse_strict(text).ok());
                    let state = target.and_then(|device| self.devices.get(&device)).map(|entry| &entry.state);
                    !matches!(state, Some(State::Revoked { .. }))
                }
                _ => !used.contains(&fact.id),
            };
            if idle {
                let known = issuer(fact).is_some_and(|(device, _)| self.devices.contains_key(&device));
                let reason = if known {
                    "its issuer had no right to state it, or another stands"
                } else {
                    "unknown issuer or bad signature"
                };
                self.problems.insert(Problem { fact: fact.id, reason });
            }
        }
        let contested = self.invites.iter().filter(|(_, invite)| invite.taken.len() > 1);
        let contested: Vec<Problem> =
            contested.map(|(id, _)| Problem { fact: *id, reason: "two devices used this invitation" }).collect();
        self.problems.extend(contested);
    }
}

impl Entry {
    fn new(key: PublicKey, person: Option<PersonId>, name: &str, role: &str, fact: &Fact, depth: u32) -> Self {
        let (name, role, by) = (name.to_owned(), role.to_owned(), fact.id);
        Self { key, person, name, role, state: State::Active, by, depth, direct: fact.kind() != "enrol" }
    }

    fn may_certify(&self) -> bool {
        matches!(self.role.as_str(), ROOT | RECOVERY | "admin")
    }
}

#[derive(Debug, Clone, Copy)]
struct Cut {
    seen: u64,
    depth: u32,
    fact: FactId,
}

const ROOT: &str = "root";
const RECOVERY: &str = "recovery";

/// Roles that a certificate may give: the words are policy, `root` and `recovery` are not for giving.
fn plain_role(role: &str) -> Option<String> {
    let good =
        (1..=40).contains(&role.len()) && role.bytes().all(|c| c.is_ascii_lowercase() || matches!(c, b'_' | b'-'));
    (good && !matches!(role, ROOT | RECOVERY)).then(|| role.to_owned())
}

fn seal_counts(fact: &Fact) -> BTreeMap<Incarnation, u64> {
    let pairs = fact.body.get("seals").and_then(|value| value.as_array()).map(Vec::as_slice).unwrap_or_default();
    pairs
        .iter()
        .filter_map(|pair| match pair.as_array()?.as_slice() {
            [life, count] => Some((Incarnation(life.as_u64()?.try_into().ok()?), count.as_u64()?)),
            _ => None,
        })
        .collect()
}
