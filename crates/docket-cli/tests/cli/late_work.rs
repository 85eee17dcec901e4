//! A job is given to somebody else while its technician is offline: the scope follows the crew, what the technician's
//! device holds is retained, the work that comes in later is kept, marked and decided, and everybody sees the same.

use serde_json::Value;

use crate::company::{Company, OFFICE};
use crate::env::Ran;

/// A fortnight after the visit.
const FORTNIGHT: &str = "2026-03-16T09:00:00Z";

/// T-001's job, done by T-001 offline while the office gave it to T-002; the work came in a fortnight later.
fn late() -> (Company, String) {
    let (company, job) = sent_out();
    company.office(&["job", "assign", &job, "T-002"]).ok();
    company.install("T-001", &job);
    to_office(&company, "T-001");
    (company, job)
}

fn sent_out() -> (Company, String) {
    let company = Company::new();
    company.technician("T-001");
    company.technician("T-002");
    let job = company.installation(&["T-001"]);
    to_person(&company, "T-001");
    (company, job)
}

/// A bundle addressed to a person, into their store.
fn to_person(company: &Company, person: &str) {
    let file = format!("to-{person}.docket");
    company.office(&["bundle", "export", &file, "--to", person, "--overwrite"]).ok();
    company.env.on(person, &["bundle", "import", &file]).ok();
}

fn to_office(company: &Company, person: &str) {
    let file = format!("of-{person}.docket");
    company.env.on(person, &["bundle", "export", &file, "--overwrite", "--now", FORTNIGHT]).ok();
    company.office(&["bundle", "import", &file, "--now", FORTNIGHT]).ok();
}

fn decide(company: &Company, id: &str, how: &[&str]) -> Ran {
    let args: Vec<&str> = ["inbox", "decide", id].into_iter().chain(how.iter().copied()).collect();
    company.office(&[&args[..], &["--reason", "spoke to both", "--now", FORTNIGHT]].concat())
}

fn view(company: &Company, store: &str, job: &str) -> Value {
    company.json(store, &["job", "show", job, "--now", FORTNIGHT])["view"].clone()
}

fn item(company: &Company) -> Value {
    let items = company.json(OFFICE, &["inbox", "list"])["items"].clone();
    let mut late = items.as_array().unwrap().iter().filter(|item| item["kind"] == "late_work").cloned();
    let found = late.next().unwrap_or_else(|| panic!("in the inbox: {items}"));
    assert_eq!(late.next(), None);
    found
}

#[test]
fn late_work_is_credited_and_everybody_sees_the_same() {
    let (company, job) = late();
    let item = item(&company);
    assert_eq!((item["severity"].as_str(), item["code"].as_str()), (Some("medium"), Some(job.as_str())));
    let summary = item["summary"].as_str().unwrap();
    for part in ["T-001", "2026-03-02T09:05:00Z", "13 records", "reassigned to T-002"] {
        assert!(summary.contains(part), "{part}: {summary}");
    }
    let before = view(&company, OFFICE, &job);
    assert_eq!(before["status"], "done", "until somebody decides");
    let id = item["id"].as_str().unwrap();
    let answer = decide(&company, &id[..8], &["--credit"]).ok();
    assert_eq!(answer, "decided: it counts\n");
    assert!(company.office(&["inbox", "show", id]).ok().contains("decided by A-001: credited (spoke to both)"));
    let page = company.office(&["job", "show", &job]).ok();
    assert!(page.contains("Late work") && page.contains("credited by A-001 (spoke to both)"), "{page}");
    for person in ["T-001", "T-002"] {
        to_person(&company, person);
    }
    // What the office wrote into its own documents is sealed now, there and here.
    let at_office = view(&company, OFFICE, &job);
    assert_eq!(at_office["status"], "done");
    assert_eq!(at_office["visits"][0]["arrivals"][0]["late_work"], "credited");
    for person in ["T-001", "T-002"] {
        assert_eq!(view(&company, person, &job), at_office, "{person}");
        let status = company.json(person, &["status"]);
        assert_eq!(status["retained"], i32::from(person == "T-001"), "{person}");
    }
}

