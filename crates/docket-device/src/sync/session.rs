//! Talking to one relay: who it is, who this device is, and requests that carry the token.

use docket_format::TenantId;
use docket_format::fact::Stamp;
use docket_format::keys::{PublicKey, SecretKey};
use docket_format::roster::{Draft, Roster, State};
use docket_sync::wire::{self, Challenge, Challenged, Granted, Problem, Prove, auth_signature, put_frame};

use super::transport::{Answer, Body, IDLE, Request, Transport, TransportError};
use super::{PROVE, SyncError, push};
use crate::company;
use crate::store::{RelayRow, Store};

/// Most bytes of an answer that is no page.
pub(super) const SMALL: usize = 64 * 1024;

/// What a relay says about itself before anybody has proven anything.
#[derive(Debug, Clone)]
pub(super) struct Met {
    /// The company that it serves.
    pub tenant: TenantId,
    /// Its key.
    pub key: PublicKey,
    /// To be signed.
    pub nonce: Vec<u8>,
}

/// How far a relay is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    /// It gets everything.
    Known,
    /// The company does not know it: it gets nothing until its own copy of the roster names it.
    Unknown,
}

/// Turns what happened on the way into an error that names the relay.
pub(super) fn lost(url: &str, error: TransportError) -> SyncError {
    SyncError::Transport { url: url.to_owned(), error }
}

/// An answer that is a success; anything else becomes an error.
pub(super) fn success<'t>(url: &str, answer: Answer<'t>) -> Result<Answer<'t>, SyncError> {
    if (200..300).contains(&answer.status) {
        return Ok(answer);
    }
    let (status, retry_after_s) = (answer.status, answer.retry_after_s);
    let body = answer.whole(SMALL).unwrap_or_default();
    let problem = Problem::decode_bytes(&body)
        .unwrap_or_else(|| Problem { code: "unknown".into(), message: "it does not say why".into() });
    let clean = |text: &str| text.chars().filter(|c| !c.is_control()).take(300).collect::<String>();
    let problem = Problem { code: clean(&problem.code), message: clean(&problem.message) };
    Err(SyncError::Refused { url: url.to_owned(), status, problem, retry_after_s })
}

/// Asks and waits for the whole of a small answer.
pub(super) fn ask(
    transport: &mut dyn Transport,
    path: &str,
    token: Option<&str>,
    body: Vec<u8>,
    most: usize,
) -> Result<Vec<u8>, SyncError> {
    let url = transport.url().to_owned();
    let request = Request { path, token, body: Body::Bytes(body), idle: IDLE };
    let answer = transport.call(request).map_err(|error| lost(&url, error))?;
    success(&url, answer)?.whole(most).map_err(|error| lost(&url, error))
}

/// Asks the relay who it is. `tenant`: all of the company's id, or its first bytes.
pub(super) fn meet(transport: &mut dyn Transport, tenant: &[u8]) -> Result<Met, SyncError> {
    let bytes = ask(transport, "/v1/challenge", None, Challenge::new(tenant).encode_bytes(), SMALL)?;
    let bad = |what: &str| SyncError::BadAnswer { url: transport.url().to_owned(), what: what.to_owned() };
    let met = Challenged::decode_bytes(&bytes).ok_or_else(|| bad("it does not speak as a docket relay does"))?;
    let named = TenantId::from_bytes(met.tenant.into());
    if !named.as_bytes().starts_with(tenant) {
        return Err(bad("it serves another company"));
    }
    Ok(Met { tenant: named, key: PublicKey::from_bytes(met.relay.into()), nonce: met.nonce.into() })
}

/// Proves who this device is and keeps the token. An admin's device makes a relay that the roster does not name known
/// to the company.
pub(super) fn prove(
    store: &mut Store,
    transport: &mut dyn Transport,
    relay: &mut RelayRow,
    signer: &SecretKey,
    now: &Stamp,
) -> Result<Trust, SyncError> {
    let met = meet(transport, store.tenant().as_bytes())?;
    let trust = judge(store, relay, &met, transport.url(), signer, now)?;
    let granted = match grant(store, transport, signer, &met, false) {
        Err(error) if error.is_code("unknown-device") && trust == Trust::Known => {
            grant(store, transport, signer, &met, true)?
        }
        granted => granted?,
    };
    if trust == Trust::Known {
        relay.key = Some(met.key);
    }
    relay.token = Some(granted.token);
    let mut tx = store.begin()?;
    tx.put_relay(relay)?;
    tx.commit()?;
    Ok(trust)
}

fn judge(
    store: &mut Store,
    relay: &RelayRow,
    met: &Met,
    url: &str,
    signer: &SecretKey,
    now: &Stamp,
) -> Result<Trust, SyncError> {
    let roster = company::roster(store)?;
    if names(&roster, &met.key) {
        return Ok(Trust::Known);
    }
    let entry = roster.device(store.device());
    if entry.is_some_and(|entry| entry.role == "admin" && entry.state == State::Active) {
        let author = store.author();
        let mut tx = store.begin()?;
        company::state(&mut tx, signer, author, &Draft::Relay { key: met.key, url }, now)?;
        tx.commit()?;
        return Ok(Trust::Known);
    }
    let pinned = relay.key.is_none_or(|key| key == met.key);
    Ok(if roster.relays().next().is_none() && pinned { Trust::Known } else { Trust::Unknown })
}

/// Whether the roster names a relay's key.
pub(super) fn names(roster: &Roster, key: &PublicKey) -> bool {
    roster.relays().any(|known| known == key)
}

fn grant(
    store: &Store,
    transport: &mut dyn Transport,
    signer: &SecretKey,
    met: &Met,
    with_roster: bool,
) -> Result<Granted, SyncError> {
    let prove = Prove {
        tenant: (*store.tenant().as_bytes()).into(),
        key: (*signer.public().as_bytes()).into(),
        nonce: met.nonce.clone().into(),
        signature: (*auth_signature(signer, store.tenant(), &met.key, &met.nonce).as_bytes()).into(),
    };
    let mut body = Vec::new();
    put_frame(&mut body, PROVE, &prove.encode_bytes());
    if with_roster {
        for page in push::roster_pages(store)? {
            put_frame(&mut body, wire::PAGE, &page);
        }
    }
    put_frame(&mut body, wire::END, &[]);
    let bytes = ask(transport, "/v1/session", None, body, SMALL)?;
    Granted::decode_bytes(&bytes).ok_or_else(|| SyncError::BadAnswer {
        url: transport.url().to_owned(),
        what: "it answered with a token that is none".into(),
    })
}
