//! The audit finds every defect that was planted, and nothing in a company without any.
#![allow(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

use std::collections::{BTreeMap, BTreeSet};

use docket_device::audit::{self, Options, Pack};
use docket_sim::company::{Made, Plan, generate, planted_rules};

/// Rule and document.
type Found = BTreeSet<(String, String)>;
/// What each rule said.
type Messages = BTreeMap<String, Vec<String>>;

/// What the whole pack says about a generated company.
fn audited(plan: &Plan) -> (Made, Found, Messages) {
    let dir = tempfile::tempdir().unwrap();
    let made = generate(dir.path(), plan).unwrap();
    let mut sql = docket_device::store::read_only(dir.path()).unwrap();
    let pack = Pack::builtin().unwrap();
    let day = 24 * 3_600_000;
    let found = audit::run(&mut sql, &pack, Options::as_of(made.until_ms + day)).unwrap();
    let mut messages: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let pairs = found.findings.iter().map(|finding| {
        messages.entry(finding.rule.to_string()).or_default().push(finding.message.to_string());
        (finding.rule.to_string(), finding.subject.to_string())
    });
    let pairs = pairs.collect();
    (made, pairs, messages)
}

#[test]
fn a_clean_company_has_no_findings() {
    let plan = Plan { seed: 7, jobs: 300, defects_per_mille: 0, open_per_mille: 0 };
    let (_, _, messages) = audited(&plan);
    let shown: BTreeMap<_, _> = messages.iter().map(|(rule, all)| (rule, (all.len(), all.first()))).collect();
    assert!(shown.is_empty(), "{shown:#?}");
}

#[test]
fn a_clean_company_answers_what_each_job_is_asked_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    generate(dir.path(), &Plan { seed: 7, jobs: 300, defects_per_mille: 0, open_per_mille: 0 }).unwrap();
    let sql = docket_device::store::read_only(dir.path()).unwrap();
    let count = |query: &str| sql.query_row(query, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(count("SELECT count(*) FROM v_step WHERE state = 'not_asked'"), 0, "answers to what nobody asked");
    assert_eq!(
        count("SELECT count(*) FROM v_step WHERE state <> 'ok' AND required"),
        0,
        "what was asked and not answered"
    );
    for step in ["W1", "V1", "P2"] {
        let answered = count(&format!("SELECT count(*) FROM v_step WHERE step = '{step}' AND state = 'ok'"));
        assert!(answered > 0, "{step} is asked in some mode of service, and answered there");
    }
}

#[test]
fn every_rule_of_the_shipped_packs_is_exercised_by_a_planted_defect() {
    let pack = Pack::builtin().unwrap();
    let shipped: BTreeSet<&str> = pack.rules.iter().map(|rule| rule.id.as_str()).collect();
    let planted: BTreeSet<&str> = planted_rules();
    let unknown: Vec<_> = planted.difference(&shipped).collect();
    assert!(unknown.is_empty(), "planted for rules that no pack has: {unknown:?}");
    let left: Vec<_> = shipped.difference(&planted).collect();
    assert!(left.is_empty(), "rules that no planted defect exercises: {left:?}");
}

#[test]
fn every_planted_defect_is_found_and_nothing_else() {
    let plan = Plan { seed: 11, jobs: 700, defects_per_mille: 800, open_per_mille: 0 };
    let (made, found, messages) = audited(&plan);
    let planted = made
        .planted
        .iter()
        .flat_map(|planted| planted.rules.iter().map(|rule| ((*rule).to_owned(), planted.doc.to_string())));
    let planted: BTreeSet<(String, String)> = planted.collect();
    let here: BTreeSet<&str> = made.planted.iter().flat_map(|planted| planted.rules).copied().collect();
    assert_eq!(here, planted_rules(), "every defect was planted at least once");
    let missed: Vec<_> = planted.difference(&found).collect();
    assert!(missed.is_empty(), "planted and not found: {missed:#?}");
    let of =
        |doc: &str| made.planted.iter().find(|planted| planted.doc.to_string() == doc).map(|planted| planted.rules);
    let false_ones: BTreeSet<_> = found.difference(&planted).map(|(rule, doc)| (rule, of(doc))).collect();
    let said: Vec<_> = false_ones.iter().filter_map(|(rule, _)| messages.get(*rule)?.first()).collect();
    assert!(false_ones.is_empty(), "found and not planted, in jobs with: {false_ones:#?}\n{said:#?}");
}

#[test]
fn the_same_seed_gives_the_same_company() {
    let plan = Plan { seed: 3, jobs: 40, defects_per_mille: 300, open_per_mille: 100 };
    let (one, two) = (audited(&plan), audited(&plan));
    assert_eq!(one.0.planted, two.0.planted);
    assert_eq!(one.1, two.1);
}
