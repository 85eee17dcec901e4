//! What the parser says by itself: help pages' fixed words, and errors of usage.

use anstyle::{AnsiColor, Style};
use clap::error::ErrorKind;

use super::{Lang, lang, text, wrap};

/// Help pages are no wider than this, as the parser's own.
const WIDEST: u16 = 100;

/// What the parser answers, with colour, in the language of this process; `None` = the parser may say it itself.
pub(crate) fn answer(error: &clap::Error, width: Option<u16>) -> Option<String> {
    if lang() == Lang::En {
        return None;
    }
    let is_help = matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::DisplayVersion
    );
    if is_help {
        let width = usize::from(width.unwrap_or(WIDEST).min(WIDEST));
        return Some(page(&error.render().ansi().to_string(), width));
    }
    let plain = error.render().to_string();
    let mut out = String::new();
    for line in plain.lines() {
        out.push_str(&complaint(line));
        out.push('\n');
    }
    Some(out)
}

/// A line of an error: the label, then words that the catalogue may know.
fn complaint(line: &str) -> String {
    let bad = AnsiColor::Red.on_default().bold();
    for (label, style) in [("error:", bad), ("Usage:", Style::new()), ("tip:", Style::new())] {
        if let Some((indent, rest)) = line.split_once(label).filter(|(indent, _)| indent.trim().is_empty()) {
            let label = text(label);
            let rest = text(rest);
            let rest = if label.ends_with('：') { rest.trim_start() } else { &rest };
            return format!("{indent}{style}{label}{style:#}{rest}");
        }
    }
    text(line).into_owned()
}

/// Words that the parser puts into every help page.
const FIXED: [&str; 14] = [
    "Usage:",
    "Arguments:",
    "Options:",
    "Commands:",
    "Global options:",
    "Possible values:",
    "[default: ",
    "[possible values: ",
    "[env: ",
    "[aliases: ",
    "Print help (see more with '--help')",
    "Print help (see a summary with '-h')",
    "Print help",
    "Print version",
];

fn page(rendered: &str, width: usize) -> String {
    let mut page = rendered.to_owned();
    for english in FIXED {
        page = page.replace(english, &text(english));
    }
    // A wide colon has its space in it.
    let page = page.replace("： ", "：");
    page.lines().map(|line| wrap::hanging(line, width) + "\n").collect()
}
