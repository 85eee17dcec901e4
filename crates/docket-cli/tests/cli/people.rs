//! Customers that are one, jobs found however they are asked for, jobs that change hands, and a technician's day.

use serde_json::Value;

use crate::company::{Company, OFFICE};
use crate::env::finish;

/// A repair for a customer; the job's code.
fn repair(company: &Company, name: &str, phone: &str, address: &str, more: &[&str]) -> String {
    let mut args = vec!["job", "new", "--kind", "repair", "--product", "fridge"];
    args.extend(["--customer-name", name, "--phone", phone, "--address", address]);
    args.extend(more);
    company.json(OFFICE, &args)["code"].as_str().unwrap().to_owned()
}

fn codes(answer: &Value) -> Vec<String> {
    let mut codes: Vec<String> =
        answer["jobs"].as_array().unwrap().iter().map(|job| job["code"].as_str().unwrap().to_owned()).collect();
    codes.sort();
    codes
}

fn found(company: &Company, words: &[&str]) -> Vec<String> {
    let mut args = vec!["job", "search"];
    args.extend(words);
    codes(&company.json(OFFICE, &args))
}

fn sorted(codes: &[&String]) -> Vec<String> {
    let mut codes: Vec<String> = codes.iter().map(|&code| code.clone()).collect();
    codes.sort();
    codes
}

#[test]
fn d_k3_duplicate_customers_are_found_linked_and_unlinked() {
    let company = Company::new();
    let one = repair(&company, "Zhang Min", "138 0000 1111", "Qingdao, Hongkong Road 12", &[]);
    let other = repair(&company, "ＺＨＡＮＧ ＭＩＮ", "+86 13800001111", "Qingdao Hongkong Road 12", &[]);
    let third = repair(&company, "Li Wei", "0532 8888 7777", "Qingdao, Taiping Road 3", &[]);
    let elsewhere = repair(&company, "li wei", "139 0000 2222", "QINGDAO TAIPING ROAD 3", &[]);
    let stranger = repair(&company, "Wang", "0000000", "Jinan", &[]);
    repair(&company, "Zhao", "000000000", "Jinan 2", &[]);
    let pairs = company.json(OFFICE, &["customer", "duplicates"]);
    assert_eq!(pairs["total"], 2, "a placeholder makes nobody one: {pairs:#}");
    assert_eq!((&pairs["pairs"][0]["score"], &pairs["pairs"][1]["score"]), (&100.into(), &60.into()));
    assert_eq!(pairs["pairs"][1]["why"], serde_json::json!(["name", "address"]));
    // One by its own code, one by its job's.
    let code = company.json(OFFICE, &["job", "show", &one])["customer"]["doc"].as_str().unwrap().to_owned();
    let linked = company.json(OFFICE, &["customer", "link", &code, &other, "--reason", "same number"]);
    assert_eq!(linked["group"].as_array().unwrap().len(), 2);
    assert_eq!(company.json(OFFICE, &["customer", "duplicates"])["total"], 1);
    assert_eq!(
        company.json(OFFICE, &["customer", "link", &other, &one, "--reason", "again"])["facts"],
        serde_json::json!([])
    );
    // A third in a chain: one key for all, the least id; lists and searches show all of it.
    company.office(&["customer", "link", &third, &one, "--reason", "husband"]).ok();
    let listed = codes(&company.json(OFFICE, &["job", "list", "--customer", &other]));
    assert_eq!(listed, sorted(&[&one, &other, &third]));
    assert_eq!(found(&company, &["taiping", "zhang"]), sorted(&[&one, &other, &third]));
    // Through a third there is nothing to take back; the link itself can be, and then they are apart.
    assert!(
        company.office(&["customer", "unlink", &third, &other, "--reason", "x"]).fails(2).contains("through a third")
    );
    let apart = company.json(OFFICE, &["customer", "unlink", &one, &third, "--reason", "father and son"]);
    assert_eq!((apart["facts"].as_array().unwrap().len(), apart["group"].as_array().unwrap().len()), (1, 2));
    assert_eq!(codes(&company.json(OFFICE, &["job", "list", "--customer", &third])), sorted(&[&third]));
    assert!(
        company.office(&["customer", "link", &one, &one, "--reason", "x"]).fails(2).contains("one customer already")
    );
    assert!(company.office(&["customer", "unlink", &one, &stranger, "--reason", "x"]).fails(2).contains("no link"));
    let _ = elsewhere;
}

