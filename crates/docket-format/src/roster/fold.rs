//! Reading the roster: which device is whose, with which role, and which of its seals still count. The same facts give
//! the same roster in whatever order they came.

mod revoke;
mod signed;

use std::collections::{BTreeMap, BTreeSet};

use crate::crockford;
use crate::fact::Fact;
use crate::ids::{DeviceId, FactId, PersonId, SealId, TenantId};
use crate::keys::{PublicKey, Signature};
use crate::roster::shared::{Shared, Shares};
use crate::roster::{SealTag, issuer, public_key, seal_tag, verify_enrolment, verify_fact, verify_rotation};
use revoke::{Barred, chains};
use signed::{By, Signed};

/// A device's standing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It may write.
    Active,
    /// It lost its standing: only what came under these seals stays good; the rest is a claim. They are named, not
    /// counted: whoever has the key can make another seal of any count.
    Revoked {
        /// The seals that stand.
        seals: BTreeSet<SealTag>,
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
    /// Further people who may work on it, or might once.
    pub others: BTreeMap<PersonId, Shared>,
    /// The fact that brought it in.
    pub by: FactId,
    /// Steps from the root key: 0 for root and recovery.
    pub depth: u32,
    /// Stated by an issuer, not taken up with an invitation.
    direct: bool,
    /// How often its key was changed.
    turns: u32,
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
    /// Of devices with direct certificates: the depth of the one nearest the root.
    certified: BTreeMap<DeviceId, u32>,
    /// Keys of relays, by the fact that states them.
    relays: BTreeMap<FactId, PublicKey>,
    shares: Shares,
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
    /// Folds the facts of the roster document (any order; those of other kinds only link their author's chain).
    pub fn fold(tenant: TenantId, facts: &[Fact]) -> Self {
        let before = chains(facts);
        let mut facts: Vec<&Fact> = facts.iter().filter(|fact| super::is_kind(fact.kind())).collect();
        facts.sort_by_key(|fact| fact.id);
        facts.dedup_by_key(|fact| fact.id);
        // First without revocations, to learn each issuer's depth; then with those that count.
        let mut barred = Barred::default();
        let all = Self::grow_without_contested(tenant, &facts, &mut barred);
        barred.cuts = all.cuts(&facts, &before, &barred.signed);
        let mut roster = Self::grow_without_contested(tenant, &facts, &mut barred);
        roster.apply_revocations(&barred.cuts, &facts);
        roster.apply_shares();
        roster.note_problems(&facts);
        roster
    }

    /// Contested devices issue nothing, or the thief of an invitation would certify himself. Who is contested is known
    /// only at the end: each round bars more, never fewer.
    fn grow_without_contested(tenant: TenantId, facts: &[&Fact], barred: &mut Barred) -> Self {
        barred.contested.clear();
        loop {
            let roster = Self::grow(tenant, facts, barred);
            let contested = roster.devices.iter().filter(|(_, entry)| entry.state == State::Contested);
            let contested: BTreeSet<DeviceId> = contested.map(|(device, _)| *device).collect();
            if contested.is_subset(&barred.contested) {
                return roster;
            }
            barred.contested.extend(contested);
        }
    }

    /// A device's entry.
    pub fn device(&self, device: DeviceId) -> Option<&Entry> {
        self.devices.get(&device)
    }

    /// The relays whose receipts and time count.
    pub fn relays(&self) -> impl Iterator<Item = &PublicKey> {
        self.relays.values()
    }

    /// The one device whose id starts as typed (case, hyphens and look-alikes don't matter); `None` for none or several.
    pub fn named(&self, typed: &str) -> Option<DeviceId> {
        let prefix = crockford::normalise_prefix(typed).filter(|prefix| !prefix.is_empty())?;
        let mut found = self.devices.keys().filter(|device| device.to_string().starts_with(&prefix));
        let device = found.next()?;
        found.next().is_none().then_some(*device)
    }

    /// The `share` facts of a person on a device that have not ended, at most 64.
    pub fn shares(&self, device: DeviceId, person: &PersonId) -> Vec<FactId> {
        self.shares.open(device, person).take(64).collect()
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

    /// Who took an invitation up, by its `invite` fact; `None` if no such invitation is known.
    pub fn taken_up(&self, invite: FactId) -> Option<&BTreeSet<DeviceId>> {
        self.invites.get(&invite).map(|invite| &invite.taken)
    }

    /// Whether a seal of this device stands: its facts are the device's, not mere claims.
    pub fn seal_stands(&self, device: DeviceId, seal: SealId) -> bool {
        match self.devices.get(&device).map(|entry| &entry.state) {
            Some(State::Active | State::Rotated { .. }) => true,
            Some(State::Revoked { seals, .. }) => seals.contains(&seal_tag(seal)),
            Some(State::Contested) | None => false,
        }
    }

    /// The public key of a device, active or not: who signed can be told even when it no longer counts.
    pub fn key(&self, device: DeviceId) -> Option<&PublicKey> {
        self.devices.get(&device).map(|entry| &entry.key)
    }

    /// Takes facts in until nothing more follows: each needs an issuer that is already in.
    fn grow(tenant: TenantId, facts: &[&Fact], barred: &Barred) -> Self {
        let mut roster = Self {
            tenant,
            name: String::new(),
            devices: BTreeMap::new(),
            invites: BTreeMap::new(),
            certified: BTreeMap::new(),
            relays: BTreeMap::new(),
            shares: Shares::default(),
            problems: BTreeSet::new(),
        };
        let mut open: Vec<&Fact> = facts.to_vec();
        loop {
            // Level by level, so that a device's depth is the shortest way from the root whatever the facts' order.
            let level = roster.clone();
            let before = open.len();
            open.retain(|fact| !roster.take(&level, fact, barred));
            if open.len() == before {
                break;
            }
        }
        for invite in roster.invites.values().filter(|invite| invite.taken.len() > 1) {
            for device in &invite.taken {
                // A direct certificate settles the contest for the device that it names. It must come from as near the
                // root as the invitation did: what a contested device itself could bring about settles nothing.
                let settled = roster.certified.get(device).is_some_and(|depth| *depth <= invite.depth + 1);
                if let Some(entry) = roster.devices.get_mut(device).filter(|_| !settled) {
                    entry.state = State::Contested;
                }
            }
        }
        roster
    }

    /// Tries one fact; true when it was taken in.
    fn take(&mut self, known: &Self, fact: &Fact, barred: &Barred) -> bool {
        if fact.kind() == "enrol" {
            return self.take_enrolment(known, fact, &barred.signed).unwrap_or(false);
        }
        if fact.kind() == "founded" {
            return self.take_founding(fact, &barred.signed).unwrap_or(false);
        }
        let Some(device) = issuer(fact) else { return false };
        let Some(entry) = known.devices.get(&device) else { return false };
        let right = match fact.kind() {
            "recovery" => entry.role == ROOT,
            "certify" | "invite" | "revoke" | "relay" | "share" | "unshare" => entry.may_certify(),
            "rotate" => entry.person.is_some() && entry.turns < TURNS,
            _ => false,
        };
        let cut = barred.cuts.get(&device).is_some_and(|cut| !cut.seen.contains(&fact.id));
        // The signature last: it takes longest, and anyone may state anything here.
        if !right || cut || barred.contested.contains(&device) {
            return false;
        }
        if !self.is_signed(fact, &entry.key, &barred.signed) {
            return false;
        }
        let depth = entry.depth;
        match fact.kind() {
            "recovery" => self.take_recovery(fact).is_some(),
            "certify" => self.take_certificate(fact, depth + 1).is_some(),
            "invite" => self.take_invite(fact, depth).is_some(),
            "rotate" => self.take_rotation(fact, device, &barred.signed).is_some(),
            "relay" => self.take_relay(fact).is_some(),
            "share" => self.shares.take(fact).is_some(),
            "unshare" => self.shares.take_end(fact).is_some(),
            _ => true,
        }
    }

    fn is_signed(&self, fact: &Fact, issuer: &PublicKey, signed: &Signed) -> bool {
        signed.holds(fact.id, By::Issuer, || verify_fact(self.tenant, fact, issuer).is_ok())
    }

    fn take_founding(&mut self, fact: &Fact, signed: &Signed) -> Option<bool> {
        let key = public_key(fact).filter(|key| key.tenant() == self.tenant)?;
        self.is_signed(fact, &key, signed).then_some(())?;
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
        let key = public_key(fact)?;
        let nearest = self.certified.entry(key.device()).or_insert(depth);
        *nearest = depth.min(*nearest);
        self.insert(Entry::new(key, Some(person), &name, &role, fact, depth));
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

    fn take_relay(&mut self, fact: &Fact) -> Option<()> {
        self.relays.insert(fact.id, public_key(fact)?);
        Some(())
    }

    fn take_enrolment(&mut self, known: &Self, fact: &Fact, signed: &Signed) -> Option<bool> {
        let key = public_key(fact)?;
        let id = fact.fact_id("invite")?;
        let invite = known.invites.get(&id)?.clone();
        self.is_signed(fact, &key, signed).then_some(())?;
        let vouched = fact.str("isig").and_then(Signature::from_text)?;
        let invited = || verify_enrolment(self.tenant, id, &invite.key, &key, &vouched).is_ok();
        signed.holds(fact.id, By::Other, invited).then_some(())?;
        self.invites.get_mut(&id)?.taken.insert(key.device());
        self.insert(Entry::new(key, Some(invite.person), &invite.name, &invite.role, fact, invite.depth + 1));
        Some(true)
    }

    fn take_rotation(&mut self, fact: &Fact, device: DeviceId, signed: &Signed) -> Option<()> {
        let key = public_key(fact).filter(|key| key.device() != device)?;
        // The new key agrees: nobody can take another's device over by naming its key.
        let agreed = fact.str("ksig").and_then(Signature::from_text)?;
        let new_key_signed = || verify_rotation(self.tenant, device, &key, &agreed).is_ok();
        signed.holds(fact.id, By::Other, new_key_signed).then_some(())?;
        let old = self.devices.get(&device)?.clone();
        let entry = Entry::new(key, old.person, &old.name, &old.role, fact, old.depth);
        self.insert(Entry { turns: old.turns + 1, ..entry });
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

    /// Names each device's further people; a changed key keeps them.
    fn apply_shares(&mut self) {
        let mut by_turn: Vec<(u32, DeviceId)> = self.devices.iter().map(|(id, entry)| (entry.turns, *id)).collect();
        by_turn.sort_unstable();
        for (_, device) in by_turn {
            let own = self.shares.of(device);
            let Some(entry) = self.devices.get_mut(&device) else { continue };
            entry.others.extend(own);
            if let State::Rotated { to } = entry.state {
                let others = entry.others.clone();
                if let Some(next) = self.devices.get_mut(&to) {
                    next.others.extend(others);
                }
            }
        }
    }

    fn note_problems(&mut self, facts: &[&Fact]) {
        let stated = self.invites.keys().chain(self.relays.keys()).chain(&self.shares.facts).copied();
        let used: BTreeSet<FactId> = self.devices.values().map(|entry| entry.by).chain(stated).collect();
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
                let known = issuer(fact).is_some_and(|device| self.devices.contains_key(&device));
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
        let direct = !matches!(fact.kind(), "enrol" | "rotate");
        let others = BTreeMap::new();
        Self { key, person, name, role, state: State::Active, others, by, depth, direct, turns: 0 }
    }

    fn may_certify(&self) -> bool {
        matches!(self.role.as_str(), ROOT | RECOVERY | "admin")
    }
}

/// How often one device may change its key: bounds what a hostile one makes every fold do.
const TURNS: u32 = 64;
const ROOT: &str = "root";
const RECOVERY: &str = "recovery";

/// Roles that a certificate may give: the words are policy, `root` and `recovery` are not for giving.
pub(super) fn plain_role(role: &str) -> Option<String> {
    let good =
        (1..=40).contains(&role.len()) && role.bytes().all(|c| c.is_ascii_lowercase() || matches!(c, b'_' | b'-'));
    (good && !matches!(role, ROOT | RECOVERY)).then(|| role.to_owned())
}
