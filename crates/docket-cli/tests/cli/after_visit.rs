//! Requests and what comes after the visit: contacts, classes, call-backs, complaints, known problems.

use crate::company::{Company, OFFICE};

/// A finished installation that the office knows of, and a call-back agent of the centre.
fn done() -> (Company, String) {
    let company = Company::new();
    company.technician("T-042");
    company.enrol("CB-1", "call_back_agent");
    let job = company.installation(&["T-042"]);
    company.hand_over(OFFICE, "T-042");
    company.install("T-042", &job);
    company.hand_over("T-042", OFFICE);
    company.hand_over(OFFICE, "CB-1");
    (company, job)
}

#[test]
fn d_h16_the_call_back_closes_the_job_and_not_reached_does_not() {
    let (company, job) = done();
    let on = |args: &[&str]| company.env.on("CB-1", args);
    let refused = on(&["call-back", &job, "--reached", "no", "--score", "10"]).fails(2);
    assert!(refused.contains("nobody was reached"), "{refused}");
    on(&["call-back", &job, "--reached", "perhaps"]).fails(2);
    on(&["call-back", &job, "--reached", "no"]).ok();
    assert_eq!(company.json("CB-1", &["job", "show", &job])["view"]["status"], "done");
    on(&["call-back", &job, "--reached", "yes", "--satisfied", "no", "--score", "40", "--left-out", "B,E"]).ok();
    on(&["survey", &job, "--score", "70", "--channel", "questionnaire"]).ok();
    let shown = company.json("CB-1", &["job", "show", &job]);
    assert_eq!(shown["view"]["status"], "closed");
    assert_eq!(shown["view"]["course"]["resolution"]["id"], "installed");
    let signs = shown["view"]["signs"].as_array().unwrap();
    assert!(signs.iter().any(|sign| sign["sign"] == "bad_answer"), "{signs:?}");
    company.hand_over("CB-1", OFFICE);
    assert_eq!(company.json(OFFICE, &["job", "show", &job])["view"]["status"], "closed");
}

#[test]
fn d_c2_the_technician_who_served_does_not_ask() {
    let (company, job) = done();
    let own = company.env.on("T-042", &["call-back", &job, "--reached", "yes"]);
    assert!(own.err.contains("was on site") && own.err.contains("without effect"), "{}", own.err);
    own.ok();
    assert_eq!(company.json("T-042", &["job", "show", &job])["view"]["status"], "done");
}

#[test]
fn d_c4_complaints_are_recorded_handled_answered_and_counted_by_cause() {
    let (company, job) = done();
    let on = |args: &[&str]| company.office(args);
    assert!(on(&["complaint", "list"]).ok().contains("no complaints"));
    on(&["complaint", "handle", &job, "--result", "x"]).fails(2);
    on(&["complaint", "new", &job, "--cause", "dust", "--about", "quality", "--step", "E", "--text", "everywhere"])
        .ok();
    on(&["complaint", "new", &job, "--cause", "dust", "--about", "colour"]).fails(2);
    let early = on(&["complaint", "answer", &job]);
    assert!(early.err.contains("no result yet"), "{}", early.err);
    let list = company.json(OFFICE, &["complaint", "list"]);
    assert_eq!((&list["complaints"][0]["state"], &list["causes"][0]["cause"]), (&"answered".into(), &"dust".into()));
    on(&["complaint", "new", &job, "--cause", "late"]).ok();
    on(&["complaint", "new", &job, "--cause", "dust"]).ok();
    assert!(on(&["complaint", "answer", &job]).fails(2).contains("which complaint"));
    let open = company.json(OFFICE, &["complaint", "list", "--cause", "late"]);
    let late = open["complaints"][0]["complaint"].as_str().unwrap().to_owned();
    on(&["complaint", "handle", &job, &late[..10], "--result", "apologised"]).ok();
    assert_eq!(company.json(OFFICE, &["complaint", "list", "--cause", "late"])["complaints"][0]["state"], "handled");
    on(&["complaint", "answer", &job, &late[..10]]).ok();
    let causes = company.json(OFFICE, &["complaint", "list"])["causes"].clone();
    assert_eq!(causes[0], serde_json::json!({"cause": "dust", "complaints": 2, "open": 1}));
    assert_eq!(causes[1], serde_json::json!({"cause": "late", "complaints": 1, "open": 0}));
    let said = on(&["complaint", "list"]).ok();
    assert!(said.contains("open") && said.contains("apologised"), "{said}");
}

#[test]
fn d_c6_complete_takes_exactly_the_policys_resolutions() {
    let company = Company::new();
    company.enrol("S-1", "supervisor");
    let job = company.installation(&[]);
    company.hand_over(OFFICE, "S-1");
    let on = |resolution: &str| company.env.on("S-1", &["complete", &job, "--resolution", resolution]);
    let refused = on("vanished").fails(2);
    assert!(refused.contains("one of: compensated, declined"), "{refused}");
    assert!(on("refused_unsafe").fails(2).contains("docket refuse"));
    assert!(on("cancelled").fails(2).contains("docket job cancel"));
    assert!(on("no_access").fails(2).contains("docket no-access"));
    on("solved_remotely").ok();
}

