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

/// Two technicians on one job, each with their own answer to one step, both at the office.
fn two_technicians() -> (Company, String) {
    let company = Company::new();
    company.technician("T-042");
    company.technician("T-007");
    company.enrol("S-001", "supervisor");
    let job = company.installation(&["T-042", "T-007"]);
    for person in ["T-042", "T-007"] {
        company.hand_over(OFFICE, person);
        company.env.on(person, &["arrive", &job]).ok();
    }
    company.env.on("T-042", &["read", &job, "A1", "0.35", "ohm"]).ok();
    company.env.on("T-007", &["read", &job, "A1", "90", "ohm"]).ok();
    company.hand_over("T-007", "S-001");
    company.hand_over("T-042", "S-001");
    (company, job)
}

#[test]
fn two_answers_to_one_step_are_shown_and_one_is_kept_by_its_record() {
    let (company, job) = two_technicians();
    let items = company.json("S-001", &["inbox", "list"])["items"].clone();
    let item = items.as_array().unwrap().iter().find(|item| item["kind"] == "answers_differ").expect("in the inbox");
    let id = item["id"].as_str().unwrap();
    let detail = company.json("S-001", &["inbox", "show", id]);
    let options = detail["issue"]["options"].as_array().unwrap();
    assert_eq!(options.len(), 2, "{detail}");
    let kept = options.iter().find(|option| option["person"] == "T-042").unwrap()["fact"].as_str().unwrap();
    company.env.on("S-001", &["inbox", "decide", id, "--keep", &kept[..7], "--reason", "photo shows it"]).ok();
    let open = company.json("S-001", &["inbox", "list"])["items"].clone();
    assert!(open.as_array().unwrap().iter().all(|item| item["kind"] != "answers_differ"), "{open}");
    let shown = company.json("S-001", &["job", "show", &job]);
    let steps = shown["checklist"]["steps"].as_array().unwrap();
    let step = steps.iter().find(|step| step["step"] == "A1").unwrap();
    assert_eq!((step["status"].as_str(), step["answers"].as_array().unwrap().len()), (Some("ok"), 1));
    assert!(company.env.on("S-001", &["inbox", "list", "--all"]).ok().contains("decided"));
}

#[test]
fn what_a_revoked_device_sends_later_is_a_claim_until_somebody_accepts_it() {
    let company = Company::new();
    company.technician("T-042");
    company.enrol("S-001", "supervisor");
    let job = company.installation(&["T-042"]);
    company.hand_over(OFFICE, "T-042");
    let device = company.json("T-042", &["status"])["device"].as_str().unwrap().to_owned();
    company.office(&["roster", "revoke", &device, "--reason", "stolen"]).ok();
    company.env.on("T-042", &["arrive", &job]).ok();
    company.hand_over(OFFICE, "S-001");
    company.env.on("T-042", &["bundle", "export", "late.docket"]).ok();
    company.env.on("S-001", &["bundle", "import", "late.docket"]).ok();
    let status = |company: &Company| company.json("S-001", &["job", "show", &job])["view"]["status"].clone();
    assert_eq!(status(&company), "assigned", "a claim has no effect");
    let items = company.json("S-001", &["inbox", "list"])["items"].clone();
    let claim = items.as_array().unwrap().iter().find(|item| item["kind"] == "claim").expect("in the inbox").clone();
    let id = claim["id"].as_str().unwrap();
    let fact = company.json("S-001", &["inbox", "show", id])["issue"]["facts"][0].as_str().unwrap().to_owned();
    company
        .env
        .on("S-001", &["inbox", "decide", id, "--keep", &fact, "--reason", "phone was found, he was there"])
        .ok();
    assert_eq!(status(&company), "on_site");
}

#[test]
fn work_on_a_job_that_was_cancelled_meanwhile_is_kept_and_shown() {
    let company = Company::new();
    company.technician("T-042");
    let job = company.installation(&["T-042"]);
    company.hand_over(OFFICE, "T-042");
    company.office(&["job", "cancel", &job, "--reason", "bought elsewhere"]).ok();
    company.install("T-042", &job);
    company.hand_over("T-042", OFFICE);
    let kinds = company.json(OFFICE, &["inbox", "list"])["items"].to_string();
    assert!(kinds.contains("cancelled_work"), "{kinds}");
    assert!(company.office(&["job", "log", &job]).ok().contains("completed"));
}

#[test]
fn a_record_without_authority_can_be_let_count_or_not() {
    let company = Company::new();
    company.enrol("S-001", "supervisor");
    let job = company.installation(&[]);
    company.office(&["arrive", &job]).ok();
    company.hand_over(OFFICE, "S-001");
    let id = company.json("S-001", &["inbox", "list"])["items"][0]["id"].as_str().unwrap().to_owned();
    let which = company.env.on("S-001", &["inbox", "decide", &id, "--reason", "x"]).fails(2);
    assert!(which.contains("--keep none"), "{which}");
    company.env.on("S-001", &["inbox", "decide", &id, "--keep", "none", "--reason", "tried it out"]).ok();
    assert_eq!(company.json("S-001", &["inbox", "list"])["items"].as_array().unwrap().len(), 0);
    let shown = company.env.on("S-001", &["inbox", "show", &id]).ok();
    assert!(shown.contains("decided by S-001: keep none (tried it out)"), "{shown}");
}
