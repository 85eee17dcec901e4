//! `POST /v1/challenge`: a nonce to sign, the company's whole id, the relay's key.

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use docket_sync::wire::{Challenge, Challenged, VERSION};

use super::problem::Problem;
use super::{Shared, answer, body};
use crate::bounds;

/// An invitation code holds five bytes of the id.
const LEAST: usize = 5;

pub(crate) async fn challenge(State(app): State<Shared>, body: Body) -> Result<Response, Problem> {
    let bytes = body::whole(&app, body, bounds::SMALL_BYTES).await?;
    let ask = Challenge::decode_bytes(&bytes).filter(|ask| ask.version == VERSION);
    let ask = ask.ok_or_else(|| Problem::malformed("no challenge of version 1"))?;
    if ask.tenant.len() < LEAST {
        return Err(Problem::malformed("at least five bytes of the company's id belong here"));
    }
    let tenant = app.tenant_of(&ask.tenant)?;
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|_| Problem::busy())?;
    let challenged = Challenged {
        nonce: tenant.secret.nonce(app.now_ms(), random).into(),
        tenant: (*tenant.id.as_bytes()).into(),
        relay: (*tenant.relay_key().as_bytes()).into(),
    };
    Ok(answer(challenged.encode_bytes()))
}
