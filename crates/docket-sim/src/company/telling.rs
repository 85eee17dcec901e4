//! Jobs told by several threads at once, and handed over in their order: the same company on any number of processors.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::thread;

use docket_core::Policy;
use docket_faultvfs::Rng;

use super::cast::Cast;
use super::job::Job;
use super::page::{Scribe, Sheet};
use super::{Defect, Plan, Planted};

/// Jobs that are handed over together.
const CHUNK: u32 = 64;

/// Jobs one after another.
#[derive(Default)]
pub(super) struct Chunk {
    pub(super) sheets: Vec<Sheet>,
    pub(super) planted: Vec<Planted>,
    /// When the last of it happened.
    pub(super) until_ms: i64,
}

/// What every teller knows.
#[derive(Clone, Copy)]
pub(super) struct Tellers<'a> {
    pub(super) plan: &'a Plan,
    pub(super) cast: &'a Cast,
    pub(super) policy: &'a Policy,
    pub(super) scribe: &'a Scribe,
}

impl Tellers<'_> {
    /// Tells every job of the plan and hands them to `take`, in order. Whoever takes has a processor to itself.
    pub(super) fn tell(self, mut take: impl FnMut(Chunk) -> Result<(), String>) -> Result<(), String> {
        let threads = thread::available_parallelism().map_or(1, NonZero::get).saturating_sub(1).max(1);
        let next = AtomicU32::new(0);
        let chunks = self.plan.jobs.div_ceil(CHUNK);
        // A small number waits: whoever tells is not far ahead of whoever takes.
        let (give, taken) = mpsc::sync_channel::<(u32, Result<Chunk, String>)>(2 * threads);
        thread::scope(|scope| {
            for _ in 0..threads {
                let (give, next) = (give.clone(), &next);
                scope.spawn(move || {
                    loop {
                        let chunk = next.fetch_add(1, Ordering::Relaxed);
                        // Nobody takes any more: something went wrong there.
                        if chunk >= chunks || give.send((chunk, self.chunk(chunk))).is_err() {
                            break;
                        }
                    }
                });
            }
            drop(give);
            let mut early = BTreeMap::new();
            let mut wanted = 0;
            for (number, chunk) in taken {
                early.insert(number, chunk?);
                while let Some(chunk) = early.remove(&wanted) {
                    take(chunk)?;
                    wanted += 1;
                }
            }
            Ok(())
        })
    }

    fn chunk(&self, number: u32) -> Result<Chunk, String> {
        let mut told = Chunk::default();
        for number in number * CHUNK..((number + 1) * CHUNK).min(self.plan.jobs) {
            // Each job draws from a generator of its own: who tells it, and after what, makes no difference.
            let mut rng = Rng::new(self.plan.seed).fork(u64::from(number) + 1);
            let defect = self.defect(number);
            let open = defect.is_none() && rng.chance(self.plan.open_per_mille, 1000);
            let job = Job { number, defect, open };
            let (doc, until_ms) = job.tell(&mut rng, self.cast, self.policy, self.scribe, &mut told.sheets)?;
            told.until_ms = told.until_ms.max(until_ms);
            told.planted.extend(defect.map(|defect| Planted { rules: defect.rules, doc }));
        }
        Ok(told)
    }

    /// Defects are spread evenly, and each kind of them has its turn.
    fn defect(&self, number: u32) -> Option<Defect> {
        let before = |number: usize| number * self.plan.defects_per_mille / 1000;
        let number = number as usize;
        (before(number + 1) > before(number)).then(|| Defect::of_turn(before(number))).flatten()
    }
}
