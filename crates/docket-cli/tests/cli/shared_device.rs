//! Two people on one device: the roster says who may, a PIN says who does, and each one's records are theirs.

use std::io::Write as _;
use std::process::Stdio;

use crate::company::{Company, OFFICE};
use crate::env::{Ran, finish};

/// Runs `docket as …` on a store with these lines as its standard input, at a time if one is given.
fn typed(company: &Company, store: &str, args: &[&str], lines: &str, now: Option<&str>) -> Ran {
    let mut command = company.env.command(store, args);
    if let Some(now) = now {
        command.env("DOCKET_NOW", now);
    }
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A command that refuses before it asks reads nothing.
    let _ = child.stdin.take().unwrap().write_all(lines.as_bytes());
    finish(child.wait_with_output().unwrap())
}

/// A company in which T-007 may work on T-042's phone, and the phone knows it.
fn shared() -> (Company, String) {
    let company = Company::new();
    company.technician("T-042");
    let phone = device_of(&company, "T-042");
    let job = company.installation(&["T-042", "T-007"]);
    company.office(&["roster", "share", &phone, "--person", "T-007", "--name", "Lin", "--role", "technician"]).ok();
    company.hand_over(OFFICE, "T-042");
    (company, job)
}

fn device_of(company: &Company, person: &str) -> String {
    let roster = company.json(OFFICE, &["roster", "show"]);
    let found = roster["devices"].as_array().unwrap().iter().find(|device| device["person"] == person);
    found.unwrap()["device"].as_str().unwrap().to_owned()
}

#[test]
fn d_h9_two_people_on_one_device_are_told_apart_everywhere() {
    let (company, job) = shared();
    let phone = |args: &[&str]| company.env.on("T-042", args);
    assert!(typed(&company, "T-042", &["as", "T-099"], "4711\n4711\n", None).fails(2).contains("roster does not let"));
    assert!(typed(&company, "T-042", &["as", "T-007"], "4711\n4712\n", None).fails(2).contains("differ"));
    typed(&company, "T-042", &["as", "T-007"], "4711\n4711\n", None).ok();
    assert_eq!(company.json("T-042", &["as"])["person"], "T-007");
    assert_eq!(company.json("T-042", &["today"])["person"], "T-007");
    phone(&["arrive", &job]).ok();
    phone(&["check", &job, "N1"]).ok();
    assert!(phone(&["roster", "revoke", "7", "--reason", "x"]).fails(2).contains("may not change the roster"));
    phone(&["as", "--end"]).ok();
    assert_eq!(company.json("T-042", &["as"])["person"], "T-042");
    phone(&["arrive", &job]).ok();
    phone(&["read", &job, "A1", "0.3", "ohm"]).ok();
    // Here and at the office, whose store never saw a PIN.
    company.hand_over("T-042", OFFICE);
    for store in ["T-042", OFFICE] {
        let view = company.json(store, &["job", "show", &job]);
        let arrivals = &view["view"]["visits"][0]["arrivals"];
        assert_eq!((&arrivals[0]["person"], &arrivals[1]["person"]), (&"T-007".into(), &"T-042".into()), "{view:#}");
        let log = company.json(store, &["job", "log", &job]);
        let who = |kind: &str| {
            let records = log["records"].as_array().unwrap().iter();
            records.filter(|one| one["kind"] == kind).map(|one| one["who"].to_string()).collect::<Vec<_>>()
        };
        assert_eq!(who("step"), ["\"T-007\""]);
        assert_eq!(who("reading"), ["\"T-042\""]);
    }
    assert_eq!(company.json(OFFICE, &["verify"])["verify"], "ok");
    assert!(!std::fs::read_to_string(company.env.path("T-042/docket.people")).unwrap().contains("4711"));
    assert!(!company.env.path("office/docket.people").exists());
}

#[test]
fn wrong_pins_cost_more_and_more_time_and_are_kept() {
    let (company, _) = shared();
    let at = |time: &str, pin: &str| {
        typed(&company, "T-042", &["as", "T-007"], &format!("{pin}\n"), Some(&format!("2026-03-02T{time}Z")))
    };
    typed(&company, "T-042", &["as", "T-007"], "4711\n4711\n", Some("2026-03-02T09:00:00Z")).ok();
    for second in ["01", "02", "03"] {
        assert!(at(&format!("09:00:{second}"), "0815").fails(2).contains("not the PIN"));
    }
    // The right one must wait too, or guessing would show it.
    assert!(at("09:00:10", "4711").fails(2).contains("too many wrong PINs"));
    assert!(at("09:00:40", "0815").fails(2).contains("the next attempt counts in 60 s"));
    assert!(at("09:01:20", "4711").fails(2).contains("too many"));
    at("09:02:00", "4711").ok();
    let attempts = company.json("T-042", &["as", "--attempts"]);
    let how: Vec<_> = attempts["attempts"].as_array().unwrap().iter().map(|one| one["how"].as_str().unwrap()).collect();
    assert_eq!(how, ["opened", "too_soon", "wrong", "too_soon", "wrong", "wrong", "wrong", "opened", "set"]);
}

#[test]
fn a_persons_time_on_the_device_ends_and_then_nobody_records_in_their_name() {
    let (company, job) = shared();
    let at = |time: &str, args: &[&str]| {
        let mut command = company.env.command("T-042", args);
        finish(command.env("DOCKET_NOW", format!("2026-03-02T{time}:00Z")).output().unwrap())
    };
    typed(&company, "T-042", &["as", "T-007", "--for", "1h"], "4711\n4711\n", Some("2026-03-02T09:00:00Z")).ok();
    at("09:59", &["arrive", &job]).ok();
    let refused = at("10:01", &["check", &job, "N1"]).fails(2);
    assert!(refused.contains("the time of T-007 on this device is over") && refused.contains("docket as"), "{refused}");
    at("10:02", &["as", "--end"]).ok();
    at("10:03", &["arrive", &job]).ok();
}

#[test]
fn what_a_device_states_in_a_name_that_the_roster_took_back_has_no_effect() {
    let (company, job) = shared();
    typed(&company, "T-042", &["as", "T-007"], "4711\n4711\n", None).ok();
    company.env.on("T-042", &["arrive", &job]).ok();
    company.hand_over("T-042", OFFICE);
    let phone = device_of(&company, "T-042");
    company.office(&["roster", "unshare", &phone, "--person", "T-007", "--reason", "own phone"]).ok();
    // The phone has not learnt of it.
    company.env.on("T-042", &["check", &job, "N1"]).ok();
    company.hand_over("T-042", OFFICE);
    let log = company.json(OFFICE, &["job", "log", &job]);
    let of = |kind: &str| log["records"].as_array().unwrap().iter().find(|one| one["kind"] == kind).unwrap().clone();
    assert_eq!((&of("arrived")["who"], &of("arrived")["effect"]), (&"T-007".into(), &"applied".into()));
    assert_eq!(of("step")["effect"], "unauthorised");
    let inbox = company.json(OFFICE, &["inbox", "list"]).to_string();
    assert!(inbox.contains("the roster does not let T-007 work on its device"), "{inbox}");
    // Once it has learnt of it, it refuses.
    company.hand_over(OFFICE, "T-042");
    let refused = company.env.on("T-042", &["note", &job, "x"]).fails(2);
    assert!(refused.contains("may not work on this device any longer"), "{refused}");
    company.env.on("T-042", &["as", "--end"]).ok();
    company.env.on("T-042", &["arrive", &job]).ok();
}
