//! In the office: jobs in and out, names of jobs, fields, grades, dispatch.

use crate::company::{Company, OFFICE, json, steady};

#[test]
fn a_job_goes_by_any_unique_start_of_its_code_its_id_or_its_number() {
    let company = Company::new();
    let job = company.installation(&[]);
    let doc = company.json(OFFICE, &["job", "show", &job])["doc"].as_str().unwrap().to_owned();
    for name in [job[..4].to_owned(), job.to_lowercase(), doc] {
        assert_eq!(company.json(OFFICE, &["job", "show", &name])["code"], job.as_str(), "{name}");
    }
    for name in ["ZZZZZZZZZ", "no such", "", "018f0000-0000-7000-8000-000000000000", &"9".repeat(300)] {
        let err = company.office(&["job", "show", name]).fails(2);
        assert!(err.contains("hint:"), "{name}: {err}");
    }
    for _ in 0..40 {
        company.installation(&[]);
    }
    let jobs = company.json(OFFICE, &["job", "list", "--limit", "0"]);
    let codes: Vec<&str> = jobs["jobs"].as_array().unwrap().iter().map(|job| job["code"].as_str().unwrap()).collect();
    let shared =
        codes.iter().map(|code| &code[..1]).find(|one| codes.iter().filter(|c| c.starts_with(one)).count() > 1);
    let err = company.office(&["job", "show", shared.unwrap()]).fails(2);
    assert!(err.contains("names") && err.contains("hint: type more"), "{err}");
}

#[test]
fn a_new_job_is_checked_against_the_policy() {
    let company = Company::new();
    let err = company.office(&["job", "new", "--kind", "magic", "--product", "x"]).fails(2);
    assert!(err.contains("no kind of job") && err.contains("installation"), "{err}");
    let time =
        company.office(&["job", "new", "--kind", "repair", "--product", "x", "--received", "31.1.2020"]).fails(2);
    assert!(time.contains("is not a time") && time.contains("hint:"), "{time}");
    company.office(&["job", "new", "--kind", "repair", "--product", "x", "--appliances", "0"]).fails(2);
    assert_eq!(company.json(OFFICE, &["job", "list"])["total"], 0, "nothing half-written");
    let init = ["init", "--tenant-name", "Other", "--person", "A-001", "--name", "Ada", "--policy", "changhong"];
    company.env.on("other", &init).ok();
    let delivery = company.env.on("other", &["job", "new", "--kind", "delivery", "--product", "x"]);
    assert!(delivery.err.contains("no checklist"), "{}", delivery.err);
    delivery.ok();
}

#[test]
fn lists_filter_count_and_say_when_they_are_cut() {
    let company = Company::new();
    company.technician("T-042");
    let mine = company.installation(&["T-042"]);
    company.installation(&[]);
    let assigned = company.json(OFFICE, &["job", "list", "--person", "T-042", "--status", "assigned"]);
    assert_eq!((assigned["total"].as_u64(), assigned["jobs"][0]["code"].as_str()), (Some(1), Some(mine.as_str())));
    let cut = company.office(&["job", "list", "--limit", "1"]);
    assert!(cut.err.contains("1 of 2 jobs"), "{}", cut.err);
    assert!(company.office(&["job", "list", "--status", "lost"]).fails(2).contains("one of: new, assigned"));
    assert_eq!(company.json(OFFICE, &["job", "search", "zhang", "fridge"])["total"], 2);
    assert_eq!(company.json(OFFICE, &["job", "search", "zh%ng"])["total"], 0, "a per cent sign is a per cent sign");
    let list = company.office(&["job", "list", "--person", "T-042"]).ok();
    insta::assert_snapshot!(steady(&company.env, &list));
}

#[test]
fn assigning_below_the_least_grade_needs_a_reason() {
    let company = Company::new();
    company.enrol("T-007", "technician");
    let job = company.installation(&[]);
    let err = company.office(&["job", "assign", &job, "T-007"]).fails(2);
    assert!(err.contains("has grade C") && err.contains("--override"), "{err}");
    let explained = company.office(&["dispatch", "explain", &job]).ok();
    assert!(explained.contains("T-007") && explained.contains("ungraded"), "{explained}");
    company.office(&["job", "assign", &job, "T-007", "--override", "training"]).ok();
    assert!(company.office(&["job", "log", &job]).ok().contains("training"));
    let rule = ["audit", "run", "--rule", "below-grade-override"];
    let found = company.json(OFFICE, &rule);
    assert!(found["findings"][0]["message"].as_str().unwrap().contains("T-007 sent all the same: training"), "{found}");
    company.office(&["job", "assign", &job, "--nobody"]).ok();
    assert_eq!(company.json(OFFICE, &rule)["findings"].as_array().map(Vec::len), Some(0), "nobody is sent any more");
    assert_eq!(company.json(OFFICE, &["job", "show", &job])["view"]["status"], "new");
}

