//! Fifty jobs and more, written by hand: what must come of each was reasoned out from the rows of the domain before
//! this code was run on it (`fixtures/handmade/README.md`). Neither the clocks nor the rules may merely agree with the
//! generator of test companies.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that fails should say where"
)]

use crate::handmade_support::script::{self, Case};
use crate::handmade_support::{expect, play};
use docket_device::audit::{Options, Pack, run, shipped_names};
use docket_device::store;

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
    ("D-H4 not-ended", &["visit-not-ended"]),
    ("D-H4 once", &["once"]),
    ("D-H5 free-charged", &["free-item-charged"]),
    ("D-H7 conflict", &["unresolved-conflict"]),
    ("D-H7 asked-first", &["not-asked-first"]),
    ("D-H9 not-assigned", &["not-assigned"]),
    ("D-H9 second-visit", &["second-visit", "whole-set-second-visit"]),
    ("D-H9 second-delivery", &["second-delivery"]),
    ("D-H9 second-dispatch", &["second-dispatch"]),
    ("D-H9 second-entry", &["second-entry", "whole-set-entered-again"]),
    ("D-H10 other-outlet", &["contract-other-outlet"]),
    ("D-H13 contradicted", &["five-contradicted"]),
    ("D-H14 gate", &["core-without-safety-test"]),
    ("D-H14 failed", &["failed-test-and-completed"]),
    ("D-H14 seller", &["refused-unsafe", "seller-not-told"]),
    ("D-H15 late", &["late-part"]),
    ("D-H15 foreseeable", &["foreseeable-part"]),
    ("D-H19 plan", &["core-before-plan"]),
    ("D-H19 witness", &["witness"]),
    ("D-H19 acceptor", &["acceptor"]),
    ("D-H20 unauthorised", &["unauthorised-fact"]),
    ("D-C1 late", &["late-contact"]),
    ("D-C2 late", &["late-call-back"]),
    ("D-C2 own-outlet", &["own-outlet"]),
    ("D-C3 late", &["late-response"]),
    ("D-C4 late", &["late-complaint-answer"]),
    ("D-E2 reclassified", &["reclassified"]),
    ("D-E4 late", &["late-repair"]),
    ("D-E5 sent-untested", &["sent-on-without-fault"]),
    ("D-E6 unauthorised-outlet", &["outlet-not-authorised"]),
    ("D-E9 covered-charged", &["covered-item-charged"]),
    ("D-E9 overcharge", &["overcharged"]),
    ("D-E13 un-owned", &["job-unowned"]),
    ("D-E13 bounced", &["job-bounced"]),
    ("D-S1 late", &["late-general-contact"]),
    ("D-S2 late", &["late-urgent-contact"]),
    ("D-S2 escalate head", &["escalate-head-urgent"]),
    ("D-S2 daily", &["daily-urgent"]),
    ("D-S3 late", &["late-critical-contact"]),
    ("D-S3 escalate head", &["escalate-head-critical"]),
    ("D-S3 escalate leader", &["escalate-leader-critical"]),
    ("D-S4 late", &["late-complaint-contact"]),
    ("D-K1 late", &["late-answer"]),
    ("D-K1 overruled", &["overruled"]),
    ("merge late-work", &["late-work"]),
    ("merge cancelled-work", &["contradiction"]),
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
pub(crate) const RESOLUTION: &str = "SELECT resolution FROM v_course";
pub(crate) const COVERED: &str = "SELECT CASE min(covered) WHEN 1 THEN 'covered' ELSE 'billable' END FROM v_cover";
pub(crate) const STAGE: &str = "SELECT stage FROM v_job";

/// What is wrong with a case.
fn judge(case: &Case, packs: &[Pack]) -> Vec<String> {
    let mut wrong = Vec::new();
    let played = play::play(case);
    let mut sql = store::read_only(played.dir.path()).unwrap();
    let audit = run(&mut sql, &packs[0], Options::as_of(case.as_of_ms)).unwrap();
    expect::findings(case, &played, &audit, RULES, &mut wrong);
    let own = packs.iter().find(|pack| pack.name == case.policy).expect("every policy has its pack of rules");
    expect::same_of_own_rules(&audit, &run(&mut sql, own, Options::as_of(case.as_of_ms)).unwrap(), own, &mut wrong);
    expect::clocks(case, &played, CLOCKS, &mut wrong);
    expect::job(case, &played, &mut wrong);
    wrong
}

fn report(cases: &[Case], packs: &[Pack]) -> Vec<String> {
    let wrong = cases.iter().map(|case| (case, judge(case, packs))).filter(|(_, wrong)| !wrong.is_empty());
    wrong.map(|(case, wrong)| format!("{}\n  {}", case.name, wrong.join("\n  "))).collect()
}

#[test]
fn every_job_written_by_hand_comes_out_as_reasoned() {
    let only = std::env::var("HANDMADE").unwrap_or_default();
    let cases: Vec<Case> = script::cases().into_iter().filter(|case| case.name.starts_with(&only)).collect();
    if only.is_empty() {
        let clean = cases.iter().filter(|case| case.expect.findings.is_empty()).count();
        assert!(cases.len() >= 50 && clean >= 12, "{} jobs, {clean} of them clean", cases.len());
    }
    // The union of the operators' rules, and each operator's own.
    let packs: Vec<Pack> = shipped_names().map(|name| Pack::shipped(name).unwrap().unwrap()).collect();
    assert_eq!(packs[0].name, "default");
    // Most of the time is waiting for the disk.
    let parts: Vec<&[Case]> = cases.chunks(cases.len().div_ceil(4).max(1)).collect();
    let report: Vec<String> = std::thread::scope(|scope| {
        let runs: Vec<_> = parts.iter().map(|part| scope.spawn(|| report(part, &packs))).collect();
        runs.into_iter().flat_map(|run| run.join().unwrap()).collect()
    });
    assert!(report.is_empty(), "\n{}", report.join("\n"));
}
