//! The command line's shape: what is common to all commands. Each command has its own file under `commands`.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, CommandFactory, Parser, ValueEnum};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::commands::{Command, SECTIONS};
use crate::i18n::{self, Lang};
use crate::times;

/// Job sheets that need no network: work visits offline, hand records over as files, reconcile, audit.
#[derive(Debug, Parser)]
#[command(name = "docket", version, styles = STYLES, max_term_width = 100, disable_help_subcommand = true)]
#[command(after_help = "\
Examples:
  docket init --tenant-name 'Nordlicht Service' --person A-001 --name 'Ada'
  docket job new --kind installation --product 'washing machine'
  docket arrive K7Q2 && docket check K7Q2 A1
  docket bundle export monday.docket
  docket audit run --fail-on major

`docket COMMAND --help` says more, with examples. A job is named by any unique start of its code,
by its external number, or by its document id.

Exit codes: 0 clean, 1 findings at or above --fail-on, 2 usage, 3 environment,
4 done but with rejects, quarantined or waiting records.")]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options that every command takes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Globals {
    /// The folder that holds this device's records [env: `DOCKET_STORE`; else docket in the data folder]
    #[arg(long, global = true, env = "DOCKET_STORE", value_name = "DIR", hide_env = true)]
    pub(crate) store: Option<PathBuf>,

    /// Write one JSON document instead of text
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// When to colour; `NO_COLOR` counts under auto
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub(crate) color: Color,

    /// Read and show times in this zone, as in Asia/Shanghai [default: the system's]
    #[arg(long, global = true, env = "DOCKET_ZONE", hide_env = true, value_parser = times::zone)]
    pub(crate) zone: Option<TimeZone>,

    /// The language of messages, reports and help [env: `DOCKET_LANG`; else the system's]
    ///
    /// `--json` answers are the same in every language.
    #[arg(long, global = true, value_enum, value_name = "LANG")]
    pub(crate) lang: Option<Lang>,

    /// Leave out notes; warnings and errors stay
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,

    /// Pretend that this is the time (tests, rehearsals)
    #[arg(long, global = true, env = "DOCKET_NOW", value_name = "RFC3339", hide = true)]
    pub(crate) now: Option<Timestamp>,
}

/// When to write colour. The variants have no help text: clap would spread every command's options over the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// The parser, with the commands of the top-level help in their sections: clap itself knows one flat list only.
pub(crate) fn command() -> clap::Command {
    let command = i18n::help::localised(Cli::command());
    let template = format!(
        "{{before-help}}{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{}{{options}}{{after-help}}",
        sections(&command)
    );
    command.help_template(template)
}

fn sections(command: &clap::Command) -> String {
    let (header, literal) = (STYLES.get_header(), STYLES.get_literal());
    let mut text = String::new();
    for (title, names) in SECTIONS {
        // Writing to a String can't fail.
        let _ = writeln!(text, "{header}{}:{header:#}", i18n::text(title));
        for name in *names {
            let about = command.find_subcommand(name).and_then(clap::Command::get_about);
            let about = about.map(ToString::to_string).unwrap_or_default();
            let _ = writeln!(text, "  {literal}{name:<12}{literal:#} {about}");
        }
        text.push('\n');
    }
    let _ = writeln!(text, "{header}{}{header:#}", i18n::text("Global options:"));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parser_holds_together() {
        command().debug_assert();
    }

    #[test]
    fn every_visible_command_is_in_exactly_one_section() {
        let command = command();
        let mut visible: Vec<_> =
            command.get_subcommands().filter(|c| !c.is_hide_set()).map(clap::Command::get_name).collect();
        let mut listed: Vec<_> = SECTIONS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        visible.sort_unstable();
        listed.sort_unstable();
        assert_eq!(visible, listed);
    }

    #[test]
    fn every_command_says_what_it_is_and_the_leaves_show_an_example() {
        fn walk(command: &clap::Command, path: &str) {
            for sub in command.get_subcommands().filter(|c| !c.is_hide_set()) {
                let path = format!("{path} {}", sub.get_name());
                assert!(sub.get_about().is_some(), "{path}: no description");
                assert!(sub.has_subcommands() || sub.get_after_help().is_some(), "{path}: no example");
                walk(sub, &path);
            }
        }
        walk(&command(), "docket");
    }
}
