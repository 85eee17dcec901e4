//! Help reads like a page, and `docs/cli.md` is that page.

use crate::env::Env;

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
