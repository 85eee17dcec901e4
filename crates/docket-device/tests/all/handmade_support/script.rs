//! The files: TOML around a timeline, a line a fact (see `fixtures/handmade/README.md`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use docket_core::time::MINUTE_MS;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(clippy::struct_field_names, reason = "a device is a person's")]
pub(crate) struct Person {
    pub(crate) role: String,
    pub(crate) outlet: Option<String>,
    /// Whose further device this is, with a role of its own.
    pub(crate) person: Option<String>,
    #[serde(default)]
    pub(crate) evidence: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Company {
    customers: BTreeMap<String, Map<String, Value>>,
    outlets: BTreeMap<String, Map<String, Value>>,
    people: BTreeMap<String, Person>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expect {
    pub(crate) status: Option<String>,
    pub(crate) resolution: Option<String>,
    pub(crate) covered: Option<String>,
    pub(crate) stage: Option<String>,
    pub(crate) findings: Vec<String>,
    /// What the rows ask for and the program doesn't find yet.
    #[serde(default)]
    pub(crate) lacking: Vec<String>,
    #[serde(default)]
    pub(crate) clocks: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) grades: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "title")]
    _title: String,
    policy: String,
    as_of: String,
    outlet: String,
    customer: String,
    timeline: String,
    #[serde(default)]
    people: BTreeMap<String, Person>,
    #[serde(default)]
    outlets: BTreeMap<String, Map<String, Value>>,
    expect: Expect,
}

/// One thing that somebody does at a time.
#[derive(Debug, Clone)]
pub(crate) struct Act {
    pub(crate) at_ms: i64,
    pub(crate) who: String,
    pub(crate) doc: String,
    pub(crate) verb: String,
    pub(crate) args: Vec<(String, Value)>,
    pub(crate) label: Option<String>,
}

/// A job written by hand.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) policy: String,
    pub(crate) as_of_ms: i64,
    pub(crate) outlet: String,
    pub(crate) customer: Map<String, Value>,
    pub(crate) outlets: BTreeMap<String, Map<String, Value>>,
    pub(crate) people: BTreeMap<String, Person>,
    pub(crate) acts: Vec<Act>,
    pub(crate) expect: Expect,
    pub(crate) zone: TimeZone,
}

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/handmade")
}

/// Every case, by name.
pub(crate) fn cases() -> Vec<Case> {
    let read = |path: &Path| std::fs::read_to_string(path).unwrap();
    let company: Company = toml::from_str(&read(&folder().join("company.toml"))).unwrap();
    let files = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let is_job = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with(|c: char| c.is_ascii_digit());
    let mut files: Vec<PathBuf> = files.filter(is_job).collect();
    files.sort();
    files.iter().map(|path| case(path.file_stem().unwrap().to_str().unwrap(), &read(path), &company)).collect()
}

fn case(name: &str, text: &str, company: &Company) -> Case {
    let file: File = toml::from_str(text).unwrap_or_else(|bad| panic!("{name}: {bad}"));
    let (mut outlets, mut people) = (company.outlets.clone(), company.people.clone());
    outlets.extend(file.outlets);
    people.extend(file.people);
    let zone = TimeZone::get(outlets[&file.outlet]["zone"].as_str().unwrap()).unwrap();
    let as_of_ms = instant(&file.as_of, None, &zone).unwrap_or_else(|| panic!("{name}: as_of")).0;
    let acts = timeline(name, &file.timeline, &zone);
    // Who and what the file doesn't speak of needs no document.
    people.retain(|id, _| id == "PSM-1" || acts.iter().any(|act| act.who == *id || act.doc == *id || names(act, id)));
    outlets.retain(|id, _| *id == file.outlet || acts.iter().any(|act| names(act, id)));
    Case {
        name: name.to_owned(),
        policy: file.policy,
        as_of_ms,
        outlet: file.outlet,
        customer: company.customers[&file.customer].clone(),
        outlets,
        people,
        acts,
        expect: file.expect,
        zone,
    }
}

fn names(act: &Act, id: &str) -> bool {
    act.args.iter().any(|(_, value)| match value {
        Value::String(text) => text == id,
        Value::Array(list) => list.iter().any(|each| each == id),
        _ => false,
    })
}

/// `10:00`, `2026-03-02 10:00` or either with an offset, as milliseconds; and the day it names.
pub(crate) fn instant(text: &str, day: Option<Date>, zone: &TimeZone) -> Option<(i64, Date)> {
    let (date, time) = text.split_once(' ').map_or((None, text), |(date, time)| (Some(date), time));
    let day = date.map_or(day, |date| date.parse().ok())?;
    let (time, offset) = match time.rfind(['+', '-']) {
        Some(at) if at > 0 => time.split_at(at),
        _ => (time, ""),
    };
    let wall = DateTime::from_parts(day, time.parse::<Time>().ok()?);
    let at = if offset.is_empty() {
        zone.to_ambiguous_zoned(wall).unambiguous().ok()?.timestamp()
    } else {
        format!("{wall}{offset}").parse().ok()?
    };
    Some((at.as_millisecond(), day))
}

