//! `POST /v1/sync`: the whole exchange in one request. The device's pages are read one by one, judged, committed; then
//! it hears what became of them and is sent what it has not seen.

mod pull;
mod push;

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use docket_sync::wire::{HELLO, Hello};

use push::Push;

use super::body::FrameBody;
use super::guard::Caller;
use super::problem::Problem;
use super::{Shared, answer};
use crate::bounds;

pub(crate) async fn sync(State(app): State<Shared>, headers: HeaderMap, body: Body) -> Result<Response, Problem> {
    let began = Instant::now();
    let caller = app.caller(&headers)?;
    let place = app.exchanges.begin(&caller)?;
    let mut frames = FrameBody::new(&app, body, bounds::EXCHANGE_BYTES);
    let malformed = || Problem::malformed("a greeting of version 1 belongs here");
    let (frame, memory) = frames.next().await?.filter(|(frame, _)| frame.kind == HELLO).ok_or_else(malformed)?;
    let hello = Hello::decode(&frame.payload).ok_or_else(malformed)?;
    drop((frame, memory));
    let mut push = Push::new(&app, &caller, hello);
    let pushed = push.all(&mut frames).await?;
    let pages = push.pages;
    let opening = pull::open(&app, &caller, pushed).await?;
    let took = began.elapsed();
    app.metrics.exchanges.inc();
    app.metrics.exchange_seconds.observe(took.as_secs_f64());
    note(&caller, pages, &opening, took);
    Ok(if opening.done { answer(opening.bytes) } else { pull::stream(app, caller, place, opening) })
}

/// Exchanges that brought something are worth a line each; there are many idle ones.
fn note(caller: &Caller, pages: u64, opening: &pull::Opening, took: Duration) {
    let (new, refused, fork) = opening.exchange.counts();
    let reconcile = opening.exchange.must_reconcile();
    if pages == 0 && !reconcile {
        return tracing::debug!(tenant = caller.tenant.short(), device = %caller.device, "sync");
    }
    tracing::info!(
        tenant = caller.tenant.short(),
        device = %caller.device,
        pages,
        new,
        refused,
        want = opening.exchange.wanted(),
        fork,
        reconcile,
        ms = took.as_millis() as u64,
        "sync"
    );
}
