//! Real rows in, rules over them, and what happens when a file is not what the map says.

use std::path::PathBuf;

use crate::company::{Company, OFFICE};

fn fixture(name: &str) -> String {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/import").join(name).display().to_string()
}

#[test]
fn importing_twice_changes_nothing_and_one_edited_cell_is_one_conflict() {
    let company = Company::new();
    let (file, map) = (fixture("myla311-extract.csv"), fixture("myla311.toml"));
    let first = company.json(OFFICE, &["job", "import", &file, "--map", &map]);
    assert_eq!((first["new"].as_u64(), first["rejects"].as_u64()), (Some(64), Some(0)));
    let second = company.json(OFFICE, &["job", "import", &file, "--map", &map]);
    assert_eq!((second["new"].as_u64(), second["unchanged"].as_u64()), (Some(0), Some(64)));
    let number =
        company.json(OFFICE, &["job", "list", "--limit", "1"])["jobs"][0]["number"].as_str().unwrap().to_owned();
    assert!(company.office(&["job", "show", &number]).ok().contains(&number));

    let list = ["job", "list", "--limit", "4"];
    let narrow = company.env.command(OFFICE, &list).env("COLUMNS", "60").output().unwrap();
    let narrow = crate::env::finish(narrow).ok();
    assert!(narrow.lines().all(|line| line.chars().count() <= 60), "{narrow}");
    assert!(company.office(&list).ok().lines().count() == 5, "a pipe gets whole lines");

    let text = std::fs::read_to_string(&file).unwrap();
    let edited = text.replacen(",Closed,", ",Cancelled,", 1);
    assert_ne!(text, edited);
    company.env.write("edited.csv", edited);
    let third = company.json(OFFICE, &["job", "import", "edited.csv", "--map", &map]);
    assert_eq!((third["changed"].as_u64(), third["unchanged"].as_u64()), (Some(1), Some(63)));
    let inbox = company.json(OFFICE, &["inbox", "list"]);
    assert!(inbox["items"].as_array().unwrap().iter().all(|item| item["kind"] == "conflict"), "{inbox}");
    assert!((1..=2).contains(&inbox["items"].as_array().unwrap().len()), "{inbox}");
}

#[test]
fn bad_rows_go_to_a_file_with_line_and_reason_and_the_good_ones_go_in() {
    let company = Company::new();
    let map = fixture("myla311.toml");
    let text = std::fs::read_to_string(fixture("myla311-extract.csv")).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    lines.insert(2, "only,three,cells");
    // One more row in another encoding: as it is, it can't be text.
    let mut bytes = lines.join("\n").into_bytes();
    let odd = lines[1].replacen("1-1", "9-9", 1);
    bytes.push(b'\n');
    bytes.extend(odd.bytes().map(|c| if c == b'A' { 0xc4 } else { c }));
    company.env.write("mixed.csv", bytes);
    let ran = company.office(&["job", "import", "mixed.csv", "--map", &map]);
    assert_eq!(ran.code, 4, "{}{}", ran.out, ran.err);
    let rejects = std::fs::read(company.env.path("mixed.rejects.csv")).unwrap();
    let rejects = String::from_utf8_lossy(&rejects);
    assert!(rejects.contains("only,three,cells") && rejects.lines().nth(1).unwrap().starts_with("3,"), "{rejects}");
    assert_eq!(rejects.lines().filter(|line| line.contains("encod") || line.contains("UTF-8")).count(), 1, "{rejects}");
    assert_eq!(company.json(OFFICE, &["job", "list"])["total"], 64);
}

#[test]
fn a_map_or_file_that_makes_no_sense_is_refused_before_anything_goes_in() {
    let company = Company::new();
    let (file, map) = (fixture("myla311-extract.csv"), fixture("myla311.toml"));
    company.env.write("bad.toml", "source = [\n");
    company.env.write("other.csv", "a,b,c\n1,2,3\n");
    company.env.write("empty.csv", "");
    for (file, map, code, says) in [
        (file.as_str(), "bad.toml", 2, "bad.toml:"),
        (&file, "none.toml", 3, "none.toml"),
        ("none.csv", &map, 3, "none.csv"),
        ("other.csv", &map, 2, "hint:"),
        ("empty.csv", &map, 2, "hint:"),
    ] {
        let err = company.office(&["job", "import", file, "--map", map]).fails(code);
        assert!(err.contains(says), "{file} {map}: {err}");
    }
    assert_eq!(company.json(OFFICE, &["job", "list"])["total"], 0);
}

#[test]
fn the_audit_finds_what_was_left_out_and_says_it_in_three_formats() {
    let company = Company::new();
    company.technician("T-042");
    let job = company.installation(&["T-042"]);
    company.hand_over(OFFICE, "T-042");
    company.env.on("T-042", &["arrive", &job]).ok();
    let hasty = company.env.on("T-042", &["complete", &job, "--resolution", "installed"]);
    assert!(hasty.err.contains("steps without an answer"), "{}", hasty.err);
    company.hand_over("T-042", OFFICE);
    let run = ["audit", "run", "--as-of", "2026-03-03", "--rule", "missing-step"];
    let table = company.office(&run).ok();
    assert!(table.contains("missing-step"), "{table}");
    let found = company.json(OFFICE, &run);
    let count = found["findings"].as_array().unwrap().len();
    assert!(count > 3, "{found}");
    let csv = company.office(&[&run[..], &["--format", "csv"]].concat()).ok();
    assert_eq!(csv.lines().count(), count + 1, "{csv}");
    assert_eq!(csv, company.office(&[&run[..], &["--format", "csv"]].concat()).ok(), "equal inputs, equal bytes");
    company.office(&[&run[..], &["--fail-on", "critical"]].concat()).ok();
    company.office(&[&run[..], &["--fail-on", "major"]].concat()).fails(1);
    company.office(&["audit", "run", "--fail-on", "sometimes"]).fails(2);
    assert!(company.office(&["audit", "run", "--rule", "nope"]).fails(2).contains("one of:"));
    company.env.write("bad.toml", "name = \"x\"\n[[rule]]\nid = \"a\"\n");
    company.office(&["audit", "run", "--rules", "bad.toml"]).fails(2);
    let rules = company.office(&["audit", "rules"]).ok();
    for rule in ["missing-step", "step-order", "reading-out-of-limits", "core-without-safety-test", "below-grade"] {
        assert!(rules.lines().any(|line| line.starts_with(rule) && line.contains("D-H")), "{rule}: {rules}");
    }
}
