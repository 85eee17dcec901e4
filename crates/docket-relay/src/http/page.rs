//! Judging a pushed page, on a thread that may block and with memory that was asked for.

use std::sync::Arc;

use docket_format::{Fact, roster};
use docket_sync::judge;
use docket_sync::relay::{Verdict, read_page};
use docket_sync::wire::Page;
use tokio::sync::OwnedSemaphorePermit;

use super::App;
use super::problem::Problem;
use crate::bounds;
use crate::tenant::Rostered;

/// A page that was judged.
pub(crate) struct Judged {
    pub(crate) verdict: Verdict,
    /// How many changes it has.
    pub(crate) changes: usize,
    /// The roster facts that it brings.
    pub(crate) facts: Vec<Fact>,
    /// The roster with them.
    pub(crate) rostered: Arc<Rostered>,
    /// Memory for it, held until it is committed.
    pub(crate) memory: OwnedSemaphorePermit,
}

/// What of a page is looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    All,
    /// The roster's document only.
    Roster,
}

impl App {
    pub(crate) async fn judge(&self, rostered: Arc<Rostered>, bytes: Vec<u8>, part: Part) -> Result<Judged, Problem> {
        let units = bytes.len().div_ceil(bounds::UNIT_BYTES).clamp(1, bounds::PAGE_UNITS) as u32;
        let turn = tokio::time::timeout(bounds::TURN_TIME, Arc::clone(&self.pages).acquire_many_owned(units)).await;
        let memory = turn.map_err(|_| Problem::busy())?.map_err(|_| Problem::busy())?;
        let judged = tokio::task::spawn_blocking(move || judge_here(&rostered, bytes, part, memory));
        judged.await.map_err(|_| Problem::malformed("the page could not be judged"))?
    }
}

fn judge_here(
    rostered: &Arc<Rostered>,
    bytes: Vec<u8>,
    part: Part,
    memory: OwnedSemaphorePermit,
) -> Result<Judged, Problem> {
    let tenant = rostered.roster.tenant;
    let mut page = Page::decode(tenant, &bytes)?;
    drop(bytes);
    if part == Part::Roster {
        page.items.retain(|item| item.doc == roster::doc(tenant));
    }
    let changes = page.items.iter().map(|item| item.changes.len()).sum();
    let facts = judge::roster_facts(tenant, &page.items);
    let rostered = rostered.with(facts.clone());
    let verdict = read_page(page, &rostered.roster);
    Ok(Judged { verdict, changes, facts, rostered, memory })
}
