//! The promise: devices that hold the same facts show the same view, whatever was written, by whom, seeing what, and
//! in whatever order it came. Here for every history of three devices with up to three operations of every pair.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::indexing_slicing, reason = "a test")]

use docket_core::Policy;
use docket_core::policy::builtin;
use docket_sim::scope::{CATALOG, Explorer, Reached};

/// What the histories must reach, or their agreement says little.
const BRANCHES: [&str; 25] = [
    "register: different values",
    "register: equal values",
    "issue: decided",
    "issue: decided differently",
    "conflict",
    "answers_differ",
    "corrections_differ",
    "outcomes_differ",
    "cancelled_work",
    "unauthorised",
    "gate_passed_unsafe",
    "step: answers side by side",
    "visit: outcomes side by side",
    "visit: a crew",
    "order broken",
    "effect: applied",
    "effect: corrected",
    "effect: decided against",
    "effect: unauthorised",
    "assigned",
    "on_site",
    "done",
    "refused",
    "no_access",
    "cancelled",
];

fn explore(pairs: &[(usize, usize)]) -> (u64, Reached) {
    let policy = Policy::parse(builtin("haier").unwrap(), "haier.toml").unwrap();
    let mut explorer = Explorer::new(&policy).unwrap();
    for &(first, second) in pairs {
        explorer.pair(&CATALOG[first], &CATALOG[second]).unwrap();
    }
    (explorer.histories, explorer.reached)
}

#[test]
fn every_small_history_folds_to_one_view() {
    let pairs: Vec<_> =
        (0..CATALOG.len()).flat_map(|first| (first..CATALOG.len()).map(move |second| (first, second))).collect();
    let (even, odd): (Vec<_>, Vec<_>) = pairs.iter().partition(|(first, second)| (first + second) % 2 == 0);
    let parts = std::thread::scope(|scope| {
        let odd = scope.spawn(|| explore(&odd));
        [explore(&even), odd.join().unwrap()]
    });
    let histories: u64 = parts.iter().map(|(count, _)| count).sum();
    let mut reached = Reached::new();
    for (name, count) in parts.into_iter().flat_map(|(_, reached)| reached) {
        *reached.entry(name).or_default() += count;
    }
    println!("{} pairs, {histories} histories: {reached:#?}", pairs.len());
    let missed: Vec<_> = BRANCHES.iter().filter(|name| !reached.contains_key(**name)).collect();
    assert!(missed.is_empty(), "never reached: {missed:?}");
    assert!(histories > 50_000);
}
