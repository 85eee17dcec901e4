//! Joining a company through its relay: an invitation code is enough. The relay only hands out the roster; who this
//! device is follows from the invitation that an admin's device signed.

use std::path::Path;

use docket_format::bundle::Item;
use docket_format::fact::Stamp;
use docket_format::invitation::Invitation;
use docket_format::roster::{Draft, Roster};
use docket_format::{PersonId, TenantId};
use docket_sync::judge::{self, roster_facts};
use docket_sync::wire::{self, Frames, Join, Page, auth_signature, put_frame};

use super::session::{Met, SMALL, ask, meet, names};
use super::transport::Transport;
use super::{JOIN, SyncError};
use crate::company::{self, CompanyError, join::open_invite};
use crate::error::StoreError;
use crate::keys;
use crate::store::{RelayRow, Sender, Store};
use crate::taking::Taken;

/// Most bytes of a roster.
const ROSTER: usize = 64 * 1024 * 1024;

/// A device that just joined; its first synchronisation makes it known and brings what it may see.
pub struct Enrolled {
    /// Its store.
    pub store: Store,
    /// The company's name.
    pub company: String,
    /// Who carries it.
    pub person: Option<PersonId>,
    /// With which role.
    pub role: String,
}

/// Joins the company in `dir` with an invitation code, through the company's relay. Everything is checked before
/// anything is written; if it fails, nothing is left.
pub fn enrol(dir: &Path, code: &str, transport: &mut dyn Transport, now: &Stamp) -> Result<Enrolled, SyncError> {
    let code: Invitation = code.parse().map_err(CompanyError::from)?;
    if code.expires_ms() < now.wall_ms {
        return Err(CompanyError::Expired { expired_ms: code.expires_ms() }.into());
    }
    let met = meet(transport, &code.tenant_part())?;
    if !code.is_for(met.tenant) {
        return Err(CompanyError::OtherCompany { tenant: met.tenant }.into());
    }
    let pages = roster_of(transport, &code, &met)?;
    let tenant = met.tenant;
    let items: Vec<Item> = pages.iter().flat_map(|page| page.items.iter().cloned()).collect();
    // The company's id is the digest of its root's key: a roster that folds to anything starts from that root.
    let roster = Roster::fold(tenant, &roster_facts(tenant, &items));
    let invitation = code.key();
    let invite = open_invite(&roster, &invitation.public())?;
    if roster.relays().next().is_some() && !names(&roster, &met.key) {
        return Err(SyncError::UnknownRelay { url: transport.url().to_owned(), key: met.key });
    }
    let key = keys::generate().map_err(CompanyError::from)?;
    let url = transport.url().to_owned();
    let (store, ()) = company::make(dir, tenant, &key, |store| {
        for page in pages {
            take_roster(store, page, now.wall_ms)?;
        }
        let (pushed, seals) = store.newest_rows()?;
        let author = store.author();
        let mut tx = store.begin()?;
        company::state(&mut tx, &key, author, &Draft::Enrol { invite, invitation: &invitation }, now)?;
        // The day of the first check is tomorrow: there is nothing yet that could differ.
        let checked_ms = Some(now.wall_ms);
        tx.put_relay(&RelayRow { url, key: Some(met.key), pushed, seals, checked_ms, ..RelayRow::default() })?;
        Ok(tx.commit()?)
    })?;
    let roster = company::roster(&store)?;
    let entry = roster.device(store.device());
    let person = entry.and_then(|entry| entry.person.clone());
    let role = entry.map(|entry| entry.role.clone()).unwrap_or_default();
    Ok(Enrolled { store, company: roster.name.clone(), person, role })
}

fn roster_of(transport: &mut dyn Transport, code: &Invitation, met: &Met) -> Result<Vec<Page>, SyncError> {
    let key = code.key();
    let join = Join {
        tenant: (*met.tenant.as_bytes()).into(),
        key: (*key.public().as_bytes()).into(),
        nonce: met.nonce.clone().into(),
        signature: (*auth_signature(&key, met.tenant, &met.key, &met.nonce).as_bytes()).into(),
    };
    let mut body = Vec::with_capacity(SMALL);
    put_frame(&mut body, JOIN, &join.encode_bytes());
    put_frame(&mut body, wire::END, &[]);
    let bytes = ask(transport, "/v1/join", None, body, ROSTER)?;
    let bad = |what: String| SyncError::BadAnswer { url: transport.url().to_owned(), what };
    let mut frames = Frames::new();
    frames.push(&bytes);
    let (mut pages, mut ended) = (Vec::new(), false);
    while let Some(frame) = frames.next_frame().map_err(|error| bad(error.to_string()))? {
        match frame.kind {
            wire::PAGE if !ended => pages.push(roster_page(met.tenant, &frame.payload).map_err(bad)?),
            wire::END => ended = true,
            _ => return Err(bad("it answered with frames out of order".into())),
        }
    }
    if ended { Ok(pages) } else { Err(bad("its answer is cut".into())) }
}

/// A page of which only the roster's document is kept.
pub(super) fn roster_page(tenant: TenantId, bytes: &[u8]) -> Result<Page, String> {
    let mut page =
        Page::decode(tenant, bytes).map_err(|error| format!("it answered with a page that is none ({error})"))?;
    page.items.retain(|item| item.doc == docket_format::roster::doc(tenant));
    Ok(page)
}

/// Takes a page with nothing but the roster's document in.
pub(super) fn take_roster(store: &mut Store, page: Page, now_ms: i64) -> Result<(), StoreError> {
    let items = judge::whole(page.items);
    let mut facts = store.facts(store.roster_doc())?;
    facts.extend(roster_facts(store.tenant(), &items));
    let roster = Roster::fold(store.tenant(), &facts);
    let (good, _) = judge::seals(&page.seals, &roster, &items);
    let tips = judge::tips(&good);
    let sender = Sender { name: "relay", now_ms, vouch: false };
    let mut taken = Taken::default();
    let mut tx = store.begin()?;
    for judged in items.into_iter().flat_map(|item| judge::judge(item, &roster, &tips)) {
        taken.take(&mut tx, &sender, judged)?;
    }
    taken.settle(&mut tx, &sender)?;
    for one in good.iter().filter(|one| !one.leaves.is_empty()) {
        tx.store_seal_part(&one.seal, &one.leaves)?;
        tx.store_seal_nodes(&one.seal, &one.given)?;
    }
    tx.commit()
}
