use clap::Args;
use docket_core::view::Entry;
use docket_device::app::{Job, inbox};
use docket_format::fact::Origin;
use serde_json::{Map, Value, json};

use crate::context::Context;
use crate::errors::{Done, Exit};
use crate::page::{Table, faint, warn};
use crate::times;

/// Show every record of a job, oldest first: who, when, what, with its id
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket job log K7Q2")]
pub(crate) struct Log {
    /// The job
    job: String,
}

impl Log {
    pub(crate) fn run(self, context: &Context) -> Done {
        let session = context.reader()?;
        let job = Job::find(&session, &self.job)?;
        let view = job.view();
        let lines: Vec<_> = view.timeline.iter().map(|entry| Line::of(&job, entry)).collect();
        let zone = context.zone();
        context.out.show(&json!({"code": job.doc.short(), "records": lines}), |page| {
            let mut table = Table::new(&["record", "when", "who", "effect", "what"]);
            for line in &lines {
                let when = line.at_ms.map(|ms| times::show(ms, &zone)).unwrap_or_default();
                let effect = if line.effect == "applied" { faint("") } else { warn(line.effect.replace('_', " ")) };
                table.row([
                    faint(line.fact.chars().take(8).collect::<String>()),
                    when.into(),
                    (&line.who).into(),
                    effect,
                    (&line.what).into(),
                ]);
            }
            page.table(&table);
        })?;
        Ok(Exit::Clean)
    }
}

/// One record as people read it.
#[derive(Debug, serde::Serialize)]
struct Line {
    fact: String,
    at_ms: Option<i64>,
    who: String,
    kind: String,
    what: String,
    effect: &'static str,
    standing: &'static str,
    body: Value,
}

impl Line {
    fn of(job: &Job, entry: &Entry) -> Self {
        let fact = job.fact_by_id(entry.fact);
        let payload = fact.map(|fact| fact.body.clone()).unwrap_or_default();
        let who = match (&entry.person, fact.map(|fact| &fact.header.origin)) {
            (Some(person), _) => person.to_string(),
            (None, Some(Origin::Import { source, .. })) => format!("import {source}"),
            (None, Some(Origin::Device { author, .. })) => {
                format!("device {}", author.device.to_string().chars().take(8).collect::<String>())
            }
            (None, None) => "?".into(),
        };
        let what = describe(entry.kind, &payload);
        Self {
            fact: entry.fact.to_string(),
            at_ms: entry.at_ms.map(|at| at.0),
            who,
            kind: entry.kind.to_owned(),
            what,
            effect: entry.effect.as_str(),
            standing: entry.standing.as_str(),
            body: Value::Object(payload),
        }
    }
}

/// A record in one line: its kind, then what it says, without the ids that tie records together.
fn describe(kind: &str, payload: &Map<String, Value>) -> String {
    let text = |key: &str| payload.get(key).map(inbox::plain);
    let mut said: Vec<String> = Vec::new();
    match kind {
        "set" | "decided" if payload.contains_key("r") => {
            said.push(format!("{} = {}", text("r").unwrap_or_default(), text("v").unwrap_or_default()));
        }
        "step" | "reading" => {
            let appliance = payload.get("appliance").map(|n| format!(" (appliance {n})")).unwrap_or_default();
            said.push(format!("{}{appliance} = {}", text("step").unwrap_or_default(), text("v").unwrap_or_default()));
            said.extend(text("unit"));
        }
        _ => {
            if let Some(Value::Object(registers)) = payload.get("regs") {
                let shown =
                    registers.iter().filter(|(name, _)| !matches!(name.as_str(), "policy" | "customer" | "template"));
                said.extend(shown.map(|(name, value)| format!("{name} = {}", inbox::plain(value))));
            }
            let hidden = [
                "regs", "dk", "over", "visit", "answers", "sha256", "fixes", "why", "keep", "about", "seen", "to",
                "moved",
            ];
            let shown = payload.iter().filter(|(key, _)| !hidden.contains(&key.as_str()));
            said.extend(shown.map(|(_, value)| inbox::plain(value)));
        }
    }
    if let Some(fixed) = text("fixes").or_else(|| text("keep")) {
        said.push(format!("→ {}", fixed.chars().take(8).collect::<String>()));
    }
    said.extend(text("why").map(|why| format!("({why})")));
    format!("{kind} {}", said.join(" ")).trim_end().to_owned()
}
