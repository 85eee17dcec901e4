//! Fifty jobs and more, written by hand: what must come of each was reasoned out from the rows of the domain before
//! this code was run on it (`fixtures/handmade/README.md`). Neither the clocks nor the rules may merely agree with the
//! generator of test companies.

mod handmade_support;

use docket_device::audit::{Options, Pack, run};
use docket_device::store;
use handmade_support::script::{self, Case};
use handmade_support::{expect, play};

/// What the files call a finding: the rules that make it.
const RULES: &expect::Rules = &[
    ("D-H1 missing", &["missing-step"]),
    ("D-H1 order", &["step-order"]),
    ("D-H1 limits", &["reading-out-of-limits"]),
    ("D-H1 invalid", &["invalid-answer"]),
    ("D-H1 contradiction", &["contradiction"]),
    ("D-H2 self-recorded", &["self-recorded-evidence"]),
    ("D-H2 ungraded-alone", &["ungraded-alone"]),
    ("D-H3 below-grade", &["below-grade"]),
    ("D-H3 override", &["below-grade-override"]),
    ("D-H4 late-arrival", &["late-arrival"]),
    ("D-H4 over-time", &["over-time"]),
    ("D-H4 once", &["once"]),
    ("D-H5 free-charged", &["free-item-charged"]),
    ("D-H7 conflict", &["unresolved-conflict"]),
    ("D-H9 not-assigned", &["not-assigned"]),
    ("D-H9 second-visit", &["second-visit", "whole-set-second-visit"]),
    ("D-H9 second-delivery", &["second-delivery"]),
    ("D-H9 second-dispatch", &["second-dispatch"]),
    ("D-H10 other-outlet", &["contract-other-outlet"]),
    ("D-H14 gate", &["core-without-safety-test"]),
    ("D-H14 failed", &["failed-test-and-completed"]),
    ("D-H14 seller", &["refused-unsafe"]),
    ("D-H15 foreseeable", &["foreseeable-part"]),
    ("D-H19 plan", &["core-before-plan"]),
    ("D-H19 witness", &["witness"]),
    ("D-H19 acceptor", &["acceptor"]),
    ("D-H20 unauthorised", &["unauthorised-fact"]),
    ("D-C2 own-outlet", &["own-outlet"]),
    ("D-K1 overruled", &["overruled"]),
    ("D-E2 reclassified", &["reclassified"]),
    ("D-E5 sent-untested", &["sent-on-without-fault"]),
    ("D-E9 covered-charged", &["covered-item-charged"]),
    ("D-E9 overcharge", &["overcharged"]),
    ("merge late-work", &["late-work"]),
    ("merge cancelled-work", &["contradiction"]),
    ("D-H4 not-ended", &["visit-not-ended"]),
];

/// What the files call a clock: its ids in the packs.
const CLOCKS: &expect::Clocks = &[
    ("D-C1", &["contact"]),
    ("D-C2", &["call_back"]),
    ("D-C3", &["sundown"]),
    ("D-C4", &["complaint"]),
    ("D-H4 arrive", &["arrive"]),
    ("D-H4 service", &["service"]),
    ("D-H4 once", &["first_time_fix"]),
    ("D-H15", &["part"]),
    ("D-S1", &["general_contact"]),
    ("D-S2 contact", &["urgent_contact"]),
    ("D-S2 head", &["urgent_head"]),
    ("D-S2 daily", &["urgent_daily"]),
    ("D-S3 contact", &["critical_contact"]),
    ("D-S3 head", &["critical_head"]),
    ("D-S3 leader", &["critical_leader"]),
    ("D-S4 contact", &["complaint_contact"]),
    ("D-S4 head", &["complaint_head"]),
    ("D-S4 leader", &["complaint_leader"]),
    ("D-K1", &["answer"]),
    ("D-E4", &["repair"]),
];

/// How a job ended, what its cover says, and which of the six stages it reached.
const RESOLUTION: &str = "SELECT resolution FROM v_course";
const COVERED: &str = "SELECT CASE min(covered) WHEN 1 THEN 'covered' ELSE 'billable' END FROM v_cover";
const STAGE: &str = "SELECT NULL";

/// What is wrong with a case.
fn judge(case: &Case, pack: &Pack) -> Vec<String> {
    let mut wrong = Vec::new();
    let played = play::play(case);
    let mut sql = store::read_only(played.dir.path()).unwrap();
    let audit = run(&mut sql, pack, Options::as_of(case.as_of_ms)).unwrap();
    expect::findings(case, &played, &audit, RULES, &mut wrong);
    expect::clocks(case, &played, CLOCKS, &mut wrong);
    expect::job(case, &played, &mut wrong);
    wrong
}

#[test]
#[ignore = "clocks are being built"]
fn every_job_written_by_hand_comes_out_as_reasoned() {
    let only = std::env::var("HANDMADE").unwrap_or_default();
    let cases: Vec<Case> = script::cases().into_iter().filter(|case| case.name.starts_with(&only)).collect();
    let pack = Pack::builtin().unwrap();
    let mut report = String::new();
    for case in &cases {
        let wrong = judge(case, &pack);
        if !wrong.is_empty() {
            report.push_str(&format!("\n{}\n  {}", case.name, wrong.join("\n  ")));
        }
    }
    assert!(report.is_empty(), "{report}");
}
