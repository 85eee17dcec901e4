//! The run itself, and what must be true at its end.

use std::collections::{BTreeMap, BTreeSet};

use docket_faultvfs::Rng;
use docket_format::fact::Stamp;
use docket_format::{ChangeHash, DocId, Fact, FactId, crockford, digest};

use super::device::{Cut, Device, Intake, Selection};
use super::road::{Mishaps, Parcel, Road, Rough, Roughness};
use super::{drafts, reference};

/// The start of the simulated time: 2026-01-01T00:00:00Z, in milliseconds since 1970.
const START_MS: i64 = 1_767_225_600_000;

/// What to simulate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Config {
    /// Decides everything.
    pub seed: u64,
    /// How many devices.
    pub devices: usize,
    /// How many writes.
    pub ops: usize,
    /// A job is made every so many writes on average.
    pub per_job: usize,
    /// A hand-over is sent every so many writes on average.
    pub per_parcel: usize,
    /// One hand-over in so many is everything that is new to the receiver, not some documents.
    pub per_news: usize,
    /// The power of some device is cut every so many writes on average.
    pub per_cut: usize,
    /// The road.
    pub road: Roughness,
}

impl Config {
    /// A usual mixture.
    pub const fn new(seed: u64, devices: usize, ops: usize) -> Self {
        let road = Roughness { loss: 150, double: 150, damage: 30, delay_ms: 3_600_000 };
        Self { seed, devices, ops, per_job: 40, per_parcel: 5, per_news: 100, per_cut: 50, road }
    }
}

/// What happened. Equal for equal configurations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Digest over every event in order.
    pub trace: String,
    /// Digest over the common state at the end.
    pub state: String,
    /// Facts acknowledged.
    pub facts: usize,
    /// Documents made.
    pub docs: usize,
    /// Changes taken in over the road, and so on.
    pub intake: Intake,
    /// Hand-overs that were unreadable and changed nothing.
    pub unreadable: u64,
    /// Power cuts.
    pub cuts: u64,
    /// Cuts after which a device began a new life.
    pub new_lives: u64,
    /// Documents with more than one head at the end.
    pub forks: u64,
    /// Registers in conflict at the end.
    pub conflicts: usize,
    /// What the road did.
    pub mishaps: Mishaps,
}

struct Run<'a> {
    config: Config,
    devices: Vec<Box<dyn Device + 'a>>,
    rng: Rng,
    now_ms: i64,
    trace: [u8; 32],
    /// What each device was told is safe.
    acked: Vec<BTreeMap<DocId, BTreeSet<FactId>>>,
    /// The part of that since the device's last cut.
    recent: Vec<BTreeMap<DocId, BTreeSet<FactId>>>,
    known: Vec<BTreeSet<DocId>>,
    report: Report,
}

/// Runs it. `Err` tells which promise was broken, and after how many writes.
pub fn run<'a>(config: Config, devices: Vec<Box<dyn Device + 'a>>) -> Result<Report, String> {
    let count = devices.len();
    let mut run = Run {
        config,
        devices,
        rng: Rng::new(config.seed),
        now_ms: START_MS,
        trace: [0; 32],
        acked: vec![BTreeMap::new(); count],
        recent: vec![BTreeMap::new(); count],
        known: vec![BTreeSet::new(); count],
        report: Report::default(),
    };
    let mut road = Rough::new(config.road);
    for op in 0..config.ops {
        run.step(&mut road).map_err(|error| format!("seed {}, write {op}: {error}", config.seed))?;
    }
    run.report.mishaps = road.mishaps();
    run.exchange_all().map_err(|error| format!("seed {}, final exchange: {error}", config.seed))?;
    run.judge().map_err(|error| format!("seed {}, at the end: {error}", config.seed))?;
    run.report.trace = crockford::encode(&run.trace);
    Ok(run.report)
}

