//! A job's story before it is written down: who does what when, so that a defect is a small change of it.

use docket_core::{Evidence, Policy, Record, Site, Standing, UnixMs, Who, fold_job};
use docket_format::{Author, FactId};
use serde_json::Value;

use super::page::Page;

/// One record to be made.
#[derive(Debug, Clone)]
pub(super) struct Act {
    /// Names it within the story: a text field `@label` of another act becomes its id.
    pub(super) label: String,
    pub(super) who: usize,
    pub(super) at_ms: i64,
    pub(super) kind: &'static str,
    pub(super) body: Value,
}

/// A job's records in the order of their times.
#[derive(Debug, Clone, Default)]
pub(super) struct Script {
    pub(super) acts: Vec<Act>,
}

impl Script {
    /// Adds an act named like its kind.
    pub(super) fn add(&mut self, who: usize, at_ms: i64, kind: &'static str, body: Value) {
        self.named(kind, who, at_ms, kind, body);
    }

    /// Adds an act.
    pub(super) fn named(&mut self, label: impl Into<String>, who: usize, at_ms: i64, kind: &'static str, body: Value) {
        self.acts.push(Act { label: label.into(), who, at_ms, kind, body });
    }

    /// The act of this name.
    pub(super) fn get(&self, label: &str) -> Option<&Act> {
        self.acts.iter().find(|act| act.label == label)
    }

    /// The act of this name, to be changed.
    pub(super) fn change(&mut self, label: &str) -> Option<&mut Act> {
        self.acts.iter_mut().find(|act| act.label == label)
    }

    /// Takes the acts of this name out.
    pub(super) fn drop(&mut self, label: &str) {
        self.acts.retain(|act| act.label != label);
    }

    /// Everything at or after a time happens so much later.
    pub(super) fn delay(&mut self, from_ms: i64, by_ms: i64) {
        for act in self.acts.iter_mut().filter(|act| act.at_ms >= from_ms) {
            act.at_ms += by_ms;
        }
    }

    /// Ends the story before this act.
    pub(super) fn stop_before(&mut self, label: &str) {
        if let Some(at_ms) = self.get(label).map(|act| act.at_ms) {
            self.acts.retain(|act| act.at_ms < at_ms);
        }
    }

    /// Writes it down; the time of the last act.
    pub(super) fn write(mut self, page: &mut Page<'_>, policy: &Policy) -> Result<i64, String> {
        self.acts.sort_by_key(|act| act.at_ms);
        let mut ids: Vec<(String, FactId)> = Vec::with_capacity(self.acts.len());
        let mut last = 0;
        for act in self.acts {
            let mut body = act.body;
            link(&mut body, &ids);
            if let Some(body) =
                body.as_object_mut().filter(|body| act.kind == "signed" && !body.contains_key("answers"))
            {
                body.insert("answers".into(), answers(page, policy).into());
            }
            let id = page.put(act.who, act.at_ms, act.kind, body)?;
            ids.push((act.label, id));
            last = act.at_ms;
        }
        Ok(last)
    }
}

fn link(value: &mut Value, ids: &[(String, FactId)]) {
    match value {
        Value::Object(fields) => fields.values_mut().for_each(|value| link(value, ids)),
        Value::Array(items) => items.iter_mut().for_each(|value| link(value, ids)),
        Value::String(text) => {
            let label = text.strip_prefix('@');
            if let Some((_, id)) = label.and_then(|label| ids.iter().find(|(known, _)| known == label)) {
                *text = id.to_string();
            }
        }
        _ => {}
    }
}

/// What a signature given now covers.
fn answers(page: &Page<'_>, policy: &Policy) -> String {
    let record = Record { doc: page.doc(), facts: &page.facts, evidence: &Anybody, site: &Site::NOWHERE };
    fold_job(&record, policy, UnixMs(0)).answers_digest().to_string()
}

/// Everybody may state everything: what is signed does not depend on who is who.
struct Anybody;

impl Evidence for Anybody {
    fn person(&self, author: Author) -> Option<Who> {
        let person = author.device.to_string().chars().take(20).collect::<String>();
        Some(Who { person: person.parse().ok()?, role: "supervisor".parse().ok()? })
    }

    fn standing(&self, _: FactId) -> Standing {
        Standing::Ok
    }
}
