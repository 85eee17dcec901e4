//! Output law: a closed pipe is success, a full disk is not, colour only on request.

use std::process::Stdio;

use crate::env::{Env, finish};

#[test]
fn a_reader_that_has_seen_enough_is_success() {
    let env = Env::new();
    for args in [&["--help"][..], &["completions", "bash"], &["docs-cli"]] {
        let mut child = env.command("store", args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let ran = finish(child.wait_with_output().unwrap());
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{args:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_behind_standard_output_is_an_environment_error() {
    let env = Env::new();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = env.command("store", &["completions", "bash"]).stdout(full).output().unwrap();
    assert!(finish(output).fails(3).contains("can't write to standard output"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_behind_a_file_is_an_environment_error_with_a_hint() {
    let company = crate::company::Company::new();
    let job = company.installation(&[]);
    for args in [&["bundle", "export", "/dev/full"][..], &["job", "export", &job, "--automerge", "/dev/full"]] {
        let err = company.office(args).fails(3);
        assert!(err.contains("/dev/full") && err.contains("free some space"), "{args:?}: {err}");
    }
    assert_eq!(company.json("office", &["verify"])["verify"], "ok");
}

#[test]
fn colour_is_for_terminals_and_for_those_who_ask() {
    let env = Env::new();
    let plain = env.run(&["status"]);
    assert!(!plain.err.contains('\u{1b}'));
    let asked = env.run(&["status", "--color", "always"]);
    assert!(asked.err.contains('\u{1b}'));
    assert_eq!(plain.code, asked.code);
}

#[test]
fn times_are_read_and_shown_in_the_zone_asked_for_with_its_offset() {
    let company = crate::company::Company::new();
    let job = company.installation(&[]);
    company.office(&["--zone", "Asia/Shanghai", "set", &job, "appointment", "2026-03-02 17:30"]).ok();
    let utc = company.office(&["job", "show", &job]).ok();
    assert!(utc.contains("2026-03-02 09:30 +00:00"), "{utc}");
    let shanghai = company.office(&["--zone", "Asia/Shanghai", "job", "show", &job]).ok();
    assert!(shanghai.contains("2026-03-02 17:30 +08:00"), "{shanghai}");
    assert!(company.office(&["--zone", "Mars/Olympus", "today"]).fails(2).contains("time zone"));
}

#[test]
fn a_file_over_its_limit_is_refused_before_it_is_read() {
    let company = crate::company::Company::new();
    let job = company.installation(&[]);
    let over = [("photo", 64 * 1024 * 1024 + 1), ("policy", 256 * 1024 + 1)];
    for (name, bytes) in over {
        // Sparse: the file takes no room, and must take no memory.
        std::fs::File::create(company.env.path(name)).unwrap().set_len(bytes).unwrap();
    }
    assert!(company.office(&["photo", &job, "photo"]).fails(2).contains("more than 67108864 bytes"));
    let init = ["init", "--tenant-name", "N", "--person", "A-1", "--name", "A", "--policy", "policy"];
    assert!(company.env.on("other", &init).fails(2).contains("more than 262144 bytes"));
    let long = "x".repeat(20_000);
    assert!(company.office(&["note", &job, &long]).fails(2).contains("16384"), "a fact has its limit too");
}

#[cfg(unix)]
#[test]
fn a_store_that_may_not_be_written_can_be_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let company = crate::company::Company::new();
    let job = company.installation(&[]);
    let dir = company.env.path("office");
    let mode = |mode| std::fs::set_permissions(&dir, std::fs::Permissions::from_mode(mode)).unwrap();
    mode(0o500);
    let listed = company.office(&["job", "list"]);
    mode(0o700);
    assert!(listed.ok().contains(&job));
}
