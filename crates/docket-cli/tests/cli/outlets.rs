//! Outlets, who answers for a job, proposals for dispatch, the board, people's training.

use serde_json::Value;

use crate::company::{Company, OFFICE};

fn outlet(company: &Company, id: &str, more: &[&str]) {
    let mut args = vec!["outlet", "new", id, "--time-zone", "Asia/Shanghai"];
    args.extend(more);
    company.office(&args).ok();
}

fn authorise(company: &Company, id: &str) {
    for (state, when) in [("assessed", "2026-01-05"), ("contracted", "2026-01-12"), ("authorised", "2026-02-01")] {
        company.office(&["outlet", "standing", id, state, "--when", when]).ok();
    }
}

fn rules(company: &Company, rule: &str) -> Vec<String> {
    let found = company.json(OFFICE, &["audit", "run", "--pack", "default", "--rule", rule]);
    let messages = found["findings"].as_array().unwrap().iter();
    messages.map(|finding| finding["message"].as_str().unwrap().to_owned()).collect()
}

fn ids(proposals: &Value) -> Vec<&str> {
    proposals.as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect()
}

#[test]
fn d_e6_nothing_is_dispatched_to_an_outlet_that_is_not_authorised_without_a_reason() {
    let company = Company::new();
    outlet(&company, "QD-1", &[]);
    let new = ["job", "new", "--kind", "repair", "--product", "fridge", "--outlet", "QD-1"];
    let err = company.office(&new).fails(2);
    assert!(err.contains("QD-1 is not authorised: no standing recorded") && err.contains("--override"), "{err}");
    assert_eq!(company.json(OFFICE, &["job", "list"])["total"], 0, "nothing half-written");
    authorise(&company, "QD-1");
    let mut job = company.json(OFFICE, &new)["code"].as_str().unwrap().to_owned();
    let drop = ["outlet", "standing", "QD-1", "dropped", "--reason", "overcharged", "--when", "2026-03-02 09:30"];
    company.office(&drop).ok();
    company.office(&new).fails(2);
    let shown = company.office(&["outlet", "show", "QD-1"]).ok();
    assert!(shown.contains("dropped") && shown.contains("overcharged"), "{shown}");
    assert_eq!(rules(&company, "outlet-not-authorised"), [""; 0], "it was authorised when it got the job");

    outlet(&company, "QD-2", &[]);
    let to = ["job", "hand-over", &job, "--outlet", "QD-2", "--reason", "QD-1 is gone"];
    assert!(company.office(&to).fails(2).contains("not authorised"));
    let told = company.office(&[&to[..], &["--override", "nobody else"]].concat());
    assert!(told.err.contains("D-E6"), "{}", told.err);
    told.ok();
    assert_eq!(rules(&company, "outlet-override"), [format!("{job}: given to QD-2 all the same: nobody else")]);
    assert!(rules(&company, "outlet-not-authorised")[0].contains("standing then: none"));

    job.clear();
    company.office(&["outlet", "standing", "QD-2", "authorised"]).ok();
    assert_eq!(rules(&company, "outlet-standing-skipped"), ["QD-2: authorised straight after nothing"]);
}

