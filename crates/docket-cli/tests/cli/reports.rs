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

#[test]
fn d_h17_faults_flow_back_by_model() {
    let (company, job) = worked();
    company.office(&["set", &job, "model", "XQG100"]).ok();
    let sheet = sheet(&company, "models");
    assert_eq!(cell(&sheet, 0, "model"), "XQG100");
    assert_eq!(cell(&sheet, 0, "jobs"), 1);
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
    for id in ["technicians", "outlets", "models", "months", "complaints"] {
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
