//! The catalogues against the code and against each other.
#![allow(
    clippy::needless_for_each,
    clippy::format_collect,
    clippy::case_sensitive_file_extension_comparisons,
    clippy::single_match_else,
    reason = "tests that read catalogues line by line"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use clap::CommandFactory as _;
use fluent_bundle::FluentResource;
use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};

use super::*;
use crate::cli::Cli;

#[test]
fn the_language_is_asked_for_or_the_systems() {
    let check = |args: &[&str], vars: &[(&str, &str)], expect: Lang| {
        let args: Vec<String> = args.iter().map(|&arg| arg.to_owned()).collect();
        let var = |name: &str| vars.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        assert_eq!(choose(&args, var), expect, "{args:?} {vars:?}");
    };
    check(&["docket"], &[], Lang::En);
    check(&["docket"], &[("LANG", "zh_CN.UTF-8")], Lang::Zh);
    check(&["docket"], &[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "C")], Lang::En);
    check(&["docket"], &[("LANG", "zh_CN.UTF-8"), ("DOCKET_LANG", "en")], Lang::En);
    check(&["docket", "--lang", "zh", "today"], &[("DOCKET_LANG", "en")], Lang::Zh);
    check(&["docket", "today", "--lang=en"], &[("LANG", "zh_CN")], Lang::En);
    check(&["docket", "note", "K7", "--", "--lang", "zh"], &[], Lang::En);
    check(&["docket", "--json", "today"], &[("LANG", "zh_CN")], Lang::En);
    check(&["docket", "--json", "--help"], &[("LANG", "zh_CN")], Lang::Zh);
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("i18n")
}

fn file(name: &str) -> String {
    std::fs::read_to_string(folder().join(name)).unwrap()
}

/// The messages of a file, each with the values that it inserts. A broken or doubled one fails the test.
fn messages(name: &str) -> BTreeMap<String, BTreeSet<String>> {
    let resource = FluentResource::try_new(file(name)).unwrap_or_else(|(_, errors)| panic!("{name}: {errors:?}"));
    let mut found = BTreeMap::new();
    for entry in resource.entries() {
        let Entry::Message(message) = entry else { continue };
        let mut put = |key: String, pattern: &Pattern<&str>| {
            let mut values = BTreeSet::new();
            used(pattern, &mut values);
            assert!(found.insert(key.clone(), values).is_none(), "{name}: {key} twice");
        };
        if let Some(value) = &message.value {
            put(message.id.name.to_owned(), value);
        }
        for attribute in &message.attributes {
            put(format!("{}.{}", message.id.name, attribute.id.name), &attribute.value);
        }
    }
    found
}

fn used(pattern: &Pattern<&str>, into: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        let PatternElement::Placeable { expression } = element else { continue };
        match expression {
            Expression::Inline(inline) => named(inline, into),
            Expression::Select { selector, variants } => {
                named(selector, into);
                variants.iter().for_each(|variant| used(&variant.value, into));
            }
        }
    }
}

fn named(inline: &InlineExpression<&str>, into: &mut BTreeSet<String>) {
    match inline {
        InlineExpression::VariableReference { id } => drop(into.insert(id.name.to_owned())),
        InlineExpression::FunctionReference { arguments, .. } => {
            arguments.positional.iter().for_each(|argument| named(argument, into));
        }
        InlineExpression::Placeable { expression } => match expression.as_ref() {
            Expression::Inline(inline) => named(inline, into),
            Expression::Select { selector, .. } => named(selector, into),
        },
        _ => {}
    }
}

#[test]
fn every_message_is_in_both_languages_with_the_same_values() {
    for name in ["messages.ftl", "phrases.ftl"] {
        let (english, chinese) = (messages(&format!("en/{name}")), messages(&format!("zh/{name}")));
        let keys = |of: &BTreeMap<String, BTreeSet<String>>| of.keys().cloned().collect::<BTreeSet<_>>();
        let missing: Vec<_> = keys(&english).symmetric_difference(&keys(&chinese)).cloned().collect();
        assert!(missing.is_empty(), "{name}: only in one language: {missing:?}");
        for (key, values) in &chinese {
            assert!(values.is_subset(&english[key]), "{name}: {key} inserts what nobody gives: {values:?}");
        }
    }
    for name in ["zh/words.ftl", "zh/help.ftl"] {
        messages(name);
    }
}

#[test]
fn the_code_and_the_catalogues_have_the_same_keys() {
    let code = sources::read().keys;
    let catalogue = messages("en/messages.ftl");
    let named: BTreeSet<_> = code.keys().collect();
    let known: BTreeSet<_> = catalogue.keys().collect();
    assert_eq!(named, known, "left: in the code, right: in the catalogue");
    for (key, values) in &catalogue {
        assert!(values.is_subset(&code[key]), "{key} inserts {values:?}, the code gives {:?}", code[key]);
    }
}

/// Texts of the parser, not of the code.
const PARSERS: &str = "parser-";

