//! What a job's checklist asks for, and what is still missing.

use docket_format::{ContentDigest, digest};
use serde_json::Value;

use crate::policy::{Policy, Setting, Step, Template};
use crate::view::{JobView, StepState, StepStatus};

/// A checklist laid out for a job: one entry for each step and appliance.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Checklist<'a> {
    /// The template, as a job pins it; `None` = the policy has none for this kind of job.
    pub template: Option<String>,
    /// The steps in the template's order.
    pub steps: Vec<StepState<'a>>,
}

impl<'a> Checklist<'a> {
    /// The job's checklist with the answers it has, laid out even if nobody has arrived yet.
    pub fn of(view: &JobView<'a>, policy: &'a Policy) -> Self {
        let Some(template) = template(view, policy) else { return Self { template: None, steps: Vec::new() } };
        let steps =
            if view.steps.is_empty() { ahead(template, &view.setting(), view.appliances()) } else { view.steps.clone() };
        Self { template: Some(template.pin()), steps }
    }

    /// Required steps that have no answer.
    pub fn missing(&self) -> impl Iterator<Item = &StepState<'a>> {
        self.steps.iter().filter(|step| step.required && step.status == StepStatus::Missing)
    }

    /// Steps whose answer does not pass: failed, out of limits, wrong unit, no valid answer, signed before a change.
    pub fn faulty(&self) -> impl Iterator<Item = &StepState<'a>> {
        self.steps.iter().filter(|step| step.status.is_fault())
    }

    /// The next required step without an answer, in the template's order.
    pub fn next(&self) -> Option<&StepState<'a>> {
        self.missing().next()
    }
}

/// The template of a job.
pub fn template<'p>(view: &JobView<'_>, policy: &'p Policy) -> Option<&'p Template> {
    policy.template(view.kind()?, view.str("template"))
}

/// What a visit will be asked as far as is known before it: what hangs on an answer comes up with that answer.
fn ahead<'a>(template: &'a Template, setting: &Setting<'_>, appliances: u32) -> Vec<StepState<'a>> {
    let asked = |step: &&Step| step.when.answer.is_none() && step.when.fits(setting);
    template.steps.iter().filter(asked).flat_map(|step| of_step(step, appliances)).collect()
}

/// Every step of a template without an answer, in the template's order, appliance by appliance.
pub fn blank(template: &Template, appliances: u32) -> Vec<StepState<'_>> {
    template.steps.iter().flat_map(|step| of_step(step, appliances)).collect()
}

fn of_step(step: &Step, appliances: u32) -> impl Iterator<Item = StepState<'_>> {
    let range = if step.per_appliance { 1..=appliances } else { 0..=0 };
    range.map(|appliance| StepState {
        step: &step.id,
        group: step.group,
        appliance,
        title: &step.title,
        required: step.required,
        safety: step.safety,
        core: step.core,
        status: StepStatus::Missing,
        answers: Vec::new(),
    })
}

/// What a signature covers: SHA-256("docket-answers" ‖ one canonical JSON line for each live answer with a value, in
/// the order of step, appliance, value). A signature whose digest is not this one was given over other answers.
pub fn answers_digest(steps: &[StepState<'_>]) -> ContentDigest {
    let mut lines: Vec<String> = Vec::new();
    for step in steps {
        for answer in &step.answers {
            let Some(value) = answer.value else { continue };
            let unit = answer.unit.map_or(Value::Null, Value::from);
            lines.push(Value::from(vec![step.step.into(), step.appliance.into(), value.clone(), unit]).to_string());
        }
    }
    lines.sort_unstable();
    lines.dedup();
    let text = lines.join("\n");
    ContentDigest::from_bytes(digest::labelled("docket-answers", &[text.as_bytes()]))
}