fn timeline(name: &str, text: &str, zone: &TimeZone) -> Vec<Act> {
    let mut day: Option<Date> = None;
    let mut acts = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let fail = |what: &str| -> ! { panic!("{name}: {what}: {line}") };
        let mut words = words(line);
        if let Ok(date) = words[0].parse::<Date>() {
            day = Some(date);
            words.remove(0);
        }
        let label = words.iter().position(|word| word == "=>").map(|at| {
            let label = words[at + 1].clone();
            words.truncate(at);
            label
        });
        let Some((at_ms, date)) = instant(&words[0], day, zone) else { fail("no time") };
        let [_, who, verb, args @ ..] = words.as_slice() else { fail("no fact") };
        let (doc, verb) = verb.rsplit_once('.').unwrap_or(("job", verb));
        let act = |at_ms, verb: &str, args| Act {
            at_ms,
            who: who.clone(),
            doc: doc.to_owned(),
            verb: verb.to_owned(),
            args,
            label: label.clone(),
        };
        match verb {
            "serve" => acts.extend(steps(SERVE, at_ms).into_iter().map(|(at, verb, args)| act(at, verb, args))),
            "steps" => {
                acts.extend(steps(&args.join(" "), at_ms).into_iter().map(|(at, verb, args)| act(at, verb, args)));
            }
            _ => {
                let pair = |word: &String| {
                    let Some((key, value)) = word.split_once('=') else { fail("not key=value") };
                    (key.to_owned(), value_of(key, value, date, zone))
                };
                acts.push(act(at_ms, verb, args.iter().map(pair).collect()));
            }
        }
    }
    // A line of steps takes some minutes, in which others act.
    acts.sort_by_key(|act| act.at_ms);
    acts
}

/// Splits at blanks, but not within quotes.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in line.trim().chars() {
        quoted ^= c == '"';
        match c {
            ' ' if !quoted => words.push(String::new()),
            _ => words.last_mut().unwrap().push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn value_of(key: &str, text: &str, day: Date, zone: &TimeZone) -> Value {
    let bare = text.trim_matches('"');
    let is_time = matches!(key, "received_at" | "appointment" | "when" | "requested_by")
        || (key == "v" && bare.len() == 5 && bare.contains(':'));
    if is_time {
        let (at, _) = instant(bare, Some(day), zone).unwrap();
        return jiff::Timestamp::from_millisecond(at).unwrap().to_string().into();
    }
    match (key, text) {
        ("five", five) => "ABCDE".chars().map(|c| (c.to_string(), Value::from(five.contains(c)))).collect(),
        ("step" | "v" | "serial", _) => bare.into(),
        (_, list) if list.starts_with('[') => serde_json::from_str(list).unwrap(),
        (_, "true") => true.into(),
        (_, "false") => false.into(),
        _ => bare.parse::<i64>().map_or_else(|_| bare.into(), Value::from),
    }
}

const SERVE: &str = "N1 A1 A2 A3 A4 1 B1 C1 D1 E1 sign";

type Step = (i64, &'static str, Vec<(String, Value)>);

/// The answers of a `steps` line: one a minute, or as often as it says.
fn steps(line: &str, from_ms: i64) -> Vec<Step> {
    let words = words(line);
    let (mut appliances, mut every) = (1..=1, MINUTE_MS);
    let mut names = Vec::new();
    for word in &words {
        if let Some(range) = word.strip_prefix("appliances=") {
            let (first, last) = range.split_once("..").unwrap();
            appliances = first.parse::<i64>().unwrap()..=last.parse().unwrap();
        } else if let Some(seconds) = word.strip_prefix("every=") {
            every = seconds.trim_end_matches('s').parse::<i64>().unwrap() * 1000;
        } else {
            names.push(word.split_once('=').unwrap_or((word, "")));
        }
    }
    let mut acts: Vec<Step> = Vec::new();
    for (step, said) in names {
        let per_appliance = matches!(step, "A1" | "A2" | "A3" | "1" | "C1");
        let times = if per_appliance { appliances.clone() } else { 0..=0 };
        for appliance in times {
            let (verb, mut args) = answer(step, said.trim_matches('"'));
            if per_appliance {
                args.push(("appliance".into(), appliance.into()));
            }
            acts.push((from_ms + acts.len() as i64 * every, verb, args));
        }
    }
    acts
}

fn answer(step: &str, said: &str) -> (&'static str, Vec<(String, Value)>) {
    let entry = |key: &str, value: Value| (key.to_owned(), value);
    let or = |default: &'static str| if said.is_empty() { default.to_owned() } else { said.to_owned() };
    let step_is = entry("step", step.into());
    match step {
        "sign" => ("signed", Vec::new()),
        "A1" | "A2" => {
            let said = or(if step == "A1" { "0.8ohm" } else { "200megaohm" });
            let (number, unit) = said.split_at(said.find(|c: char| c.is_alphabetic()).unwrap());
            ("reading", vec![step_is, entry("v", number.into()), entry("unit", unit.into())])
        }
        "A3" => ("step", vec![step_is, entry("v", or("correct").into())]),
        "D1" => ("step", vec![step_is, entry("v", or("none").into())]),
        _ if said.is_empty() => ("step", vec![step_is, entry("v", true.into())]),
        _ => ("step", vec![step_is, entry("v", said.into())]),
    }
}
