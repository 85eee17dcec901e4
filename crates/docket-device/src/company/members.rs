//! Inviting, certifying and revoking, on an admin device.

use docket_format::fact::Stamp;
use docket_format::invitation::Invitation;
use docket_format::keys::PublicKey;
use docket_format::roster::{Draft, State};
use docket_format::{DeviceId, FactId, Incarnation, PersonId, crockford};

use super::{CompanyError, roster, state};
use crate::keys;
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

/// Revokes a device, named by any unique beginning of its id. What came under its seals so far stays good; what comes
/// later is kept as a claim.
pub fn revoke(store: &mut Store, device: &str, why: &str, now: &Stamp) -> Result<DeviceId, CompanyError> {
    require_admin(store)?;
    let unknown = || CompanyError::UnknownDevice { text: device.to_owned() };
    let prefix = crockford::normalise_prefix(device).filter(|prefix| !prefix.is_empty()).ok_or_else(unknown)?;
    let roster = roster(store)?;
    let mut matching = roster.devices().filter(|(id, _)| id.to_string().starts_with(&prefix));
    let (Some((target, _)), None) = (matching.next(), matching.next()) else { return Err(unknown()) };
    let seals: Vec<(Incarnation, u64)> = store
        .authors()?
        .into_iter()
        .filter(|(author, count)| author.device == target && *count > 0)
        .map(|(author, count)| (author.incarnation, count))
        .collect();
    let seen = store
        .facts(store.roster_doc())?
        .iter()
        .filter(|fact| fact.author().is_some_and(|author| author.device == target))
        .count() as u64;
    sign_own(store, &Draft::Revoke { device: target, why, seals: &seals, seen }, now)?;
    Ok(target)
}

fn sign_own(store: &mut Store, draft: &Draft<'_>, now: &Stamp) -> Result<FactId, CompanyError> {
    let key = keys::load(store.dir())?;
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
