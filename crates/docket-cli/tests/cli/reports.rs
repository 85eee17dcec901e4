//! Reports through the program: what supervisors, design and the customer read.

use serde_json::Value;

use crate::company::{Company, OFFICE};

/// A company in which one installation was worked and handed over; gives the job's code.
fn worked() -> (Company, String) {
    let company = Company::new();
    company.technician("T-042");
    let job = company.installation(&["T-042"]);
    company.hand_over(OFFICE, "T-042");
    company.install("T-042", &job);
    company.hand_over("T-042", OFFICE);
    (company, job)
}

const YEARS: [&str; 4] = ["--from", "2000-01-01", "--until", "2100-12-31"];

fn sheet(company: &Company, name: &str) -> Value {
    let answer = company.json(OFFICE, &[&["report", name][..], &YEARS[..]].concat());
    answer["sheets"][0].clone()
}

/// A row's cell by the column's id.
fn cell<'v>(sheet: &'v Value, row: usize, column: &str) -> &'v Value {
    let columns = sheet["columns"].as_array().unwrap();
    let index = columns.iter().position(|one| one["id"] == column).unwrap_or_else(|| panic!("no {column}: {sheet}"));
    &sheet["rows"][row][index]
}

#[test]
fn d_e7_a_technicians_card_has_a_score_and_what_it_is_made_of() {
    let (company, _) = worked();
    let sheet = sheet(&company, "technicians");
    assert_eq!(cell(&sheet, 0, "person"), "T-042");
    assert_eq!(cell(&sheet, 0, "visits"), 1);
    assert_eq!(cell(&sheet, 0, "signed"), 1000);
    assert!(cell(&sheet, 0, "score").is_i64());
    assert!(cell(&sheet, 0, "percentile").is_null(), "nobody to compare with");
}

/// One installation at outlet QD-1, worked and surveyed twice; M-1 runs QD-1, M-0 the outlet above, S-9 is above that.
fn surveyed() -> Company {
    let company = Company::new();
    for (id, by) in [("QD-0", "S-9"), ("QD-1", "QD-0"), ("QD-2", "QD-0")] {
        company.office(&["outlet", "new", id, "--supervised-by", by]).ok();
    }
    company.technician("T-042");
    company.enrol("CB-1", "call_back_agent");
    company.enrol("M-1", "outlet_manager");
    for (person, field, value) in [
        ("T-042", "outlet", "QD-1"),
        ("M-1", "outlet", "QD-1"),
        ("M-0", "outlet", "QD-0"),
        ("M-0", "post", "outlet_manager"),
    ] {
        company.office(&["person", "set", person, field, value]).ok();
    }
    let job = company.installation(&["T-042"]);
    let to = ["job", "hand-over", &job, "--outlet", "QD-1", "--reason", "nearest", "--override", "a new outlet"];
    company.office(&to).ok();
    company.hand_over(OFFICE, "T-042");
    company.install("T-042", &job);
    company.hand_over("T-042", OFFICE);
    company.hand_over(OFFICE, "CB-1");
    let survey = |more: &[&str]| company.env.on("CB-1", &[&["survey", &job][..], more].concat()).ok();
    survey(&["--score", "55", "--channel", "interview", "--third-party"]);
    survey(&["--score", "90", "--channel", "call"]);
    company.hand_over("CB-1", OFFICE);
    company
}

fn row_of(sheet: &Value, name: &str) -> Option<usize> {
    sheet["rows"].as_array().unwrap().iter().position(|row| row[0] == name)
}

#[test]
fn d_c8_surveys_roll_up_to_the_technician_the_outlet_and_the_managers_above() {
    let company = surveyed();
    let technicians = sheet(&company, "technicians");
    assert_eq!(cell(&technicians, 0, "surveys"), 550);
    assert_eq!(cell(&technicians, 0, "own_surveys"), 900);
    assert_eq!(cell(&sheet(&company, "outlets"), 0, "surveys"), 550);
    let managers = sheet(&company, "managers");
    for (person, outlets) in [("M-1", 1), ("M-0", 3), ("S-9", 3)] {
        let row = row_of(&managers, person).unwrap_or_else(|| panic!("no {person}: {managers}"));
        assert_eq!(cell(&managers, row, "outlets"), outlets, "{person}");
        assert_eq!(cell(&managers, row, "surveys"), 550, "{person}");
        assert_eq!(cell(&managers, row, "jobs"), 1, "{person}");
    }
    assert_eq!(row_of(&managers, "T-042"), None, "a technician manages nobody");
    let said =
        |format: &str| company.office(&[&["report", "managers", "--format", format][..], &YEARS[..]].concat()).ok();
    for format in ["table", "csv", "json", "html"] {
        assert!(said(format).contains("M-1"), "{format}: {}", said(format));
    }
    assert!(said("csv").lines().next().unwrap().contains("surveys,own_surveys"), "{}", said("csv"));
}