#[test]
fn rejected_late_work_leaves_the_job_to_the_crew_and_stays_in_the_log() {
    let (company, job) = late();
    let id = item(&company)["id"].as_str().unwrap().to_owned();
    let answer = decide(&company, &id, &["--reject"]).ok();
    assert_eq!(answer, "decided: it has no effect\n");
    assert_eq!(view(&company, OFFICE, &job)["status"], "assigned");
    let log = company.json(OFFICE, &["job", "log", &job])["records"].clone();
    let rejected = log.as_array().unwrap().iter().filter(|record| record["effect"] == "rejected");
    assert_eq!(rejected.count(), 13);
    let page = company.office(&["job", "show", &job]).ok();
    assert!(page.contains("rejected by A-001 (spoke to both)"), "{page}");
    to_person(&company, "T-002");
    let today = company.json("T-002", &["today"]);
    assert_eq!(today["jobs"][0]["job"]["code"], job.as_str());
    assert_eq!(company.json(OFFICE, &["verify"])["verify"], "ok");
    assert_eq!(company.json(OFFICE, &["doctor"])["sound"], true);
}

#[test]
fn moved_late_work_is_noted_on_both_jobs() {
    let (company, job) = late();
    let other = company.installation(&[]);
    let id = item(&company)["id"].as_str().unwrap().to_owned();
    let err = decide(&company, &id, &["--move", &job]).fails(2);
    assert!(err.contains("on this job already"), "{err}");
    decide(&company, &id, &["--move", "ZZZZ"]).fails(2);
    let answer = decide(&company, &id, &["--move", &other]).ok();
    assert_eq!(answer, format!("decided: it belongs to {other}\n"));
    assert_eq!(view(&company, OFFICE, &job)["status"], "assigned");
    let page = company.office(&["job", "show", &job]).ok();
    assert!(page.contains(&format!("moved to {other} by A-001 (spoke to both)")), "{page}");
    let there = company.office(&["job", "show", &other]).ok();
    assert!(there.contains(&format!("work of T-001 was moved here from {job}: spoke to both")), "{there}");
}

#[test]
fn two_supervisors_who_judge_late_work_differently_have_to_agree() {
    let (company, job) = late();
    company.enrol("S-001", "supervisor");
    company.hand_over(OFFICE, "S-001");
    let id = item(&company)["id"].as_str().unwrap().to_owned();
    decide(&company, &id, &["--reject"]).ok();
    company.env.on("S-001", &["inbox", "decide", &id, "--credit", "--reason", "I saw it"]).ok();
    company.hand_over("S-001", OFFICE);
    assert_eq!(item(&company)["decided"], false, "open again");
    assert_eq!(view(&company, OFFICE, &job)["status"], "done", "as before anybody decided");
    let shown = company.office(&["inbox", "show", &id]).ok();
    assert!(
        shown.contains("contested by A-001: rejected") && shown.contains("contested by S-001: credited"),
        "{shown}"
    );
    decide(&company, &id, &["--reject"]).ok();
    company.hand_over(OFFICE, "S-001");
    assert_eq!(view(&company, "S-001", &job), view(&company, OFFICE, &job));
    assert_eq!(view(&company, OFFICE, &job)["status"], "assigned");
}

