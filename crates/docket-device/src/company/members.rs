//! Inviting, certifying and revoking, on an admin device.

use std::collections::BTreeSet;

use docket_format::fact::{Origin, Stamp};
use docket_format::invitation::Invitation;
use docket_format::keys::{PublicKey, SecretKey};
use docket_format::roster::{Draft, REVOKE_SEALS, SealTag, State, seal_tag};
use docket_format::{Author, DeviceId, Fact, FactId, Incarnation, PersonId, crockford, digest};

use super::{CompanyError, roster, state};
use crate::keys;
use crate::sealing;
use crate::store::Store;

/// An invitation that was just made.
#[derive(Debug, Clone)]
pub struct Invited {
    /// The code for the new device.
    pub code: Invitation,
    /// The `invite` fact.
    pub fact: FactId,
}

/// Makes a one-time invitation, valid until `expires_ms` (milliseconds since 1970, rounded up to the hour).
pub fn invite(
    store: &mut Store,
    person: &PersonId,
    name: &str,
    role: &str,
    expires_ms: i64,
    now: &Stamp,
) -> Result<Invited, CompanyError> {
    require_admin(store)?;
    let code = Invitation::new(store.tenant(), keys::random()?, expires_ms);
    let (key, expires_ms) = (code.key().public(), code.expires_ms());
    let fact = sign_own(store, &Draft::Invite { key, person, name, role, expires_ms }, now)?;
    Ok(Invited { code, fact })
}

/// Certifies a device directly: a new key, or one of two that used the same invitation.
pub fn certify(
    store: &mut Store,
    key: PublicKey,
    person: &PersonId,
    name: &str,
    role: &str,
    now: &Stamp,
) -> Result<FactId, CompanyError> {
    require_admin(store)?;
    sign_own(store, &Draft::Certify { key, person, name, role }, now)
}

/// As [`certify`], with the recovery key from the safe instead of an admin device: on any device that holds the roster.
pub fn recover(
    store: &mut Store,
    recovery: &str,
    key: PublicKey,
    person: &PersonId,
    name: &str,
    role: &str,
    now: &Stamp,
) -> Result<FactId, CompanyError> {
    let typed: String = recovery.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    let seed = crockford::decode(&typed).ok_or(CompanyError::BadRecoveryKey)?;
    let signer = SecretKey::from_seed(&seed);
    let device = signer.public().device();
    let known = roster(store)?.device(device).is_some_and(|entry| entry.person.is_none() && entry.depth == 0);
    if !known {
        return Err(CompanyError::BadRecoveryKey);
    }
    // A life of its own for each device that it is typed into: two of them never state one number.
    let author = Author { device, incarnation: recovery_life(store.author()) };
    let mut tx = store.begin()?;
    let fact = state(&mut tx, &signer, author, &Draft::Certify { key, person, name, role }, now)?;
    // This device says so too: where the key was used stays on record, and the roster counts as changed here, so that
    // no bundle leaves it out as held already.
    let text = format!("recovery key used here: {person} is {role} on device {}", key.device());
    let doc = docket_format::roster::doc(tx.tenant());
    let noted = tx.prepare(doc, &[crate::store::Draft::new("noted", serde_json::json!({"text": text}))], now)?;
    tx.append(doc, &noted.facts, now)?;
    tx.commit()?;
    Ok(fact)
}

/// The recovery key's life at a device, derived from that device's own.
fn recovery_life(at: Author) -> Incarnation {
    let digest = digest::labelled16("docket-recovery", &[at.device.as_bytes(), &at.incarnation.0.to_be_bytes()]);
    let [a, b, c, d, ..] = digest;
    Incarnation(u32::from_be_bytes([a, b, c, d]))
}

/// Revokes a device, named by any unique beginning of its id. What came under its seals so far stays good; what comes
/// later is kept as a claim.
pub fn revoke(store: &mut Store, device: &str, why: &str, now: &Stamp) -> Result<DeviceId, CompanyError> {
    require_admin(store)?;
    let unknown = || CompanyError::UnknownDevice { text: device.to_owned() };
    let target = roster(store)?.named(device).ok_or_else(unknown)?;
    let seals = seals_seen(store, target)?;
    let seen = newest(&store.facts(store.roster_doc())?, target);
    let mut parts: Vec<&[SealTag]> = seals.chunks(REVOKE_SEALS).collect();
    if parts.is_empty() {
        parts.push(&[]);
    }
    for seals in parts {
        sign_own(store, &Draft::Revoke { device: target, why, seals, seen: &seen }, now)?;
    }
    Ok(target)
}

