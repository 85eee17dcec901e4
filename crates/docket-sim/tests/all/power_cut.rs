//! The promise: when a write has returned, its record survives a power cut. SQLite's part of it, on 20,000 images,
//! and the proof that this test can fail.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test")]

use docket_sim::powercut::{Plan, Raw, StoreWork, Synchronous, Tally, run};

const PLAN: Plan = Plan { seed: 2026, workloads: 40, records: 60, images: 450, again: 9 };

fn cut(synchronous: Synchronous, plan: Plan) -> Tally {
    let tally = run(plan, &|| Ok(Box::new(Raw { synchronous, seed: plan.seed }))).unwrap();
    println!("synchronous={synchronous:?}: {tally:?}");
    tally
}

#[test]
fn twenty_thousand_cuts_with_full_sync_lose_nothing() {
    let tally = cut(Synchronous::Full, PLAN);
    assert!(tally.lost == 0 && tally.damaged.is_empty(), "{tally:?}");
    assert!(tally.images >= 20_000, "{tally:?}");
    // The images must reach what makes recovery hard, or the zero above says nothing.
    assert!(tally.in_flight > tally.images / 2 && tally.ahead > 500 && tally.second >= 2_000, "{tally:?}");
}

#[test]
fn the_same_cuts_with_normal_sync_lose_records() {
    let tally = cut(Synchronous::Normal, Plan { workloads: 6, ..PLAN });
    assert!(tally.lossy * 4 > tally.images, "this harness must be red without a sync at commit: {tally:?}");
    assert!(tally.damaged.is_empty(), "losing the tail is all that `NORMAL` may do");
}

#[test]
fn the_same_plan_gives_the_same_tally() {
    let small = Plan { workloads: 3, images: 40, ..PLAN };
    assert_eq!(cut(Synchronous::Normal, small), cut(Synchronous::Normal, small));
    let other = Plan { seed: PLAN.seed + 1, ..small };
    assert_ne!(cut(Synchronous::Normal, small), cut(Synchronous::Normal, other));
}

fn cut_store(synchronous: Synchronous, plan: Plan) -> Tally {
    let tally = run(plan, &|| Ok(Box::new(StoreWork::new(synchronous)?))).unwrap();
    println!("store, synchronous={synchronous:?}: {tally:?}");
    tally
}

fn keeps_everything(plan: Plan, images: usize) {
    let tally = cut_store(Synchronous::Full, plan);
    assert!(tally.lost == 0 && tally.damaged.is_empty(), "{tally:?}");
    assert!(tally.images >= images && tally.in_flight > images / 2 && tally.second > images / 20, "{tally:?}");
    assert!(tally.ahead > 0, "{tally:?}");
}

#[test]
fn the_store_keeps_every_acknowledged_fact() {
    keeps_everything(Plan { workloads: 10, images: 180, ..PLAN }, 2_000);
}

#[test]
#[ignore = "the long form: 20,000 images through the store"]
fn the_store_keeps_every_acknowledged_fact_20000_times() {
    keeps_everything(PLAN, 20_000);
}

#[test]
fn the_store_with_normal_sync_would_lose_facts() {
    let tally = cut_store(Synchronous::Normal, Plan { workloads: 4, images: 60, again: 1000, ..PLAN });
    assert!(tally.lossy > 0, "this harness must be red without a sync at commit: {tally:?}");
}
