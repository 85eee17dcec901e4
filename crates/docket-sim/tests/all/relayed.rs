//! Whatever happens to devices, the network and the relay: what was acknowledged is there while anything that held it
//! survived, and all who may see a document see the same, byte for byte.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test")]

use docket_sim::relayed::{Config, Plant, Report, run};

/// More trouble than the ordinary form has, so that a short run meets all of it.
fn rough(seed: u64, ops: usize) -> Config {
    Config { rough: 150, ..Config::new(seed, 7, ops) }
}

fn simulate(config: Config) -> Report {
    let report = run(config).unwrap();
    println!("{report:#?}");
    report
}

/// What a few short runs must have met together.
const MET: [&str; 38] = [
    "answer cut",
    "answer lost",
    "assigned",
    "backup of a device",
    "backup of the relay",
    "cancelled",
    "checked, nothing to heal",
    "clock of a device set",
    "clock of the relay set",
    "decided",
    "device cloned",
    "device put back",
    "device put back, noticed",
    "device revoked",
    "device that the relay does not know",
    "device wiped",
    "healed",
    "job assigned",
    "job taken back",
    "new job",
    "new life after a copy",
    "no network",
    "noted",
    "partition",
    "power cut",
    "reconciled",
    "relay deleted",
    "relay put back",
    "relay put back while a push was cut",
    "request arrived late",
    "request cut",
    "request delayed beyond the timeout",
    "request doubled",
    "request doubled days later",
    "request lost",
    "restart",
    "synchronised",
    "tokens forgotten",
];

#[test]
fn nothing_acknowledged_is_lost_and_everybody_sees_the_same() {
    let report = simulate(Config { season: 350, ..rough(1, 2_100) });
    let missed: Vec<&&str> = MET.iter().filter(|name| !report.tally.contains_key(**name)).collect();
    assert!(missed.is_empty(), "never met: {missed:?}");
    assert_eq!(report.seasons, 6);
    assert!(report.facts > 1_000 && report.lost > 0 && report.heads > 0, "{report:?}");
}

#[test]
fn the_same_seed_gives_the_same_trace() {
    let (one, other) = (simulate(rough(50, 250)), simulate(rough(50, 250)));
    assert_eq!(one, other);
    assert_ne!(one.trace, simulate(rough(51, 250)).trace);
}

/// A bug must be found within some seasons, by the promise that it breaks, with the line that shows it again.
fn found(plant: Plant, words: &str) {
    let config = Config { plant: Some(plant), season: 250, rough: 80, ..rough(70, 1_000) };
    let error = run(config).unwrap_err();
    println!("{error}");
    assert!(error.contains(words), "{error}");
    assert!(error.contains("--on relay --seed "), "{error}");
}

#[test]
fn a_relay_that_acknowledges_what_it_does_not_keep_is_found() {
    found(Plant::AcksBeforeTaking, "nothing had happened");
}

#[test]
fn an_answer_without_one_of_its_pages_is_found() {
    found(Plant::DropsPages, "device");
}

#[test]
fn a_device_that_forgets_its_nonce_is_found() {
    found(Plant::ForgetsNonces, "a new life though it was never copied");
}

#[test]
fn a_disk_that_lies_is_found() {
    found(Plant::DisksLie, "took a power cut for a restore");
}

#[test]
fn a_view_that_depends_on_the_device_is_found() {
    found(Plant::ShowsItsOwn, "differ about");
}