#[test]
fn d_c8_only_third_parties_surveys_weigh_in_the_score() {
    let company = surveyed();
    let before = cell(&sheet(&company, "technicians"), 0, "score").clone();
    let job = company.json("CB-1", &["job", "list", "--all"])["jobs"][0]["code"].as_str().unwrap().to_owned();
    let more = |args: &[&str]| {
        company.env.on("CB-1", &[&["survey", &job][..], args].concat()).ok();
        company.hand_over("CB-1", OFFICE);
        cell(&sheet(&company, "technicians"), 0, "score").clone()
    };
    assert_eq!(more(&["--score", "10", "--channel", "call"]), before);
    assert_ne!(more(&["--score", "10", "--channel", "call", "--third-party"]), before);
}

#[test]
fn d_e7_only_what_was_marked_as_harmless_is_published() {
    let (company, _) = worked();
    company.office(&["outlet", "new", "QD-1"]).ok();
    let on = |args: &[&str]| company.office(args).ok();
    on(&["person", "rate", "T-042", "peer", "80", "--publish"]);
    on(&["person", "rate", "T-042", "supervisor", "20"]);
    on(&["person", "penalise", "T-042", "--about", "attitude", "--reason", "shouted at a child"]);
    on(&["person", "rate", "T-007", "peer", "10"]);
    on(&["outlet", "rate", "QD-1", "shopper", "70", "--publish"]);
    on(&["outlet", "rate", "QD-1", "customer", "30"]);
    let json = |name: &str| {
        let args = [&["report", name, "--publishable"][..], &YEARS[..]].concat();
        company.json(OFFICE, &args)["sheets"][0].clone()
    };
    let people = json("technicians");
    assert_eq!(people["rows"].as_array().unwrap().len(), 1, "nothing of T-007 may be published: {people}");
    assert_eq!(cell(&people, 0, "rating"), 800);
    assert_eq!(cell(&people, 0, "penalties"), 0);
    assert!(people["columns"].as_array().unwrap().iter().all(|column| column["id"] != "score"), "{people}");
    on(&["person", "penalise", "T-042", "--about", "not_as_told", "--reason", "late", "--publish"]);
    let people = json("technicians");
    assert_eq!((cell(&people, 0, "penalties"), cell(&people, 0, "about")), (&1.into(), &"not_as_told".into()));
    let outlets = json("outlets");
    assert_eq!((cell(&outlets, 0, "ratings"), cell(&outlets, 0, "rating")), (&1.into(), &700.into()));
    let inside = sheet(&company, "technicians");
    assert_eq!(cell(&inside, row_of(&inside, "T-042").unwrap(), "rating"), 500, "inside, all of it");
}

#[test]
fn d_e7_who_is_rated_best_stands_first() {
    let (company, _) = worked();
    for (technician, by, score) in [("T-042", "peer", "80"), ("T-042", "supervisor", "90"), ("T-007", "peer", "10")] {
        company.office(&["person", "rate", technician, by, score, "--publish"]).ok();
    }
    let args = [&["report", "technicians", "--publishable"][..], &YEARS[..]].concat();
    let people = company.json(OFFICE, &args)["sheets"][0].clone();
    assert_eq!((cell(&people, 0, "person"), cell(&people, 0, "rating")), (&"T-042".into(), &850.into()));
    assert_eq!((cell(&people, 1, "person"), cell(&people, 1, "rating")), (&"T-007".into(), &100.into()));
}

