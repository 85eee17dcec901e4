//! What the code says in English, read out of the code itself: for the tests that compare it with the catalogues.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// Calls and attributes whose texts people read.
const CALLS: [&str; 13] = [
    "refused",
    "hint",
    "hints",
    "usage",
    "environment",
    "note",
    "warn",
    "say",
    "title",
    "error",
    "wrong",
    "progress",
    "t",
];
/// Calls whose texts are no words, wherever they stand.
const SILENT: [&str; 16] = [
    "join",
    "replace",
    "get",
    "contains",
    "starts_with",
    "split",
    "trim_end_matches",
    "strip_prefix",
    "str",
    "int",
    "insert",
    "query_row",
    "matches",
    "strftime",
    "split_once",
    "contains_key",
];

/// Everything found.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// Templates in the catalogue's notation.
    pub(super) texts: BTreeSet<String>,
    /// Every text of the code, for finding out what is still used.
    pub(super) any: BTreeSet<String>,
    /// Keys of `tr!` with the names of their values.
    pub(super) keys: BTreeMap<String, BTreeSet<String>>,
}

/// Reads this crate and the library whose errors it shows.
pub(super) fn read() -> Said {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["src", "../docket-device/src", "../docket-format/src", "../docket-relay/src", "../docket-core/src"] {
        list(&here.join(folder), &mut files);
    }
    let mut said = Said::default();
    for file in files {
        let stream: TokenStream = std::fs::read_to_string(&file).unwrap().parse().unwrap();
        let own = file.starts_with(here.join("src"));
        let device = file.components().any(|part| part.as_os_str() == "docket-device");
        walk(stream, &mut said, own || device, own);
    }
    said
}

