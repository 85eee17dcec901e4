//! The promise: whatever is lost, doubled, damaged or overtaken on the road, and whenever the power goes, devices
//! that have exchanged everything hold the same record, and nothing that was acknowledged is missing.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test")]

use docket_format::{Author, DeviceId, Incarnation};
use docket_sim::fleet::{Config, Device, MemoryDevice, Pool, Report, run};

fn fleet(count: usize) -> Vec<Box<dyn Device>> {
    let pool = Pool::default();
    let author = |i: usize| Author { device: DeviceId::from_bytes([i as u8 + 1; 16]), incarnation: Incarnation(1) };
    (0..count).map(|i| Box::new(MemoryDevice::new(author(i), pool.clone())) as Box<dyn Device>).collect()
}

fn simulate(seed: u64) -> Report {
    let report = run(Config::new(seed, 6, 1_500), fleet(6)).unwrap();
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
