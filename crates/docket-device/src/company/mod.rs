//! The company and its devices: founding, inviting, joining, certifying, revoking. All of it is roster facts; none of
//! it needs a network.

mod found;
pub(crate) mod join;
mod members;

pub use found::{Founded, found};
pub use join::{Joined, join};
pub use members::{Invited, certify, invite, recover, revoke, share, unshare};

use std::path::Path;
use std::sync::Arc;

use docket_format::fact::Stamp;
use docket_format::invitation::BadInvitation;
use docket_format::keys::SecretKey;
use docket_format::roster::{self, Draft, Roster, SignError};
use docket_format::{Author, ChangeHash, DeviceId, Fact, FactId, PersonId, TenantId};

use crate::bundle::BundleError;
use crate::error::{ErrorKind, StoreError};
use crate::keys;
use crate::store::{Store, Tx};

/// Makes this device's key and store in `dir` and fills it. If that fails, both are taken away again: half a company, or
/// half a member of one, would be in the way of the next attempt.
pub(crate) fn make<T>(
    dir: &Path,
    tenant: TenantId,
    key: &SecretKey,
    fill: impl FnOnce(&mut Store) -> Result<T, CompanyError>,
) -> Result<(Store, T), CompanyError> {
    if keys::path(dir).exists() {
        return Err(StoreError::Exists { dir: dir.to_path_buf() }.into());
    }
    let new = !dir.exists();
    let made = Store::create(dir, tenant, key.public().device());
    if made.is_err() && new {
        // Empty, or it stays.
        let _ = std::fs::remove_dir(dir);
    }
    let mut store = made?;
    match keys::save(dir, key).map_err(CompanyError::from).and_then(|()| fill(&mut store)) {
        Ok(filled) => Ok((store, filled)),
        Err(error) => {
            drop(store);
            unmake(dir);
            Err(error)
        }
    }
}

/// Takes away a store that was made a moment ago and could not be filled, with its key.
pub fn unmake(dir: &Path) {
    for name in crate::store::FILES.into_iter().chain([keys::FILE]) {
        // A file that can't be removed now could not be written either; the caller's error says why.
        let _ = std::fs::remove_file(dir.join(name));
    }
    // Only if nothing else is in it.
    let _ = std::fs::remove_dir(dir);
}

/// Why a company operation was refused. Nothing of it was kept.
#[derive(Debug, thiserror::Error)]
pub enum CompanyError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The bundle that the invitation came with.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// The code can't be read.
    #[error(transparent)]
    Code(#[from] BadInvitation),
    /// The roster fact can't be made.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The invitation is over.
    #[error("the invitation expired {}", utc(*.expired_ms))]
    Expired {
        /// When, milliseconds since 1970.
        expired_ms: i64,
    },
    /// Somebody joined with it already.
    #[error("the invitation was used already, by device {by}")]
    Used {
        /// Which device.
        by: DeviceId,
    },
    /// The company's bundle doesn't know the invitation.
    #[error("the bundle does not hold this invitation")]
    UnknownInvitation,
    /// The code belongs to another company than the bundle.
    #[error("the invitation is for another company than the bundle (tenant {tenant})")]
    OtherCompany {
        /// The bundle's tenant.
        tenant: TenantId,
    },
    /// This device's role doesn't allow it.
    #[error("this device may not change the roster: its role is {role}")]
    NotAdmin {
        /// Its role.
        role: String,
    },
    /// What was typed is not this company's recovery key.
    #[error("that is not this company's recovery key")]
    BadRecoveryKey,
    /// A device's own person needs no leave to work on it.
    #[error("device {device} is {person}'s own")]
    OwnDevice {
        /// Whose.
        person: PersonId,
        /// Which device.
        device: DeviceId,
    },
    /// The person may not work on the device anyway.
    #[error("{person} does not share device {device}")]
    NotShared {
        /// Who.
        person: PersonId,
        /// Which device.
        device: DeviceId,
    },
    /// No device goes by that id.
    #[error("no device goes by `{text}`")]
    UnknownDevice {
        /// What was typed.
        text: String,
    },
}

impl CompanyError {
    /// How the command line answers.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Store(error) => error.kind(),
            Self::Bundle(error) => error.kind(),
            _ => ErrorKind::Usage,
        }
    }

    /// What the person can do about it.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Store(error) => return error.hint(),
            Self::Bundle(error) => return error.hint(),
            Self::Code(_) => "type it again, or scan the code; `docket invite` makes a new one".into(),
            Self::Sign(_) | Self::OwnDevice { .. } => return None,
            Self::NotShared { .. } => "`docket roster show` lists who works on which device".into(),
            Self::Expired { .. } | Self::Used { .. } => "ask the office for a new one: `docket invite`".into(),
            Self::UnknownInvitation => "ask the office for a bundle made after `docket invite`".into(),
            Self::OtherCompany { .. } => "use the code and the bundle of one company".into(),
            Self::NotAdmin { .. } => "do it on a device whose role is admin; `docket roster show` lists them".into(),
            Self::BadRecoveryKey => "type the 52 characters that `docket init` printed; nothing was changed".into(),
            Self::UnknownDevice { .. } => "`docket roster show` lists the devices; any unique beginning will do".into(),
        })
    }
}

/// A folded roster, kept as long as the store is open: folding checks every signature.
#[derive(Debug, Clone)]
pub(crate) struct KnownRoster {
    /// The heads of the document that it was folded from: they name all of its changes.
    heads: Vec<ChangeHash>,
    /// Its facts.
    pub(crate) facts: Arc<Vec<Fact>>,
    pub(crate) roster: Arc<Roster>,
}

/// The roster as this store's facts give it.
pub fn roster(store: &Store) -> Result<Arc<Roster>, StoreError> {
    Ok(known_roster(store)?.roster)
}

/// The roster with its facts.
pub(crate) fn known_roster(store: &Store) -> Result<KnownRoster, StoreError> {
    let doc = store.roster_doc();
    // The heads first: what another process writes in between makes them differ the next time.
    let heads = store.heads(doc)?;
    if let Some(known) = store.roster.borrow().as_ref().filter(|known| known.heads == heads) {
        return Ok(known.clone());
    }
    let facts = store.facts(doc)?;
    let roster = Arc::new(Roster::fold(store.tenant(), &facts));
    let known = KnownRoster { heads, facts: Arc::new(facts), roster };
    *store.roster.borrow_mut() = Some(known.clone());
    Ok(known)
}

/// States a roster fact in the running transaction, signed by its author's key.
pub(crate) fn state(
    tx: &mut Tx<'_>,
    signer: &SecretKey,
    author: Author,
    draft: &Draft<'_>,
    now: &Stamp,
) -> Result<FactId, CompanyError> {
    let tenant = tx.tenant();
    let doc = roster::doc(tenant);
    let next = tx.next(doc, author)?;
    let (fact, text) = roster::sign(tenant, signer, next.origin(now.clone()), draft)?;
    tx.append(doc, &[(fact.id, text)], now)?;
    Ok(fact.id)
}

/// Only the roster's facts of a list, which prove themselves.
pub(crate) fn is_roster_fact(fact: &Fact) -> bool {
    roster::is_kind(fact.kind())
}

/// An instant as people and JSON read it.
fn utc(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).map_or_else(|_| format!("{ms} ms since 1970"), |at| at.to_string())
}
