//! Founding: the root key certifies the first admin device and a recovery key, and is then forgotten. What it signed
//! stands; nothing can be signed with it again, so it can't be stolen.

use std::path::Path;

use docket_format::crockford;
use docket_format::fact::Stamp;
use docket_format::keys::SecretKey;
use docket_format::roster::Draft;
use docket_format::{Author, Incarnation, PersonId, TenantId};

use super::{CompanyError, make, state};
use crate::keys;
use crate::store::Store;

/// A company that was just founded.
pub struct Founded {
    /// The admin device's store.
    pub store: Store,
    /// The company's id.
    pub tenant: TenantId,
    /// The recovery key's secret, for the safe: shown once, stored nowhere. 52 characters of Crockford base 32.
    pub recovery: String,
}

/// Founds a company in `dir`, with this device as its first admin device.
pub fn found(dir: &Path, company: &str, person: &PersonId, name: &str, now: &Stamp) -> Result<Founded, CompanyError> {
    let (root, recovery, device) = (keys::generate()?, keys::generate()?, keys::generate()?);
    let tenant = root.public().tenant();
    let author = Author { device: root.public().device(), incarnation: Incarnation(0) };
    let drafts = [
        Draft::Founded { name: company },
        Draft::Recovery { key: recovery.public() },
        Draft::Certify { key: device.public(), person, name, role: "admin" },
    ];
    let (store, ()) = make(dir, tenant, &device, |store| {
        let mut tx = store.begin()?;
        for draft in &drafts {
            state(&mut tx, &root, author, draft, now)?;
        }
        Ok(tx.commit()?)
    })?;
    Ok(Founded { store, tenant, recovery: recovery_text(&recovery) })
}

fn recovery_text(key: &SecretKey) -> String {
    crockford::encode(&key.seed())
}
