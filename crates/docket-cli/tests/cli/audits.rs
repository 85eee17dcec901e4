//! What becomes of findings: waived, held against a baseline, compared, drawn for inspection, handed to somebody outside.

use serde_json::Value;

use crate::company::{Company, OFFICE};

/// A company with a job that a technician finished without its checklist.
fn hasty() -> (Company, String) {
    let company = Company::new();
    company.technician("T-042");
    let job = company.installation(&["T-042"]);
    company.hand_over(OFFICE, "T-042");
    company.env.on("T-042", &["arrive", &job]).ok();
    company.env.on("T-042", &["complete", &job, "--resolution", "installed"]).ok();
    company.hand_over("T-042", OFFICE);
    (company, job)
}

fn ids(answer: &Value) -> Vec<String> {
    answer["findings"].as_array().unwrap().iter().map(|finding| finding["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_finding_is_waived_and_counts_again() {
    let (company, _) = hasty();
    let run = ["audit", "run", "--rule", "unsigned-visit"];
    let id = ids(&company.json(OFFICE, &run)).remove(0);
    let fail_on = [&run[..], &["--fail-on", "info"]].concat();
    company.office(&fail_on).fails(1);
    let until = ["--until", "2026-03-02", "--reason", "signed on paper"];
    let short = id[..8].to_lowercase();
    let waive = [&["audit", "waive", short.as_str()][..], &until].concat();
    assert!(company.office(&waive).ok().contains("waived until 2026-03-02: signed on paper"));
    let table = company.office(&fail_on).ok();
    assert!(table.contains("waived until 2026-03-02") && table.contains("clean  1 waived"), "{table}");
    let tomorrow = [&fail_on[..], &["--as-of", "2026-03-03"]].concat();
    company.office(&tomorrow).fails(1);
    let listed = company.json(OFFICE, &["audit", "waivers"]);
    assert_eq!((&listed["waivers"][0]["person"], &listed["waivers"][0]["standing"]), (&"A-001".into(), &"open".into()));
    company.office(&["audit", "unwaive", &id, "--reason", "the paper is lost"]).ok();
    company.office(&fail_on).fails(1);
    assert!(company.office(&["audit", "unwaive", &id]).fails(2).contains("no waiver of a finding"));
    assert!(company.office(&["verify"]).ok().contains("ok"));
    // Mistakes write nothing.
    let over = ["audit", "waive", &id, "--until", "2026-03-01", "--reason", "x"];
    assert!(company.office(&over).fails(2).contains("2026-03-01 is over"));
    let nothing = ["audit", "waive", "ZZZZZZ", "--until", "2026-04-01", "--reason", "x"];
    assert!(company.office(&nothing).fails(2).contains("no finding goes by"));
    assert!(company.office(&["audit", "waive", &id, "--until", "soon", "--reason", "x"]).fails(2).contains("a date"));
    assert_eq!(company.json(OFFICE, &["audit", "waivers"])["waivers"].as_array().unwrap().len(), 1);
}

#[test]
fn only_what_is_new_against_a_baseline_counts_and_two_audits_can_be_compared() {
    let (company, job) = hasty();
    company.office(&["audit", "baseline", "known.json"]).ok();
    let known = ids(&company.json(OFFICE, &["audit", "run"])).len();
    let first = company.office(&["audit", "run", "--json"]).ok();
    company.env.write("first.json", first);
    let run = ["audit", "run", "--baseline", "known.json", "--fail-on", "info"];
    let clean = company.office(&run).ok();
    assert!(clean.contains(&format!("clean  0 new, {known} known, 0 gone")), "{clean}");
    // Somebody changes the visit's order of things: one finding goes, another comes.
    company.env.on("T-042", &["sign", &job, "--role", "customer", "--name", "Zhang"]).ok();
    company.env.on("T-042", &["read", &job, "A1", "99", "ohm"]).ok();
    company.hand_over("T-042", OFFICE);
    let new = company.office(&run);
    assert_eq!(new.code, 1, "{}{}", new.out, new.err);
    assert!(!new.out.contains("not-a-rule") && new.out.contains(" new, "), "{}", new.out);
    let since = company.office(&["audit", "run", "--since", "first.json"]).ok();
    assert!(since.contains("Gone since") && since.contains("unsigned-visit"), "{since}");
    let second = company.office(&["audit", "run", "--json"]).ok();
    company.env.write("second.json", second);
    let difference = company.json(OFFICE, &["audit", "diff", "first.json", "second.json"]);
    let count = |part: &str| difference[part].as_array().unwrap().len();
    assert!(count("new") > 0 && count("gone") > 0 && count("still") > 0, "{difference}");
    let table = company.office(&["audit", "diff", "first.json", "second.json"]).ok();
    assert!(
        table.contains(&format!("{} new, {} gone, {} still", count("new"), count("gone"), count("still"))),
        "{table}"
    );
    company.env.write("bad.json", "{\n  \"as_of\": 7\n}");
    assert!(company.office(&["audit", "run", "--since", "bad.json"]).fails(2).contains("bad.json:"));
    company.office(&["audit", "run", "--since", "none.json"]).fails(3);
}

#[test]
fn findings_are_written_for_other_programs_byte_for_byte_alike() {
    let (company, _) = hasty();
    let as_of = ["audit", "run", "--as-of", "2026-03-03"];
    for (format, begin) in
        [("junit", "<?xml version="), ("sarif", "{\n  \"$schema\""), ("json", "{\n  \"as_of\""), ("csv", "id,")]
    {
        let run = || company.office(&[&as_of[..], &["--format", format]].concat()).ok();
        assert!(run().starts_with(begin), "{}", run());
        assert_eq!(run(), run());
    }
}

#[test]
fn a_pack_of_ones_own_is_checked_line_by_line_and_may_include_others() {
    let (company, _) = hasty();
    let rule = |id: &str, sql: &str| {
        format!(
            "[[rule]]\nid = \"{id}\"\nseverity = \"info\"\nrow = \"D-H1\"\ntitle = \"t\"\nmessage = \"{{code}}\"\nkey = []\nsql = '''\n{sql}\n'''\n"
        )
    };
    let good = "SELECT doc AS subject, code FROM v_job";
    std::fs::create_dir(company.env.path("more")).unwrap();
    company.env.write("more/ours.toml", "name = \"more\"\n".to_owned() + &rule("more", good));
    company.env.write(
        "ours.toml",
        "name = \"ours\"\ninclude = [\"haier\", \"more/ours.toml\"]\n".to_owned() + &rule("own", good),
    );
    let checked = company.json(OFFICE, &["audit", "check", "ours.toml"]);
    let rules = company.json(OFFICE, &["audit", "rules", "--pack", "ours.toml"])["rules"].as_array().unwrap().len();
    assert_eq!(checked["rules"].as_u64().unwrap() as usize, rules);
    let both = ["audit", "run", "--pack", "haier", "--pack", "ours.toml", "--rule", "own", "--rule", "more"];
    assert_eq!(ids(&company.json(OFFICE, &both)).len(), 2);
    company.env.write(
        "slip.toml",
        "name = \"slip\"\n".to_owned() + &rule("own", "SELECT doc AS subject,\n  cod AS code FROM v_job"),
    );
    let err = company.office(&["audit", "check", "slip.toml"]).fails(2);
    assert!(
        err.contains("slip.toml:11:3: rule `own`: no such column: cod") && err.contains("hint: did you mean `code`?"),
        "{err}"
    );
    company.env.write("out.toml", "name = \"out\"\ninclude = [\"../ours.toml\"]\n");
    assert!(
        company
            .office(&["audit", "check", "out.toml"])
            .fails(2)
            .contains("out.toml:2:12: can't include `../ours.toml`")
    );
    assert!(company.office(&["audit", "run", "--pack", "heier"]).fails(3).contains("one of the packs default, haier"));
}

#[test]
fn a_rule_that_computes_too_long_is_stopped_and_named() {
    let (company, _) = hasty();
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) AS subject FROM n";
    let rule = format!(
        "name = \"own\"\n[[rule]]\nid = \"endless\"\nseverity = \"minor\"\nrow = \"D-H1\"\ntitle = \"t\"\nmessage = \"m\"\nkey = []\nsql = \"{endless}\"\n"
    );
    company.env.write("endless.toml", rule);
    let said = company.office(&["audit", "run", "--pack", "endless.toml", "--rule-time", "1"]).fails(2);
    assert!(said.contains("rule `endless`: stopped after 1s of processor time"), "{said}");
    assert!(said.contains("--rule-time allows more"), "{said}");
    assert!(company.office(&["audit", "run", "--rule-time", "0"]).fails(2).contains("--rule-time"));
}

#[test]
fn d_e6_a_sample_is_the_same_at_every_office() {
    let (company, job) = hasty();
    company.enrol("U-001", "auditor");
    company.hand_over(OFFICE, "U-001");
    let draw = ["audit", "sample", "--seed", "march", "--per-outlet", "3", "--as-of", "2026-03-03", "--format", "csv"];
    let here = company.office(&draw).ok();
    assert_eq!(here.lines().count(), 2, "{here}");
    assert!(here.contains(&job), "{here}");
    assert_eq!(here, company.env.on("U-001", &draw).ok());
}

#[test]
fn an_evidence_pack_is_checked_by_somebody_without_a_store() {
    let (company, _) = hasty();
    let made = company.json(OFFICE, &["audit", "export", "march.evidence", "--as-of", "2026-03-03"]);
    assert!(made["findings"].as_u64().unwrap() > 3, "{made}");
    assert!(company.office(&["audit", "export", "march.evidence"]).fails(2).contains("exists"));
    let stranger = |file: &str| company.env.on("nobody", &["audit", "verify-export", file]);
    let said = stranger("march.evidence").ok();
    assert!(said.starts_with("ok\n") && said.contains("A-001 admin (active)"), "{said}");
    assert!(!company.env.path("nobody").exists(), "no store was made");
    let tenant = company.json(OFFICE, &["status"])["tenant"].as_str().unwrap().to_owned();
    company.env.on("nobody", &["audit", "verify-export", "march.evidence", "--tenant", &tenant]).ok();
    let other = "0".repeat(52);
    let wrong = company.env.on("nobody", &["audit", "verify-export", "march.evidence", "--tenant", &other]);
    assert_eq!(wrong.code, 1, "{}{}", wrong.out, wrong.err);
    let mut bytes = std::fs::read(company.env.path("march.evidence")).unwrap();
    let place = bytes.windows(11).position(|window| window == b"core-withou").unwrap_or(bytes.len() / 2);
    bytes[place] ^= 0x20;
    company.env.write("bad.evidence", bytes);
    let bad = stranger("bad.evidence");
    assert_eq!(bad.code, 1);
    assert!(bad.out.starts_with("failed\n") && bad.out.contains("is not what was signed"), "{}", bad.out);
    stranger("none.evidence").fails(3);
}
