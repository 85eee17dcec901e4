//! On site: what makes sense is recorded, what does not is refused with a way on, and nothing is lost.

use crate::company::{Company, OFFICE, steady};

/// A technician with one assigned job that is on the phone.
fn phone() -> (Company, String) {
    let company = Company::new();
    company.technician("T-042");
    let job = company.installation(&["T-042"]);
    company.hand_over(OFFICE, "T-042");
    (company, job)
}

#[test]
fn a_whole_visit_reads_as_a_docket() {
    let (company, job) = phone();
    let today = company.env.on("T-042", &["today"]).ok();
    assert!(today.contains(&job) && today.contains("arrive"), "{today}");
    company.install("T-042", &job);
    let mut command = company.env.command("T-042", &["job", "show", &job]);
    let piped = crate::env::finish(command.output().unwrap()).ok();
    insta::assert_snapshot!("piped", steady(&company.env, &piped));
    let narrow = crate::env::finish(command.env("COLUMNS", "60").output().unwrap()).ok();
    assert!(narrow.lines().all(|line| line.chars().count() <= 60), "{narrow}");
    insta::assert_snapshot!("narrow", steady(&company.env, &narrow));
    assert_eq!(company.json("T-042", &["job", "show", &job])["view"]["status"], "done");
    company.hand_over("T-042", OFFICE);
    assert_eq!(company.json(OFFICE, &["job", "show", &job])["view"]["status"], "done");
}

#[test]
fn the_core_step_waits_for_the_safety_test() {
    let (company, job) = phone();
    company.env.on("T-042", &["arrive", &job]).ok();
    let refused = company.env.on("T-042", &["check", &job, "1"]).fails(2);
    insta::assert_snapshot!(steady(&company.env, &refused));
    let out_of_limits = company.env.on("T-042", &["read", &job, "A1", "90", "ohm"]);
    assert!(out_of_limits.err.contains("out of limits"), "{}", out_of_limits.err);
    out_of_limits.ok();
    company.env.on("T-042", &["check", &job, "1"]).fails(2);
    company.env.on("T-042", &["check", &job, "1", "--force"]).fails(2);
    company.env.on("T-042", &["check", &job, "1", "--force", "--reason", "customer insists"]).ok();
    company.env.on("T-042", &["complete", &job, "--resolution", "installed"]).ok();
    let audit = company.env.on("T-042", &["audit", "run", "--fail-on", "critical"]);
    assert_eq!(audit.code, 1, "{}{}", audit.out, audit.err);
    assert!(audit.out.contains("core-without-safety-test"), "{}", audit.out);
}

#[test]
fn an_unsafe_place_is_refused_with_its_hazard() {
    let (company, job) = phone();
    company.env.on("T-042", &["arrive", &job]).ok();
    company.env.on("T-042", &["check", &job, "A3", "earth_missing"]).ok();
    let refuse =
        ["refuse", &job, "--reason", "unsafe", "--hazard", "earth_wire", "--households", "12", "--text", "no earth"];
    company.env.on("T-042", &refuse).ok();
    let shown = company.json("T-042", &["job", "show", &job]);
    assert_eq!(shown["view"]["status"], "refused");
    assert!(company.env.on("T-042", &["job", "log", &job]).ok().contains("earth_wire"));
}

#[test]
fn a_step_a_unit_an_answer_or_an_appliance_that_does_not_exist_is_refused_with_what_does() {
    let (company, job) = phone();
    company.env.on("T-042", &["arrive", &job]).ok();
    let before = company.json("T-042", &["status"])["facts"].clone();
    for (args, says) in [
        (&["check", &job, "Z9"][..], "A1     Earth resistance"),
        (&["check", &job, "A1"], "docket read"),
        (&["read", &job, "N1", "1", "ohm"], "docket check"),
        (&["read", &job, "A1", "0.35", "volt"], "measured in ohm"),
        (&["read", &job, "A1", "0,35", "ohm"], "with a point"),
        (&["check", &job, "A3", "sideways"], "live_neutral_swapped"),
        (&["check", &job, "A3"], "needs an answer"),
        (&["check", &job, "D1"], "needs an answer"),
        (&["check", &job, "N1", "perhaps"], "yes or no"),
        (&["check", &job, "1P"], "docket photo"),
        (&["check", &job, "S1"], "docket sign"),
        (&["read", &job, "A1", "0.35", "ohm", "--appliance", "2"], "no appliance 2"),
        (&["note", &job, " "], "empty note"),
        (&["complete", &job, "--resolution", "magic"], "no_fault_found"),
        (&["correct", &job, "ZZZZ", "--reason", "x"], "docket job log"),
        (&["correct", &job, "!", "--reason", "x"], "no record's id"),
    ] {
        let err = company.env.on("T-042", args).fails(2);
        assert!(err.contains(says), "{args:?}: {err}");
    }
    assert_eq!(company.json("T-042", &["status"])["facts"], before, "a refused command writes nothing");
}

