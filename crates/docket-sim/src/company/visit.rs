//! A visit as it should be: every required step of the checklist answered so that it passes, in an order that the
//! template allows.

use std::collections::BTreeMap;

use docket_core::policy::{AnswerType, Setting, Step, Template};
use docket_core::view::StepStatus;
use docket_format::{ContentDigest, digest};
use serde_json::{Value, json};

use super::MINUTE_MS;
use super::script::Script;

/// Answers from `at_ms` on what the checklist asks of this job, a minute for each answer; gives the time after the last.
pub(super) fn work(
    script: &mut Script,
    template: &Template,
    setting: &Setting<'_>,
    who: usize,
    appliances: u32,
    at_ms: i64,
) -> i64 {
    let mut at_ms = at_ms;
    let mut answers: BTreeMap<&str, Value> = BTreeMap::new();
    for index in in_order(template) {
        let Some(step) = template.steps.get(index).filter(|step| step.required && asks(step, setting, &answers)) else {
            continue;
        };
        let places: Vec<Option<u32>> =
            if step.per_appliance { (1..=appliances).map(Some).collect() } else { vec![None] };
        for appliance in places {
            answer(script, step, appliance, who, at_ms);
            at_ms += MINUTE_MS;
        }
        let value = script.acts.last().and_then(|act| act.body.get("v")).cloned();
        answers.insert(&step.id, value.unwrap_or_default());
    }
    at_ms
}

/// Whether a step is asked, where every answer before it passed.
fn asks(step: &Step, setting: &Setting<'_>, answers: &BTreeMap<&str, Value>) -> bool {
    step.when.fits(setting)
        && step.when.answer.as_ref().is_none_or(|earlier| {
            let value = answers.get(earlier.step.as_str());
            value.is_some_and(|value| earlier.is.is_met(StepStatus::Ok, core::iter::once(value)))
        })
}

/// The steps so that what must come before another does.
fn in_order(template: &Template) -> Vec<usize> {
    let mut left: Vec<usize> = (0..template.steps.len()).collect();
    let mut order = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let free = |step: usize| !template.before.iter().any(|&(first, then)| then == step && left.contains(&first));
        // A template has no cycles: one is always free.
        let Some(place) = left.iter().position(|&step| free(step)) else { break };
        order.push(left.remove(place));
    }
    order
}

fn answer(script: &mut Script, step: &Step, appliance: Option<u32>, who: usize, at_ms: i64) {
    let (kind, mut body) = match &step.answer {
        AnswerType::Reading { unit, min, max } => {
            let value = max.as_ref().or(min.as_ref()).map_or_else(|| "1".to_owned(), ToString::to_string);
            ("reading", json!({"v": value, "unit": unit}))
        }
        AnswerType::Choice { options, pass } => ("step", json!({"v": pass.first().or(options.first())})),
        AnswerType::Bool { pass } => ("step", json!({"v": pass.unwrap_or(true)})),
        AnswerType::Text => ("step", json!({"v": "none"})),
        AnswerType::None => ("step", json!({"v": true})),
        AnswerType::Photo => ("photo", json!({"sha256": image(script, step), "size": 4096, "mime": "image/jpeg"})),
        AnswerType::Signature { role } => ("signed", json!({"role": role, "name": "customer"})),
    };
    if let Some(body) = body.as_object_mut() {
        if kind != "signed" {
            body.insert("step".into(), Value::from(step.id.as_str()));
        }
        if let Some(appliance) = appliance {
            body.insert("appliance".into(), appliance.into());
        }
        body.insert("visit".into(), "@arrived".into());
    }
    let label = match appliance {
        Some(appliance) => format!("{}/{appliance}", step.id),
        None => step.id.clone(),
    };
    script.named(label, who, at_ms, kind, body);
}

/// A photo's digest: there are no photos, only their names.
fn image(script: &Script, step: &Step) -> String {
    let place = (script.acts.len() as u64).to_be_bytes();
    ContentDigest::from_bytes(digest::labelled("sample-photo", &[step.id.as_bytes(), &place])).to_string()
}