/// The tags of a device's seals that this store holds; the newest first, should they be too many for one fact: the rest
/// follows in further ones.
fn seals_seen(store: &Store, device: DeviceId) -> Result<Vec<SealTag>, CompanyError> {
    let mut seals = Vec::new();
    for stored in store.seals()?.into_iter().filter(|stored| stored.author.device == device) {
        seals.push(seal_tag(store.seal(stored.row)?.id()));
    }
    seals.reverse();
    Ok(seals)
}

/// Lets a further person work on a device, named by any unique beginning of its id.
pub fn share(
    store: &mut Store,
    device: &str,
    person: &PersonId,
    name: &str,
    role: &str,
    now: &Stamp,
) -> Result<DeviceId, CompanyError> {
    require_admin(store)?;
    let roster = roster(store)?;
    let unknown = || CompanyError::UnknownDevice { text: device.to_owned() };
    let target = roster.named(device).ok_or_else(unknown)?;
    if roster.device(target).is_some_and(|entry| entry.person.as_ref() == Some(person)) {
        return Err(CompanyError::OwnDevice { person: person.clone(), device: target });
    }
    sign_own(store, &Draft::Share { device: target, person, name, role }, now)?;
    Ok(target)
}

/// Ends that a person works on a device. What they stated under the device's seals so far stays theirs.
pub fn unshare(
    store: &mut Store,
    device: &str,
    person: &PersonId,
    why: &str,
    now: &Stamp,
) -> Result<DeviceId, CompanyError> {
    require_admin(store)?;
    let known = roster(store)?;
    let unknown = || CompanyError::UnknownDevice { text: device.to_owned() };
    let target = known.named(device).ok_or_else(unknown)?;
    let over = known.shares(target, person);
    if over.is_empty() {
        return Err(CompanyError::NotShared { person: person.clone(), device: target });
    }
    if target == store.device() {
        // What was stated here so far comes under a seal before the end does.
        let key = keys::load(store.dir(), store.device())?;
        let beacon = store.relay()?.and_then(|relay| relay.beacon);
        let mut tx = store.begin()?;
        sealing::seal_own(&mut tx, &key, None, beacon.as_deref(), now.wall_ms)?;
        tx.commit()?;
    }
    let seals = seals_seen(store, target)?;
    let mut parts: Vec<&[SealTag]> = seals.chunks(UNSHARE_SEALS).collect();
    if parts.is_empty() {
        parts.push(&[]);
    }
    for seals in parts {
        sign_own(store, &Draft::Unshare { device: target, person, why, over: &over, seals }, now)?;
    }
    Ok(target)
}

/// Most seals that one `unshare` fact names: the shares that end take room in it too.
const UNSHARE_SEALS: usize = REVOKE_SEALS / 2;

/// A device's roster facts that none of its others follows.
fn newest(facts: &[Fact], device: DeviceId) -> Vec<FactId> {
    let own = || facts.iter().filter(|fact| fact.author().is_some_and(|author| author.device == device));
    let followed: BTreeSet<FactId> = own()
        .filter_map(|fact| match fact.header.origin {
            Origin::Device { prev, .. } => prev,
            Origin::Import { .. } => None,
        })
        .collect();
    // One chain has one end; a device that forked its own has many, of which a fact holds so many.
    own().map(|fact| fact.id).filter(|id| !followed.contains(id)).take(SEEN).collect()
}

/// Most ends of a revoked device's roster facts that are named.
const SEEN: usize = 32;

fn sign_own(store: &mut Store, draft: &Draft<'_>, now: &Stamp) -> Result<FactId, CompanyError> {
    let key = keys::load(store.dir(), store.device())?;
    let author = store.author();
    let mut tx = store.begin()?;
    let fact = state(&mut tx, &key, author, draft, now)?;
    tx.commit()?;
    Ok(fact)
}

fn require_admin(store: &Store) -> Result<(), CompanyError> {
    let roster = roster(store)?;
    match roster.device(store.device()) {
        Some(entry) if entry.role == "admin" && entry.state == State::Active => Ok(()),
        Some(entry) => Err(CompanyError::NotAdmin { role: entry.role.clone() }),
        None => Err(CompanyError::NotAdmin { role: "unknown".into() }),
    }
}
