//! The roster: who may write, as a document of signed facts (DESIGN §3). Every device holds it whole and checks every
//! chain up to the tenant's root key, offline.
//!
//! A roster fact is an ordinary fact whose payload ends with `sig`: the issuer's signature over the same fact without
//! `sig`. It needs no seal. Kinds:
//!
//! | kind | payload | issuer |
//! |---|---|---|
//! | `founded` | `dk`, `key` (root), `name` | the root key |
//! | `recovery` | `key` | the root key |
//! | `certify` | `key`, `person`, `name`, `role` | root, recovery key or an admin device |
//! | `invite` | `key` (of the invitation), `person`, `name`, `role`, `expires_ms` | root, recovery key or an admin device |
//! | `enrol` | `key` (own), `invite` (fact id), `isig` (by the invitation's key) | the new device |
//! | `revoke` | `device`, `why`, `seals` (the good ones' tags in one string), `seen` ([its newest good roster facts]) | root, recovery or admin |
//! | `relay` | `key`, `url` | root, recovery key or an admin device |
//! | `share` | `device`, `person`, `name`, `role` | root, recovery key or an admin device |
//! | `unshare` | `device`, `person`, `why`, `over` ([the `share` facts that end]), `seals` (the good ones' tags) | root, recovery key or an admin device |
//! | `rotate` | `key` (new), `ksig` (by the new key) | the device that changes its key |

mod draft;
mod fold;
mod shared;

pub use draft::{Draft, SignError, sign};
pub use fold::{Entry, Problem, Roster, State};
pub use shared::Shared;

use serde_json::{Map, Value};

use crate::canonical;
use crate::crockford;
use crate::fact::{Fact, Origin};
use crate::ids::{DeviceId, DocId, FactId, SealId, TenantId};
use crate::keys::{BadSignature, PublicKey, Signature};

const LABEL: &str = "docket-roster";
const ENROL_LABEL: &str = "docket-enrol";
const ROTATE_LABEL: &str = "docket-rotate";

/// The first bytes of a seal's id: how a `revoke` fact names the seals that stand. Long enough that nobody finds
/// another seal with the same ones.
pub type SealTag = [u8; 10];

/// Characters of one tag as text.
const TAG_TEXT: usize = 16;

/// Most seals that one `revoke` fact can name (a fact has at most 16 KiB); an issuer names more in further ones.
pub const REVOKE_SEALS: usize = 900;

/// A seal's tag.
pub fn seal_tag(seal: SealId) -> SealTag {
    let bytes = seal.as_bytes();
    core::array::from_fn(|i| bytes.get(i).copied().unwrap_or_default())
}

/// The roster's document id: one for each tenant.
pub fn doc(tenant: TenantId) -> DocId {
    DocId::derived(tenant, "roster", "docket", "roster")
}

/// Checks `sig` of a roster fact against the issuer's key.
pub fn verify_fact(tenant: TenantId, fact: &Fact, issuer: &PublicKey) -> Result<(), BadSignature> {
    let author = fact.author().ok_or(BadSignature)?;
    if issuer.device() != author.device {
        return Err(BadSignature);
    }
    let signature = fact.str("sig").and_then(Signature::from_text).ok_or(BadSignature)?;
    let bytes = unsigned_bytes(fact).ok_or(BadSignature)?;
    issuer.verify(LABEL, &[tenant.as_bytes(), bytes.as_bytes()], &signature)
}

/// Checks an enrolment's `isig`: the invitation's key vouches for the new device's key.
pub fn verify_enrolment(
    tenant: TenantId,
    invite: FactId,
    invitation: &PublicKey,
    device: &PublicKey,
    signature: &Signature,
) -> Result<(), BadSignature> {
    invitation.verify(ENROL_LABEL, &[tenant.as_bytes(), invite.as_bytes(), device.as_bytes()], signature)
}

/// Checks a rotation's `ksig`: the new key agrees to go on for the device.
fn verify_rotation(
    tenant: TenantId,
    device: DeviceId,
    key: &PublicKey,
    signature: &Signature,
) -> Result<(), BadSignature> {
    key.verify(ROTATE_LABEL, &[tenant.as_bytes(), device.as_bytes(), key.as_bytes()], signature)
}

/// The seals that a `revoke` fact names.
fn seal_tags(fact: &Fact) -> std::collections::BTreeSet<SealTag> {
    let text = fact.str("seals").unwrap_or_default().as_bytes();
    let tags = text.chunks_exact(TAG_TEXT).filter_map(|tag| crockford::decode_strict(core::str::from_utf8(tag).ok()?));
    tags.collect()
}

/// Whether a kind belongs to the roster's grammar; other kinds in a roster document are kept and without effect.
pub fn is_kind(kind: &str) -> bool {
    matches!(
        kind,
        "founded" | "recovery" | "certify" | "invite" | "enrol" | "revoke" | "rotate" | "relay" | "share" | "unshare"
    )
}

fn unsigned_bytes(fact: &Fact) -> Option<String> {
    let mut object = fact.body.clone();
    object.remove("sig");
    header_into(&fact.header.kind, &fact.header.origin, &mut object);
    canonical::write(&Value::Object(object)).ok()
}

fn header_into(kind: &str, origin: &Origin, object: &mut Map<String, Value>) {
    crate::fact::FactHeader { kind: kind.to_owned(), origin: origin.clone() }.put(object);
}

fn public_key(fact: &Fact) -> Option<PublicKey> {
    fact.str("key")?.parse().ok()
}

fn issuer(fact: &Fact) -> Option<DeviceId> {
    fact.author().map(|author| author.device)
}
