//! Handing over: both directions, any order, any number of times; damaged and foreign files change nothing.

use crate::company::{Company, OFFICE};

#[test]
fn records_travel_in_any_order_and_twice_without_harm() {
    let company = Company::new();
    company.technician("T-042");
    let job = company.installation(&["T-042"]);
    company.hand_over(OFFICE, "T-042");
    company.env.on("T-042", &["arrive", &job]).ok();
    company.env.on("T-042", &["bundle", "export", "one.docket"]).ok();
    company.env.on("T-042", &["check", &job, "N1"]).ok();
    company.env.on("T-042", &["bundle", "export", "two.docket"]).ok();
    let imported = company.json(OFFICE, &["bundle", "import", "two.docket", "one.docket", "two.docket"]);
    assert_eq!(imported["bundles"].as_array().unwrap().len(), 3);
    assert_eq!(imported["bundles"][2]["new"], 0, "replayed: nothing new");
    let view = |store: &str| company.json(store, &["job", "show", &job])["view"].clone();
    assert_eq!(view(OFFICE)["timeline"], view("T-042")["timeline"]);
    assert_eq!(view(OFFICE)["status"], "on_site");
    for store in [OFFICE, "T-042"] {
        assert_eq!(company.json(store, &["verify"])["verify"], "ok");
    }
    let show = company.json("anywhere", &["bundle", "show", "two.docket"]);
    assert!(show["documents"].as_u64().unwrap() >= 4);
}

#[test]
fn a_truncated_flipped_or_foreign_file_is_refused_whole_and_the_others_go_in() {
    let company = Company::new();
    company.technician("T-042");
    let job = company.installation(&["T-042"]);
    company.hand_over(OFFICE, "T-042");
    company.env.on("T-042", &["arrive", &job]).ok();
    company.env.on("T-042", &["bundle", "export", "good.docket"]).ok();
    let good = std::fs::read(company.env.path("good.docket")).unwrap();
    let before = company.json(OFFICE, &["status"])["facts"].clone();
    for (name, bytes) in [
        ("empty", Vec::new()),
        ("text", b"not a bundle".to_vec()),
        ("cut", good[..good.len() - 7].to_vec()),
        ("flipped", good.iter().enumerate().map(|(i, &b)| if i == good.len() / 2 { b ^ 1 } else { b }).collect()),
    ] {
        let path = company.env.write(name, bytes);
        let err = company.office(&["bundle", "import", path.to_str().unwrap()]).fails(3);
        assert!(err.contains("hint:") && err.contains(name), "{name}: {err}");
        assert_eq!(company.json(OFFICE, &["status"])["facts"], before, "{name}");
    }
    let other = Company::new();
    other.office(&["bundle", "export", "foreign.docket"]).ok();
    std::fs::copy(other.env.path("foreign.docket"), company.env.path("foreign.docket")).unwrap();
    let mixed = company.office(&["bundle", "import", "foreign.docket", "missing.docket", "good.docket"]);
    assert_eq!(mixed.code, 3, "{}", mixed.err);
    assert!(mixed.err.contains("foreign.docket") && mixed.err.contains("missing.docket"), "{}", mixed.err);
    assert_eq!(company.json(OFFICE, &["job", "show", &job])["view"]["status"], "on_site", "the good one went in");
}

#[test]
fn an_export_replaces_no_file_unasked_and_knows_its_addressee() {
    let company = Company::new();
    company.technician("T-042");
    company.env.write("keep.docket", "precious");
    company.office(&["bundle", "export", "keep.docket"]).fails(2);
    assert_eq!(std::fs::read(company.env.path("keep.docket")).unwrap(), b"precious");
    assert!(company.office(&["bundle", "export", "x.docket", "--to", "T-999"]).fails(2).contains("no device goes by"));
    company.office(&["bundle", "export", "x.docket", "--to", "T-042"]).ok();
    company.office(&["bundle", "import", "x.docket"]).fails(3);
    company.env.on("T-042", &["bundle", "import", "x.docket"]).ok();
}

#[test]
fn verify_fails_on_a_flipped_byte_and_the_doctor_rebuilds_what_can_be_rebuilt() {
    let company = Company::new();
    let job = company.installation(&[]);
    company.office(&["note", &job, "a needle in the record"]).ok();
    let before = company.json(OFFICE, &["job", "list"]);
    assert_eq!(company.json(OFFICE, &["doctor"])["sound"], true);
    company.office(&["doctor", "--rebuild"]).ok();
    assert_eq!(company.json(OFFICE, &["job", "list"]), before);

    // Enough writing that the store moves its log into the database's file.
    let needle = b"a needle in the record";
    let path = company.env.path(OFFICE).join("docket.db");
    let find = || {
        let bytes = std::fs::read(&path).unwrap();
        let at = bytes.windows(needle.len()).position(|window| window == needle);
        at.map(|at| (bytes, at))
    };
    let filler = "x".repeat(15_000);
    let mut found = find();
    for _ in 0..400 {
        if found.is_some() {
            break;
        }
        company.office(&["note", &job, &filler]).ok();
        found = find();
    }
    let (mut bytes, at) = found.expect("the note is in the file");
    bytes[at + 3] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let verify = company.office(&["verify"]);
    assert_eq!(verify.code, 1, "{}{}", verify.out, verify.err);
    assert!(verify.out.contains("altered") && verify.out.contains(&job), "{}", verify.out);
    assert_eq!(company.office(&["doctor"]).code, 1);
}

#[test]
fn processes_on_one_store_at_once_lose_nothing_and_reuse_no_number() {
    let company = Company::new();
    let job = company.installation(&[]);
    let notes: Vec<String> = (0..8).map(|i| format!("note {i}")).collect();
    let children: Vec<_> = notes
        .iter()
        .map(|note| {
            company.env.command(OFFICE, &["note", &job, note, "--json"]).stdout(std::process::Stdio::null()).spawn()
        })
        .collect();
    for child in children {
        assert!(child.unwrap().wait().unwrap().success());
    }
    let log = company.office(&["job", "log", &job]).ok();
    assert!(notes.iter().all(|note| log.contains(note.as_str())), "{log}");
    assert_eq!(company.json(OFFICE, &["verify"])["verify"], "ok");
}