#[test]
fn every_phrase_is_still_said_somewhere() {
    let any = sources::read().any;
    let stale = |(key, english): &(String, String)| !key.starts_with(PARSERS) && !any.contains(english);
    let lost: Vec<_> = entries("en/phrases.ftl").into_iter().filter(stale).collect();
    if updating() {
        let keys: BTreeSet<String> = lost.into_iter().map(|(key, _)| key).collect();
        for name in ["en/phrases.ftl", "zh/phrases.ftl"] {
            keep_lines(name, |line| line.split_once(" = ").is_none_or(|(key, _)| !keys.contains(key)));
        }
        return;
    }
    let lost: Vec<_> = lost.iter().map(|(key, english)| format!("{key} = {english}")).collect();
    assert!(lost.is_empty(), "in the catalogue, not in the code:\n{}", lost.join("\n"));
}

/// Whether the run writes what the others compare with.
fn updating() -> bool {
    std::env::var_os("DOCKET_UPDATE_DOCS").is_some()
}

fn keep_lines(name: &str, mut keep: impl FnMut(&str) -> bool) {
    let kept: String = file(name).lines().filter(|line| keep(line)).map(|line| format!("{line}\n")).collect();
    std::fs::write(folder().join(name), kept).unwrap();
}

/// Keys and texts of a file, line by line: phrases have one line each.
fn entries(name: &str) -> Vec<(String, String)> {
    let file = file(name);
    let lines = file.lines().filter_map(|line| line.split_once(" = "));
    lines.map(|(key, text)| (key.to_owned(), text.to_owned())).collect()
}

#[test]
fn every_command_has_chinese_help_and_no_help_is_of_nothing() {
    let mut keys = Vec::new();
    help::keys(&Cli::command(), "docket", true, &mut keys);
    let chinese = messages("zh/help.ftl");
    let known: BTreeSet<&str> = keys.iter().map(|(key, _)| key.as_str()).collect();
    let odd: Vec<_> = chinese.keys().filter(|key| !known.contains(key.as_str()) && !key.ends_with(".after")).collect();
    if updating() {
        let odd: BTreeSet<&str> = odd.into_iter().map(String::as_str).collect();
        let mut command = String::new();
        keep_lines("zh/help.ftl", |line| {
            let Some((key, _)) = line.split_once(" = ") else { return true };
            match key.strip_prefix("    .") {
                Some(argument) => {
                    !odd.contains(command.as_str()) && !odd.contains(format!("{command}.{argument}").as_str())
                }
                None => {
                    key.clone_into(&mut command);
                    !odd.contains(key)
                }
            }
        });
        return;
    }
    assert!(odd.is_empty(), "help of nothing: {odd:?}");
    let missing: Vec<_> = keys.iter().filter(|(key, _)| !key.contains('.') && !chinese.contains_key(key)).collect();
    let listed = untranslated();
    let missing: Vec<_> = missing.into_iter().filter(|(key, _)| !listed.contains(&format!("help {key}"))).collect();
    assert!(missing.is_empty(), "no Chinese help: {missing:?}");
}

fn untranslated() -> BTreeSet<String> {
    let lines = file("untranslated.txt");
    lines
        .lines()
        .filter_map(|line| line.split_once('\t').map_or(Some(line), |(key, _)| Some(key)))
        .map(str::to_owned)
        .collect()
}

/// What stays English is written down: `i18n/untranslated.txt`. `DOCKET_UPDATE_DOCS=1` writes the list anew.
#[test]
fn what_stays_english_is_listed() {
    let said = sources::read();
    let known: BTreeSet<String> = entries("en/phrases.ftl").into_iter().map(|(_, text)| text).collect();
    let titles = crate::commands::SECTIONS.iter().map(|(title, _)| (*title).to_owned());
    let said: BTreeSet<String> = said.texts.into_iter().chain(titles).collect();
    let mut list: Vec<String> =
        said.iter().filter(|text| !known.contains(*text)).map(|text| format!("text {text}")).collect();
    let chinese = messages("zh/help.ftl");
    let mut keys = Vec::new();
    help::keys(&Cli::command(), "docket", true, &mut keys);
    let missing = keys.into_iter().filter(|(key, _)| !chinese.contains_key(key));
    list.extend(missing.map(|(key, english)| format!("help {key}\t{}", english.replace('\n', " "))));
    list.sort();
    let wanted = format!(
        "What the command line says in English under --lang zh too: help by its key, texts by their template.\n\
         Written by the tests (DOCKET_UPDATE_DOCS=1); to translate a text, add it to en/phrases.ftl and zh/phrases.ftl.\n\
         {}\n",
        list.join("\n")
    );
    let path = folder().join("untranslated.txt");
    if updating() {
        std::fs::write(&path, &wanted).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == wanted, "i18n/untranslated.txt is old: run this test with DOCKET_UPDATE_DOCS=1");
}