impl Run<'_> {
    fn step(&mut self, road: &mut dyn Road) -> Result<(), String> {
        self.now_ms += 1 + self.rng.below(120_000) as i64;
        let who = self.rng.below(self.devices.len());
        self.write(who)?;
        if self.rng.chance(1, self.config.per_parcel) {
            self.send(who, road)?;
        }
        if self.rng.chance(1, self.config.per_cut) {
            let victim = self.rng.below(self.devices.len());
            self.cut(victim)?;
        }
        for parcel in road.arrived(self.now_ms) {
            self.deliver(&parcel)?;
        }
        Ok(())
    }

    fn stamp(&self, who: usize) -> Stamp {
        // Clocks are wrong by up to minutes, each device's in its own way.
        let wall_ms = self.now_ms + (who as i64 - 3) * 61_000;
        Stamp { wall_ms, boot: format!("B{who}"), up_ms: self.now_ms - START_MS }
    }

    fn device(&mut self, who: usize) -> Result<&mut (dyn Device + '_), String> {
        match self.devices.get_mut(who) {
            Some(device) => Ok(&mut **device),
            None => Err(format!("no device {who}")),
        }
    }

    fn note(&mut self, event: &str) {
        self.trace = digest::labelled("sim-trace", &[&self.trace, event.as_bytes()]);
    }

    fn write(&mut self, who: usize) -> Result<(), String> {
        let at = self.stamp(who);
        let mut rng = self.rng.fork(1);
        let known: Vec<DocId> = self.known.get(who).into_iter().flatten().copied().collect();
        let old = if rng.chance(1, self.config.per_job) { None } else { rng.pick(&known).copied() };
        let doc = old.unwrap_or_else(|| DocId::new_v7(at.wall_ms as u64, rng.bytes()));
        let device = self.device(who)?;
        let draft = if old.is_some() { drafts::next(&device.facts(doc)?, &mut rng) } else { drafts::create(&mut rng) };
        let kind = draft.kind;
        let ids = device.write(doc, &[draft], &at)?;
        self.report.docs += usize::from(old.is_none());
        self.report.facts += ids.len();
        self.note(&format!("{} {who} writes {kind} {ids:?} in {doc}", at.wall_ms));
        if let (Some(known), Some(acked)) = (self.known.get_mut(who), self.acked.get_mut(who)) {
            known.insert(doc);
            acked.entry(doc).or_default().extend(ids.iter().copied());
        }
        if let Some(recent) = self.recent.get_mut(who) {
            recent.entry(doc).or_default().extend(ids);
        }
        Ok(())
    }

    fn send(&mut self, who: usize, road: &mut dyn Road) -> Result<(), String> {
        let mut rng = self.rng.fork(2);
        let known: Vec<DocId> = self.known.get(who).into_iter().flatten().copied().collect();
        let what = if rng.chance(1, self.config.per_news) {
            Selection::News
        } else if rng.chance(1, 3) {
            Selection::Recent(1 + rng.below(12))
        } else {
            let mut docs: Vec<DocId> = (0..=rng.below(6)).filter_map(|_| rng.pick(&known).copied()).collect();
            docs.sort_unstable();
            docs.dedup();
            Selection::Documents(docs)
        };
        let to = (who + 1 + rng.below(self.devices.len().saturating_sub(1))) % self.devices.len().max(1);
        let at = self.stamp(who);
        let bytes = self.device(who)?.export(&what, to, &at)?;
        self.note(&format!("{who} sends {} to {to}", crockford::encode(&digest::sha256(&bytes))));
        road.send(Parcel { to, bytes }, self.now_ms, &mut rng);
        Ok(())
    }

    fn deliver(&mut self, parcel: &Parcel) -> Result<(), String> {
        let at = self.stamp(parcel.to);
        let device = self.device(parcel.to)?;
        let intake = device.import(&parcel.bytes, &at)?;
        let docs = device.docs()?;
        self.note(&format!("{} takes {intake:?}", parcel.to));
        match intake {
            None => self.report.unreadable += 1,
            Some(intake) => {
                let sum = &mut self.report.intake;
                sum.new += intake.new;
                sum.known += intake.known;
                sum.parked += intake.parked;
                sum.refused += intake.refused;
            }
        }
        if let Some(known) = self.known.get_mut(parcel.to) {
            known.extend(docs);
        }
        Ok(())
    }

    fn cut(&mut self, who: usize) -> Result<(), String> {
        let mut rng = self.rng.fork(3);
        let cut = self.device(who)?.cut_power(&mut rng)?;
        self.report.cuts += 1;
        self.report.new_lives += u64::from(cut == Cut::NewLife);
        self.note(&format!("{who} loses power: {cut:?}"));
        // What it acknowledged before its last cut is looked at again at the end.
        let recent = self.recent.get_mut(who).map(std::mem::take).unwrap_or_default();
        self.holds(who, &recent)
    }

    fn holds(&mut self, who: usize, acked: &BTreeMap<DocId, BTreeSet<FactId>>) -> Result<(), String> {
        let device = self.device(who)?;
        for (doc, acked) in acked {
            let held = device.fact_ids(*doc)?;
            if let Some(lost) = acked.difference(&held).next() {
                return Err(format!("device {who} lost acknowledged fact {lost} of {doc}"));
            }
        }
        Ok(())
    }

    /// Everybody gives the first what it isn't known to hold, the first gives everything to everybody. Nothing is lost
    /// any more, so a device that is taken to hold more than it does is found out.
    fn exchange_all(&mut self) -> Result<(), String> {
        for device in &mut self.devices {
            device.no_more_cuts();
        }
        for from in 1..self.devices.len() {
            let at = self.stamp(from);
            let bytes = self.device(from)?.export(&Selection::News, 0, &at)?;
            self.hand_over(from, 0, &bytes)?;
        }
        let at = self.stamp(0);
        let bytes = self.device(0)?.export(&Selection::All, 0, &at)?;
        (1..self.devices.len()).try_for_each(|to| self.hand_over(0, to, &bytes))
    }

    fn hand_over(&mut self, from: usize, to: usize, bytes: &[u8]) -> Result<(), String> {
        let at = self.stamp(to);
        let Some(intake) = self.device(to)?.import(bytes, &at)? else {
            return Err(format!("{to} can't read what {from} packed"));
        };
        self.note(&format!("{to} takes all of {from}: {intake:?}"));
        match intake.refused {
            0 => Ok(()),
            refused => Err(format!("{to} refused {refused} changes of {from}")),
        }
    }

    /// All hold the same heads and facts, and every fact that anyone acknowledged.
    fn judge(&mut self) -> Result<(), String> {
        let docs = self.device(0)?.docs()?;
        for who in 0..self.devices.len() {
            let acked = self.acked.get_mut(who).map(std::mem::take).unwrap_or_default();
            self.holds(who, &acked)?;
            if self.device(who)?.docs()? != docs {
                return Err(format!("devices 0 and {who} hold different documents"));
            }
        }
        if docs.len() != self.report.docs {
            return Err(format!("{} documents were made, {} are there", self.report.docs, docs.len()));
        }
        let first = self.record(0, &docs)?;
        for who in 1..self.devices.len() {
            let other = self.record(who, &docs)?;
            if let Some((doc, mine)) = first.iter().find(|(doc, mine)| other.get(doc) != Some(mine)) {
                let theirs = other.get(doc);
                return Err(format!("devices 0 and {who} differ about {doc}:\n{mine:#?}\n{theirs:#?}"));
            }
        }
        let mut state = [0; 32];
        let mut facts_held = 0;
        for Held { heads, facts, .. } in first.values() {
            facts_held += facts.len();
            self.report.forks += u64::from(heads.len() > 1);
            self.report.conflicts += reference::live(facts).values().filter(|live| reference::conflict(live)).count();
            state = digest::labelled("sim-state", &[&state, format!("{heads:?}").as_bytes()]);
        }
        if facts_held != self.report.facts {
            return Err(format!("{} facts were acknowledged, {facts_held} are there", self.report.facts));
        }
        self.report.state = crockford::encode(&state);
        Ok(())
    }

    /// All that a device holds and shows of these documents. In memory at once for two devices, not for all.
    fn record(&mut self, who: usize, docs: &[DocId]) -> Result<BTreeMap<DocId, Held>, String> {
        let device = self.device(who)?;
        let mut views = device.views()?;
        let mut record = BTreeMap::new();
        for doc in docs {
            let mut facts = device.facts(*doc)?;
            facts.sort_by_key(|fact| fact.id);
            record
                .insert(*doc, Held { heads: device.heads(*doc)?, facts, view: views.remove(doc).unwrap_or_default() });
        }
        Ok(record)
    }
}

/// What a device holds and shows of one document.
#[derive(Debug, PartialEq)]
struct Held {
    heads: Vec<ChangeHash>,
    facts: Vec<Fact>,
    view: String,
}
