//! Two people, one field, no network: both values stay until somebody decides, and a decision is a record too.

use crate::company::{Company, OFFICE};

/// A supervisor and a technician set one field to two values, and the office holds both.
fn clash() -> (Company, String) {
    let company = Company::new();
    company.enrol("S-001", "supervisor");
    company.enrol("S-002", "supervisor");
    let job = company.installation(&[]);
    company.hand_over(OFFICE, "S-001");
    company.hand_over(OFFICE, "S-002");
    company.env.on("S-001", &["set", &job, "text", "second floor"]).ok();
    company.env.on("S-002", &["set", &job, "text", "third floor"]).ok();
    company.hand_over("S-002", "S-001");
    (company, job)
}

#[test]
fn a_conflict_shows_both_values_and_a_decision_settles_it_everywhere() {
    let (company, job) = clash();
    let list = company.json("S-001", &["inbox", "list"]);
    let item = &list["items"][0];
    assert_eq!((item["kind"].as_str(), item["code"].as_str()), (Some("conflict"), Some(job.as_str())));
    let id = item["id"].as_str().unwrap().to_owned();
    let shown = company.env.on("S-001", &["inbox", "show", &id[..6]]).ok();
    for part in ["second floor", "third floor", "S-001", "S-002"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let docket = company.env.on("S-001", &["job", "show", &job]).ok();
    assert!(
        docket.contains("second floor") && docket.contains("third floor") && docket.contains("conflict"),
        "{docket}"
    );

    let none = company.env.on("S-001", &["inbox", "decide", &id, "--keep", "fourth floor", "--reason", "x"]).fails(2);
    assert!(none.contains("second floor") && none.contains("third floor"), "{none}");
    company.env.on("S-001", &["inbox", "decide", &id, "--reason", "x"]).fails(2);
    company.env.on("S-001", &["inbox", "decide", "ZZZZ", "--keep", "x", "--reason", "x"]).fails(2);
    company.env.on("S-001", &["inbox", "decide", &id, "--keep", "third floor", "--reason", "asked"]).ok();
    assert_eq!(company.json("S-001", &["inbox", "list"])["items"].as_array().unwrap().len(), 0);
    company.hand_over("S-001", "S-002");
    let there = company.json("S-002", &["job", "show", &job]);
    assert_eq!(there["view"]["registers"]["text"]["live"][0]["value"], "third floor");
    assert_eq!(there["view"]["registers"]["text"]["conflict"], false);
}

#[test]
fn two_supervisors_who_decide_differently_have_a_conflict_again() {
    let (company, _) = clash();
    company.hand_over("S-001", "S-002");
    for (store, keep) in [("S-001", "second floor"), ("S-002", "third floor")] {
        let id = company.json(store, &["inbox", "list"])["items"][0]["id"].as_str().unwrap().to_owned();
        company.env.on(store, &["inbox", "decide", &id, "--keep", keep, "--reason", "sure"]).ok();
    }
    company.hand_over("S-002", "S-001");
    assert_eq!(company.json("S-001", &["inbox", "list"])["items"][0]["kind"], "conflict");
}

#[test]
fn a_set_over_an_older_value_leaves_the_newer_one_standing() {
    let company = Company::new();
    let job = company.installation(&[]);
    let first = company.json(OFFICE, &["set", &job, "text", "one"])["fact"].as_str().unwrap().to_owned();
    company.office(&["set", &job, "text", "two"]).ok();
    let late = company.office(&["set", &job, "text", "three", "--over", &first]);
    assert!(late.err.contains("another value stands beside it: two"), "{}", late.err);
    assert_eq!(company.json(OFFICE, &["inbox", "list"])["items"].as_array().unwrap().len(), 1);
}
