//! DESIGN §6: a clock's verdict names its evidence. The relay's time, where a device knew it, comes before its wall clock;
//! what it leaves open is not decided; a wall clock that lies outside of it is suspect.

use docket_core::time::MINUTE_MS;
use docket_core::view::{ClockState, ClockVerdict, TimeEvidence};
use docket_core::{Policy, RELAY_TIME, UnixMs, fold_job};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::story::{HAIER, MORNING, Story};

/// 09:15: the agreed time and the tolerance.
const DUE: i64 = MORNING + 75 * MINUTE_MS;

/// What a device knew: the relay's time, and how many milliseconds off that may be.
fn rt(at: i64, off: i64) -> Value {
    json!([at, off])
}

/// An arrival at 09:10 by the wall clock.
fn arrived(known: &Value) -> Story {
    let mut story = Story::job("installation");
    story.now = DUE - 5 * MINUTE_MS;
    story.put("T1", "arrived", json!({ RELAY_TIME: known }));
    story
}

fn clock<'s>(story: &'s Story, policy: &'s Policy, id: &str) -> ClockState<'s> {
    let view = fold_job(&story.record(&story.facts), policy, UnixMs(story.now));
    view.clocks.into_iter().find(|clock| clock.id == id).unwrap()
}

fn arrive(story: &Story) -> (ClockVerdict, TimeEvidence, bool) {
    let clock = clock(story, &HAIER, "arrive");
    (clock.state, clock.evidence, clock.suspect)
}

#[test]
fn what_is_attested_counts_and_a_wall_clock_outside_of_it_is_suspect() {
    use ClockVerdict::{Breached, Met};
    assert_eq!(arrive(&arrived(&rt(DUE - 5 * MINUTE_MS, 50))), (Met, TimeEvidence::Attested, false));
    assert_eq!(
        arrive(&arrived(&rt(DUE + MINUTE_MS, 50))),
        (Breached, TimeEvidence::Attested, true),
        "six minutes slow"
    );
    let late = arrived(&rt(DUE + MINUTE_MS, 50));
    assert_eq!(late.view().visits[0].late_min, Some(1));
}

#[test]
fn what_is_claimed_only_is_decided_and_says_so() {
    for senseless in [Value::Null, json!("nine"), json!([DUE]), rt(DUE + MINUTE_MS, -1), json!([1, 2, 3])] {
        let story = arrived(&senseless);
        assert_eq!(arrive(&story), (ClockVerdict::Met, TimeEvidence::Claimed, false), "{senseless}");
    }
}

#[test]
fn a_policy_may_let_no_more_than_the_wall_clock_count() {
    let text = docket_core::policy::HAIER.replacen("[clocks]\n", "[clocks]\nevidence = \"claimed\"\n", 1);
    let policy = Policy::parse(&text, "claimed.toml").unwrap();
    let story = arrived(&rt(DUE + MINUTE_MS, 50));
    let by_wall = clock(&story, &policy, "arrive");
    assert_eq!((by_wall.state, by_wall.evidence), (ClockVerdict::Met, TimeEvidence::Claimed));
    let slip = text.replacen("\"claimed\"", "\"sworn\"", 1);
    let refusal = Policy::parse(&slip, "slip.toml").unwrap_err().to_string();
    assert!(refusal.contains("unknown evidence \"sworn\""), "{refusal}");
}

#[test]
fn what_the_evidence_leaves_open_is_not_decided() {
    let open = arrived(&rt(DUE + 1_000, 1_000));
    assert_eq!(arrive(&open), (ClockVerdict::Undecidable, TimeEvidence::Attested, true));
    assert_eq!(
        clock(&open, &HAIER, "arrive").why,
        Some("the evidence for its times lies on both sides of the deadline")
    );
    assert_eq!(open.view().visits[0].late_min, None, "nobody is called late for it");
    assert_eq!(arrive(&arrived(&rt(DUE + 1_001, 1_000))).0, ClockVerdict::Breached);
    assert_eq!(arrive(&arrived(&rt(DUE - 1_000, 1_000))).0, ClockVerdict::Met);
}

/// From an arrival to the end of the work, 60 minutes and `more` milliseconds by the relay, on two devices.
fn worked(more: i64, off: i64, ends: &str) -> Story {
    let mut story = Story::job("repair");
    let start = story.now;
    story.put("T1", "arrived", json!({ RELAY_TIME: rt(start, off) }));
    story.now = start + 60 * MINUTE_MS + more;
    let body = json!({"resolution": "repaired", RELAY_TIME: rt(start + 60 * MINUTE_MS + more, off)});
    story.put(ends, "completed", body);
    story
}

#[test]
fn between_two_devices_both_are_off_and_within_one_boot_only_the_drift_is() {
    let service = |story: &Story| {
        let clock = clock(story, &HAIER, "service");
        (clock.state, clock.evidence)
    };
    // The stories' devices share the name of their boot, but not their clocks.
    let two = |more| service(&worked(more, 1_000, "T1-2"));
    assert_eq!(two(1_500), (ClockVerdict::Undecidable, TimeEvidence::Attested));
    assert_eq!(two(2_500), (ClockVerdict::Breached, TimeEvidence::Attested));
    assert_eq!(two(-2_500), (ClockVerdict::Met, TimeEvidence::Attested));
    let one = |more| service(&worked(more, 1_000, "T1"));
    assert_eq!(one(1_500), (ClockVerdict::Breached, TimeEvidence::Attested), "200 ppm of an hour are 720 ms");
    assert_eq!(one(500).0, ClockVerdict::Undecidable);
    assert_eq!(one(-1_500).0, ClockVerdict::Met);
}

#[test]
fn the_weaker_end_names_the_evidence() {
    let mut story = Story::job("repair");
    let start = story.now;
    story.put("T1", "arrived", json!({}));
    story.now = start + 61 * MINUTE_MS;
    let body = json!({"resolution": "repaired", RELAY_TIME: rt(start + 59 * MINUTE_MS, 10)});
    story.put("T1-2", "completed", body);
    let service = clock(&story, &HAIER, "service");
    assert_eq!((service.state, service.evidence), (ClockVerdict::Met, TimeEvidence::Claimed));
    assert!(service.suspect, "its wall clock is two minutes from the relay's time");
}

proptest! {
    /// Whatever the wall clock says: an arrival whose device knew the relay's time within `off` is never judged wrongly.
    /// (A wall clock that puts the arrival before the appointment was made puts it there in the fold's order, too.)
    #[test]
    fn no_honest_arrival_is_judged_wrongly(
        ahead in -30_000..30_000_i64, off in 0..10_000_i64, miss in -1.0..=1.0_f64, wrong in -3_600_000..7_200_000_i64,
    ) {
        let truth = DUE + ahead;
        let mut story = Story::job("installation");
        (story.now, story.wall_error) = (truth, wrong);
        story.put("T1", "arrived", json!({ RELAY_TIME: rt(truth + (miss * off as f64) as i64, off) }));
        let judged = clock(&story, &HAIER, "arrive");
        match judged.state {
            ClockVerdict::Met => prop_assert!(truth <= DUE),
            ClockVerdict::Breached => prop_assert!(truth > DUE),
            other => prop_assert!(other == ClockVerdict::Undecidable && ahead.abs() <= 2 * off),
        }
        prop_assert_eq!(judged.evidence, TimeEvidence::Attested);
        prop_assert!(judged.suspect || wrong.abs() <= MINUTE_MS + 2 * off);
    }
}