#[test]
fn d_e13_a_job_changes_hands_with_a_reason_and_one_outlet_answers_for_it() {
    let company = Company::new();
    for id in ["QD-1", "QD-2"] {
        outlet(&company, id, &[]);
        authorise(&company, id);
    }
    let job = company.installation(&[]);
    assert!(company.office(&["set", &job, "outlet", "QD-1"]).fails(2).contains("hand-over"));
    let over = |to: &str| company.office(&["job", "hand-over", &job, "--outlet", to, "--reason", "nearer"]);
    over("QD-1").ok();
    assert!(over("QD-1").fails(2).contains("already"));
    company.office(&["job", "hand-over", &job, "--handler", "R-1", "--reason", "on duty"]).ok();
    assert!(over("QD-2").ok().contains("(was QD-1)"));
    let view = company.json(OFFICE, &["job", "show", &job])["view"].clone();
    assert_eq!(view["owners"].as_array().unwrap().len(), 3);
    assert_eq!(view["owners"][2]["handler"], Value::Null, "who handled it at QD-1 does not at QD-2");
    assert_eq!(rules(&company, "job-bounced"), [""; 0]);
    over("QD-1").ok();
    over("QD-2").ok();
    assert_eq!(rules(&company, "job-bounced").len(), 1);
    assert!(
        company.office(&["job", "hand-over", &job, "--outlet", "QD-9", "--reason", " "]).fails(2).contains("reason")
    );
    let unknown = company.office(&["job", "hand-over", &job, "--outlet", "QD-9", "--reason", "far away"]);
    assert!(unknown.err.contains("not known here"), "{}", unknown.err);
    unknown.ok();
}

#[test]
fn d_c5_the_most_suitable_outlet_and_technician_are_proposed_and_the_result_comes_back() {
    let company = Company::new();
    for (id, region, lat) in [("QD-1", "shandong", "36.07"), ("QD-2", "shandong", "36.5"), ("BJ-1", "hebei", "39.9")] {
        outlet(&company, id, &["--region", region, "--lat", lat, "--lon", "120.38", "--level", "star"]);
        authorise(&company, id);
    }
    outlet(&company, "QD-3", &["--region", "shandong"]);
    company.office(&["outlet", "inspect", "QD-1", "undercover", "--failed", "--text", "no name badge"]).ok();
    company.technician("T-042");
    company.enrol("T-007", "technician");
    company.office(&["person", "set", "T-042", "outlet", "QD-2"]).ok();
    company.office(&["person", "set", "T-042", "skills", "fridge, washing_machine"]).ok();
    let job = company.installation(&[]);
    company.office(&["set", &job, "region", "shandong"]).ok();
    let proposed = company.json(OFFICE, &["dispatch", "recommend", &job]);
    assert_eq!(ids(&proposed["proposals"]["outlets"]), ["QD-2", "QD-1", "BJ-1"], "QD-3 is not authorised");
    assert_eq!(ids(&proposed["proposals"]["technicians"]), ["T-042"]);
    assert_eq!(proposed["considered"]["technicians"], 2);
    let page = company.office(&["dispatch", "recommend", &job, "--limit", "1"]).ok();
    assert!(page.contains("knows fridge") && page.contains("own region") && !page.contains("BJ-1"), "{page}");
    let why = company.office(&["dispatch", "explain", &job]).ok();
    assert!(why.contains("ungraded: may ride along, never alone") && why.contains("QD-3 is not authorised"), "{why}");

    company.office(&["job", "hand-over", &job, "--outlet", "QD-2", "--reason", "proposed"]).ok();
    company.office(&["job", "assign", &job, "T-042", "--at", "2026-03-02 09:00"]).ok();
    company.hand_over(OFFICE, "T-042");
    company.install("T-042", &job);
    company.hand_over("T-042", OFFICE);
    let view = company.json(OFFICE, &["job", "show", &job])["view"].clone();
    assert_eq!(view["visits"][0]["outcomes"][0]["detail"], "installed", "the outlet reports the result back");
    company.office(&["doctor"]).ok();
}

