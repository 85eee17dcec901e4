//! `POST /v1/wait`: answers when there is something for the device to pull.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use docket_sync::relay::{Log as _, View};
use docket_sync::wire::{Cursor, Hello};

use super::guard::Caller;
use super::problem::Problem;
use super::{App, Shared, body};
use crate::bounds;

pub(crate) async fn wait(State(app): State<Shared>, headers: HeaderMap, body: Body) -> Result<Response, Problem> {
    let caller = app.caller(&headers)?;
    let bytes = body::whole(&app, body, bounds::SMALL_BYTES).await?;
    let hello = Hello::decode(&bytes).ok_or_else(|| Problem::malformed("no greeting of version 1"))?;
    let _place = Arc::clone(&caller.tenant.waiters).try_acquire_owned().map_err(|_| Problem::busy())?;
    let _counted = Counted::new(&app);
    let came = tokio::time::timeout(bounds::WAIT_TIME, something(&app, &caller, &hello)).await.unwrap_or(Ok(false))?;
    Ok(if came { StatusCode::OK } else { StatusCode::NO_CONTENT }.into_response())
}

/// Comes back when the view has something after the cursor, or the relay stops.
async fn something(app: &App, caller: &Caller, hello: &Hello) -> Result<bool, Problem> {
    let mut head = caller.tenant.watch_head();
    let mut stopping = app.stopping.subscribe();
    loop {
        head.mark_unchanged();
        // The roster may have changed since: another role, another view.
        let view = View::of(&caller.tenant.rostered().roster, caller.device);
        let other_log = hello.anchor.is_some_and(|(epoch, _)| epoch != caller.tenant.epoch);
        let cursor = match hello.cursor {
            Some((tag, cursor)) if tag == view.tag() && !other_log => cursor,
            _ => return Ok(true),
        };
        let newest = match view {
            View::Nothing => 0,
            View::All => *head.borrow(),
            View::Scope(_) => caller.tenant.read(move |log| log.newest(&view)).await?,
        };
        if (Cursor { eff: newest, pos: newest }) > cursor {
            return Ok(true);
        }
        let stopped = async { drop(stopping.wait_for(|stopping| *stopping).await) };
        tokio::select! {
            changed = head.changed() => changed.map_err(|_| Problem::busy())?,
            () = stopped => return Ok(false),
        }
    }
}

struct Counted<'a>(&'a App);

impl<'a> Counted<'a> {
    fn new(app: &'a App) -> Self {
        app.metrics.waiting.inc();
        Self(app)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.metrics.waiting.dec();
    }
}