#[test]
fn a_customer_that_a_second_import_brings_is_shown_to_the_crew() {
    let company = Company::new();
    company.technician("T-001");
    let fixture = |name: &str| format!("{}/../../fixtures/import/{name}", env!("CARGO_MANIFEST_DIR"));
    let (csv, map) = (fixture("myla311-extract.csv"), fixture("myla311.toml"));
    company.office(&["job", "import", &csv, "--map", &map]).ok();
    let open = company.json(OFFICE, &["job", "search", "16815 W VANOWEN ST"]);
    let job = open["jobs"][0]["code"].as_str().unwrap().to_owned();
    company.office(&["job", "reopen", &job, "--reason", "still there"]).ok();
    company.office(&["job", "assign", &job, "T-001", "--override", "test"]).ok();
    let documents = || company.json(OFFICE, &["scope", "show", "--technician", "T-001"])["documents"].clone();
    assert_eq!(documents(), 2);
    let text = std::fs::read_to_string(&csv).unwrap();
    company.env.write("edited.csv", text.replacen("16815 W VANOWEN ST", "16817 W VANOWEN ST", 1));
    for _ in 0..2 {
        company.office(&["job", "import", "edited.csv", "--map", &map]).ok();
        assert_eq!(documents(), 3, "both customers, until somebody decides");
    }
    let id = company.json(OFFICE, &["inbox", "list"])["items"][0]["id"].as_str().unwrap().to_owned();
    let options = company.json(OFFICE, &["inbox", "show", &id])["issue"]["options"].clone();
    let keep = options[0]["fact"].as_str().unwrap();
    company.office(&["inbox", "decide", &id, "--keep", keep, "--reason", "asked"]).ok();
    assert_eq!(documents(), 2);
}

#[test]
fn verdicts_on_work_are_for_work_and_one_at_a_time() {
    let (company, job) = late();
    let id = item(&company)["id"].as_str().unwrap().to_owned();
    decide(&company, &id, &["--credit", "--reject"]).fails(2);
    decide(&company, &id, &["--credit", "--keep", "none"]).fails(2);
    decide(&company, &id, &["--reject", "--move", &job]).fails(2);
    let none = decide(&company, &id, &[]).fails(2);
    assert!(none.contains("--credit lets it count"), "{none}");
    // A conflict is settled by keeping a value.
    let first = company.json(OFFICE, &["set", &job, "text", "one"])["fact"].as_str().unwrap().to_owned();
    company.office(&["set", &job, "text", "two"]).ok();
    company.office(&["set", &job, "text", "three", "--over", &first]).ok();
    let items = company.json(OFFICE, &["inbox", "list"])["items"].clone();
    let conflict = items.as_array().unwrap().iter().find(|item| item["kind"] == "conflict").unwrap()["id"].clone();
    let err = decide(&company, conflict.as_str().unwrap(), &["--credit"]).fails(2);
    assert!(err.contains("not for conflict") && err.contains("hint: use --keep"), "{err}");
}

#[test]
fn all_that_a_revoked_device_claims_on_a_job_is_credited_or_closed_together() {
    for (how, status) in [("--credit", "done"), ("--reject", "assigned")] {
        let (company, job) = sent_out();
        let device = company.json("T-001", &["status"])["device"].as_str().unwrap().to_owned();
        company.office(&["roster", "revoke", &device, "--reason", "lost"]).ok();
        company.install("T-001", &job);
        to_office(&company, "T-001");
        let items = company.json(OFFICE, &["inbox", "list"])["items"].clone();
        let claims: Vec<_> = items.as_array().unwrap().iter().filter(|item| item["kind"] == "claim").collect();
        assert_eq!(claims.len(), 13, "{items}");
        let id = claims[3]["id"].as_str().unwrap();
        assert!(decide(&company, id, &["--move", &job]).fails(2).contains("a claim can't be moved"));
        decide(&company, id, &[how]).ok();
        assert_eq!(view(&company, OFFICE, &job)["status"], status);
        let left = company.json(OFFICE, &["inbox", "list"])["items"].clone();
        assert!(left.as_array().unwrap().iter().all(|item| item["kind"] != "claim"), "{left}");
    }
}

