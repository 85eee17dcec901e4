//! Goods, parts, faults and money as people record them: what makes no sense is refused with a way on, what breaks a duty
//! is recorded and said at once, and the audit finds it.

use serde_json::Value;

use crate::company::{Company, OFFICE};
use crate::env::Env;

/// A company under the union of all packs.
fn company() -> Company {
    let company = Company { env: Env::new() };
    let init = ["init", "--tenant-name", "Nordlicht", "--person", "A-001", "--name", "Ada", "--policy", "default"];
    company.office(&init).ok();
    company
}

fn repair(company: &Company) -> String {
    let new =
        ["job", "new", "--kind", "repair", "--product", "washing_machine", "--customer-name", "Li", "--phone", "1"];
    company.json(OFFICE, &new)["code"].as_str().unwrap().to_owned()
}

/// A technician's device that holds a repair.
fn on_site() -> (Company, String) {
    let company = company();
    company.technician("T-042");
    let job = repair(&company);
    company.office(&["job", "assign", &job, "T-042", "--override", "test", "--vehicle", "QD 4410"]).ok();
    company.hand_over(OFFICE, "T-042");
    (company, job)
}

fn rules(company: &Company, store: &str) -> Vec<String> {
    let mine = [
        "foreseeable-part",
        "part-not-received",
        "part-sequence",
        "sent-on-without-fault",
        "overcharged",
        "covered-item-charged",
        "unlisted-item-charged",
        "loaner-not-returned",
        "contract-other-outlet",
    ];
    let found = company.json(store, &["audit", "run"]);
    let ids = found["findings"].as_array().unwrap().iter().map(|one| one["rule"].as_str().unwrap().to_owned());
    let mut ids: Vec<String> = ids.filter(|id| mine.contains(&id.as_str())).collect();
    ids.sort_unstable();
    ids
}

#[test]
fn d_h15_parts_are_recorded_on_their_way() {
    let (company, job) = on_site();
    let on = |args: &[&str]| company.env.on("T-042", args);
    on(&["arrive", &job]).ok();
    on(&["part", &job, "PUMP-7", "--state", "requested", "--qty", "2", "--foreseeable"]).ok();
    let fitted = on(&["part", &job, "PUMP-7", "--state", "fitted"]);
    assert!(fitted.err.contains("a finding (D-H15): PUMP-7: fitted 1, and never received"), "{}", fitted.err);
    fitted.ok();
    for (args, says) in [
        (&["part", &job, "PUMP-7", "--state", "lost"][..], "possible values"),
        (&["part", &job, "PUMP-7", "--state", "received", "--qty", "0"], "0"),
        (&["part", &job, "PUMP-7", "--state", "received", "--qty", "1000"], "1000"),
        (&["part", &job, "PUMP-7", "--state", "received", "--appliance", "999"], "appliance"),
    ] {
        let err = on(args).fails(2);
        assert!(err.contains(says), "{args:?}: {err}");
    }
    assert_eq!(rules(&company, "T-042"), ["foreseeable-part", "part-not-received"]);
}

#[test]
fn d_e5_sending_on_waits_for_a_test_that_shows_the_fault() {
    let (company, job) = on_site();
    let on = |args: &[&str]| company.env.on("T-042", args);
    let err = on(&["send-on", &job, "--to", "headquarters"]).fails(2);
    assert!(err.contains("docket fault test") && err.contains("--force REASON"), "{err}");
    on(&["send-on", &job, "--to", "QD-02"]).ok();
    on(&["fault", "test", &job, "--shows-fault", "no"]).ok();
    on(&["send-on", &job, "--to", "headquarters"]).fails(2);
    let forced = on(&["send-on", &job, "--to", "headquarters", "--force", "customer insists"]);
    assert!(forced.err.contains("a finding (D-E5)") && forced.err.contains("customer insists"), "{}", forced.err);
    forced.ok();
    assert_eq!(rules(&company, "T-042"), ["sent-on-without-fault"]);
    on(&["fault", "test", &job, "--shows-fault", "yes"]).ok();
    on(&["send-on", &job, "--to", "headquarters"]).ok();
    on(&["diagnose", &job, "--fault", "pump_blocked", "--remote"]).ok();
    on(&["fault", "found", &job, "--cause", "misuse", "--fault", "pump_blocked"]).ok();
    assert_eq!(rules(&company, "T-042"), ["sent-on-without-fault"]);
}

