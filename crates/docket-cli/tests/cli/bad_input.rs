//! What is foreign, oversize or has no room: refused with a reason and an exit code, and nothing half-written.

use crate::company::{Company, OFFICE};
use crate::env::finish;

#[test]
fn another_programs_database_is_refused_and_left_as_it_is() {
    let company = Company::new();
    let dir = company.env.path("other");
    std::fs::create_dir(&dir).unwrap();
    // An SQLite file without docket's mark: the mark is bytes 68 to 71 of the header.
    let mut bytes = std::fs::read(company.env.path(OFFICE).join("docket.db")).unwrap();
    bytes[68..72].fill(0);
    std::fs::write(dir.join("docket.db"), &bytes).unwrap();
    for args in [&["status"][..], &["job", "list"], &["verify"], &["job", "new", "--kind", "repair", "--product", "x"]]
    {
        let err = company.env.on("other", args).fails(3);
        assert!(err.contains("another program") && err.contains("hint:"), "{args:?}: {err}");
    }
    assert_eq!(std::fs::read(dir.join("docket.db")).unwrap(), bytes);
    let init = ["init", "--tenant-name", "N", "--person", "A-1", "--name", "A"];
    assert!(company.env.on("other", &init).fails(2).contains("is a docket store already"));
}

#[test]
fn another_companys_database_beside_this_devices_key_hands_nothing_over() {
    let (ours, theirs) = (Company::new(), Company::new());
    theirs.installation(&[]);
    let (from, to) = (theirs.env.path(OFFICE), ours.env.path(OFFICE));
    for name in ["docket.db", "docket.counter"] {
        std::fs::copy(from.join(name), to.join(name)).unwrap();
    }
    let err = ours.office(&["bundle", "export", "x.docket"]).fails(3);
    assert!(err.contains("another device's") && err.contains("hint:"), "{err}");
    assert!(!ours.env.path("x.docket").exists());
    let invite = ["invite", "--person", "T-1", "--name", "x", "--role", "technician"];
    assert!(ours.office(&invite).fails(3).contains("another device's"));
    assert_eq!(ours.json(OFFICE, &["job", "list"])["total"], 1, "reading goes on");
}

#[test]
fn names_and_texts_over_the_limit_of_a_record_are_refused_before_anything_is_written() {
    let company = Company::new();
    let job = company.installation(&[]);
    let facts = company.json(OFFICE, &["status"])["facts"].clone();
    let long = "x".repeat(17_000);
    for args in [
        &["job", "new", "--kind", "repair", "--product", &long][..],
        &["job", "new", "--kind", "repair", "--product", "x", "--customer-name", &long],
        &["job", "cancel", &job, "--reason", &long],
        &["set", &job, "phone", &long],
        &["sign", &job, "--role", "customer", "--name", &long],
        &["invite", "--person", "T-1", "--name", &long, "--role", "technician"],
        &["invite", "--person", &long[..200], "--name", "x", "--role", "technician"],
        &["grade", "add", "T-1", "exam", "--level", "C", "--issuer", &long, "--issued", "2020-01-01"],
    ] {
        let ran = company.office(args);
        let shown: Vec<String> = args.iter().map(|arg| arg.chars().take(20).collect()).collect();
        assert_eq!(ran.code, 2, "{shown:?}: {}", ran.err.chars().take(300).collect::<String>());
        assert!(ran.err.len() < 2_000, "{shown:?}: an error does not repeat what was too long");
    }
    assert_eq!(company.json(OFFICE, &["status"])["facts"], facts, "nothing half-written");
    let init = ["init", "--tenant-name", &long, "--person", "A-1", "--name", "A"];
    company.env.on("new", &init).fails(2);
    assert!(!company.env.path("new").join("docket.db").exists());
}

#[test]
fn maps_rules_and_bundles_over_their_limits_are_refused() {
    let company = Company::new();
    company.env.write("rows.csv", "a\n1\n");
    for name in ["map.toml", "rules.toml"] {
        std::fs::File::create(company.env.path(name)).unwrap().set_len(2 * 1024 * 1024).unwrap();
    }
    assert!(company.office(&["job", "import", "rows.csv", "--map", "map.toml"]).fails(2).contains("more than"));
    assert!(company.office(&["audit", "run", "--rules", "rules.toml"]).fails(2).contains("more than"));
    // A bundle whose first frame says that it is 4 GiB long.
    company.env.write("long.docket", b"docket\0\x01H\xff\xff\xff\xff and then nothing");
    let err = company.office(&["bundle", "import", "long.docket"]).fails(3);
    assert!(err.contains("long.docket") && err.contains("hint:"), "{err}");
}

