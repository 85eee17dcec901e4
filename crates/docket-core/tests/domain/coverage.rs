//! D-E10, D-H10: what purchases and contracts pay for, until when, and why.

use docket_core::Policy;
use docket_core::coverage::{Claim, Coverage, Holding, Paid, Purchase, Verdict, judge};
use docket_format::FactId;

use crate::held::{coverage, day};

const POLICY: &str = r#"
name = "covers"
version = "1"

[coverage]
lifetime_groups = ["vip"]
not_for = ["misuse"]

[coverage.needs]
repair = ["hardware", "on_site"]
consultation = ["software"]

[[coverage.kind]]
what = "hardware"
covers = ["hardware"]
months = 36

[[coverage.kind]]
what = "on_site"
covers = ["on_site"]
months = 12

[[coverage.kind]]
what = "software"
covers = ["software"]
life = true

[[coverage.kind]]
what = "contract"
covers = []

[[coverage.kind]]
what = "extended"
covers = ["hardware", "on_site"]

[[coverage.level]]
id = "gold"
covers = ["hardware", "on_site", "software"]

[[coverage.level]]
id = "basic"
covers = ["on_site"]
"#;

fn policy() -> Policy {
    Policy::parse(POLICY, "covers.toml").unwrap()
}

fn bought(on: &str) -> Purchase {
    Purchase { fact: FactId::from_bytes([1; 16]), product: "washer".into(), on: day(on), serial: Some("W1".into()) }
}

fn agreed(what: &str, from: &str, until: Option<&str>) -> Coverage {
    coverage(2, what, from, until)
}

fn repair(holding: &Holding, on: &str) -> Verdict {
    let claim = Claim { kind: Some("repair"), product: Some("washer"), serial: Some("W1"), ..Claim::default() };
    judge(holding, &claim, day(on), &policy())
}

fn says(verdict: &Verdict) -> Vec<String> {
    verdict.lines().collect()
}

#[test]
fn d_e10_hardware_three_years_on_site_one_year_software_for_life() {
    let holding = Holding { purchases: vec![bought("2023-03-01")], ..Holding::default() };
    for (on, hardware, on_site) in [
        ("2023-03-01", true, true),
        ("2024-03-01", true, true),
        ("2024-03-02", true, false),
        ("2026-03-01", true, false),
        ("2026-03-02", false, false),
    ] {
        let verdict = repair(&holding, on);
        assert_eq!((verdict.covers("hardware"), verdict.covers("on_site")), (hardware, on_site), "{on}");
        let paid = if hardware && on_site { Paid::Covered } else { Paid::Billable };
        assert_eq!(verdict.paid, paid, "{on}");
    }
    let late = repair(&holding, "2025-06-01");
    assert_eq!(
        says(&late),
        [
            "hardware: covered until 2026-03-01: bought 2023-03-01, hardware comes with it",
            "on site: billable: bought 2023-03-01, on_site comes with it ended 2024-03-01",
        ]
    );
    let advice = Claim { kind: Some("consultation"), product: Some("washer"), ..Claim::default() };
    let forever = judge(&holding, &advice, day("2099-01-01"), &policy());
    assert_eq!((forever.paid, forever.lines[0].until), (Paid::Covered, None));
}

#[test]
fn d_e10_vips_are_covered_for_life_and_strangers_are_not() {
    let vip = Holding { group: Some("vip".into()), ..Holding::default() };
    assert_eq!(repair(&vip, "2099-01-01").paid, Paid::Covered);
    let stranger = repair(&Holding::default(), "2026-01-01");
    assert_eq!(stranger.paid, Paid::Billable);
    assert_eq!(says(&stranger)[0], "hardware: billable: no purchase and no coverage is recorded");
    let delivery = Claim { kind: Some("delivery"), ..Claim::default() };
    assert_eq!(judge(&vip, &delivery, day("2026-01-01"), &policy()).paid, Paid::NotAsked);
}