#[test]
fn d_e9_charges_are_exact_and_checked_against_the_list() {
    let (company, job) = on_site();
    let on = |args: &[&str]| company.env.on("T-042", args);
    for (args, says) in [
        (&["charge", &job, "labour", "--amount", "-5"][..], "negative"),
        (&["charge", &job, "labour", "--amount", "1.234"], "too fine"),
        (&["charge", &job, "labour", "--amount", "99999999999"], "absurd"),
        (&["charge", &job, "labour", "--amount", "12,50"], "not an amount"),
        (&["charge", &job, "labour", "--amount", "5", "--currency", "yuan"], "no currency"),
        (&["charge", &job, "gold", "--amount", "5"], "--currency"),
        (&["charge", &job, "labour", "--amount", "5", "--qty", "0"], "0"),
    ] {
        let err = on(args).fails(2);
        assert!(err.contains(says), "{args:?}: {err}");
    }
    on(&["charge", &job, "visit", "--amount", "50"]).ok();
    let over = on(&["charge", &job, "labour", "--amount", "400.01", "--qty", "2"]);
    assert!(over.err.contains("400.01 CNY charged, 400.00 CNY by the list"), "{}", over.err);
    over.ok();
    let shown = on(&["job", "show", &job]).ok();
    assert!(shown.contains("450.01 CNY"), "{shown}");
    let view = company.json("T-042", &["job", "show", &job]);
    assert_eq!(view["view"]["charges"]["total"]["CNY"], 45_001);
    assert_eq!(rules(&company, "T-042"), ["overcharged"]);
}

#[test]
fn d_e4_a_counter_repair_and_its_loaner() {
    let company = company();
    let job = repair(&company);
    let on = |args: &[&str]| company.office(args);
    on(&["counter", "hand-in", &job]).ok();
    on(&["counter", "lend", &job, "phone", "--serial", "88"]).ok();
    on(&["counter", "ready", &job]).ok();
    let fetched = on(&["counter", "collect", &job]);
    assert!(fetched.err.contains("the loaner phone is still out"), "{}", fetched.err);
    fetched.ok();
    assert_eq!(rules(&company, OFFICE), ["loaner-not-returned"]);
    on(&["counter", "take-back", &job, "phone"]).ok();
    assert_eq!(rules(&company, OFFICE), [""; 0]);
}

#[test]
fn d_e10_a_customers_coverage_decides_who_pays_and_says_why() {
    let (company, job) = on_site();
    let cover = |args: &[&str]| {
        let mut all = vec!["customer"];
        all.extend(args);
        company.office(&all)
    };
    let paid = || company.json(OFFICE, &["job", "show", &job])["view"]["cover"].clone();
    assert_eq!(paid()["paid"], "billable");
    for (args, says) in [
        (&["bought", &job, "--product", "x", "--on", "2027-01-01"][..], "has not come"),
        (&["bought", &job, "--product", "x", "--on", "2026-02-30"], "date"),
        (&["bought", &job, "--product", "x", "--on", "2026-02-01", "--price", "-1", "--currency", "CNY"], "negative"),
        (&["cover", &job, "--what", "extended", "--from", "2026-03-01", "--until", "2026-02-01"], "never holds"),
        (&["cover", &job, "--what", "extended", "--from", "2026-03-01"], "--life"),
        (&["cover", &job, "--what", "contract", "--from", "2026-03-01", "--life", "--level", "tin"], "one of: basic"),
        (&["cover", &job, "--what", "upkeep", "--from", "2026-03-01", "--life", "--inspect-months", "0"], "0"),
        (&["end-cover", &job, "ZZZZ", "--reason", "x"], "no record"),
        (&["show", "ZZZZZZZZ"], "hint:"),
    ] {
        let err = cover(args).fails(2);
        assert!(err.contains(says), "{args:?}: {err}");
    }
    cover(&["bought", &job, "--product", "washing_machine", "--on", "2025-02-01", "--serial", "W1"]).ok();
    assert!(cover(&["bought", &job, "--product", "x", "--on", "2025-02-01", "--serial", "W1"]).fails(2).contains("W1"));
    let half = paid();
    assert_eq!((&half["paid"], &half["lines"][0]["covered"]), (&"billable".into(), &Value::Bool(true)), "{half}");
    let contract = [
        "cover",
        &job,
        "--what",
        "contract",
        "--level",
        "gold",
        "--from",
        "2026-01-01",
        "--until",
        "2026-12-31",
        "--json",
    ];
    let made = crate::company::json(&cover(&contract).ok());
    assert_eq!(paid()["paid"], "covered");
    let shown = company.office(&["job", "show", &job]).ok();
    assert!(shown.contains("on site: covered until 2026-12-31: contract, level gold from 2026-01-01"), "{shown}");
    let customer = cover(&["show", &job]).ok();
    assert!(customer.contains("washing_machine") && customer.contains("level gold"), "{customer}");
    company.hand_over(OFFICE, "T-042");
    let charged = company.env.on("T-042", &["charge", &job, "labour", "--amount", "80"]);
    assert!(charged.err.contains("labour is covered"), "{}", charged.err);
    charged.ok();
    assert_eq!(rules(&company, "T-042"), ["covered-item-charged"]);
    cover(&["end-cover", &job, made["fact"].as_str().unwrap(), "--reason", "moved away"]).ok();
    cover(&["end-cover", &job, made["fact"].as_str().unwrap(), "--reason", "again"]).fails(2);
}