/// A disk that takes no more, as the system tells a program: no file may grow beyond `kib` KiB.
#[cfg(target_os = "linux")]
fn crowded(company: &Company, store: &str, kib: u64, args: &[&str]) -> crate::env::Ran {
    let whole = company.env.command(store, args);
    let script = format!("trap '' XFSZ; ulimit -f {kib} && exec \"$0\" \"$@\"");
    let mut command = std::process::Command::new("bash");
    command.args(["-c", &script]).arg(whole.get_program()).args(whole.get_args());
    command.env_clear().current_dir(company.env.dir()).env("PATH", std::env::var_os("PATH").unwrap_or_default());
    for (name, value) in whole.get_envs() {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    finish(command.output().unwrap())
}

#[cfg(target_os = "linux")]
#[test]
fn without_room_for_the_record_a_write_fails_whole_and_the_store_stays_sound() {
    let company = Company::new();
    company.technician("T-042");
    let job = company.installation(&["T-042"]);
    company.hand_over(OFFICE, "T-042");
    company.install("T-042", &job);
    company.env.on("T-042", &["bundle", "export", "work.docket"]).ok();
    let extract = env!("CARGO_MANIFEST_DIR").to_owned() + "/../../fixtures/import/myla311-extract.csv";
    let map = env!("CARGO_MANIFEST_DIR").to_owned() + "/../../fixtures/import/myla311.toml";
    company.env.write("photo.jpg", vec![7; 3_000_000]);
    let before = company.json(OFFICE, &["job", "show", &job])["view"].clone();
    let facts = company.json(OFFICE, &["status"])["facts"].clone();
    let note = "x".repeat(12_000);
    for args in [
        &["note", &job, &note][..],
        &["photo", &job, "photo.jpg"],
        &["job", "import", &extract, "--map", &map],
        &["bundle", "import", "work.docket"],
    ] {
        let ran = crowded(&company, OFFICE, 8, args);
        let shown = &args[..1];
        assert_eq!(ran.code, 3, "{shown:?}: {}{}", ran.out, ran.err);
        assert!(ran.err.contains("error:") && ran.err.contains("hint:"), "{shown:?}: {}", ran.err);
        assert_eq!(company.json(OFFICE, &["status"])["facts"], facts, "{shown:?}");
    }
    assert_eq!(company.json(OFFICE, &["job", "show", &job])["view"], before);
    assert_eq!(company.json(OFFICE, &["verify"])["verify"], "ok");
    assert_eq!(company.json(OFFICE, &["doctor"])["sound"], true);
    // With room again, the same commands go through.
    company.office(&["bundle", "import", "work.docket"]).ok();
    company.office(&["note", &job, &note]).ok();
    let blobs = std::fs::read_dir(company.env.path(OFFICE).join("blobs"));
    assert_eq!(
        blobs.map_or(0, |dir| dir.flat_map(|shelf| std::fs::read_dir(shelf.unwrap().path()).unwrap()).count()),
        0
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_company_or_member_that_could_not_be_made_leaves_nothing_in_the_way() {
    let company = Company::new();
    let invite = ["invite", "--person", "T-042", "--name", "Wang", "--role", "technician"];
    let code = company.json(OFFICE, &invite)["code"].as_str().unwrap().to_owned();
    company.office(&["bundle", "export", "welcome.docket"]).ok();
    let init = ["init", "--tenant-name", "N", "--person", "A-1", "--name", "A"];
    let enrol = ["enrol", &code, "--from", "welcome.docket"];
    for (store, args) in [("new", &init[..]), ("phone", &enrol)] {
        let mut failed = 0;
        // Room for ever more: it fails while the store is made, while it is filled, and at last not at all.
        for kib in (8..2_000).step_by(24) {
            let ran = crowded(&company, store, kib, args);
            if ran.code == 0 {
                break;
            }
            failed += 1;
            assert_eq!(ran.code, 3, "{kib} KiB: {}", ran.err);
            assert!(!company.env.path(store).exists(), "{kib} KiB: something is left");
        }
        assert!((3..80).contains(&failed), "{store}: {failed}");
        company.env.on(store, &["status"]).ok();
    }
}
