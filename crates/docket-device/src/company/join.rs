//! Joining: a new device takes up an invitation, offline, with a bundle of the company in hand.

use std::path::Path;

use docket_format::bundle::Bundle;
use docket_format::fact::Stamp;
use docket_format::invitation::Invitation;
use docket_format::roster::{Draft, Roster};
use docket_format::{FactId, PersonId};
use docket_sync::judge::roster_facts;

use super::{CompanyError, make, state};
use crate::bundle::{self, ImportReport};
use crate::keys;
use crate::store::Store;

/// A device that just joined.
pub struct Joined {
    /// Its store.
    pub store: Store,
    /// The company's name.
    pub company: String,
    /// Who carries it.
    pub person: Option<PersonId>,
    /// With which role.
    pub role: String,
    /// What the bundle brought.
    pub report: ImportReport,
}

/// Joins the company in `dir` with an invitation code and a bundle of the company (made after the invitation).
/// Everything is checked before anything is written.
pub fn join(dir: &Path, code: &str, bytes: &[u8], now: &Stamp) -> Result<Joined, CompanyError> {
    let code: Invitation = code.parse()?;
    let bundle = Bundle::open(bytes, None).map_err(crate::bundle::BundleError::from)?;
    let tenant = bundle.header().tenant;
    if !code.is_for(tenant) {
        return Err(CompanyError::OtherCompany { tenant });
    }
    if code.expires_ms() < now.wall_ms {
        return Err(CompanyError::Expired { expired_ms: code.expires_ms() });
    }
    let items = bundle::items(&bundle)?;
    let roster = Roster::fold(tenant, &roster_facts(tenant, &items));
    let invitation = code.key();
    let invite = open_invite(&roster, &invitation.public())?;

    let key = keys::generate()?;
    let (store, report) = make(dir, tenant, &key, |store| {
        let report = bundle::import(store, bytes, "the invitation's bundle", now)?;
        let author = store.author();
        let mut tx = store.begin()?;
        state(&mut tx, &key, author, &Draft::Enrol { invite, invitation: &invitation }, now)?;
        tx.commit()?;
        Ok(report)
    })?;
    let roster = super::roster(&store)?;
    let entry = roster.device(store.device());
    let person = entry.and_then(|entry| entry.person.clone());
    let role = entry.map(|entry| entry.role.clone()).unwrap_or_default();
    Ok(Joined { store, company: roster.name.clone(), person, role, report })
}

/// The invitation's fact, if nobody took it up yet.
pub(crate) fn open_invite(roster: &Roster, key: &docket_format::keys::PublicKey) -> Result<FactId, CompanyError> {
    let (fact, _, taken) = roster.invitation(key).ok_or(CompanyError::UnknownInvitation)?;
    match taken.first() {
        Some(&by) => Err(CompanyError::Used { by }),
        None => Ok(fact),
    }
}
