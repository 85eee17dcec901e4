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

#[test]
fn colour_is_for_terminals_and_for_those_who_ask() {
    let env = Env::new();
    let plain = env.run(&["status"]);
    assert!(!plain.err.contains('\u{1b}'));
    let asked = env.run(&["status", "--color", "always"]);
    assert!(asked.err.contains('\u{1b}'));
    assert_eq!(plain.code, asked.code);
}
