//! `POST /v1/session`: a device proves who it is and gets a token. Frames after the proof may bring the roster that
//! says so, to a relay that doesn't know the device yet: a new device, or a relay that is new itself.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use docket_format::keys::{PublicKey, Signature};
use docket_format::roster::{Roster, State as Standing};
use docket_format::{DeviceId, Fact, FactId, TenantId};
use docket_sync::wire::{END, Granted, PAGE, Prove, check_auth};

use super::body::FrameBody;
use super::page::{Judged, Part};
use super::problem::Problem;
use super::{App, Shared, answer};
use crate::bounds::{ROSTER_BYTES, TOKEN_MS};
use crate::tenant::Tenant;

/// Frame: a proof.
const PROVE: u8 = b'S';

pub(crate) async fn session(State(app): State<Shared>, body: Body) -> Result<Response, Problem> {
    let mut frames = FrameBody::new(&app, body, ROSTER_BYTES as u64);
    let (tenant, device) = proven(&app, &mut frames).await?;
    if stands(&tenant.rostered().roster, device) {
        frames.drain().await?;
    } else {
        take_roster(&app, &tenant, device, &mut frames).await?;
    }
    let now_ms = app.now_ms();
    tracing::info!(tenant = tenant.short(), %device, "session");
    let granted = Granted { token: tenant.secret.token(device, now_ms), seconds: (TOKEN_MS / 1_000) as u64 };
    Ok(answer(granted.encode_bytes()))
}

async fn proven(app: &App, frames: &mut FrameBody) -> Result<(Arc<Tenant>, DeviceId), Problem> {
    let malformed = || Problem::malformed("a proof of identity belongs here");
    let (frame, _memory) = frames.next().await?.filter(|(frame, _)| frame.kind == PROVE).ok_or_else(malformed)?;
    let prove = Prove::decode_bytes(&frame.payload).ok_or_else(malformed)?;
    let id = TenantId::from_bytes(*prove.tenant);
    let tenant = app.tenants.get(&id).ok_or_else(Problem::unknown_tenant)?;
    let signature = Signature::from_slice(&*prove.signature).ok_or_else(malformed)?;
    let key = PublicKey::from_bytes(*prove.key);
    let good = tenant.secret.knows_nonce(&prove.nonce, app.now_ms())
        && check_auth(&key, id, &tenant.relay_key(), &prove.nonce, &signature).is_ok();
    if !good {
        return Err(Problem::forbidden("proof", "the signature does not fit, or its nonce has expired"));
    }
    Ok((Arc::clone(tenant), key.device()))
}

/// Known, and nothing that a newer roster could better.
fn stands(roster: &Roster, device: DeviceId) -> bool {
    roster.device(device).is_some_and(|entry| entry.state == Standing::Active)
}

/// Takes in the roster that a device brings, if it makes the device known.
async fn take_roster(app: &App, tenant: &Tenant, device: DeviceId, frames: &mut FrameBody) -> Result<(), Problem> {
    let _turn = app.strangers.acquire().await.map_err(|_| Problem::busy())?;
    let mut rostered = tenant.rostered();
    let mut pages: Vec<Judged> = Vec::new();
    while let Some((frame, memory)) = frames.next().await? {
        match frame.kind {
            PAGE => {
                let judged = app.judge(rostered, frame.payload, Part::Roster).await?;
                rostered = Arc::clone(&judged.rostered);
                pages.push(judged);
            }
            END => break,
            _ => return Err(Problem::malformed("only pages belong here")),
        }
        drop(memory);
    }
    if rostered.roster.device(device).is_none() {
        return Err(Problem::forbidden("unknown-device", "the roster does not know this device"));
    }
    for page in pages {
        let Judged { verdict, facts, memory, .. } = page;
        let takes_up = taken_up_by(device, &facts);
        let coming = tenant.push(device, None, takes_up, verdict, Some(memory)).await?;
        coming.await.map_err(|_| Problem::busy())??;
    }
    // Known to the pages, but not to the log: they were of no use to it (a carrier of another company, say).
    if tenant.rostered().roster.device(device).is_none() {
        return Err(Problem::forbidden("unknown-device", "the roster does not know this device"));
    }
    Ok(())
}

/// The invitations that a device takes up in these facts.
fn taken_up_by(device: DeviceId, facts: &[Fact]) -> Vec<FactId> {
    let own = facts.iter().filter(|fact| fact.kind() == "enrol");
    let own = own.filter(|fact| fact.author().is_some_and(|author| author.device == device));
    own.filter_map(|fact| fact.str("invite")?.parse().ok()).collect()
}
