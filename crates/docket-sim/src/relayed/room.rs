//! The relay: the real state machine over a log in memory, its endpoints, its accidents.

use std::collections::BTreeSet;
use std::rc::Rc;

use docket_faultvfs::Rng;
use docket_format::bundle::{join_items, read_items};
use docket_format::{FactId, TenantId};
use docket_sync::relay::{Log as _, MemoryLog, View};
use docket_sync::testkit::{Answered, Desk};
use docket_sync::wire::{self, Cursor, Frames, put_frame};

use super::Plant;
use super::device::text;

/// Backups that are kept.
const BACKUPS: usize = 3;

/// A request that is still on its way.
pub(super) struct Late {
    pub(super) due_ms: i64,
    pub(super) path: String,
    pub(super) token: Option<String>,
    pub(super) body: Vec<u8>,
}

/// The facts of each entry of a log.
type Held = Vec<Rc<[FactId]>>;

/// The relay.
pub(super) struct Room {
    /// Endpoints over the log.
    pub(super) desk: Desk,
    /// Requests on their way.
    pub(super) late: Vec<Late>,
    /// Times that the log was put back or deleted.
    pub(super) accidents: u64,
    /// What was lost with the log in the middle of an exchange, until the ledger has seen it.
    pub(super) gone: BTreeSet<FactId>,
    /// The next pushes that are cut are followed by putting a backup back.
    pub(super) doomed: bool,
    plant: Option<Plant>,
    backups: Vec<(MemoryLog, Held)>,
    held: Held,
    rng: Rng,
}

impl Room {
    /// A relay for a company.
    pub(super) fn new(tenant: TenantId, plant: Option<Plant>, mut rng: Rng) -> Self {
        let desk = Desk::new(tenant, [200; 32], rng.bytes());
        let (late, gone, backups, held) = (Vec::new(), BTreeSet::new(), Vec::new(), Vec::new());
        Self { desk, late, accidents: 0, gone, doomed: false, plant, backups, held, rng }
    }

    /// Answers a request.
    pub(super) fn answer(&mut self, path: &str, token: Option<&str>, body: &[u8]) -> Answered {
        let before = (path == "/v1/sync" && self.forgetful()).then(|| self.desk.log.clone());
        let done = self.desk.answer(path, token, body);
        if let Some(before) = before {
            self.desk.log = before;
            self.desk.refresh();
        }
        done
    }

    /// A planted bug: it acknowledges what it does not keep.
    fn forgetful(&mut self) -> bool {
        self.plant == Some(Plant::AcksBeforeTaking) && self.rng.chance(1, 10)
    }

    /// What comes of a push that is cut: its whole pages are taken in, nobody gets an answer.
    pub(super) fn take_part(&mut self, path: &str, token: Option<&str>, part: &[u8]) {
        let mut frames = Frames::new();
        frames.push(part);
        let (mut body, mut whole) = (Vec::new(), 0);
        while let Ok(Some(frame)) = frames.next_frame() {
            if frame.kind != wire::END {
                put_frame(&mut body, frame.kind, &frame.payload);
                whole += 1;
            }
        }
        put_frame(&mut body, wire::END, &[]);
        if whole > 0 {
            let _ = self.answer(path, token, &body);
        }
    }

    /// Reads the entries that came since the last time.
    fn keep_up(&mut self) -> Result<(), String> {
        let log = &self.desk.log;
        let at = self.held.len() as u64;
        if log.head().map_err(text)?.pos <= at {
            return Ok(());
        }
        let new = log.entries(&View::All, Cursor { eff: at, pos: at }, usize::MAX).map_err(text)?;
        for entry in new {
            let items = join_items([entry.body.as_slice()].into_iter());
            let author = |number| log.author(number).ok().flatten();
            let items = read_items(self.desk.tenant, &author, &items).map_err(|_| "an entry that can't be read")?;
            let changes = items.iter().flat_map(|item| &item.changes);
            self.held.push(changes.flat_map(|(_, change)| &change.facts).map(|(fact, _)| *fact).collect());
        }
        Ok(())
    }

    /// Every fact in the log.
    pub(super) fn facts(&mut self) -> Result<BTreeSet<FactId>, String> {
        self.keep_up()?;
        Ok(self.held.iter().flat_map(|facts| facts.iter().copied()).collect())
    }

    /// Makes a backup.
    pub(super) fn back_up(&mut self) -> Result<(), String> {
        self.keep_up()?;
        if self.backups.len() == BACKUPS {
            let out = self.rng.below(BACKUPS);
            self.backups.remove(out);
        }
        self.backups.push((self.desk.log.clone(), self.held.clone()));
        Ok(())
    }

    /// Puts a backup back; false if there is none.
    pub(super) fn put_back(&mut self) -> Result<bool, String> {
        let Some((log, held)) = self.rng.pick(&self.backups).cloned() else { return Ok(false) };
        let before = self.facts()?;
        self.desk.log = log;
        self.held = held;
        self.after_accident(&before)?;
        Ok(true)
    }

    /// Deletes the log.
    pub(super) fn wipe(&mut self) -> Result<(), String> {
        let before = self.facts()?;
        self.desk.log = MemoryLog::new(self.desk.tenant, self.rng.bytes());
        self.held.clear();
        self.after_accident(&before)
    }

    fn after_accident(&mut self, before: &BTreeSet<FactId>) -> Result<(), String> {
        self.desk.refresh();
        self.accidents += 1;
        let now = self.facts()?;
        self.gone.extend(before.difference(&now));
        Ok(())
    }
}
