//! Founding, inviting, enrolling, the roster: offline, and once only.

use crate::company::{Company, OFFICE, steady};
use crate::env::Env;

#[test]
fn init_makes_a_company_once_and_shows_its_recovery_key_once() {
    let env = Env::new();
    let init = ["init", "--tenant-name", "Nordlicht", "--person", "A-001", "--name", "Ada", "--policy", "haier"];
    let out = env.run(&init).ok();
    insta::assert_snapshot!(steady(&env, &out));
    assert!(env.run(&init).fails(2).contains("is a docket store already"));
    let key = out.lines().find_map(|line| line.split_whitespace().last().filter(|word| word.len() == 52));
    for name in ["docket.db", "device.key"] {
        let bytes = std::fs::read(env.path("store").join(name)).unwrap();
        let key = key.unwrap().as_bytes();
        assert!(!bytes.windows(key.len()).any(|window| window == key), "the recovery key is stored nowhere");
    }
}

#[test]
fn a_bad_policy_leaves_no_store_behind_and_says_where_it_is_bad() {
    let env = Env::new();
    env.write("bad.toml", "name = \"x\"\nversion = 1\n");
    let init = ["init", "--tenant-name", "N", "--person", "A-001", "--name", "Ada", "--policy"];
    for (policy, code, says) in [("bad.toml", 2, "bad.toml:2:"), ("missing.toml", 3, "missing.toml")] {
        let mut args = init.to_vec();
        args.push(policy);
        assert!(env.run(&args).fails(code).contains(says), "{policy}");
        assert!(!env.path("store").join("docket.db").exists());
    }
    env.write("latin1.toml", b"name = \"K\xfcche\"\n");
    let mut args = init.to_vec();
    args.push("latin1.toml");
    assert!(env.run(&args).fails(2).contains("not UTF-8"));
}

#[test]
fn without_a_store_every_command_says_how_to_make_one() {
    let env = Env::new();
    for args in
        [&["status"][..], &["today"], &["job", "list"], &["arrive", "K7"], &["verify"], &["bundle", "export", "x"]]
    {
        let err = env.run(args).fails(3);
        assert!(err.contains("no docket store") && err.contains("hint: `docket init`"), "{args:?}: {err}");
    }
    assert!(!env.path("x").exists(), "a failed export leaves no file");
}

#[test]
fn a_store_that_is_something_else_is_refused() {
    let env = Env::new();
    std::fs::create_dir(env.path("store")).unwrap();
    env.write("store/docket.db", "this is a text file, and long enough to look at twice");
    assert!(env.run(&["status"]).fails(3).contains("not a docket store"));
    env.write("store/docket.db", "");
    assert!(env.run(&["status"]).fails(3).contains("an empty file"));
}

#[test]
fn a_store_that_was_cut_short_is_refused_and_left_as_it_is() {
    let company = Company::new();
    let path = company.env.path(OFFICE).join("docket.db");
    let whole = std::fs::read(&path).unwrap();
    let cut = &whole[..whole.len() / 3];
    std::fs::write(&path, cut).unwrap();
    for args in [&["job", "new", "--kind", "repair", "--product", "x"][..], &["verify"]] {
        let ran = company.office(args);
        assert!(matches!(ran.code, 1 | 3), "{args:?}: {} {}{}", ran.code, ran.out, ran.err);
    }
    assert_eq!(std::fs::read(&path).unwrap(), cut);
}

#[test]
fn the_recovery_key_from_the_safe_appoints_a_new_admin() {
    let company = Company::new();
    let init = ["init", "--tenant-name", "Lost & Found", "--person", "A-1", "--name", "Ada"];
    let recovery = company.json("lost", &init)["recovery_key"].as_str().unwrap().to_owned();
    let invite = ["invite", "--person", "T-042", "--name", "Wang", "--role", "technician"];
    let code = company.json("lost", &invite)["code"].as_str().unwrap().to_owned();
    company.env.on("lost", &["bundle", "export", "welcome.docket", "--welcome"]).ok();
    company.env.on("phone", &["enrol", &code, "--from", "welcome.docket"]).ok();
    std::fs::remove_dir_all(company.env.path("lost")).unwrap();
    let device = company.json("phone", &["status"])["device"].as_str().unwrap().to_owned();
    let certify = |key: &str| {
        let args = ["roster", "certify", &device, "--person", "T-042", "--name", "Wang", "--role", "admin"];
        company.env.on("phone", &[&args[..], &["--recovery-key", key]].concat())
    };
    let wrong: String = recovery.chars().rev().collect();
    let refused = certify(&wrong).fails(2);
    assert!(refused.contains("not this company's recovery key") && refused.contains("hint:"), "{refused}");
    certify(&recovery).ok();
    company.env.on("phone", &["invite", "--person", "T-1", "--name", "Li", "--role", "technician"]).ok();
    assert_eq!(company.json("phone", &["verify"])["verify"], "ok");
}

