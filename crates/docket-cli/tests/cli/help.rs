//! Help reads like a page, and `docs/cli.md` is that page.

use crate::env::Env;

/// A finding that no rule makes.
const NO_FINDING: &str = "CYZ4REQ7H6HG0PXNATJHS81N9R";

#[test]
fn the_top_level_help_has_sections_examples_and_exit_codes() {
    let env = Env::new();
    insta::assert_snapshot!(env.run(&["--help"]).ok());
}

#[test]
fn a_commands_help_has_its_story_and_an_example() {
    let env = Env::new();
    insta::assert_snapshot!(env.run(&["check", "--help"]).ok());
}

/// `DOCKET_UPDATE_DOCS=1` writes the page instead of comparing it.
#[test]
fn docs_cli_md_is_what_the_parser_says() {
    let page = Env::new().run(&["docs-cli"]).ok();
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/cli.md");
    if std::env::var_os("DOCKET_UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page, "docs/cli.md is old: run this test with DOCKET_UPDATE_DOCS=1");
}

#[test]
fn completions_know_the_commands_in_every_shell() {
    let env = Env::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = env.run(&["completions", shell]).ok();
        assert!(script.contains("inbox") && script.contains("decide"), "{shell}");
    }
}

#[test]
fn usage_errors_exit_with_2_and_help_with_0() {
    let env = Env::new();
    assert!(env.run(&["frob"]).fails(2).contains("unrecognized subcommand"));
    assert!(env.run(&["job"]).fails(2).contains("Usage: docket job"));
    assert!(env.run(&["check", "K7"]).fails(2).contains("<STEP>"));
    assert!(env.run(&["invite", "--person", "../x", "--name", "x", "--role", "technician"]).fails(2).contains("T-042"));
    env.run(&["job", "new", "--help"]).ok();
}

/// The page's table of JSON answers against what the commands really write.
#[test]
fn the_json_answers_have_the_keys_that_the_page_says() {
    let company = crate::company::Company::new();
    company.technician("T-042");
    let job = company.installation(&["T-042"]);
    company.office(&["bundle", "export", "b.docket"]).ok();
    company.env.on("T-042", &["bundle", "import", "b.docket"]).ok();
    let fixture = |name: &str| format!("{}/../../fixtures/import/{name}", env!("CARGO_MANIFEST_DIR"));
    let (csv, map) = (fixture("myla311-extract.csv"), fixture("myla311.toml"));
    let new = ["job", "new", "--kind", "repair", "--product", "fridge"];
    let evidence = ["grade", "add", "T-042", "exam", "--level", "C", "--issuer", "x", "--issued", "2020-01-01"];
    let office: &[(&str, &[&str])] = &[
        ("status", &["status"]),
        ("roster show", &["roster", "show"]),
        ("policy show", &["policy", "show"]),
        ("invite", &["invite", "--person", "T-1", "--name", "x", "--role", "technician"]),
        ("job new", &new),
        ("job import", &["job", "import", &csv, "--map", &map]),
        ("job list", &["job", "list"]),
        ("job search", &["job", "search", "fridge"]),
        ("job show", &["job", "show", &job]),
        ("job log", &["job", "log", &job]),
        ("job export", &["job", "export", &job]),
        ("job assign", &["job", "assign", &job, "T-042"]),
        ("set", &["set", &job, "text", "x"]),
        ("grade show", &["grade", "show"]),
        ("grade add", &evidence),
        ("customer duplicates", &["customer", "duplicates"]),
        ("job reassign", &["job", "reassign", "--from", "T-1", "--to", "T-042", "--reason", "x"]),
        ("dispatch explain", &["dispatch", "explain", &job]),
        ("scope show", &["scope", "show", "--technician", "T-042"]),
        ("scope preview", &["scope", "preview", "--technician", "T-042"]),
        ("bundle export", &["bundle", "export", "c.docket"]),
        ("bundle show", &["bundle", "show", "b.docket"]),
        ("bundle import", &["bundle", "import", "b.docket"]),
        ("inbox list", &["inbox", "list"]),
        ("audit run", &["audit", "run"]),
        ("audit rules", &["audit", "rules"]),
        ("audit waivers", &["audit", "waivers"]),
        ("audit baseline", &["audit", "baseline", "known.json"]),
        ("audit diff", &["audit", "diff", "known.json", "known.json"]),
        ("audit sample", &["audit", "sample", "--seed", "s", "--per-outlet", "1"]),
        ("audit waive", &["audit", "waive", NO_FINDING, "--until", "2099-01-01", "--reason", "x"]),
        ("audit unwaive", &["audit", "unwaive", NO_FINDING]),
        ("audit export", &["audit", "export", "c.evidence"]),
        ("audit verify-export", &["audit", "verify-export", "c.evidence"]),
        ("verify", &["verify"]),
        ("doctor", &["doctor"]),
        ("relay status", &["relay", "status", "--dir", "."]),
        ("job cancel", &["job", "cancel", &job, "--reason", "x"]),
        ("job reopen", &["job", "reopen", &job, "--reason", "x"]),
        // Last: it asks for training before anybody is sent.
        ("policy adopt", &["policy", "adopt", "default"]),
    ];
    let phone: &[(&str, &[&str])] = &[
        ("as", &["as"]),
        ("as --attempts", &["as", "--attempts"]),
        ("today", &["today"]),
        ("depart", &["depart", &job]),
        ("pause", &["pause", &job, "--for", "break"]),
        ("resume", &["resume", &job]),
        ("arrive", &["arrive", &job]),
        ("check", &["check", &job, "N1"]),
        ("read", &["read", &job, "A1", "0.3", "ohm"]),
        ("note", &["note", &job, "x"]),
    ];
    let page = Env::new().run(&["docs-cli"]).ok();
    let mut wrong = Vec::new();
    for (store, commands) in [(crate::company::OFFICE, office), ("T-042", phone)] {
        for (name, args) in commands {
            let answer = company.json(store, args);
            let keys: Vec<String> = answer.as_object().unwrap().keys().map(|key| format!("`{key}`")).collect();
            let line = format!("| `{name}` | {} |", keys.join(", "));
            if !page.contains(&line) {
                wrong.push(line);
            }
        }
    }
    assert!(wrong.is_empty(), "not in the page's table:\n{}", wrong.join("\n"));
}
