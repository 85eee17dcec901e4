//! The languages in which the command line speaks: English and Chinese.
//!
//! Three kinds of text, three ways:
//! - messages of this crate are keys of the catalogues under `i18n/{en,zh}` ([`tr!`]);
//! - what is written in English in the code (help texts, errors of the library below, labels) is *found* in the
//!   catalogue `phrases.ftl` by its English template ([`text`]): the library never learns of languages;
//! - what the parser says (usage, help) is put into words by [`help`] and [`usage`].
//!
//! What has no Chinese words is shown in English. `--json` is the same in every language.

mod catalogue;
pub(crate) mod help;
mod phrases;
#[cfg(test)]
mod sources;
#[cfg(test)]
mod tests;
pub(crate) mod usage;
mod wrap;

use std::borrow::Cow;
use std::sync::OnceLock;

pub(crate) use catalogue::{Arg, message, word};

/// A language that the command line speaks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Lang {
    #[default]
    En,
    Zh,
}

impl Lang {
    /// As pages name it.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh-Hans",
        }
    }
}

static LANG: OnceLock<Lang> = OnceLock::new();

/// The language of this process.
pub(crate) fn lang() -> Lang {
    LANG.get().copied().unwrap_or_default()
}

/// Settles the language, once, before anything is said: `--lang`, `DOCKET_LANG`, then what the system asks for.
pub(crate) fn begin() -> Lang {
    let args: Vec<String> = std::env::args_os().map(|arg| arg.to_string_lossy().into_owned()).collect();
    let var = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    *LANG.get_or_init(|| choose(&args, var))
}

/// The language must be known before the arguments are parsed, because the parser speaks too.
fn choose(args: &[String], var: impl Fn(&str) -> Option<String>) -> Lang {
    let until = args.iter().position(|arg| arg == "--").unwrap_or(args.len());
    let args = args.get(..until).unwrap_or_default();
    if args.iter().any(|arg| arg == "--json") && !args.iter().any(|arg| arg == "--help" || arg == "-h") {
        return Lang::En; // programs read it
    }
    let asked = args.iter().enumerate().rev().find_map(|(at, arg)| match arg.strip_prefix("--lang")? {
        "" => args.get(at + 1).cloned(),
        rest => rest.strip_prefix('=').map(str::to_owned),
    });
    let system = || var("LC_ALL").or_else(|| var("LC_MESSAGES")).or_else(|| var("LANG"));
    match asked.or_else(|| var("DOCKET_LANG")).or_else(system) {
        Some(named) if named.to_ascii_lowercase().starts_with("zh") => Lang::Zh,
        _ => Lang::En,
    }
}

/// A text that is English in the code, in the language of this process; English where the catalogue does not know it.
pub(crate) fn text(english: &str) -> Cow<'_, str> {
    match lang() {
        Lang::En => Cow::Borrowed(english),
        Lang::Zh => phrases::translated(english).map_or(Cow::Borrowed(english), Cow::Owned),
    }
}

/// As [`text`], for what is put together from pieces.
pub(crate) fn t(english: &str) -> String {
    text(english).into_owned()
}

/// A message of the catalogues by its key: `tr!("today-none", person = who)`. Numbers choose plural forms.
macro_rules! tr {
    ($key:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::i18n::message($key, &[$((stringify!($name), $crate::i18n::Arg::from($value))),*])
    };
}
pub(crate) use tr;
