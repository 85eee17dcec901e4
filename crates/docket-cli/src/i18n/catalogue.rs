//! The message catalogues: Project Fluent files built into the program, read when the first message is needed.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::types::FluentValue;
use fluent_bundle::{FluentArgs, FluentResource};
use fluent_syntax::ast::{Entry, InlineExpression, Pattern, PatternElement};

use super::{Lang, lang};

/// Messages by key, of both languages.
const MESSAGES: [&str; 2] = [include_str!("../../i18n/en/messages.ftl"), include_str!("../../i18n/zh/messages.ftl")];
/// Chinese words for texts that are English in the code.
pub(super) const PHRASES: [&str; 2] =
    [include_str!("../../i18n/en/phrases.ftl"), include_str!("../../i18n/zh/phrases.ftl")];
/// Chinese for names of states, kinds and roles.
const WORDS: &str = include_str!("../../i18n/zh/words.ftl");
/// Chinese help.
const HELP: &str = include_str!("../../i18n/zh/help.ftl");

/// A value in a message.
#[derive(Debug, Clone)]
pub(crate) enum Arg {
    /// Text as it is.
    Text(String),
    /// A number, which chooses plural forms.
    Number(f64),
}

macro_rules! number {
    ($($of:ty),*) => { $(impl From<$of> for Arg { fn from(number: $of) -> Self { Self::Number(number as f64) } })* };
}
number!(i64, u64, usize);

impl From<String> for Arg {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Arg {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&String> for Arg {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

/// One language's messages.
pub(super) type Bundle = FluentBundle<FluentResource>;

static ENGLISH: LazyLock<Bundle> = LazyLock::new(|| bundle("en", &[MESSAGES[0]]));
static CHINESE: LazyLock<Bundle> = LazyLock::new(|| bundle("zh", &[MESSAGES[1]]));
static CHINESE_WORDS: LazyLock<HashMap<String, String>> = LazyLock::new(|| plain_messages(WORDS));
pub(super) static CHINESE_HELP: LazyLock<Bundle> = LazyLock::new(|| bundle("zh", &[HELP]));

/// What a file's broken lines say is lost, the others stay: a test reads every file strictly.
fn resource(text: &str) -> FluentResource {
    match FluentResource::try_new(text.to_owned()) {
        Ok(resource) | Err((resource, _)) => resource,
    }
}

pub(super) fn bundle(language: &str, files: &[&str]) -> Bundle {
    let language: unic_langid::LanguageIdentifier = language.parse().unwrap_or_default();
    let mut bundle = Bundle::new_concurrent(vec![language]);
    // The marks around inserted text would be shown as escapes.
    bundle.set_use_isolating(false);
    for file in files {
        bundle.add_resource_overriding(resource(file));
    }
    let registered = bundle.add_function("WORD", |values, _| inserted(values, |text| word(text).into_owned()));
    drop(
        registered.and(bundle.add_function("TR", |values, _| inserted(values, |text| super::text(text).into_owned()))),
    );
    bundle
}

fn inserted<'v>(values: &[FluentValue<'v>], change: impl Fn(&str) -> String) -> FluentValue<'v> {
    match values.first() {
        Some(FluentValue::String(text)) => FluentValue::String(Cow::Owned(change(text))),
        Some(other) => other.clone(),
        None => FluentValue::Error,
    }
}

/// A message in the language of this process.
pub(crate) fn message(key: &str, args: &[(&'static str, Arg)]) -> String {
    let bundle = match lang() {
        Lang::En => &*ENGLISH,
        Lang::Zh => &*CHINESE,
    };
    let values = args.iter().map(|(name, value)| {
        let value = match value {
            Arg::Text(text) => FluentValue::from(text.as_str()),
            Arg::Number(number) => FluentValue::from(*number),
        };
        (*name, value)
    });
    // A test compares the keys and arguments in the code with the catalogues.
    format(bundle, key, &values.collect()).unwrap_or_else(|| key.to_owned())
}

/// A message of a bundle; `key` may name an attribute, as in `job-list.status`.
pub(super) fn format(bundle: &Bundle, key: &str, args: &FluentArgs<'_>) -> Option<String> {
    let (id, attribute) = key.split_once('.').map_or((key, None), |(id, attribute)| (id, Some(attribute)));
    let found = bundle.get_message(id)?;
    let pattern = match attribute {
        Some(attribute) => found.get_attribute(attribute)?.value(),
        None => found.value()?,
    };
    let mut errors = Vec::new();
    Some(bundle.format_pattern(pattern, Some(args), &mut errors).into_owned())
}

/// The name of a state, kind or role as people read it.
pub(crate) fn word(name: &str) -> Cow<'_, str> {
    let chinese = match lang() {
        Lang::En => None,
        Lang::Zh => CHINESE_WORDS.get(name.replace(' ', "_").as_str()),
    };
    match chinese {
        Some(word) => Cow::Borrowed(word.as_str()),
        None if name.contains('_') => Cow::Owned(name.replace('_', " ")),
        None => Cow::Borrowed(name),
    }
}

/// The messages of a file that are one plain text each.
fn plain_messages(text: &str) -> HashMap<String, String> {
    let resource = resource(text);
    let messages = resource.entries().filter_map(|entry| match entry {
        Entry::Message(message) => Some((message.id.name.to_owned(), plain(message.value.as_ref()?)?)),
        _ => None,
    });
    messages.collect()
}

fn plain(pattern: &Pattern<&str>) -> Option<String> {
    let parts = pattern.elements.iter().map(|element| match element {
        PatternElement::TextElement { value } => Some(*value),
        PatternElement::Placeable { .. } => None,
    });
    parts.collect()
}

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// Text that stands there.
    Literal(String),
    /// A place for this value.
    Value(String),
}

/// The messages of a file as templates, with their keys. Only plain values may be in them.
pub(super) fn templates(text: &str) -> Vec<(String, Vec<Piece>)> {
    let resource = resource(text);
    let messages = resource.entries().filter_map(|entry| match entry {
        Entry::Message(message) => Some((message.id.name.to_owned(), pieces(message.value.as_ref()?)?)),
        _ => None,
    });
    messages.collect()
}

fn pieces(pattern: &Pattern<&str>) -> Option<Vec<Piece>> {
    let mut pieces: Vec<Piece> = Vec::new();
    for element in &pattern.elements {
        let piece = match element {
            PatternElement::TextElement { value } => Piece::Literal((*value).to_owned()),
            PatternElement::Placeable { expression } => {
                let fluent_syntax::ast::Expression::Inline(inline) = expression else { return None };
                match inline {
                    InlineExpression::VariableReference { id } => Piece::Value(id.name.to_owned()),
                    InlineExpression::StringLiteral { value } => {
                        Piece::Literal(fluent_syntax::unicode::unescape_unicode_to_string(value).into_owned())
                    }
                    _ => return None,
                }
            }
        };
        match (pieces.last_mut(), piece) {
            (Some(Piece::Literal(before)), Piece::Literal(more)) => before.push_str(&more),
            (_, piece) => pieces.push(piece),
        }
    }
    Some(pieces)
}