#[test]
fn an_invitation_works_once_for_one_company_until_it_expires() {
    let company = Company::new();
    let invite = ["invite", "--person", "T-042", "--name", "Wang", "--role", "technician", "--expires", "2h"];
    let code = company.json(OFFICE, &invite)["code"].as_str().unwrap().to_owned();
    company.office(&["bundle", "export", "before.docket"]).ok();
    let enrol = ["enrol", &code, "--from", "before.docket"];

    let mut late = company.env.command("late", &enrol);
    late.env("DOCKET_NOW", "2026-03-02T12:00:01Z");
    let late = crate::env::finish(late.output().unwrap()).fails(2);
    assert!(late.contains("expired"), "{late}");

    company.env.on("phone", &enrol).ok();
    company.hand_over("phone", OFFICE);
    company.office(&["bundle", "export", "after.docket"]).ok();
    let again = company.env.on("clone", &["enrol", &code, "--from", "after.docket"]).fails(2);
    assert!(again.contains("used already") && again.contains("hint:"), "{again}");
    assert!(!company.env.path("clone").join("docket.db").exists());

    let typo: String = code.chars().rev().collect();
    assert!(company.env.on("typo", &["enrol", &typo, "--from", "after.docket"]).fails(2).contains("hint:"));
    assert!(company.env.on("role", &invite).fails(3).contains("no docket store"));
    assert!(company.env.on("phone", &invite).fails(2).contains("may not change the roster"));
    let role = company.office(&["invite", "--person", "T-1", "--name", "x", "--role", "king"]).fails(2);
    assert!(role.contains("no role `king`") && role.contains("technician"), "{role}");
}

#[test]
fn the_roster_shows_devices_and_a_revoked_one_stays_listed() {
    let company = Company::new();
    company.enrol("T-042", "technician");
    let device = company.json("T-042", &["status"])["device"].as_str().unwrap().to_owned();
    company.office(&["roster", "revoke", &device[..10], "--reason", "stolen"]).ok();
    let shown = company.json(OFFICE, &["roster", "show"]);
    let entry = shown["devices"].as_array().unwrap().iter().find(|entry| entry["device"] == device.as_str()).unwrap();
    assert_eq!((entry["state"].as_str(), entry["why"].as_str()), (Some("revoked"), Some("stolen")));
    assert!(company.office(&["roster", "revoke", "ZZZZ", "--reason", "x"]).fails(2).contains("no device goes by"));
}

#[test]
fn a_new_policy_is_for_new_jobs_and_open_ones_keep_theirs() {
    let company = Company::new();
    let old = company.installation(&[]);
    let haier = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/policies/haier.toml");
    let text = std::fs::read_to_string(haier).unwrap();
    let renamed = text.replacen("name = \"haier\"", "name = \"ours\"", 1);
    assert_ne!(text, renamed);
    company.env.write("ours.toml", renamed);
    assert!(company.office(&["policy", "adopt", "haier"]).fails(2).contains("adopted before"));
    let mut later = company.env.command(OFFICE, &["policy", "adopt", "ours.toml"]);
    crate::env::finish(later.env("DOCKET_NOW", "2026-03-02T09:01:00Z").output().unwrap()).ok();
    let new = company.installation(&[]);
    let policy = |job: &str| company.json(OFFICE, &["job", "show", job])["policy"].clone();
    assert_eq!((policy(&old), policy(&new)), ("haier".into(), "ours".into()));
}
