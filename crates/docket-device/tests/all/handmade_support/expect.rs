//! Compares what a case came to with what it was to come to.

use docket_core::time::MINUTE_MS;
use docket_device::audit::{Audit, Finding, Pack};
use docket_format::FactId;
use jiff::Timestamp;
use serde_json::Value;

use super::play::Played;
use super::script::{Case, instant};

/// A word of the files: the rules that say it.
pub(crate) type Rules = [(&'static str, &'static [&'static str])];
/// A clock of the files: the ids that the packs give it.
pub(crate) type Clocks = [(&'static str, &'static [&'static str])];

/// Whether an expectation (`D-H1 missing B1`) speaks of a finding.
fn speaks(rules: &Rules, played: &Played, expected: &str, finding: &Finding) -> bool {
    let words = rules.iter().filter(|(_, ids)| ids.contains(&&*finding.rule));
    let mut about = words.filter_map(|(word, _)| expected.strip_prefix(word));
    about.any(|about| {
        (about.is_empty() || about.starts_with(' '))
            && about.split_whitespace().all(|part| is_about(played, part, finding))
    })
}

/// Whether a finding is about a step, a person, or what `@label` stands for.
fn is_about(played: &Played, about: &str, finding: &Finding) -> bool {
    let label = about.strip_prefix('@').and_then(|label| played.labels.get(label)).map(ToString::to_string);
    let about = label.as_deref().unwrap_or(about);
    let doc = played.docs.get(about).map(ToString::to_string);
    doc.is_some_and(|doc| *doc == *finding.subject)
        || finding.values.columns().values().any(|value| mentions(value, about))
}

fn mentions(value: &Value, about: &str) -> bool {
    match value {
        Value::String(text) => {
            text.split(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_')).any(|part| part == about)
        }
        Value::Number(number) => number.to_string() == about,
        _ => false,
    }
}

/// What an audit found beside the expectation, and what it should have found.
pub(crate) fn findings(case: &Case, played: &Played, audit: &Audit, rules: &Rules, wrong: &mut Vec<String>) {
    for expected in &case.expect.findings {
        if !audit.findings.iter().any(|finding| speaks(rules, played, expected, finding)) {
            wrong.push(format!("not found: {expected}"));
        }
    }
    for lacking in &case.expect.lacking {
        if audit.findings.iter().any(|finding| speaks(rules, played, lacking, finding)) {
            wrong.push(format!("found at last, so no longer lacking: {lacking}"));
        }
    }
    for finding in &audit.findings {
        if !case.expect.findings.iter().any(|expected| speaks(rules, played, expected, finding)) {
            wrong.push(format!("found: {} {}: {}", finding.row, finding.rule, finding.message));
        }
    }
}

/// The operator's own pack finds of the union's findings those of its own rules.
pub(crate) fn same_of_own_rules(all: &Audit, own: &Audit, pack: &Pack, wrong: &mut Vec<String>) {
    let has = |finding: &&Finding| pack.rules.iter().any(|rule| *rule.id == *finding.rule);
    let of_union: Vec<_> = all.findings.iter().filter(has).map(|finding| finding.id).collect();
    let of_own: Vec<_> = own.findings.iter().map(|finding| finding.id).collect();
    if of_union != of_own {
        wrong.push(format!("pack {}: {} findings, {} in the union", pack.name, of_own.len(), of_union.len()));
    }
}

/// A clock as the views have it.
#[derive(Debug)]
struct Row {
    clock: String,
    scope: Option<String>,
    due_ms: Option<i64>,
    stop_ms: Option<i64>,
    paused_ms: Option<i64>,
    verdict: Option<String>,
}

impl Row {
    /// When it stopped or was paused, or the moment of looking.
    fn stands_ms(&self, as_of_ms: i64) -> i64 {
        self.stop_ms.or(self.paused_ms).unwrap_or(as_of_ms)
    }

    fn state(&self, as_of_ms: i64) -> &str {
        match (&self.verdict, self.due_ms) {
            (Some(verdict), _) => verdict,
            (None, Some(due)) if self.stands_ms(as_of_ms) > due => "breached",
            (None, Some(_)) if self.stop_ms.is_some() => "met",
            (None, Some(_)) if self.paused_ms.is_some() => "paused",
            (None, _) => "running",
        }
    }
}

pub(crate) fn clocks(case: &Case, played: &Played, clocks: &Clocks, wrong: &mut Vec<String>) {
    if case.expect.clocks.is_empty() {
        return;
    }
    let rows = rows(played);
    for (name, expected) in &case.expect.clocks {
        let (name, label) = name.split_once(" @").map_or((name.as_str(), None), |(name, label)| (name, Some(label)));
        let ids = clocks.iter().find(|(known, _)| *known == name).unwrap_or_else(|| panic!("{}: {name}", case.name)).1;
        let scope = label.map(|label| played.labels[label]);
        let of_it: Vec<&Row> =
            rows.iter().filter(|row| ids.contains(&row.clock.as_str()) && in_scope(row, scope)).collect();
        let problems: Vec<String> = of_it.iter().filter_map(|row| differs(case, row, expected)).collect();
        if of_it.is_empty() && !expected.starts_with("not_applicable") {
            wrong.push(format!("no clock {name} (expected {expected})"));
        } else if !of_it.is_empty() && problems.len() == of_it.len() {
            wrong.push(format!("clock {name}: expected {expected}; {}", problems.join(" / ")));
        }
    }
}

fn in_scope(row: &Row, scope: Option<FactId>) -> bool {
    scope.is_none_or(|scope| row.scope.as_ref().is_some_and(|text| *text == scope.to_string()))
}

fn rows(played: &Played) -> Vec<Row> {
    let mut statement =
        played.store.conn().prepare("SELECT clock, scope, due_ms, stop_ms, paused_ms, verdict FROM v_clock").unwrap();
    let rows = statement.query_map([], |row| {
        Ok(Row {
            clock: row.get(0)?,
            scope: row.get(1)?,
            due_ms: row.get(2)?,
            stop_ms: row.get(3)?,
            paused_ms: row.get(4)?,
            verdict: row.get(5)?,
        })
    });
    rows.unwrap().map(Result::unwrap).collect()
}

/// How a clock differs from `met; due 2026-03-02 08:30; slack 18; ~2`.
fn differs(case: &Case, row: &Row, expected: &str) -> Option<String> {
    let mut parts = expected.split("; ");
    let state = parts.next().unwrap();
    let parts: Vec<&str> = parts.collect();
    let within = parts.iter().find_map(|part| part.strip_prefix('~')).map_or(0, |text| text.parse::<i64>().unwrap());
    let mut wrong = Vec::new();
    if row.state(case.as_of_ms) != state {
        wrong.push(row.state(case.as_of_ms).to_owned());
    }
    for part in parts {
        if let Some(due) = part.strip_prefix("due ") {
            let due = instant(due, None, &case.zone).unwrap().0;
            // A deadline in whole minutes; the sun's has seconds.
            if row.due_ms.is_none_or(|ms| (ms - due).abs() > within * MINUTE_MS) {
                wrong.push(format!("due {}", shown(case, row.due_ms)));
            }
        } else if let Some(slack) = part.strip_prefix("slack ") {
            let slack = slack.parse::<i64>().unwrap();
            let is = row.due_ms.map(|due| (due - row.stands_ms(case.as_of_ms)).div_euclid(MINUTE_MS));
            if is.is_none_or(|is| (is - slack).abs() > within) {
                wrong.push(format!("slack {is:?}"));
            }
        }
    }
    (!wrong.is_empty()).then(|| format!("{}: {}", row.clock, wrong.join(", ")))
}

fn shown(case: &Case, ms: Option<i64>) -> String {
    let at = ms.and_then(|ms| Timestamp::from_millisecond(ms).ok());
    at.map_or_else(|| "never".to_owned(), |at| at.to_zoned(case.zone.clone()).datetime().to_string())
}

/// Status, resolution, coverage, stage, grades.
pub(crate) fn job(case: &Case, played: &Played, wrong: &mut Vec<String>) {
    let text = |query: &str| -> Option<String> {
        let found = played.store.conn().query_row(query, [], |row| row.get::<_, Option<String>>(0));
        found.unwrap_or_else(|error| Some(format!("({error})")))
    };
    let compare = |what: &str, expected: &Option<String>, query: &str, wrong: &mut Vec<String>| {
        if let Some(expected) = expected {
            let is = text(query).unwrap_or_default();
            if is != *expected {
                wrong.push(format!("{what}: expected {expected}, is {is}"));
            }
        }
    };
    let expect = &case.expect;
    compare("status", &expect.status, "SELECT status FROM v_job", wrong);
    compare("resolution", &expect.resolution, crate::handmade::RESOLUTION, wrong);
    compare("covered", &expect.covered, crate::handmade::COVERED, wrong);
    compare("stage", &expect.stage, crate::handmade::STAGE, wrong);
    for (key, expected) in &expect.grades {
        let (person, day) = key.split_once(' ').unwrap();
        // Grades are those of a day in UTC.
        let midnight = format!("{day}T00:00:00Z").parse::<Timestamp>().unwrap().as_millisecond();
        let query = format!(
            "SELECT coalesce((SELECT grade FROM v_grade WHERE person = '{person}' AND from_ms <= {midnight}
                              ORDER BY from_ms DESC LIMIT 1), 'ungraded')"
        );
        compare(&format!("grade of {key}"), &Some(expected.clone()), &query, wrong);
    }
}
