//! The promise of `fleet_memory`, through the real store and real bundles: whatever happens on the road and whenever
//! the power goes, devices that have exchanged everything show the same jobs, and nothing acknowledged is missing.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test")]

use docket_sim::fleet::{Config, Device, Report, company, run};

fn simulate(seed: u64, devices: usize, ops: usize) -> Report {
    let fleet = company(devices).unwrap().into_iter().map(|device| Box::new(device) as Box<dyn Device>).collect();
    let mut config = Config { per_parcel: 8, ..Config::new(seed, devices, ops) };
    config.road.damage = 150;
    let report = run(config, fleet).unwrap();
    println!("{report:?}");
    report
}

#[test]
fn five_stores_converge_and_lose_nothing() {
    let report = simulate(1, 5, 500);
    let road = report.mishaps;
    let met = [road.lost, road.doubled, road.damaged, road.overtaken, report.cuts, report.unreadable];
    assert!(met.iter().all(|&count| count > 0), "{report:?}");
    assert!(report.intake.new > 0 && report.intake.known > 0 && report.conflicts > 0, "{report:?}");
    assert_eq!(report.new_lives, 0, "a power cut is not a restore");
}

#[test]
fn the_same_seed_gives_the_same_trace() {
    let (a, b) = (simulate(2, 3, 120), simulate(2, 3, 120));
    assert_eq!(a, b);
    assert_ne!(a.trace, simulate(3, 3, 120).trace);
}
