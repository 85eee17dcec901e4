//! `docs/cli.md`, written from the parser so that it can't drift from it.

use std::fmt::Write as _;

use clap::Command;

use crate::commands::SECTIONS;

/// The whole page.
pub(crate) fn page(mut root: Command) -> String {
    root.build();
    let mut text = String::from(
        "# The `docket` command line\n\nWritten by `docket docs-cli` from the parser; a test compares. Do not edit.\n",
    );
    section(&mut text, &mut root.clone(), "docket", 2);
    for (title, names) in SECTIONS {
        // Writing to a String can't fail.
        let _ = write!(text, "\n# {title}\n");
        for name in *names {
            if let Some(command) = root.find_subcommand_mut(name) {
                walk(&mut text, command, &format!("docket {name}"), 2);
            }
        }
    }
    text.push_str(include_str!("json_answers.md"));
    text
}

fn walk(text: &mut String, command: &mut Command, path: &str, level: usize) {
    section(text, command, path, level);
    let names: Vec<String> =
        command.get_subcommands().filter(|c| !c.is_hide_set()).map(|c| c.get_name().to_owned()).collect();
    for name in names {
        if let Some(sub) = command.find_subcommand_mut(&name) {
            walk(text, sub, &format!("{path} {name}"), level + 1);
        }
    }
}

fn section(text: &mut String, command: &mut Command, path: &str, level: usize) {
    let marks = "#".repeat(level);
    // A fixed width, so that the page does not depend on the terminal that it was written from.
    let help = command.clone().term_width(100).render_long_help().to_string();
    let help: Vec<&str> = help.lines().map(str::trim_end).collect();
    let _ = write!(text, "\n{marks} `{path}`\n\n```text\n{}\n```\n", help.join("\n").trim_end());
}
