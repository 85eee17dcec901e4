//! The second half of an exchange: the reply, then what the device has not seen.

use axum::body::{Body, Bytes};
use axum::response::Response;
use docket_format::DocId;
use docket_sync::relay::{Log as _, Prover, View, next_page, whole_pages};
use docket_sync::wire::{
    Anchor, Beacon, Cursor, END, End, Hello, PAGE, REPLY, Receipt, Reply, accepted_digest, put_frame,
};
use http_body_util::channel::{Channel, Sender};

use super::super::guard::{Caller, Exchange};
use super::super::problem::Problem;
use super::super::{App, Shared};
use super::push::Pushed;
use crate::bounds;
use crate::log::{LogError, SqliteLog};
use crate::tenant::{Tenant, TenantError};

/// Documents that are looked up at once for a device that wants them whole.
const WANT_STEP: usize = 16;

/// An answer is sent in one piece as long as it is smaller than this.
const WHOLE_BYTES: usize = 64 * 1024;

/// How an answer begins.
pub(super) struct Opening {
    pub(super) bytes: Vec<u8>,
    pub(super) reconcile: bool,
    /// What follows; `None` when that is all.
    pub(super) rest: Option<Rest>,
}

/// What is still to be sent.
pub(super) struct Rest {
    view: View,
    /// The head that the reply named: nothing above it is sent, so that the device's cursor never passes its anchor.
    head: Anchor,
    at: Cursor,
    own: Vec<(u64, u64)>,
    want: std::vec::IntoIter<DocId>,
    /// Whether pages of the view follow those that it wants.
    pages: bool,
    sent: usize,
    prover: Prover,
}

/// What a step came to.
struct Step {
    rest: Rest,
    bytes: Vec<u8>,
    pages: u64,
    done: bool,
}

pub(super) async fn open(app: &App, caller: &Caller, hello: &Hello, pushed: &Pushed) -> Result<Opening, Problem> {
    let tenant = &caller.tenant;
    // The roster as it stands after the push.
    let rostered = tenant.rostered();
    let view = View::of(&rostered.roster, caller.device);
    let (tag, anchor) = (view.tag(), hello.anchor);
    let cursor = hello.cursor.filter(|(theirs, _)| *theirs == tag).map(|(_, cursor)| cursor);
    let (own, push_only) = (pushed.entries.clone(), hello.push_only);
    let want = hello.want.clone().into_iter();
    let (head, reconcile, mut step) = tenant
        .read(move |log| {
            let head = log.head()?;
            let same = |(epoch, at): (_, Anchor)| {
                Ok::<_, LogError>(epoch == log.epoch() && log.digest_at(at.pos)? == Some(at.digest))
            };
            let reconcile = !anchor.map_or(Ok(true), same)?;
            let (at, sent, prover) = (cursor.unwrap_or_default(), 0, Prover::default());
            let pages = !reconcile && !push_only;
            let rest = Rest { view, head, at, own, want, pages, sent, prover };
            let mut step = if push_only { rest.end(Vec::new(), false) } else { rest.step(log)? };
            // A small answer goes out in one piece.
            while !step.done && step.bytes.len() < WHOLE_BYTES {
                let Step { rest, bytes, pages, .. } = step;
                let next = rest.step(log)?;
                step = Step { bytes: [bytes, next.bytes].concat(), pages: pages + next.pages, ..next };
            }
            Ok((head, reconcile, step))
        })
        .await?;
    if reconcile {
        app.metrics.reconciles.inc();
    } else if let Some(cursor) = cursor {
        tenant.note_pulled(&rostered.roster, caller.device, cursor).await?;
    }
    app.metrics.pages_out.inc_by(step.pages);
    let reply = reply(app, caller, pushed, head, tag, reconcile);
    let mut bytes = Vec::with_capacity(step.bytes.len() + 512);
    put_frame(&mut bytes, REPLY, &reply.encode());
    bytes.append(&mut step.bytes);
    Ok(Opening { bytes, reconcile, rest: (!step.done).then_some(step.rest) })
}

