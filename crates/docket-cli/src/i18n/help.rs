//! Help in Chinese. The English help stands in the commands' doc comments; a command's Chinese help is one message
//! of `help.ftl`: its key the command's path (`job-assign`; `docket` for the program), its value what it does, its
//! attributes `.long` the story, `.after` what follows and one for each argument by the argument's id.

use clap::builder::Resettable;
use clap::{Arg, Command};
use fluent_bundle::FluentArgs;

use super::catalogue::{CHINESE_HELP, format};
use super::{Lang, lang, text};

/// The parser, its help in the language of this process.
pub(crate) fn localised(command: Command) -> Command {
    match lang() {
        Lang::En => command,
        Lang::Zh => chinese(command, "docket", true),
    }
}

fn said(key: &str) -> Option<String> {
    format(&CHINESE_HELP, key, &FluentArgs::new())
}

fn chinese(command: Command, key: &str, is_root: bool) -> Command {
    // Lines are broken afterwards: the parser breaks at spaces only, of which Chinese has none.
    let mut command = command.term_width(0).max_term_width(0);
    if let Some(about) = said(key) {
        command = match said(&format!("{key}.long")) {
            Some(long) => command.long_about(format!("{about}\n\n{long}")),
            None => command.long_about(Resettable::Reset),
        };
        command = command.about(about);
    }
    let after = said(&format!("{key}.after")).or_else(|| {
        let english = command.get_after_help()?.to_string();
        Some(examples(&english))
    });
    if let Some(after) = after {
        command = command.after_help(after);
    }
    let own = |arg: Arg| {
        // The options that every command takes are described once.
        let own = said(&format!("{key}.{}", arg.get_id()));
        match own.or_else(|| said(&format!("docket.{}", arg.get_id()))) {
            Some(help) => arg.long_help(Resettable::Reset).help(help),
            None => arg,
        }
    };
    command.mut_args(own).mut_subcommands(|sub| {
        let name = sub.get_name().to_owned();
        let key = if is_root { name } else { format!("{key}-{name}") };
        chinese(sub, &key, false)
    })
}

/// Examples are the same in every language but for their title.
fn examples(english: &str) -> String {
    english.replacen("Examples:", &text("Examples:"), 1).replacen("Example:", &text("Example:"), 1)
}

/// The keys that a command's Chinese help may have, with the English of each: for the tests and the list of what is
/// not translated.
#[cfg(test)]
pub(super) fn keys(command: &Command, key: &str, is_root: bool, into: &mut Vec<(String, String)>) {
    if let Some(about) = command.get_about() {
        into.push((key.to_owned(), about.to_string()));
    }
    if let Some(long) = command.get_long_about() {
        into.push((format!("{key}.long"), long.to_string()));
    }
    for arg in command.get_arguments().filter(|arg| !arg.is_hide_set() && (is_root || !arg.is_global_set())) {
        if let Some(help) = arg.get_help() {
            into.push((format!("{key}.{}", arg.get_id()), help.to_string()));
        }
    }
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        let sub_key = if is_root { sub.get_name().to_owned() } else { format!("{key}-{}", sub.get_name()) };
        keys(sub, &sub_key, false, into);
    }
}
