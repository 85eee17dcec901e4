//! Power cuts: a record that a write acknowledged is there after the power comes back, whatever the disk had made
//! of the writes in flight.
//!
//! One workload writes numbered records through SQLite onto a [`Disk`] in memory, noting after which disk operation
//! each was acknowledged. Then the log is cut at random points, images of what the disk may hold are made, and each
//! is opened and read back. A part of the images is written to again and cut a second time.

use std::ops::AddAssign;
use std::thread;

use docket_faultvfs::{Disk, Image, Log, Replay, Rng};

mod raw;
mod store;

pub use raw::{Raw, Synchronous};
pub use store::StoreWork;

/// Something that writes numbered records (1, 2, 3 …, in this order) into a database and reads them back.
pub trait Workload: Sync {
    /// A disk, and what is on it before the first record.
    fn disk(&self) -> Result<(Disk, Image), String>;

    /// What lies outside the database right now, if anything does.
    fn aside(&self) -> Result<Vec<u8>, String> {
        Ok(Vec::new())
    }

    /// Puts that back.
    fn put_aside(&self, _aside: &[u8]) -> Result<(), String> {
        Ok(())
    }

    /// Writes records `from + 1 ..= from + count`, calling `ack` after each was acknowledged. Everything random
    /// comes from `rng`.
    fn write(
        &self,
        vfs: &str,
        from: usize,
        count: usize,
        rng: &mut Rng,
        ack: &mut dyn FnMut(usize),
    ) -> Result<(), String>;

    /// Opens what a cut left and returns how many records are there: 1 up to that number, each whole and equal to
    /// what was written. `Err` names any damage: a gap, half a record, a failed integrity check, a database that
    /// does not open.
    fn survivors(&self, vfs: &str) -> Result<usize, String>;
}

/// How much to try.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Decides everything.
    pub seed: u64,
    /// How many different workloads.
    pub workloads: usize,
    /// Records in each.
    pub records: usize,
    /// Images of each.
    pub images: usize,
    /// One image in this many is written to again and cut again.
    pub again: usize,
}

/// What came of it. Equal for equal plans.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Images opened.
    pub images: usize,
    /// Images on which at least one acknowledged record was missing.
    pub lossy: usize,
    /// Acknowledged records missing, over all images.
    pub lost: usize,
    /// Images on which a record survived that was not yet acknowledged: allowed, and must be reached.
    pub ahead: usize,
    /// Images cut while at least one write was in flight.
    pub in_flight: usize,
    /// Images cut a second time, after recovery and more writing.
    pub second: usize,
    /// Images that were damaged: the first few, described.
    pub damaged: Vec<String>,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.images += other.images;
        self.lossy += other.lossy;
        self.lost += other.lost;
        self.ahead += other.ahead;
        self.in_flight += other.in_flight;
        self.second += other.second;
        self.damaged.extend(other.damaged);
        self.damaged.truncate(10);
    }
}

/// Tries the plan on two threads; the result does not depend on how they interleave.
pub fn run(plan: Plan, make: &(dyn Fn() -> Result<Box<dyn Workload>, String> + Sync)) -> Result<Tally, String> {
    let half = |first: usize| -> Result<Vec<(usize, Tally)>, String> {
        (first..plan.workloads).step_by(2).map(|i| Ok((i, one(plan, i, make()?.as_ref())?))).collect()
    };
    let (even, odd) = thread::scope(|scope| {
        let odd = scope.spawn(|| half(1));
        let even = half(0);
        (even, odd.join().unwrap_or_else(|_| Err("a power-cut thread panicked".into())))
    });
    let mut parts: Vec<_> = even?.into_iter().chain(odd?).collect();
    parts.sort_by_key(|(i, _)| *i);
    let mut tally = Tally::default();
    for (_, part) in parts {
        tally += part;
    }
    Ok(tally)
}

/// One workload with all its images.
fn one(plan: Plan, index: usize, workload: &dyn Workload) -> Result<Tally, String> {
    let mut rng = Rng::new(plan.seed).fork(index as u64);
    let (disk, start) = workload.disk()?;
    disk.load(start, true);
    let (log, acks) = record(&disk, workload, 0, plan.records, &mut rng)?;
    let mut tally = Tally::default();
    let mut cuts: Vec<usize> = (0..plan.images).map(|_| rng.below(log.ops.len() + 1)).collect();
    cuts.sort_unstable();
    let mut replay = Replay::new(&log);
    for (i, cut) in cuts.into_iter().enumerate() {
        replay.advance(cut);
        let image = replay.image(&mut rng);
        let Some(ack) = acked_by(&acks, cut) else { continue };
        let again = (i % plan.again.max(1) == 0).then(|| image.clone());
        tally.in_flight += usize::from(replay.loose() > 0);
        let found = examine(&disk, workload, image, ack, &mut tally, &|| format!("workload {index}, cut {cut}"))?;
        if let (Some(image), Some(found)) = (again, found) {
            cut_again(&disk, workload, image, found, &mut rng, &mut tally)?;
        }
    }
    Ok(tally)
}

/// Recovers an image, writes some more records, and cuts that too.
fn cut_again(
    disk: &Disk,
    workload: &dyn Workload,
    image: Image,
    found: usize,
    rng: &mut Rng,
    tally: &mut Tally,
) -> Result<(), String> {
    disk.load(image, true);
    let (log, acks) = record(disk, workload, found, 6, rng)?;
    let cut = rng.below(log.ops.len() + 1);
    let mut replay = Replay::new(&log);
    replay.advance(cut);
    let image = replay.image(rng);
    let Some(ack) = acked_by(&acks, cut) else { return Ok(()) };
    tally.second += 1;
    examine(disk, workload, image, ack, tally, &|| format!("second cut {cut} after {found} records"))?;
    Ok(())
}

/// Writes, and returns the log with the moment of each acknowledgement.
fn record(
    disk: &Disk,
    workload: &dyn Workload,
    from: usize,
    count: usize,
    rng: &mut Rng,
) -> Result<(Log, Vec<Ack>), String> {
    let mut acks = vec![Ack { moment: 0, record: from, aside: workload.aside()? }];
    let mut failed = None;
    workload.write(disk.name(), from, count, rng, &mut |record| match workload.aside() {
        Ok(aside) => acks.push(Ack { moment: disk.now(), record, aside }),
        Err(error) => failed = Some(error),
    })?;
    match failed {
        Some(error) => Err(error),
        None => Ok((disk.take_log(), acks)),
    }
}

/// A record was acknowledged.
struct Ack {
    /// After so many operations of the disk.
    moment: usize,
    record: usize,
    /// What then lay outside the database.
    aside: Vec<u8>,
}

fn acked_by(acks: &[Ack], cut: usize) -> Option<&Ack> {
    acks.iter().take_while(|ack| ack.moment <= cut).last()
}

fn examine(
    disk: &Disk,
    workload: &dyn Workload,
    image: Image,
    ack: &Ack,
    tally: &mut Tally,
    place: &dyn Fn() -> String,
) -> Result<Option<usize>, String> {
    disk.load(image, false);
    workload.put_aside(&ack.aside)?;
    tally.images += 1;
    let acked = ack.record;
    Ok(match workload.survivors(disk.name()) {
        Ok(found) => {
            tally.lossy += usize::from(found < acked);
            tally.lost += acked.saturating_sub(found);
            tally.ahead += usize::from(found > acked);
            Some(found)
        }
        Err(damage) => {
            tally.damaged.push(format!("{}: {damage}", place()));
            tally.damaged.truncate(10);
            None
        }
    })
}
