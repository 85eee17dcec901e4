//! The first half of an exchange: taking pages in.

use std::collections::BTreeSet;

use docket_format::{Author, ChangeHash, DocId};
use docket_sync::relay::Leased;
use docket_sync::wire::{END, Frame, Hello, Lease, PAGE, Refusal};
use tokio::sync::oneshot;

use super::super::App;
use super::super::body::FrameBody;
use super::super::guard::Caller;
use super::super::page::{Judged, Part};
use super::super::problem::Problem;
use crate::bounds;
use crate::tenant::{Pushed as Committed, TenantError};

/// What became of all pages.
#[derive(Default)]
pub(super) struct Pushed {
    pub(super) pages: u64,
    pub(super) new: u64,
    pub(super) accepted: Vec<(DocId, ChangeHash)>,
    pub(super) refused: Vec<Refusal>,
    pub(super) want: BTreeSet<DocId>,
    /// The entries that they made: the first and last of each page.
    pub(super) entries: Vec<(u64, u64)>,
    pub(super) lease: Option<u64>,
    pub(super) fork: bool,
    changes: usize,
}

/// A page that is being committed.
type Coming = oneshot::Receiver<Result<Committed, TenantError>>;

/// Takes in every page. One is judged while the one before is committed.
pub(super) async fn push(app: &App, caller: &Caller, hello: &Hello, frames: &mut FrameBody) -> Result<Pushed, Problem> {
    let mut pushed = Pushed::default();
    let mut coming: Option<Coming> = None;
    while let Some((frame, memory)) = frames.next().await? {
        match frame.kind {
            PAGE if pushed.fork => {}
            PAGE => {
                let page = take(app, caller, hello, &mut pushed, &mut coming, frame).await;
                if page.is_err() {
                    // What was queued is committed all the same; who sent it learns that when it comes again.
                    return page.map(|()| pushed);
                }
            }
            END => {
                frames.drain().await?;
                break;
            }
            _ => return Err(Problem::malformed("only pages belong here")),
        }
        drop(memory);
    }
    pushed.settle(&mut coming).await?;
    app.metrics.pages_in.inc_by(pushed.pages);
    app.metrics.changes_new.inc_by(pushed.new);
    app.metrics.changes_refused.inc_by(pushed.refused.len() as u64);
    if pushed.fork {
        app.metrics.forks.inc();
    }
    Ok(pushed)
}

async fn take(
    app: &App,
    caller: &Caller,
    hello: &Hello,
    pushed: &mut Pushed,
    coming: &mut Option<Coming>,
    frame: Frame,
) -> Result<(), Problem> {
    let first = lease_of(caller, hello, pushed)?;
    let Judged { verdict, changes, memory, .. } = app.judge(caller.tenant.rostered(), frame.payload, Part::All).await?;
    pushed.pages += 1;
    pushed.changes += changes;
    if pushed.changes > bounds::EXCHANGE_CHANGES {
        return Err(Problem::too_large("too many changes at once: send them in several exchanges"));
    }
    // The page before is answered first, so that at most one waits; it was committed meanwhile.
    pushed.settle(coming).await?;
    let changes_roster = verdict.changes_roster;
    *coming = Some(caller.tenant.push(caller.device, first, Vec::new(), verdict, Some(memory)).await?);
    if first.is_some() || changes_roster {
        // Whether the pages count at all, or who the authors of the next ones are, is known only then.
        pushed.settle(coming).await?;
    }
    Ok(())
}

/// The lease, for the first page.
fn lease_of(caller: &Caller, hello: &Hello, pushed: &Pushed) -> Result<Option<(Author, Lease)>, Problem> {
    let lease = hello.lease.ok_or_else(|| Problem::malformed("pages without a lease"))?;
    let author = Author { device: caller.device, incarnation: hello.incarnation };
    Ok((pushed.pages == 0).then_some((author, lease)))
}

impl Pushed {
    /// Waits for the page that is being committed.
    async fn settle(&mut self, coming: &mut Option<Coming>) -> Result<(), Problem> {
        let Some(coming) = coming.take() else { return Ok(()) };
        let Committed { leased, outcome, entries } = coming.await.map_err(|_| Problem::busy())??;
        match leased {
            Some(Leased::Fork) => self.fork = true,
            Some(Leased::Next(next)) => self.lease = Some(next),
            None => {}
        }
        self.new += outcome.new;
        self.accepted.extend(outcome.accepted);
        self.refused.extend(outcome.refused);
        self.want.extend(outcome.want);
        match (self.entries.last_mut(), entries) {
            (Some(last), Some((from, to))) if last.1 + 1 == from => last.1 = to,
            (_, entries) => self.entries.extend(entries),
        }
        if self.refused.len() > bounds::EXCHANGE_REFUSED || self.want.len() > bounds::EXCHANGE_WANT {
            return Err(Problem::too_large("too much of it can't be taken in"));
        }
        Ok(())
    }
}