#[test]
fn a_job_is_cancelled_and_opened_again_with_reasons() {
    let company = Company::new();
    let job = company.installation(&[]);
    company.office(&["job", "reopen", &job, "--reason", "x"]).fails(2);
    company.office(&["job", "cancel", &job, "--reason", "bought elsewhere"]).ok();
    company.office(&["job", "cancel", &job, "--reason", "twice"]).fails(2);
    company.office(&["job", "assign", &job, "--nobody"]).fails(2);
    company.office(&["job", "reopen", &job, "--reason", "came back"]).ok();
    assert_eq!(company.json(OFFICE, &["job", "show", &job])["view"]["status"], "new");
}

#[test]
fn a_field_changes_over_what_was_shown_and_customer_data_stays_with_the_customer() {
    let company = Company::new();
    let job = company.installation(&[]);
    assert!(company.office(&["set", &job, "phone", "0533"]).ok().contains("was 0532"));
    assert!(company.office(&["set", &job, "phone", "0533"]).ok().contains("already"));
    let shown = company.json(OFFICE, &["job", "show", &job]);
    assert_eq!(shown["customer"]["registers"]["phone"]["live"][0]["value"], "0533");
    assert!(shown["view"]["registers"].get("phone").is_none());
    company.office(&["set", &job, "appointment", "2026-03-03 10:00"]).ok();
    for (field, value) in
        [("crew", "x"), ("Not A Field", "x"), ("appointment", "soon"), ("appliances", "many"), ("kind", "x")]
    {
        assert!(
            company.office(&["set", &job, field, value]).fails(2).contains("hint:")
                || field == "appliances"
                || field == "kind"
        );
    }
}

#[test]
fn grades_come_from_evidence_and_say_what_is_missing() {
    let company = Company::new();
    company.technician("T-042");
    let shown = company.json(OFFICE, &["grade", "show", "T-042"]);
    assert_eq!(shown["technicians"][0]["grade"]["grade"], "C");
    let before = company.json(OFFICE, &["grade", "show", "T-042", "--as-of", "2018-06-01"]);
    assert_eq!(before["technicians"][0]["grade"]["grade"], "ungraded");
    for args in [
        &["grade", "add", "T-042", "exam", "--issuer", "x", "--issued", "2020-01-01"][..],
        &["grade", "add", "T-042", "exam", "--level", "Z", "--issuer", "x", "--issued", "2020-01-01"],
        &["grade", "add", "T-042", "certificate", "--level", "junior", "--issuer", "x"],
        &["grade", "add", "T-042", "service", "--issuer", "x"],
        &["grade", "add", "T-042", "exam", "--level", "C", "--issuer", "x", "--issued", "2020-13-01"],
        &[
            "grade",
            "add",
            "T-042",
            "exam",
            "--level",
            "C",
            "--issuer",
            "x",
            "--issued",
            "2020-02-01",
            "--expires",
            "2019-01-01",
        ],
    ] {
        company.office(args).fails(2);
    }
    let table = company.office(&["grade", "show"]).ok();
    insta::assert_snapshot!(steady(&company.env, &table));
}

#[test]
fn a_job_is_exported_as_json_and_as_an_automerge_document() {
    let company = Company::new();
    let job = company.installation(&[]);
    let exported = json(&company.office(&["job", "export", &job]).ok());
    assert_eq!(exported["view"]["status"], "new");
    assert!(!exported["records"].as_array().unwrap().is_empty());
    company.office(&["job", "export", &job, "--automerge", "job.automerge"]).ok();
    let bytes = std::fs::read(company.env.path("job.automerge")).unwrap();
    assert_eq!(bytes[..4], [0x85, 0x6f, 0x4a, 0x83], "Automerge's magic bytes");
    company.office(&["job", "export", &job, "--automerge", "no/such/dir/x"]).fails(3);
}

#[test]
fn errors_are_json_too_when_asked() {
    let company = Company::new();
    let err = json(&company.office(&["job", "show", "ZZZZZZ", "--json"]).fails(2));
    assert_eq!((err["error"]["kind"].as_str(), err["error"]["exit"].as_u64()), (Some("usage"), Some(2)));
}