#[test]
fn d_e10_a_contracts_level_says_what_it_pays_for() {
    let mut contract = agreed("contract", "2026-01-01", Some("2026-12-31"));
    contract.level = Some("basic".into());
    let holding = |contract: &Coverage| Holding { coverages: vec![contract.clone()], ..Holding::default() };
    assert_eq!(repair(&holding(&contract), "2026-06-01").paid, Paid::Billable, "basic pays for the visit only");
    contract.level = Some("gold".into());
    for (on, paid) in [
        ("2025-12-31", Paid::Billable),
        ("2026-01-01", Paid::Covered),
        ("2026-12-31", Paid::Covered),
        ("2027-01-01", Paid::Billable),
    ] {
        assert_eq!(repair(&holding(&contract), on).paid, paid, "{on}");
    }
    assert!(says(&repair(&holding(&contract), "2025-12-31"))[0].contains("begins 2026-01-01"));
    contract.ended = Some(day("2026-03-31"));
    assert_eq!(repair(&holding(&contract), "2026-03-31").paid, Paid::Covered);
    assert_eq!(repair(&holding(&contract), "2026-04-01").paid, Paid::Billable, "ended before its time");
    assert!(says(&repair(&holding(&contract), "2026-04-01"))[0].contains("ended before its time"));
}

#[test]
fn d_e10_the_coverage_that_holds_longest_is_the_one_shown() {
    let mut holding = Holding { purchases: vec![bought("2025-01-01")], ..Holding::default() };
    holding.coverages = vec![agreed("extended", "2025-01-01", Some("2030-01-01"))];
    let verdict = repair(&holding, "2025-06-01");
    assert!(verdict.lines.iter().all(|line| line.until == Some(day("2030-01-01"))), "{verdict:?}");
    holding.coverages[0].life = true;
    assert!(repair(&holding, "2025-06-01").lines.iter().all(|line| line.covered && line.until.is_none()));
}

#[test]
fn d_e10_another_appliances_coverage_pays_nothing_here() {
    let mut other = agreed("extended", "2026-01-01", None);
    other.serial = Some("W2".into());
    other.product = Some("washer".into());
    let holding = Holding { coverages: vec![other.clone()], ..Holding::default() };
    assert_eq!(repair(&holding, "2026-06-01").paid, Paid::Billable);
    let no_serial = Claim { kind: Some("repair"), product: Some("washer"), ..Claim::default() };
    assert_eq!(judge(&holding, &no_serial, day("2026-06-01"), &policy()).paid, Paid::Covered, "known by its product");
    other.serial = None;
    other.product = Some("fridge".into());
    let holding = Holding { coverages: vec![other], purchases: vec![bought("2027-01-01")], ..Holding::default() };
    assert_eq!(repair(&holding, "2026-06-01").paid, Paid::Billable, "bought later, and a fridge's coverage");
}

#[test]
fn d_e10_misuse_is_billable_whatever_is_covered() {
    let holding = Holding { group: Some("vip".into()), purchases: vec![bought("2026-01-01")], ..Holding::default() };
    let claim = Claim { kind: Some("repair"), product: Some("washer"), cause: Some("misuse"), ..Claim::default() };
    let verdict = judge(&holding, &claim, day("2026-02-01"), &policy());
    assert_eq!(verdict.paid, Paid::Billable);
    assert_eq!(says(&verdict)[0], "hardware: billable: the fault came from misuse");
}

#[test]
fn d_h10_a_contract_names_who_comes() {
    let mut contract = agreed("contract", "2026-01-01", None);
    contract.outlet = Some("QD-01".into());
    let mut newer = agreed("contract", "2026-06-01", None);
    newer.technician = Some("T-042".into());
    let holding = Holding { coverages: vec![contract, newer], ..Holding::default() };
    let named = |on: &str| holding.designated(Some("washer"), None, day(on));
    assert_eq!(named("2025-12-31"), None);
    assert_eq!(named("2026-05-31").unwrap().outlet.as_deref(), Some("QD-01"));
    assert_eq!(named("2026-06-01").unwrap().technician.as_deref(), Some("T-042"), "the newest contract");
}

#[test]
fn d_e10_a_policys_slips_are_refused_with_line_and_column() {
    for (from, to, says) in [
        (
            "\"hardware\", \"on_site\"]\nconsultation",
            "\"hardwear\"]\nconsultation",
            "no kind of coverage pays for \"hardwear\"",
        ),
        ("months = 36", "months = 36\nlife = true", "both `months` and `life`"),
        ("months = 36", "months = 0", "`months` must be a whole number from 1"),
        ("id = \"basic\"", "id = \"gold\"", "level `gold` appears twice"),
        ("what = \"on_site\"", "what = \"hardware\"", "coverage `hardware` appears twice"),
        ("lifetime_groups", "lifetimes", "unknown key `lifetimes`"),
    ] {
        let text = POLICY.replacen(from, to, 1);
        assert_ne!(text, POLICY);
        let bad = Policy::parse(&text, "covers.toml").unwrap_err();
        assert!(bad.what.contains(says), "{bad}");
        assert!(bad.line > 1 && bad.column >= 1, "{bad}");
    }
}