#[test]
fn d_h8_the_board_shows_where_every_order_stands() {
    let company = Company::new();
    outlet(&company, "QD-1", &["--region", "shandong"]);
    authorise(&company, "QD-1");
    company.technician("T-042");
    let waiting = company.installation(&[]);
    let planned = company.installation(&["T-042"]);
    company.office(&["job", "hand-over", &planned, "--outlet", "QD-1", "--reason", "nearest"]).ok();
    let on_site = company.installation(&["T-042"]);
    company.hand_over(OFFICE, "T-042");
    company.env.on("T-042", &["arrive", &on_site]).ok();
    company.hand_over("T-042", OFFICE);
    let board = company.json(OFFICE, &["board"]);
    assert_eq!(board["total"], 3);
    let stages: Vec<(&str, u64)> = board["stages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|stage| (stage["stage"].as_str().unwrap(), stage["count"].as_u64().unwrap()))
        .collect();
    assert_eq!(stages, [("intake", 1), ("plan", 1), ("service", 1), ("acceptance", 0), ("follow_up", 0)]);
    assert_eq!(board["stages"][0]["orders"][0]["code"], waiting.as_str());
    for filter in [["--outlet", "QD-1"], ["--region", "shandong"], ["--stage", "plan"]] {
        let one = company.json(OFFICE, &["board", filter[0], filter[1]]);
        assert_eq!(one["total"], 1, "{filter:?}");
    }
    assert!(company.office(&["board", "--stage", "lost"]).fails(2).contains("one of: intake, plan"));
    let mut narrow = company.env.command(OFFICE, &["board"]);
    let text = crate::env::finish(narrow.env("COLUMNS", "60").output().unwrap()).ok();
    assert!(text.lines().all(|line| line.chars().count() <= 60), "{text}");
    assert!(text.starts_with("intake 1 · plan 1 · service 1"), "{text}");
    // Whoever was handed the record sees the same board.
    assert_eq!(company.json("T-042", &["board"])["stages"], company.json(OFFICE, &["board"])["stages"]);
}

#[test]
fn d_h6_many_outlets_come_out_of_a_file_and_what_is_wrong_is_named() {
    let company = Company::new();
    let csv = "outlet,name,level,zone,lat,lon,standing\n\
               QD-1,Qingdao North,star,Asia/Shanghai,36.07,120.38,authorised\n\
               QD-2,Qingdao South,palace,Asia/Shanghai,36.07,120.38,\n\
               QD-3,Somewhere,,Nowhere/At/All,,,\n\
               QD-4,Half,,,36,,\n\
               QD-5,\"caf\u{e9}\",franchised,,,,contracted\n\
               QD-1,Another name,star,Asia/Shanghai,36.07,120.38,authorised\n\
               ,Nobody,,,,,\n\
               QD-6,too,few\n";
    let mut bytes = csv.as_bytes().to_vec();
    bytes.extend_from_slice(b"QD-7,caf\xe9,,,,,\n");
    company.env.write("outlets.csv", bytes);
    let ran = company.office(&["outlet", "import", "outlets.csv"]);
    assert_eq!(ran.code, 4, "{}{}", ran.out, ran.err);
    let listed = company.json(OFFICE, &["outlet", "list"]);
    assert_eq!(ids_of(&listed), ["QD-1", "QD-5"]);
    let rejects = std::fs::read(company.env.path("outlets.rejects.csv")).unwrap();
    let rejects = String::from_utf8_lossy(&rejects);
    for (line, field, why) in [
        (3, "level", "none of: "),
        (4, "zone", "no time zone"),
        (5, "lat", "half a place"),
        (7, "outlet", "line 2 already"),
        (8, "outlet", "is empty"),
        (9, "", "3 fields; the header has 7"),
        (10, "name", "byte 0xE9 is not utf-8"),
    ] {
        let found = rejects.lines().find(|row| row.starts_with(&format!("{line},{field},")));
        assert!(found.is_some_and(|row| row.contains(why)), "{line} {field}: {rejects}");
    }
    for (text, why) in [("name,level\n", "no column `outlet`"), ("outlet,colour\n", "`colour` is no field")] {
        company.env.write("bad.csv", text);
        let err = company.office(&["outlet", "import", "bad.csv"]).fails(2);
        assert!(err.contains("bad.csv:1:") && err.contains(why), "{err}");
    }
    company.env.write("latin.csv", b"outlet;name\nQD-1;caf\xe9\n");
    let args = ["outlet", "import", "latin.csv", "--encoding", "windows-1252", "--delimiter", ";"];
    assert_eq!(company.json(OFFICE, &args)["changed"], 1);
    assert_eq!(company.json(OFFICE, &args)["unchanged"], 1, "a second time changes nothing");
    assert_eq!(company.json(OFFICE, &["outlet", "list"])["outlets"][0]["name"], "caf\u{e9}");
    assert_eq!(company.json(OFFICE, &["inbox", "list"])["items"].as_array().map_or(0, Vec::len), 0, "no conflict");
}

fn ids_of(listed: &Value) -> Vec<&str> {
    listed["outlets"].as_array().unwrap().iter().map(|one| one["outlet"].as_str().unwrap()).collect()
}

#[test]
fn d_e14_training_comes_before_the_post_is_taken() {
    let company = Company::new();
    company.technician("T-042");
    company.office(&["policy", "adopt", "hengji", "--now", "2026-03-02T09:01:00Z"]).ok();
    let job = company.installation(&[]);
    let assign = ["job", "assign", &job, "T-042", "--at", "2026-03-02 09:00"];
    assert!(company.office(&assign).fails(2).contains("T-042 lacks training: induction"));
    company.office(&[&assign[..], &["--override", "nobody else"]].concat()).ok();
    company.hand_over(OFFICE, "T-042");
    company.env.on("T-042", &["arrive", &job]).ok();
    company.hand_over("T-042", OFFICE);
    assert_eq!(rules(&company, "worked-untrained").len(), 1);
    let bad = ["person", "train", "T-042", "induction", "--on", "2026-02-01", "--until", "2026-01-01"];
    assert!(company.office(&bad).fails(2).contains("never counts"));
    company.office(&["person", "train", "T-042", "induction", "--on", "2026-02-01"]).ok();
    assert_eq!(rules(&company, "worked-untrained"), [""; 0], "it was only written down late");
    company.office(&assign).ok();
}

#[test]
fn d_e7_people_and_outlets_are_rated_by_who_rates() {
    let company = Company::new();
    company.technician("T-042");
    outlet(&company, "QD-1", &[]);
    company.office(&["person", "rate", "T-042", "peer", "80"]).ok();
    company.office(&["person", "reward", "T-042", "--reason", "a letter of thanks"]).ok();
    company.office(&["person", "penalise", "T-042", "--about", "attitude", "--reason", "shouted", "--publish"]).ok();
    company.office(&["outlet", "rate", "QD-1", "shopper", "70", "--publish"]).ok();
    company.office(&["person", "rate", "T-042", "peer", "101"]).fails(2);
    company.office(&["person", "rate", "T-042", "enemy", "10"]).fails(2);
    company.office(&["outlet", "call", "QD-1", "supplier"]).ok();
    assert_eq!(company.json(OFFICE, &["outlet", "list"])["outlets"][0]["unanswered"], 1);
    company.office(&["outlet", "respond", "QD-1", "--text", "tomorrow"]).ok();
    assert_eq!(company.json(OFFICE, &["outlet", "list"])["outlets"][0]["unanswered"], 0);
    company.office(&["outlet", "respond", "QD-1"]).fails(2);
}

#[test]
fn d_e16_an_outlet_lives_on_bundles_alone() {
    let company = Company::new();
    outlet(&company, "QD-1", &["--region", "shandong"]);
    authorise(&company, "QD-1");
    company.technician("T-042");
    let job = company.installation(&["T-042"]);
    company.hand_over(OFFICE, "T-042");
    // No relay anywhere: outlets, policy and proposals are there all the same, and what is done comes back.
    assert_eq!(ids_of(&company.json("T-042", &["outlet", "list"])), ["QD-1"]);
    let proposed = company.json("T-042", &["dispatch", "recommend", &job]);
    assert_eq!(ids(&proposed["proposals"]["outlets"]), ["QD-1"]);
    company.install("T-042", &job);
    company.hand_over("T-042", OFFICE);
    assert_eq!(company.json(OFFICE, &["job", "show", &job])["view"]["status"], "done");
}

#[test]
fn d_h2_grades_are_shown_for_a_day_with_their_history_and_absurd_evidence_is_refused() {
    let company = Company::new();
    company.technician("T-042");
    let shown = company.json(OFFICE, &["grade", "show", "T-042", "--on", "2026-03-01"]);
    let one = &shown["technicians"][0];
    assert_eq!((shown["as_of"].as_str(), one["grade"]["grade"].as_str()), (Some("2026-03-01"), Some("C")));
    assert_eq!(one["history"][0]["on"], "2019-03-01");
    assert!(one["grade"]["missing"].to_string().contains("intermediate"), "{one}");
    let page = company.office(&["grade", "show", "T-042"]).ok();
    assert!(page.contains("2019-03-01"), "{page}");
    for (issued, expires, why) in [
        ("2020-01-02", "2020-01-01", "before"),
        ("1066-10-14", "2030-01-01", "absurd"),
        ("2027-01-01", "2028-01-01", "future"),
        ("2020-01-01", "9999-01-01", "absurd"),
    ] {
        let err = company
            .office(&[
                "grade",
                "add",
                "T-042",
                "exam",
                "--level",
                "B",
                "--issuer",
                "x",
                "--issued",
                issued,
                "--expires",
                expires,
            ])
            .fails(2);
        assert!(err.contains(why), "{err}");
    }
    assert_eq!(
        company.json(OFFICE, &["grade", "show", "T-042"])["technicians"][0]["evidence"].as_array().unwrap().len(),
        2
    );
}

#[test]
fn d_e14_a_pilot_pack_is_for_its_outlets_from_its_first_day_on() {
    let company = Company::new();
    for id in ["QD-1", "QD-2"] {
        outlet(&company, id, &[]);
        authorise(&company, id);
    }
    let haier =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/policies/haier.toml")).unwrap();
    let pilot = haier.replacen("name = \"haier\"", "name = \"pilot\"\nstarts = \"2026-03-01\"", 1).replacen(
        "[outlets]\n",
        "[outlets]\nonly = [\"QD-1\"]\n",
        1,
    );
    company.env.write("pilot.toml", pilot);
    let digest = |company: &Company, more: &[&str]| {
        let new = [&["job", "new", "--kind", "repair", "--product", "fridge"][..], more].concat();
        let job = company.json(OFFICE, &new)["code"].as_str().unwrap().to_owned();
        company.json(OFFICE, &["job", "show", &job])["view"]["registers"]["policy"]["live"][0]["value"].clone()
    };
    let before = digest(&company, &["--outlet", "QD-1"]);
    company.office(&["policy", "adopt", "pilot.toml", "--now", "2026-03-02T09:01:00Z"]).ok();
    let piloted = digest(&company, &["--outlet", "QD-1"]);
    assert_ne!(piloted, before);
    assert_eq!(digest(&company, &["--outlet", "QD-1", "--received", "2026-02-28"]), before, "not begun yet");
    assert_eq!(digest(&company, &["--outlet", "QD-2"]), before, "not for this outlet");
    assert_eq!(digest(&company, &[]), before);
    let job = company.json(OFFICE, &["job", "list", "--outlet", "QD-1"])["jobs"].clone();
    assert_eq!(job.as_array().unwrap().len(), 3);
    assert_eq!(rules(&company, "policy-not-in-force"), [""; 0]);
    let codes: Vec<&str> = job.as_array().unwrap().iter().map(|job| job["code"].as_str().unwrap()).collect();
    for code in codes {
        company.office(&["job", "hand-over", code, "--outlet", "QD-2", "--reason", "moved"]).ok();
    }
    assert_eq!(rules(&company, "policy-not-in-force").len(), 1, "the one that the pilot's pack judges");
}
