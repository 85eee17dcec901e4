//! `POST /v1/join`: whoever holds an invitation gets the roster that it stands in.

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use docket_format::keys::{PublicKey, Signature};
use docket_format::{TenantId, roster};
use docket_sync::relay::{Prover, View, whole_pages};
use docket_sync::wire::{Cursor, END, End, Join, PAGE, check_auth, put_frame};

use super::accept::Peer;
use super::body::FrameBody;
use super::problem::Problem;
use super::{Shared, answer, guard};
use crate::bounds;
use crate::tenant::Tenant;

/// Frame: a request to join.
const JOIN: u8 = b'J';

pub(crate) async fn join(
    State(app): State<Shared>,
    Extension(Peer(peer)): Extension<Peer>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let malformed = || Problem::malformed("a request to join belongs here");
    let mut frames = FrameBody::new(&app, body, bounds::SMALL_BYTES as u64);
    let (frame, _memory) = frames.next().await?.filter(|(frame, _)| frame.kind == JOIN).ok_or_else(malformed)?;
    let join = Join::decode_bytes(&frame.payload).ok_or_else(malformed)?;
    frames.drain().await?;
    let id = TenantId::from_bytes(*join.tenant);
    let tenant = app.tenants.get(&id).ok_or_else(Problem::unknown_tenant)?;
    let (from, now_ms) = (guard::address(&headers, peer), app.now_ms());
    app.tries.check(id, from, now_ms)?;
    if let Err(problem) = check(tenant, &join, now_ms) {
        if problem.is_guess() {
            app.tries.failed(id, from, now_ms);
        }
        return Err(problem);
    }
    let doc = roster::doc(id);
    let pages = tenant.read(move |log| {
        let mut out = Vec::new();
        for page in whole_pages(log, &View::All, &mut vec![doc], &mut Prover::default())? {
            put_frame(&mut out, PAGE, &page);
        }
        Ok(out)
    });
    let mut out = pages.await?;
    put_frame(&mut out, END, &End { cursor: Cursor::default(), more: false }.encode());
    tracing::info!(tenant = tenant.short(), "an invitation was shown");
    Ok(answer(out))
}

fn check(tenant: &Tenant, join: &Join, now_ms: i64) -> Result<(), Problem> {
    let key = PublicKey::from_bytes(*join.key);
    let signature = Signature::from_slice(&*join.signature);
    let signed = signature
        .is_some_and(|signature| check_auth(&key, tenant.id, &tenant.relay_key(), &join.nonce, &signature).is_ok());
    if !signed || !tenant.secret.knows_nonce(&join.nonce, now_ms) {
        return Err(Problem::forbidden("proof", "the signature does not fit, or its nonce has expired"));
    }
    let rostered = tenant.rostered();
    let (_, expires_ms, taken) = rostered
        .roster
        .invitation(&key)
        .ok_or_else(|| Problem::forbidden("unknown-invitation", "no such invitation is known here"))?;
    if !taken.is_empty() {
        return Err(Problem::invitation_used());
    }
    if expires_ms <= now_ms {
        return Err(Problem::invitation_expired());
    }
    Ok(())
}
