//! The second half of an exchange: the reply, then what the device has not seen.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::response::Response;
use docket_sync::relay::Exchange;
use docket_sync::wire::{END, PAGE, REPLY, put_frame};
use http_body_util::channel::{Channel, Sender};

use super::super::guard::{Caller, Exchange as Place};
use super::super::problem::Problem;
use super::super::{App, Shared};
use super::push::Pushed;
use crate::bounds;
use crate::log::{LogError, SqliteLog};
use crate::tenant::TenantError;

/// An answer is sent in one piece as long as it is smaller than this.
const WHOLE_BYTES: usize = 64 * 1024;

/// How an answer begins.
pub(super) struct Opening {
    pub(super) bytes: Vec<u8>,
    pub(super) exchange: Box<Exchange>,
    /// Nothing follows.
    pub(super) done: bool,
}

/// The reply, and what follows it as long as that is little.
pub(super) async fn open(app: &App, caller: &Caller, pushed: Pushed) -> Result<Opening, Problem> {
    let tenant = Arc::clone(&caller.tenant);
    let (rostered, device, now_ms) = (tenant.rostered(), caller.device, app.now_ms());
    let begin = move |log: &mut SqliteLog| {
        let mut exchange = match pushed {
            Pushed::Nothing(hello) => Box::new(Exchange::open(log, &rostered.roster, device, *hello)?),
            Pushed::Committed(exchange) => exchange,
        };
        let shown = exchange.shows_cursor().then(|| exchange.pulled());
        let reply = exchange.reply(log, tenant.id, &tenant.key, now_ms, tenant.seen())?;
        let mut bytes = Vec::new();
        put_frame(&mut bytes, REPLY, &reply.encode());
        let (mut done, mut pages) = (false, 0);
        while !done && bytes.len() < WHOLE_BYTES {
            done = step(&mut exchange, log, &mut bytes)?;
            pages += u64::from(!done);
        }
        Ok((Opening { bytes, exchange, done }, shown, pages))
    };
    let (opening, shown, pages) = caller.tenant.read(begin).await?;
    app.metrics.pages_out.inc_by(pages);
    if opening.exchange.must_reconcile() {
        app.metrics.reconciles.inc();
    }
    if let Some(cursor) = shown {
        caller.tenant.note_pulled(&caller.tenant.rostered().roster, caller.device, cursor).await?;
    }
    Ok(opening)
}

/// Adds the next page, or the end; true for the end.
fn step(exchange: &mut Exchange, log: &SqliteLog, bytes: &mut Vec<u8>) -> Result<bool, LogError> {
    if let Some(page) = exchange.next_page(log)? {
        put_frame(bytes, PAGE, &page);
        return Ok(false);
    }
    put_frame(bytes, END, &exchange.end(log)?.encode());
    Ok(true)
}

/// Sends what follows, piece by piece, as fast as the client takes it. Between pieces no transaction is open.
pub(super) fn stream(app: Shared, caller: Caller, place: Place, opening: Opening) -> Response {
    let (sender, body) = Channel::<Bytes, TenantError>::new(1);
    tokio::spawn(async move {
        if let Err(error) = send(&app, &caller, sender, opening).await {
            tracing::info!(%error, tenant = caller.tenant.short(), device = %caller.device, "an answer was cut off");
        }
        drop(place);
    });
    Response::new(Body::new(body))
}

async fn send(
    app: &App,
    caller: &Caller,
    mut to: Sender<Bytes, TenantError>,
    opening: Opening,
) -> Result<(), TenantError> {
    let Opening { mut bytes, mut exchange, mut done } = opening;
    loop {
        let sent = tokio::time::timeout(bounds::SEND_TIME, to.send_data(Bytes::from(bytes))).await;
        if !matches!(sent, Ok(Ok(()))) {
            to.abort(TenantError::Stopped);
            return Err(TenantError::Stopped);
        }
        if done {
            return Ok(());
        }
        let next = caller.tenant.read(move |log| {
            let mut bytes = Vec::new();
            let done = step(&mut exchange, log, &mut bytes)?;
            Ok((exchange, bytes, done))
        });
        match next.await {
            Ok(next) => (exchange, bytes, done) = next,
            Err(error) => {
                to.abort(TenantError::Stopped);
                return Err(error);
            }
        }
        app.metrics.pages_out.inc_by(u64::from(!done));
    }
}