#[test]
fn d_e1_a_nature_outside_the_tree_is_refused_and_classing_anew_needs_a_reason() {
    let company = Company::new();
    let job = company.installation(&[]);
    let refused = company.office(&["classify", &job, "--nature", "weather"]).fails(2);
    assert!(refused.contains("hardware") && refused.contains("Network: line"), "{refused}");
    company.office(&["classify", &job, "--nature", "line", "--region", "east", "--severity", "urgent"]).ok();
    let view = company.json(OFFICE, &["job", "show", &job])["view"].clone();
    assert_eq!(view["registers"]["handled_by"]["live"][0]["value"], "headquarters", "as the policy says for a line");
    company.office(&["classify", &job, "--nature", "line"]).fails(2);
    assert!(company.office(&["classify", &job, "--nature", "hardware"]).fails(2).contains("needs a reason"));
    company.office(&["classify", &job, "--nature", "hardware", "--reason", "the plug"]).ok();
    let view = company.json(OFFICE, &["job", "show", &job])["view"].clone();
    assert_eq!(view["course"]["reclassified"], 1);
    assert_eq!(view["registers"]["nature"]["conflict"], false);
}

#[test]
fn d_h12_a_request_is_taken_over_talked_about_guessed_and_passed_up() {
    let company = Company::new();
    let job = company.installation(&[]);
    let on = |args: &[&str]| company.office(args);
    on(&["accept", &job, "--severity", "urgent"]).ok();
    assert!(on(&["accept", &job]).err.contains("accepted by A-001 before"));
    on(&["contact", &job, "--purpose", "first", "--channel", "phone", "--rings", "2"]).ok();
    assert!(
        on(&["contact", &job, "--purpose", "solution", "--solution", "--channel", "pigeon"])
            .err
            .contains("new channel")
    );
    on(&["contact", &job, "--purpose", "chat"]).fails(2);
    on(&["contact", &job, "--purpose", "first", "--rings", "-1"]).fails(2);
    on(&["contact", &job, "--purpose", "first", "--not-reached", "--solution"]).fails(2);
    on(&["diagnose", &job, "--fault", "earth", "--remote"]).ok();
    let passed = on(&["escalate", &job, "--to", "task_force"]);
    assert!(passed.err.contains("Task force for sudden"), "{}", passed.err);
    on(&["escalate", &job, "--to", "the_king"]).fails(2);
    let contact = on(&["escalate", &job, "--to", "named_contact", "--department", "development"]);
    assert!(contact.err.contains("development department"), "{}", contact.err);
    on(&["escalate", &job, "--to", "named_contact", "--department", "poetry"]).fails(2);
    let events = company.json(OFFICE, &["job", "show", &job])["view"]["events"].clone();
    let kinds: Vec<&str> = events.as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["accepted", "accepted", "contacted", "contacted", "diagnosed", "escalated", "escalated"]);
}

#[test]
fn d_e16_known_problems_are_on_every_device_offline_with_what_was_learnt() {
    let (company, job) = done();
    let made = company.json(OFFICE, &["problem", "new", "--title", "door seal tears", "--product", "fridge"]);
    let problem = made["code"].as_str().unwrap().to_owned();
    company.office(&["problem", "note", &problem, "warm the seal before fitting it"]).ok();
    company.office(&["problem", "link", &job, &problem]).ok();
    assert!(company.office(&["problem", "link", &job, &problem]).ok().contains("recorded already"));
    company.hand_over(OFFICE, "T-042");
    let list = company.env.on("T-042", &["problem", "list", "--product", "fridge"]).ok();
    assert!(list.contains("door seal tears") && list.contains("open"), "{list}");
    let shown = company.env.on("T-042", &["problem", "show", &problem]).ok();
    assert!(shown.contains("warm the seal") && shown.contains(&job), "{shown}");
    company.office(&["problem", "state", &problem, "solved"]).ok();
    let rows = company.json(OFFICE, &["problem", "list"])["problems"].clone();
    assert_eq!((&rows[0]["jobs"], &rows[0]["state"]), (&1.into(), &"solved".into()));
}

#[test]
fn d_e8_forms_for_inside_and_outside_have_the_same_five_parts() {
    let (company, job) = done();
    let parts = |form: &str| {
        let lines = company.json(OFFICE, &["form", &job, "--form", form])["lines"].clone();
        let mut parts: Vec<String> =
            lines.as_array().unwrap().iter().map(|line| line["part"].as_str().unwrap().to_owned()).collect();
        parts.dedup();
        parts
    };
    assert_eq!(parts("outside"), ["collect", "classify", "handle", "feed_back", "summarise"]);
    assert_eq!(parts("inside"), parts("outside"));
    let said = company.office(&["form", &job]).ok();
    assert!(said.contains("Zhang") && said.contains("installed"), "{said}");
    assert!(company.office(&["form", &job, "--form", "odd"]).fails(2).contains("inside"));
}

#[test]
fn d_e8_an_outlet_feeds_back_inside_the_company() {
    let company = Company::new();
    let said = company.office(&["feedback", "NORTH-1", "--about", "door seals tear", "--to", "development"]).ok();
    assert!(said.contains("recorded"), "{said}");
    company.office(&["feedback", "NORTH-1", "--about", " "]).fails(2);
}