#[test]
fn d_k3_jobs_are_found_by_phone_serial_and_address_however_they_are_written() {
    let company = Company::new();
    let min = repair(&company, "张敏", "138 0000 1111", "青岛市 香港中路１２号", &[]);
    let li = repair(&company, "Li Wei", "(0532) 8888-7777", "Qingdao, 3 Taiping Road", &[]);
    company.office(&["set", &li, "serial", "SN 4711-AB"]).ok();
    for words in [&["13800001111"][..], &["+86 138-0000-1111"], &["+86", "138", "0000", "1111"], &["0000 1111"]] {
        assert_eq!(found(&company, words), sorted(&[&min]), "{words:?}");
    }
    for words in [&["053288887777"][..], &["+8653288887777"], &["8888", "7777"], &["88887777"]] {
        assert_eq!(found(&company, words), sorted(&[&li]), "{words:?}");
    }
    for words in [&["香港中路"][..], &["12号", "青岛"], &["张敏"], &["香港中路12号"]] {
        assert_eq!(found(&company, words), sorted(&[&min]), "{words:?}");
    }
    for words in [&["road", "taiping"][..], &["TAIPING", "qingdao"], &["sn4711"], &["SN 4711-AB"], &["fridge", "wei"]] {
        assert_eq!(found(&company, words), sorted(&[&li]), "{words:?}");
    }
    assert!(found(&company, &["road", "香港"]).is_empty());
    assert!(found(&company, &["4711-AB"]).is_empty(), "a serial number is found by its beginning");
    assert_eq!(found(&company, &["fridge"]).len(), 2);
    assert!(found(&company, &["100%"]).is_empty() && found(&company, &["_"]).len() == 2, "no wildcards");
}