#[test]
fn d_h10_others_than_the_contract_names_go_with_a_reason_only() {
    let company = company();
    company.technician("T-042");
    company.technician("T-007");
    let job = repair(&company);
    company
        .office(&[
            "customer",
            "cover",
            &job,
            "--what",
            "contract",
            "--from",
            "2026-01-01",
            "--until",
            "2026-12-31",
            "--technician",
            "T-007",
        ])
        .ok();
    let send = |more: &[&str]| {
        let mut args = vec!["job", "assign", &job, "T-042", "--override", "test"];
        args.extend(more);
        company.office(&args)
    };
    let err = send(&[]).fails(2);
    assert!(err.contains("names technician T-007") && err.contains("--elsewhere"), "{err}");
    send(&["--elsewhere", "T-007 is ill"]).ok();
    assert_eq!(rules(&company, OFFICE), [""; 0]);
    assert!(company.office(&["job", "log", &job]).ok().contains("T-007 is ill"));
}

#[test]
fn d_h19_plans_and_works_are_looked_at_by_others() {
    let company = company();
    let job = repair(&company);
    for args in [
        &["plan", "submit", &job, "--text", "two risers"][..],
        &["plan", "approve", &job],
        &["works", "witness", &job],
        &["works", "accept", &job, "--failed"],
        &["delivered", &job, "--goods", "two"],
    ] {
        company.office(args).ok();
    }
    let approved = company.office(&["plan", "approve", &job]);
    assert!(approved.err.contains("technical_manager"), "an admin is told who may: {}", approved.err);
}

#[test]
fn d_h11_care_is_listed_made_into_jobs_once_and_marked() {
    let company = company();
    let job = repair(&company);
    company.office(&["set", &job, "group", "vip"]).ok();
    company.office(&["customer", "bought", &job, "--product", "washing_machine", "--on", "2024-02-29"]).ok();
    let month = |more: &[&str]| {
        let mut args = vec!["care", "--month", "2026-02"];
        args.extend(more);
        company.json(OFFICE, &args)
    };
    let listed = month(&[]);
    let events = |listed: &Value| -> Vec<String> {
        let due = listed["due"].as_array().unwrap();
        due.iter().map(|one| format!("{} {}", one["event"].as_str().unwrap(), one["due"].as_str().unwrap())).collect()
    };
    assert_eq!(events(&listed), ["appliance_birthday 2026-02-28", "safety_test 2026-02-28"]);
    assert_eq!(month(&["--make-jobs"])["made"], 1);
    assert_eq!(month(&["--make-jobs"])["made"], 0, "once");
    let jobs = company.json(OFFICE, &["job", "list", "--kind", "inspection"]);
    assert_eq!((jobs["total"].as_u64(), jobs["jobs"][0]["customer"].as_str()), (Some(1), Some("Li")));
    let customer = listed["due"][0]["code"].as_str().unwrap().to_owned();
    company.office(&["care", "--done", &customer, "appliance_birthday", "2026-02-28"]).ok();
    let after = month(&[]);
    let done: Vec<bool> = after["due"].as_array().unwrap().iter().map(|one| one["done"].as_bool().unwrap()).collect();
    assert_eq!(done, [true, false]);
    assert_eq!(events(&month(&["--open"])), [""; 0], "one is done, the other a job");
    assert_eq!(events(&month(&["--outlet", "QD-09"])), [""; 0]);
    for (args, says) in [
        (&["care", "--month", "2026-13"][..], "expected a month"),
        (&["care", "--done", &customer, "party", "2026-02-28"], "one of:"),
        (&["care", "--done", &customer, "greeting", "soon"], "not a day"),
    ] {
        let err = company.office(args).fails(2);
        assert!(err.contains(says), "{args:?}: {err}");
    }
    let shown = company.office(&["care", "--month", "2026-02"]).ok();
    assert!(shown.contains("The appliance's birthday") && shown.contains("done"), "{shown}");
}
