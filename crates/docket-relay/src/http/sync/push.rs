//! The first half of an exchange: taking pages in.

use docket_sync::relay::Exchange;
use docket_sync::wire::{END, Frame, Hello, PAGE};

use super::super::App;
use super::super::body::FrameBody;
use super::super::guard::Caller;
use super::super::page::{Judged, Part};
use super::super::problem::Problem;
use crate::bounds;
use crate::tenant::Coming;

/// An exchange whose pages are being taken in.
pub(super) struct Push<'a> {
    app: &'a App,
    caller: &'a Caller,
    state: State,
    pub(super) pages: u64,
    changes: usize,
}

/// Where the exchange is.
enum State {
    /// Not begun: no page has come.
    Hello(Box<Hello>),
    /// Here.
    Here(Box<Exchange>),
    /// With the writer, and a page of it.
    Committing(Coming),
    /// Lost with a page that failed.
    Lost,
}

/// What the pages came to.
pub(super) enum Pushed {
    /// There were none.
    Nothing(Box<Hello>),
    /// They are committed.
    Committed(Box<Exchange>),
}

impl<'a> Push<'a> {
    pub(super) fn new(app: &'a App, caller: &'a Caller, hello: Hello) -> Self {
        Self { app, caller, state: State::Hello(Box::new(hello)), pages: 0, changes: 0 }
    }

    /// Takes in every page. One is judged while the one before is committed. After a failure what was queued is
    /// committed all the same; who sent it learns that when it comes again.
    pub(super) async fn all(&mut self, frames: &mut FrameBody) -> Result<Pushed, Problem> {
        while let Some((frame, memory)) = frames.next().await? {
            match frame.kind {
                PAGE => self.page(frame).await?,
                END => {
                    frames.drain().await?;
                    break;
                }
                _ => return Err(Problem::malformed("only pages belong here")),
            }
            drop(memory);
        }
        self.app.metrics.pages_in.inc_by(self.pages);
        match std::mem::replace(&mut self.state, State::Lost) {
            State::Hello(hello) => return Ok(Pushed::Nothing(hello)),
            begun => self.state = begun,
        }
        let exchange = self.here().await?;
        let (new, refused, fork) = exchange.counts();
        self.app.metrics.changes_new.inc_by(new);
        self.app.metrics.changes_refused.inc_by(refused as u64);
        self.app.metrics.forks.inc_by(u64::from(fork));
        Ok(Pushed::Committed(exchange))
    }

    async fn page(&mut self, frame: Frame) -> Result<(), Problem> {
        let rostered = self.caller.tenant.rostered();
        let Judged { verdict, changes, memory, .. } = self.app.judge(rostered, frame.payload, Part::All).await?;
        self.pages += 1;
        self.changes += changes;
        if self.changes > bounds::EXCHANGE_CHANGES {
            return Err(Problem::too_large("too many changes at once: send them in several exchanges"));
        }
        // The page before was committed meanwhile: at most one waits.
        let exchange = self.here().await?;
        let (_, refused, _) = exchange.counts();
        if refused > bounds::EXCHANGE_REFUSED || exchange.wanted() > bounds::EXCHANGE_WANT {
            return Err(Problem::too_large("too much of it can't be taken in"));
        }
        let changes_roster = verdict.changes_roster;
        let device = self.caller.device;
        let coming = self.caller.tenant.push(device, Some(exchange), Vec::new(), verdict, Some(memory)).await?;
        self.state = State::Committing(coming);
        if changes_roster {
            // Who the authors of the next pages are is known only then.
            let exchange = self.here().await?;
            self.state = State::Here(exchange);
        }
        Ok(())
    }

    /// The exchange, when its page is committed.
    async fn here(&mut self) -> Result<Box<Exchange>, Problem> {
        match std::mem::replace(&mut self.state, State::Lost) {
            State::Here(exchange) => Ok(exchange),
            State::Committing(coming) => coming.await.map_err(|_| Problem::busy())??.ok_or_else(Problem::busy),
            State::Hello(hello) => {
                let (rostered, device) = (self.caller.tenant.rostered(), self.caller.device);
                let open = move |log: &mut _| Exchange::open(log, &rostered.roster, device, *hello).map(Box::new);
                Ok(self.caller.tenant.read(open).await?)
            }
            State::Lost => Err(Problem::busy()),
        }
    }
}