#[test]
fn d_e13_a_persons_jobs_go_to_another_all_or_none() {
    let company = Company::new();
    company.technician("T-042");
    company.technician("T-007");
    company.enrol("T-009", "technician");
    let jobs: Vec<String> = (0..3).map(|_| company.installation(&["T-042"])).collect();
    company.office(&["job", "assign", &jobs[2], "T-042", "T-007", "--at", "2026-03-05 09:00"]).ok();
    let args = ["job", "reassign", "--from", "T-042", "--to", "T-007", "--reason", "ill"];
    let with = |more: &[&'static str]| [&args[..], more].concat();
    let dry = company.json(OFFICE, &with(&["--dry-run"]));
    assert_eq!((dry["moved"].as_array().unwrap().len(), dry["left"].as_array().unwrap().len()), (3, 0));
    let one_day = company.json(OFFICE, &with(&["--date", "2026-03-05"]));
    assert_eq!(one_day["moved"].as_array().unwrap().len(), 1);
    // Who was in the crew anyway is in it once.
    assert_eq!(
        company.json(OFFICE, &["job", "list", "--person", "T-007"])["jobs"][0]["crew"],
        serde_json::json!(["T-007"])
    );
    assert_eq!(company.json(OFFICE, &with(&[]))["moved"].as_array().unwrap().len(), 2);
    assert_eq!(company.json(OFFICE, &with(&[]))["moved"].as_array().unwrap().len(), 0, "again: nothing is left to do");
    // Both phones learn of it: what one is shown any longer and the other now.
    company.hand_over(OFFICE, "T-007");
    assert_eq!(company.json("T-007", &["today"])["jobs"].as_array().unwrap().len(), 3);
    let sight = company.json(OFFICE, &["scope", "show", "--technician", "T-042"]);
    assert_eq!(sight["jobs"].as_array().map(Vec::len), Some(0), "{sight:#}");
    // Somebody without the grade gets none of them, and the exit code says that some were left.
    let low = ["job", "reassign", "--from", "T-007", "--to", "T-009", "--reason", "ill", "--json"];
    let ran = company.office(&low);
    assert_eq!(ran.code, 4, "{}", ran.err);
    let left: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((left["moved"].as_array().unwrap().len(), left["left"].as_array().unwrap().len()), (0, 3));
    let forced = [&low[..8], &["--override", "nobody else", "--json"]].concat();
    let forced: Value = serde_json::from_str(&company.office(&forced).ok()).unwrap();
    assert_eq!(forced["moved"].as_array().unwrap().len(), 3);
    assert!(
        company
            .office(&["job", "reassign", "--from", "T-007", "--to", "T-1", "--reason", "x"])
            .fails(2)
            .contains("T-1")
    );
}

/// Runs on T-042's phone at a time of the day.
fn at(company: &Company, time: &str, args: &[&str]) -> crate::env::Ran {
    let mut command = company.env.command("T-042", args);
    finish(command.env("DOCKET_NOW", format!("2026-03-02T{time}:00Z")).output().unwrap())
}

#[test]
fn d_h4_a_day_shows_travel_pauses_progress_and_what_is_next() {
    let company = Company::new();
    company.technician("T-042");
    let (first, second) = (company.installation(&["T-042"]), company.installation(&["T-042"]));
    company.office(&["job", "assign", &second, "T-042", "--at", "2026-03-04 10:00"]).ok();
    company.hand_over(OFFICE, "T-042");
    let state = |time: &str| {
        let day: Value = serde_json::from_str(&at(&company, time, &["today", "--json"]).ok()).unwrap();
        let job = &day["jobs"][0];
        assert_eq!(job["job"]["code"], first.as_str(), "{day:#}");
        (job["state"].as_str().unwrap().to_owned(), job["next"].clone(), job["due"].as_str().unwrap().to_owned())
    };
    assert_eq!(state("08:00"), ("waiting".into(), "arrive".into(), "today".into()));
    at(&company, "08:10", &["depart", &first, "--vehicle", "van 3", "--km", "12"]).ok();
    assert_eq!(state("08:20").0, "travelling");
    at(&company, "08:50", &["arrive", &first]).ok();
    assert!(
        at(&company, "08:51", &["depart", &second]).code == 0 && at(&company, "08:51", &["depart", &first]).code == 2
    );
    assert_eq!(state("08:52").0, "on_site");
    at(&company, "09:00", &["pause", &first, "--for", "part"]).ok();
    assert_eq!(state("09:01"), ("paused".into(), "resume".into(), "today".into()));
    let shown = at(&company, "09:02", &["today"]).ok();
    assert!(shown.contains("paused since 09:00: part") && shown.contains("Later"), "{shown}");
    let chinese = at(&company, "09:02", &["--lang", "zh", "today"]).ok();
    assert!(chinese.contains("暂停，09:00 起：等配件") && chinese.contains("以后"), "{chinese}");
    assert!(at(&company, "09:03", &["pause", &first, "--for", "part"]).ok().contains("already"));
    assert!(at(&company, "09:03", &["pause", &first, "--for", "break"]).fails(2).contains("paused already"));
    at(&company, "09:10", &["resume", &first]).ok();
    assert!(at(&company, "09:11", &["resume", &first]).fails(2).contains("not paused"));
    at(&company, "09:20", &["no-access", &first]).ok();
    let day: Value = serde_json::from_str(&at(&company, "09:30", &["today", "--json"]).ok()).unwrap();
    let ended = day["jobs"].as_array().unwrap().iter().find(|job| job["job"]["code"] == first.as_str()).unwrap();
    assert_eq!(ended["state"], "no_access", "{day:#}");
    assert!(day["jobs"][0]["steps"].as_u64().unwrap() > 5 && day["jobs"][0]["least_grade"].is_string());
    // In a narrow terminal nothing is wider than it.
    let mut narrow = company.env.command("T-042", &["today"]);
    let narrow = finish(narrow.env("COLUMNS", "60").output().unwrap()).ok();
    assert!(narrow.lines().all(|line| line.chars().count() <= 60), "{narrow}");
}
