//! D-H3: difficulty and customer group → least grade, the higher wins; ungraded never alone.

use docket_core::dispatch::{Candidate, Demand, crew_may_go, explain, least_grade};
use docket_core::grade::{Credential, Grade, Proof};
use docket_format::FactId;
use jiff::civil::date;

use crate::story::HAIER;

fn demand(difficulty: Option<&'static str>, group: Option<&'static str>) -> Demand<'static> {
    Demand { difficulty, group, ..Demand::default() }
}

#[test]
fn d_h3_the_higher_of_difficulty_and_group_wins() {
    for (difficulty, group, expect) in [
        (None, None, Grade::C),
        (Some("easy"), None, Grade::C),
        (Some("expert"), Some("urban"), Grade::A),
        (Some("easy"), Some("vip"), Grade::A),
        (Some("hard"), Some("whole_set"), Grade::B),
        (Some("unheard of"), None, Grade::A),
    ] {
        assert_eq!(least_grade(&demand(difficulty, group), &HAIER).grade, expect, "{difficulty:?} {group:?}");
    }
}

#[test]
fn d_h3_a_fault_speaks_before_its_product_and_the_job_before_both() {
    let of = |difficulty, fault| {
        let demand = Demand { difficulty, fault, product: Some("air_conditioner"), group: None };
        least_grade(&demand, &HAIER).grade
    };
    assert_eq!(of(None, None), Grade::B);
    assert_eq!(of(None, Some("refrigerant_leak")), Grade::A);
    assert_eq!(of(None, Some("filter_clogged")), Grade::C);
    assert_eq!(of(Some("expert"), Some("filter_clogged")), Grade::A);
}

fn credential(proof: Proof) -> Credential {
    Credential {
        fact: FactId::from_bytes([1; 16]),
        proof,
        issuer: Some("haier".into()),
        issued: Some(date(2020, 1, 1)),
        expires: None,
        withdrawn: None,
        recorded_by: None,
    }
}

#[test]
fn d_h3_dispatch_says_who_may_go_and_why_not_the_others() {
    let junior =
        [credential(Proof::Certificate { level: "junior".into() }), credential(Proof::Exam { grade: Grade::C })];
    let middle = [
        credential(Proof::Certificate { level: "intermediate".into() }),
        credential(Proof::Exam { grade: Grade::B }),
        credential(Proof::Service { from: date(2020, 1, 1), to: None }),
    ];
    let candidates = [
        Candidate { person: "T-1".parse().unwrap(), credentials: &[] },
        Candidate { person: "T-2".parse().unwrap(), credentials: &junior },
        Candidate { person: "T-3".parse().unwrap(), credentials: &middle },
    ];
    let need = least_grade(&demand(Some("hard"), None), &HAIER);
    let verdicts = explain(&need, &candidates, date(2026, 1, 1), &HAIER);
    let told: Vec<_> = verdicts.iter().map(|v| (v.person.as_str(), v.alone, v.why.as_str())).collect();
    assert_eq!(
        told,
        [
            ("T-3", true, "grade B, B needed"),
            (
                "T-2",
                false,
                "grade C is below B; for B: certificate of level intermediate or higher, B exam, \
                 1 years in haier service: 0 days so far"
            ),
            (
                "T-1",
                false,
                "ungraded: may ride along, never alone; B needed; for C: certificate of level junior or higher, C exam"
            ),
        ]
    );
}

#[test]
fn d_h2_ungraded_people_ride_along_but_never_alone() {
    let need = least_grade(&demand(Some("easy"), None), &HAIER);
    assert!(!crew_may_go(&need, [Grade::Ungraded, Grade::Ungraded]));
    assert!(crew_may_go(&need, [Grade::Ungraded, Grade::C]));
    assert!(!crew_may_go(&need, []));
}