fn reply(app: &App, caller: &Caller, pushed: &Pushed, head: Anchor, view: u64, reconcile: bool) -> Reply {
    let tenant: &Tenant = &caller.tenant;
    let (relay_ms, epoch) = (app.now_ms(), tenant.epoch);
    let receipt = (pushed.pages > 0 && !pushed.fork).then(|| {
        let counted = pushed.accepted.iter().filter(|(doc, _)| !pushed.want.contains(doc));
        let accepted = &accepted_digest(counted.map(|(_, hash)| *hash).collect());
        let device = caller.device;
        Receipt { tenant: tenant.id, device, epoch, head, relay_ms, accepted }.sign(&tenant.key)
    });
    Reply {
        epoch,
        head,
        relay_ms,
        beacon: Beacon::sign(&tenant.key, tenant.id, epoch, head, relay_ms),
        receipt,
        new: pushed.new,
        refused: pushed.refused.clone(),
        want: pushed.want.iter().copied().collect(),
        lease: pushed.lease,
        fork: pushed.fork,
        reconcile,
        view,
        seen: tenant.seen(),
    }
}

impl Rest {
    /// Makes the next page or pages, or the end.
    fn step(mut self, log: &mut SqliteLog) -> Result<Step, LogError> {
        let mut bytes = Vec::new();
        let mut pages = 0;
        let mut wanted: Vec<DocId> = self.want.by_ref().take(WANT_STEP).collect();
        if !wanted.is_empty() {
            while !wanted.is_empty() {
                for page in whole_pages(log, &self.view, &mut wanted, &mut self.prover)? {
                    put_frame(&mut bytes, PAGE, &page);
                    pages += 1;
                }
            }
            self.sent += bytes.len();
            return Ok(Step { rest: self, bytes, pages, done: false });
        }
        if !self.pages {
            return Ok(self.end(bytes, false));
        }
        if self.sent >= bounds::ANSWER_BYTES {
            return Ok(self.end(bytes, true));
        }
        log.show_only(self.head.pos, self.own.clone());
        if let Some((page, mark)) = next_page(log, &self.view, self.at, &mut self.prover)? {
            put_frame(&mut bytes, PAGE, &page);
            self.at = mark;
            self.sent += bytes.len();
            return Ok(Step { rest: self, bytes, pages: 1, done: false });
        }
        // Nothing is left up to the head; what the device brought itself is passed over.
        let newest = log.newest(&self.view)?.min(self.head.pos);
        self.at = self.at.max(Cursor { eff: newest, pos: newest });
        Ok(self.end(bytes, false))
    }

    fn end(self, mut bytes: Vec<u8>, more: bool) -> Step {
        put_frame(&mut bytes, END, &End { cursor: self.at, more }.encode());
        Step { rest: self, bytes, pages: 0, done: true }
    }

    /// Sends what follows, piece by piece, as fast as the client takes it. Between pieces no transaction is open.
    pub(super) fn stream(self, app: Shared, caller: Caller, exchange: Exchange, first: Vec<u8>) -> Response {
        let (sender, body) = Channel::<Bytes, TenantError>::new(1);
        tokio::spawn(async move {
            if let Err(error) = self.send(&app, &caller, sender, first).await {
                tracing::debug!(%error, device = %caller.device, "an answer was cut off");
            }
            drop(exchange);
        });
        Response::new(Body::new(body))
    }

    async fn send(
        mut self,
        app: &App,
        caller: &Caller,
        mut to: Sender<Bytes, TenantError>,
        first: Vec<u8>,
    ) -> Result<(), TenantError> {
        let mut bytes = first;
        let mut done = false;
        loop {
            let sent = tokio::time::timeout(bounds::SEND_TIME, to.send_data(Bytes::from(bytes))).await;
            if !matches!(sent, Ok(Ok(()))) {
                to.abort(TenantError::Stopped);
                return Err(TenantError::Stopped);
            }
            if done {
                return Ok(());
            }
            let step = match caller.tenant.read(move |log| self.step(log)).await {
                Ok(step) => step,
                Err(error) => {
                    tracing::error!(%error, "an answer was cut off");
                    to.abort(TenantError::Stopped);
                    return Err(error);
                }
            };
            app.metrics.pages_out.inc_by(step.pages);
            (self, bytes, done) = (step.rest, step.bytes, step.done);
        }
    }
}