#[test]
fn a_job_that_went_to_others_is_retained_hidden_and_never_deleted() {
    let (company, job) = sent_out();
    assert_eq!(company.json("T-001", &["today"])["jobs"][0]["job"]["code"], job.as_str());
    company.office(&["job", "assign", &job, "T-002"]).ok();
    to_person(&company, "T-001");
    // Nothing of the job came, so this device's copy still names T-001; the scope says that it is over.
    assert_eq!(view(&company, "T-001", &job)["registers"]["crew"]["live"][0]["value"][0], "T-001");
    assert_eq!(company.json("T-001", &["today"])["jobs"].as_array().unwrap().len(), 0);
    assert_eq!(company.json("T-001", &["job", "list"])["total"], 0);
    for flag in ["--all", "--retained"] {
        let list = company.json("T-001", &["job", "list", flag]);
        assert_eq!((list["total"].as_u64(), list["jobs"][0]["retained"].as_bool()), (Some(1), Some(true)), "{flag}");
    }
    let status = company.json("T-001", &["status"]);
    assert_eq!((status["retained"].as_u64(), status["documents"]["job"].as_u64()), (Some(1), Some(1)));
    assert!(company.env.on("T-001", &["job", "show", &job]).ok().contains("no longer yours: retained"));
    let late = company.env.on("T-001", &["arrive", &job]);
    assert!(late.err.contains("no longer yours"), "warned, never refused: {}", late.err);
    late.ok();
    // Back again.
    company.office(&["job", "assign", &job, "T-001"]).ok();
    to_person(&company, "T-001");
    assert_eq!(company.json("T-001", &["today"])["jobs"].as_array().unwrap().len(), 1);
    assert_eq!(company.json("T-001", &["status"])["retained"], 0);
    // The office hides nothing from itself.
    assert_eq!(company.json(OFFICE, &["job", "list"])["total"], 1);
}

#[test]
fn scope_show_and_preview_count_what_a_technician_is_shown() {
    let (company, job) = sent_out();
    let shown = company.json(OFFICE, &["scope", "show", "--technician", "T-001"]);
    assert_eq!((shown["jobs"][0]["code"].as_str(), shown["documents"].as_u64()), (Some(job.as_str()), Some(2)));
    let preview = company.json(OFFICE, &["scope", "preview", "--technician", "T-001"]);
    let documents = preview["documents"].as_object().unwrap();
    for (kind, count) in [("job", 1), ("customer", 1), ("scope", 1), ("technician", 2), ("roster", 1), ("policy", 1)] {
        assert_eq!(documents.get(kind).and_then(Value::as_u64), Some(count), "{kind}: {preview}");
    }
    company.office(&["bundle", "export", "full.docket", "--to", "T-001", "--full"]).ok();
    let real = std::fs::metadata(company.env.path("full.docket")).unwrap().len();
    let bytes = company.json(OFFICE, &["scope", "preview", "--technician", "T-001"])["bytes"].as_u64().unwrap();
    // The bundle has a proof for each document, the preview one for all.
    assert!(bytes <= real && real < bytes * 5 / 4, "{bytes} told, {real} real");
    let slow = company.json(OFFICE, &["scope", "preview", "--technician", "T-001", "--bandwidth", "8"]);
    assert_eq!(slow["first_sync_ms"].as_u64().unwrap(), bytes.div_ceil(100) * 100, "1,000 bytes a second");
    let page = company.office(&["scope", "preview", "--technician", "T-001"]).ok();
    assert!(page.contains("256 kbit/s") && page.contains("customer"), "{page}");
    let new = company.json(OFFICE, &["scope", "preview", "--technician", "T-002"]);
    assert_eq!(new["documents"].get("job"), None, "not sent anywhere yet: {new}");
    for verb in ["preview", "show"] {
        let err = company.office(&["scope", verb, "--technician", "T-999"]).fails(2);
        assert!(err.contains("nobody here goes by `T-999`") && err.contains("hint: docket roster show"), "{err}");
    }
    company.office(&["scope", "preview", "--technician", "T-001", "--bandwidth", "0"]).fails(2);
}