fn list(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && path.file_name().is_none_or(|name| name != "i18n" && name != "demo") {
            list(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

/// Looks for calls; `shown` = what they say reaches people, `own` = in this crate.
fn walk(stream: TokenStream, said: &mut Said, shown: bool, own: bool) {
    let mut before: Vec<String> = Vec::new();
    for token in stream {
        match token {
            TokenTree::Group(group) => {
                let last = before.last().map(String::as_str).unwrap_or_default();
                let called = before.iter().rev().nth(1).map(String::as_str).unwrap_or_default();
                if last == "tests" {
                    // A module of tests says nothing to people.
                } else if last == "!" && called == "tr" {
                    key(&group, said);
                    walk(group.stream(), said, shown, own);
                } else if shown && last == "pairs" {
                    labels(&group, said);
                    walk(group.stream(), said, shown, own);
                } else if shown
                    && (CALLS.contains(&last)
                        || called == "Table"
                        || (last == "text" && called == "i18n")
                        || is_warning(&before))
                    && speaks(&group)
                {
                    collect(group.stream(), said);
                    walk(group.stream(), said, shown, own);
                } else if shown && group.delimiter() == Delimiter::Brace && is_hints(&before) {
                    collect(group.stream(), said);
                    walk(group.stream(), said, shown, own);
                } else {
                    walk(group.stream(), said, shown, own);
                }
                before.push("()".into());
            }
            TokenTree::Literal(literal) => {
                if let Some(text) = string(&literal.to_string()) {
                    said.any.insert(template(&text));
                }
                before.push("\"\"".into());
            }
            TokenTree::Ident(ident) => before.push(ident.to_string()),
            TokenTree::Punct(punct) if punct.as_char() == ':' => {}
            TokenTree::Punct(punct) => before.push(punct.to_string()),
        }
    }
}

/// `warnings.push(…)`.
fn is_warning(before: &[String]) -> bool {
    matches!(before, [.., list, dot, push] if list == "warnings" && dot == "." && push == "push")
}

/// Whether what was read last is the head of a function `hint`: its body is texts.
fn is_hints(before: &[String]) -> bool {
    let head = before.iter().rposition(|word| word == "fn").and_then(|at| before.get(at + 1..));
    head.is_some_and(|head| {
        head.first().is_some_and(|name| name == "hint") && !head.contains(&";".to_owned()) && head.len() < 12
    })
}

fn speaks(group: &Group) -> bool {
    group.delimiter() == Delimiter::Parenthesis
}

/// `tr!("key", name = value)`.
fn key(group: &Group, said: &mut Said) {
    let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
    let Some(TokenTree::Literal(literal)) = tokens.first() else { return };
    let Some(key) = string(&literal.to_string()) else { return };
    let names = tokens.windows(3).filter_map(|three| match three {
        [TokenTree::Punct(comma), TokenTree::Ident(name), TokenTree::Punct(equals)]
            if comma.as_char() == ',' && equals.as_char() == '=' =>
        {
            Some(name.to_string())
        }
        _ => None,
    });
    said.keys.entry(key).or_default().extend(names);
}

/// The first text of each pair.
fn labels(group: &Group, said: &mut Said) {
    for token in group.stream() {
        let TokenTree::Group(inner) = token else { continue };
        match (inner.delimiter(), inner.stream().into_iter().next()) {
            (Delimiter::Parenthesis, Some(TokenTree::Literal(literal))) => add(&literal.to_string(), said),
            _ => labels(&inner, said),
        }
    }
}

fn collect(stream: TokenStream, said: &mut Said) {
    let mut before = String::new();
    for token in stream {
        match token {
            TokenTree::Group(group) if !SILENT.contains(&before.as_str()) => collect(group.stream(), said),
            // Keys of messages are no texts.
            TokenTree::Punct(punct) if punct.as_char() == '!' && before == "tr" => {
                before = "join".into();
                continue;
            }
            TokenTree::Literal(literal) => add(&literal.to_string(), said),
            TokenTree::Ident(ident) => {
                before = ident.to_string();
                continue;
            }
            _ => {}
        }
        before.clear();
    }
}

fn add(literal: &str, said: &mut Said) {
    let Some(text) = string(literal) else { return };
    let template = template(&text);
    let words = without_values(&template);
    // Names with hyphens, and `utf-8`, are for programs.
    let name = text.contains('-') && !text.contains(' ');
    // What is Chinese in the code stands on a page in both languages.
    let chinese = text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    if words.chars().filter(|c| c.is_alphabetic()).count() > 2 && !text.contains('\n') && !name && !chinese {
        said.texts.insert(template);
    }
}

fn without_values(template: &str) -> String {
    let mut words = String::new();
    let mut inside = false;
    for c in template.chars() {
        match c {
            '{' => inside = true,
            '}' => inside = false,
            c if !inside => words.push(c),
            _ => {}
        }
    }
    words
}

/// A string literal's text; `None` for other literals.
fn string(literal: &str) -> Option<String> {
    if let Some(raw) = literal.strip_prefix('r') {
        let raw = raw.trim_matches('#');
        return Some(raw.strip_prefix('"')?.strip_suffix('"')?.to_owned());
    }
    let inner = literal.strip_prefix('"')?.strip_suffix('"')?;
    let mut text = String::new();
    let mut chars = inner.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\\' {
            text.push(c);
            continue;
        }
        match chars.next()? {
            'n' => text.push('\n'),
            't' => text.push('\t'),
            'r' => text.push('\r'),
            '0' => text.push('\0'),
            '\n' => while chars.next_if(|c| c.is_whitespace()).is_some() {},
            'u' => {
                let hex: String = chars.by_ref().skip(1).take_while(|c| *c != '}').collect();
                text.push(char::from_u32(u32::from_str_radix(&hex, 16).ok()?)?);
            }
            'x' => {
                let hex: String = chars.by_ref().take(2).collect();
                text.push(char::from(u8::from_str_radix(&hex, 16).ok()?));
            }
            other => text.push(other),
        }
    }
    Some(text)
}

/// A format string in the catalogue's notation: `{}` is `{ $a }`, `{name:?}` is `{ $name }`; values side by side are
/// one.
pub(super) fn template(format: &str) -> String {
    let mut out = String::new();
    let mut chars = format.trim().chars().peekable();
    let mut count = 0u8;
    let mut after_value = false;
    while let Some(c) = chars.next() {
        match c {
            '{' if chars.next_if_eq(&'{').is_some() => out.push_str("{\"{\"}"),
            '}' if chars.next_if_eq(&'}').is_some() => out.push_str("{\"}\"}"),
            '{' => {
                let inside: String = chars.by_ref().take_while(|c| *c != '}').collect();
                let name = inside.split(':').next().unwrap_or_default().trim().trim_start_matches('.');
                let named = name.starts_with(|c: char| c.is_ascii_alphabetic());
                if !after_value {
                    let name = if named { name.replace('.', "_") } else { char::from(b'a' + count).to_string() };
                    out.push_str(&format!("{{ ${name} }}"));
                }
                count += u8::from(!named);
                after_value = true;
                continue;
            }
            c => out.push(c),
        }
        after_value = false;
    }
    out
}
