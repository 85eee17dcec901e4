use clap::Args;
use docket_core::policy::{AnswerType, Expected, Step, Template, When};
use docket_device::app::inbox::plain;
use serde_json::{Value, json};

use crate::context::Context;
use crate::errors::{CliError, Done, Exit};
use crate::i18n::t;
use crate::page::{Table, faint, strong};

/// Show one checklist: its steps, what they take, when they are asked, and their order
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  docket template show repair\n  docket template show installation@1")]
pub(crate) struct Show {
    /// The checklist's id, with or without its version, or a kind of job
    template: String,
}

impl Show {
    pub(crate) fn run(self, context: &Context) -> Done {
        let session = context.reader()?;
        let policy = session.policy()?;
        let is_it = |template: &&Template| template.id == self.template || template.pin() == self.template;
        let Some(template) = policy.templates.iter().find(is_it).or_else(|| policy.template(&self.template, None))
        else {
            let known: Vec<String> = policy.templates.iter().map(Template::pin).collect();
            return Err(CliError::usage(format!("policy {} has no checklist `{}`", policy.name, self.template))
                .hint(format!("one of: {}", known.join(", "))));
        };
        let order = order(template);
        let steps: Vec<Value> = template.steps.iter().map(as_json).collect();
        let answer = json!({
            "template": template.pin(), "kinds": template.kinds, "form": template.form, "steps": steps, "order": order,
        });
        context.out.show(&answer, |page| {
            page.line([strong(template.pin()), format!("  for {}", template.kinds.join(", ")).into()]);
            let mut table = Table::new(&["step", "part", "takes", "", ""]);
            for step in &template.steps {
                let mut notes = vec![when(&step.when)];
                notes.push(if step.per_appliance { "each appliance".into() } else { String::new() });
                notes.push(if step.required { String::new() } else { "optional".into() });
                notes.retain(|note| !note.is_empty());
                table.row([
                    strong(&step.id),
                    step.group.as_str().into(),
                    takes(&step.answer).into(),
                    step.title.as_str().into(),
                    faint(notes.join("; ")),
                ]);
            }
            page.indented(&table);
            if !order.is_empty() {
                let order: Vec<String> =
                    order.iter().map(|[first, second]| format!("{first} before {second}")).collect();
                page.line([faint(t("  order  ")), order.join(", ").into()]);
            }
        })?;
        Ok(Exit::Clean)
    }
}

fn as_json(step: &Step) -> Value {
    let lists = json!({
        "kind": step.when.kinds, "product": step.when.products, "group": step.when.groups, "mode": step.when.modes,
        "answer": step.when.answer.as_ref().map(|earlier| json!({"step": earlier.step, "is": expected(&earlier.is)})),
    });
    json!({
        "id": step.id, "group": step.group, "title": step.title, "answer": takes(&step.answer), "required": step.required,
        "per_appliance": step.per_appliance, "core": step.core, "safety": step.safety, "when": lists, "was": step.was,
    })
}

/// What a step takes, in a few words.
fn takes(answer: &AnswerType) -> String {
    match answer {
        AnswerType::Reading { unit, min, max } => match (min, max) {
            (Some(min), Some(max)) => format!("{min} to {max} {unit}"),
            (Some(min), None) => format!("at least {min} {unit}"),
            (None, Some(max)) => format!("at most {max} {unit}"),
            (None, None) => unit.clone(),
        },
        AnswerType::Choice { options, .. } => options.join(" | "),
        AnswerType::Bool { .. } => "yes | no".into(),
        AnswerType::Signature { role } => format!("signature: {role}"),
        other => other.name().into(),
    }
}

/// A condition in words; empty = always asked.
fn when(when: &When) -> String {
    let lists = [("kind", &when.kinds), ("product", &when.products), ("group", &when.groups), ("mode", &when.modes)];
    let lists = lists.into_iter().filter(|(_, names)| !names.is_empty());
    let mut all: Vec<String> = lists.map(|(what, names)| format!("{what} {}", names.join(" or "))).collect();
    all.extend(when.answer.as_ref().map(|earlier| format!("{} is {}", earlier.step, expected(&earlier.is))));
    if all.is_empty() { String::new() } else { format!("if {}", all.join(" and ")) }
}

fn expected(is: &Expected) -> String {
    match is {
        Expected::Answered => "answered".into(),
        Expected::Passed => "passed".into(),
        Expected::Failed => "failed".into(),
        Expected::OneOf(values) => values.iter().map(plain).collect::<Vec<_>>().join(" or "),
    }
}

/// The order between parts where the whole part is meant, else between steps; what follows from others is left out.
fn order(template: &Template) -> Vec<[String; 2]> {
    let mut pairs: Vec<[String; 2]> = Vec::new();
    for &(first, second) in &template.before {
        let (Some(first), Some(second)) = (template.steps.get(first), template.steps.get(second)) else { continue };
        let pair = if first.group == second.group {
            [first.id.clone(), second.id.clone()]
        } else {
            [first.group.to_string(), second.group.to_string()]
        };
        if !pairs.contains(&pair) {
            pairs.push(pair);
        }
    }
    pairs
}
