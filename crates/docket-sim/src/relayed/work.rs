//! What people write.

use docket_device::Draft;
use docket_device::app::jobs::{Assignment, assign};
use docket_device::app::{AppError, Job, Session};
use docket_faultvfs::Rng;
use docket_format::{DocId, PersonId};

use super::device::Device;
use super::world::{OFFICE, World, person};
use crate::fleet::drafts;

/// Jobs that people mostly work on: the newest so many.
const RECENT: usize = 40;

fn some_job(device: &Device, rng: &mut Rng) -> Option<DocId> {
    let from = if rng.chance(4, 5) { device.jobs.len().saturating_sub(RECENT) } else { 0 };
    rng.pick(device.jobs.get(from..).unwrap_or_default()).copied()
}

impl World {
    /// Somebody records something on a job that their device holds.
    pub(super) fn write(&mut self) -> Result<(), String> {
        let who = self.rng.below(self.devices.len());
        let mut rng = self.rng.fork(3);
        // Who has nothing to do gets something to do.
        let Some(doc) = some_job(self.device(who)?, &mut rng) else { return self.assign() };
        let facts = self.device(who)?.store()?.facts(doc).map_err(super::device::text)?;
        let draft = drafts::next(&facts, &mut rng);
        self.put(who, doc, draft.kind, Draft { kind: draft.kind.to_owned(), body: draft.body })
    }

    /// The office takes a job in.
    pub(super) fn new_job(&mut self) -> Result<(), String> {
        let who = self.rng.below(OFFICE);
        let mut rng = self.rng.fork(4);
        let wall_ms = self.stamp(who)?.wall_ms;
        let doc = DocId::new_v7(u64::try_from(wall_ms).unwrap_or(0), rng.bytes());
        let draft = drafts::create(&mut rng);
        self.put(who, doc, "new job", Draft { kind: draft.kind.to_owned(), body: draft.body })?;
        self.device(who)?.jobs.push(doc);
        Ok(())
    }

    fn put(&mut self, who: usize, doc: DocId, what: &'static str, draft: Draft) -> Result<(), String> {
        let at = self.stamp(who)?;
        let device = self.device(who)?;
        let row = device.newest_row()?;
        device.store_mut()?.write(doc, &[draft], &at).map_err(super::device::text)?;
        self.count(what);
        self.acknowledged(who, row, what)
    }

    /// The office sends somebody, takes a job back, or changes its mind: with the scopes that follow.
    pub(super) fn assign(&mut self) -> Result<(), String> {
        let who = self.rng.below(OFFICE);
        let mut rng = self.rng.fork(5);
        let Some(doc) = some_job(self.device(who)?, &mut rng) else { return self.new_job() };
        let technicians = self.config.devices.max(OFFICE + 1) - OFFICE;
        let count = [0, 1, 1, 1, 2, 2].get(rng.below(6)).copied().unwrap_or(1);
        let mut crew =
            (0..count).map(|_| person(OFFICE + rng.below(technicians))).collect::<Result<Vec<PersonId>, _>>()?;
        crew.sort();
        crew.dedup();
        let wall_ms = self.stamp(who)?.wall_ms;
        let device = self.device(who)?;
        let row = device.newest_row()?;
        let to = Assignment { crew, overridden: Some("nobody else is free".into()), ..Assignment::default() };
        let done = device.lend(|store| {
            let mut session = Session::of(store, Some(wall_ms));
            let done = Job::load(&session, doc).and_then(|job| assign(&mut session, &job, &to));
            (session.into_store(), done)
        })?;
        match done {
            Ok(_) => self.count(if to.crew.is_empty() { "job taken back" } else { "job assigned" }),
            Err(AppError::Refused(_)) => self.count("assignment refused"),
            Err(error) => return Err(format!("device {who} can't assign: {error}")),
        }
        self.acknowledged(who, row, "assigns")
    }

    /// Writes down what a device has just promised to keep.
    pub(super) fn acknowledged(&mut self, who: usize, row: i64, what: &str) -> Result<(), String> {
        let device = self.device(who)?;
        let (branch, life) = (device.branch, device.author()?);
        let (written, carried) = (device.written_since(row)?, device.carried_since(row)?);
        device.recent.extend(written.iter().map(|(.., fact)| *fact));
        self.note(&format!("{who} {what} {written:?}"));
        self.ledger.carried(carried)?;
        for one in written {
            let doubles = self.ledger.write(one, branch, life)?;
            for other in doubles {
                if self.device(who)?.holds(one.0, other)? {
                    return Err(format!("device {who} used number {} of {} for a second fact", one.2, one.0));
                }
                self.report.equivocations += 1;
            }
        }
        Ok(())
    }
}