#[test]
fn d_h17_faults_flow_back_by_model() {
    let (company, job) = worked();
    company.office(&["set", &job, "model", "XQG100"]).ok();
    let fault = ["fault", "found", &job, "--cause", "defect", "--fault", "leaky_pump"];
    company.env.on("T-042", &fault).ok();
    company.hand_over("T-042", OFFICE);
    let sheet = sheet(&company, "models");
    assert_eq!(cell(&sheet, 0, "model"), "XQG100");
    assert_eq!(cell(&sheet, 0, "jobs"), 1);
    assert_eq!(cell(&sheet, 0, "top_fault"), "leaky_pump (1)");
}

#[test]
fn d_e15_months_go_to_development_and_production() {
    let (company, _) = worked();
    let sheet = sheet(&company, "months");
    assert_eq!(sheet["rows"].as_array().unwrap().len(), 1, "{sheet}");
    assert_eq!(cell(&sheet, 0, "jobs"), 1);
    assert_eq!(cell(&sheet, 0, "resolved"), 1);
}

#[test]
fn d_v4_the_sources_figures_are_reproduced_to_the_unit() {
    let company = Company::new();
    let value = company.json(OFFICE, &["report", "value"]);
    for (key, expect) in
        [("worth", 3_545), ("added", 1_467), ("with_added", 5_012), ("loss", 5_763), ("market_loss", 5_388_405)]
    {
        assert_eq!(value[key], expect, "{key}");
    }
    assert!(company.office(&["report", "value", "--settled", "101"]).fails(2).contains("101"));
    assert!(company.office(&["report", "value", "--rate", "101"]).fails(2).contains("--rate"));
}

#[test]
fn one_page_holds_every_table_and_real_charts_and_loads_nothing() {
    let (company, _) = worked();
    let args = [&["report", "all", "--format", "html", "--out", "report.html"][..], &YEARS[..]].concat();
    company.office(&args).ok();
    let page = std::fs::read_to_string(company.env.path("report.html")).unwrap();
    assert!(page.contains("<svg") && page.contains("default-src 'none'"), "{page}");
    assert!(!page.contains("<script") && !page.contains("src=\"http"), "{page}");
    for id in ["managers", "technicians", "outlets", "models", "months", "complaints"] {
        assert!(page.contains(&format!("id=\"{id}\"")), "{id}");
    }
    let chinese = company.office(&[&["report", "months", "--format", "html", "--lang", "zh"][..], &YEARS[..]].concat());
    assert!(chinese.ok().contains("一次修复"));
    let backwards = ["report", "months", "--from", "2026-02-01", "--until", "2026-01-01"];
    assert!(company.office(&backwards).fails(2).contains("2026-02-01"));
}

#[test]
fn a_change_after_the_signature_makes_the_visit_report_stale_and_shows_the_difference() {
    let (company, job) = worked();
    let report = company.json("T-042", &["report", "visit", &job]);
    assert_eq!(report["signatures"][0]["stale"], false, "{report}");
    let log = company.json("T-042", &["job", "log", &job]);
    let fact = fact_of(&log, "D1").expect("the answer to D1 is in the log");
    company.env.on("T-042", &["correct", &job, &fact, "--value", "two fans", "--reason", "overlooked"]).ok();
    let report = company.json("T-042", &["report", "visit", &job]);
    assert_eq!(report["signatures"][0]["stale"], true);
    let line = report["lines"].as_array().unwrap().iter().find(|line| line["step"] == "D1").unwrap();
    assert_eq!(line["answer"], "two fans");
    assert!(line["signed_as"].is_string(), "{line}");
    company.env.on("T-042", &["report", "visit", &job, "--html", "visit.html"]).ok();
    let page = std::fs::read_to_string(company.env.path("visit.html")).unwrap();
    assert!(page.contains("This signature is stale") && page.contains("two fans"));
}

/// The record that answers a step, wherever in the answer the list is.
fn fact_of(value: &Value, step: &str) -> Option<String> {
    match value {
        Value::Object(fields) if fields.get("body").is_some_and(|body| body["step"] == step) => {
            fields.get("fact")?.as_str().map(str::to_owned)
        }
        Value::Object(fields) => fields.values().find_map(|value| fact_of(value, step)),
        Value::Array(items) => items.iter().find_map(|value| fact_of(value, step)),
        _ => None,
    }
}
