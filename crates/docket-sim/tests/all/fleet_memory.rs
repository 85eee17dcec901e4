//! The promise: whatever is lost, doubled, damaged or overtaken on the road, and whenever the power goes, devices
//! that have exchanged everything hold the same record, and nothing that was acknowledged is missing.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test")]

use docket_format::fact::Stamp;
use docket_format::{Author, ChangeHash, DeviceId, DocId, Fact, FactId, Incarnation};
use docket_sim::Rng;
use docket_sim::fleet::{Config, Cut, Device, Draft, Intake, MemoryDevice, Pool, Report, Selection, run};

fn fleet(count: usize) -> Vec<Box<dyn Device>> {
    let pool = Pool::default();
    let author = |i: usize| Author { device: DeviceId::from_bytes([i as u8 + 1; 16]), incarnation: Incarnation(1) };
    (0..count).map(|i| Box::new(MemoryDevice::new(author(i), pool.clone())) as Box<dyn Device>).collect()
}

fn simulate(seed: u64) -> Report {
    let report = run(Config::new(seed, 6, 1_000), fleet(6)).unwrap();
    println!("{report:?}");
    report
}

#[test]
fn six_devices_converge_and_lose_nothing() {
    for seed in 1..=2 {
        let report = simulate(seed);
        let road = report.mishaps;
        // Every kind of trouble must have been met.
        let met = [road.lost, road.doubled, road.damaged, road.overtaken, report.cuts, report.unreadable];
        assert!(met.iter().all(|&count| count > 0), "{report:?}");
        let merged = [report.intake.new, report.intake.known, report.intake.parked, report.conflicts as u64];
        assert!(merged.iter().all(|&count| count > 0), "{report:?}");
    }
}

#[test]
fn the_same_seed_gives_the_same_trace() {
    let (a, b) = (simulate(7), simulate(7));
    assert_eq!(a, b);
    assert_ne!(a.trace, simulate(8).trace);
}

/// Acknowledges, and forgets everything when the power goes.
struct Forgetful {
    inner: MemoryDevice,
    author: Author,
    pool: Pool,
}

impl Device for Forgetful {
    fn write(&mut self, doc: DocId, drafts: &[Draft], at: &Stamp) -> Result<Vec<FactId>, String> {
        self.inner.write(doc, drafts, at)
    }
    fn facts(&self, doc: DocId) -> Result<Vec<Fact>, String> {
        self.inner.facts(doc)
    }
    fn docs(&self) -> Result<Vec<DocId>, String> {
        self.inner.docs()
    }
    fn heads(&self, doc: DocId) -> Result<Vec<ChangeHash>, String> {
        self.inner.heads(doc)
    }
    fn export(&mut self, what: &Selection, to: usize, at: &Stamp) -> Result<Vec<u8>, String> {
        self.inner.export(what, to, at)
    }
    fn import(&mut self, bytes: &[u8], at: &Stamp) -> Result<Option<Intake>, String> {
        self.inner.import(bytes, at)
    }
    fn cut_power(&mut self, _: &mut Rng) -> Result<Cut, String> {
        self.inner = MemoryDevice::new(self.author, self.pool.clone());
        Ok(Cut::Recovered)
    }
}

#[test]
fn a_device_that_forgets_is_found_out() {
    let pool = Pool::default();
    let author = Author { device: DeviceId::from_bytes([9; 16]), incarnation: Incarnation(1) };
    let inner = MemoryDevice::new(author, pool.clone());
    let devices: Vec<Box<dyn Device>> = vec![Box::new(Forgetful { inner, author, pool })];
    let error = run(Config { per_parcel: 1_000_000, ..Config::new(1, 1, 500) }, devices).unwrap_err();
    assert!(error.contains("lost acknowledged fact"), "{error}");
}