#[test]
fn a_mis_tap_is_corrected_and_both_records_stay() {
    let (company, job) = phone();
    company.env.on("T-042", &["arrive", &job]).ok();
    let read = company.json("T-042", &["read", &job, "A1", "35", "ohm"]);
    let fact = read["facts"][0].as_str().unwrap().to_owned();
    let again = company.json("T-042", &["read", &job, "A1", "35", "ohm"]);
    assert_eq!((again["already"].as_bool(), &again["facts"]), (Some(true), &read["facts"]));
    let other = company.env.on("T-042", &["read", &job, "A1", "0.35", "ohm"]).fails(2);
    assert!(other.contains("docket correct"), "{other}");
    company.env.on("T-042", &["correct", &job, &fact[..6], "--value", "0.35", "--reason", "point slipped"]).ok();
    let log = company.env.on("T-042", &["job", "log", &job]).ok();
    assert!(log.contains("35 ohm") && log.contains("0.35 ohm") && log.contains("point slipped"), "{log}");
    let shown = company.json("T-042", &["job", "show", &job]);
    let steps = shown["checklist"]["steps"].as_array().unwrap();
    let step = steps.iter().find(|step| step["step"] == "A1").unwrap();
    assert_eq!((step["status"].as_str(), step["answers"][0]["value"].as_str()), (Some("ok"), Some("0.35")));
}

#[test]
fn photos_are_kept_by_digest_and_shown_as_not_sent() {
    let (company, job) = phone();
    company.env.on("T-042", &["arrive", &job]).ok();
    company.env.write("p.jpg", b"\xff\xd8\xff\xe0 a picture");
    company.env.write("p.txt", b"not a picture");
    company.env.on("T-042", &["photo", &job, "p.jpg", "--step", "1P"]).ok();
    assert!(company.env.on("T-042", &["photo", &job, "p.txt"]).fails(2).contains("no picture"));
    assert!(company.env.on("T-042", &["photo", &job, "gone.jpg"]).fails(3).contains("gone.jpg"));
    let shown = company.env.on("T-042", &["job", "show", &job]).ok();
    assert!(shown.contains("not sent"), "{shown}");
    let blobs = std::fs::read_dir(company.env.path("T-042").join("blobs")).unwrap();
    assert!(blobs.count() > 0);
}

#[test]
fn what_a_role_may_not_state_is_kept_and_said_to_be_without_effect() {
    let company = Company::new();
    let job = company.installation(&[]);
    let arrived = company.office(&["arrive", &job]);
    assert!(arrived.err.contains("without effect"), "{}", arrived.err);
    arrived.ok();
    assert_eq!(company.json(OFFICE, &["job", "show", &job])["view"]["status"], "new");
}

#[test]
fn text_from_outside_reaches_no_terminal_unescaped() {
    let (company, job) = phone();
    company.env.on("T-042", &["note", &job, "\u{1b}[2J\u{202e}evil\nline"]).ok();
    for command in [&["job", "show", &job][..], &["job", "log", &job]] {
        let out = company.env.on("T-042", command).ok();
        assert!(out.contains("\\u{1b}[2J\\u{202e}evil\\nline"), "{out}");
        assert!(!out.contains('\u{1b}') && !out.contains('\u{202e}'));
    }
    let err = company.env.on("T-042", &["job", "show", "\u{1b}[31m"]).fails(2);
    assert!(!err.contains('\u{1b}'), "{err}");
}
