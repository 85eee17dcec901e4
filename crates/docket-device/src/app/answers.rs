//! A typed answer out of what a person typed for a step of a checklist.

use docket_core::policy::{AnswerType, Step, Template};
use docket_core::{Decimal, unit};
use serde_json::Value;

use super::error::AppError;

/// The step that a person means; any case.
pub(super) fn step<'t>(template: &'t Template, typed: &str) -> Result<&'t Step, AppError> {
    let found = template.steps.iter().find(|step| step.id.eq_ignore_ascii_case(typed));
    found.ok_or_else(|| {
        let known = template.steps.iter().map(|step| format!("{:<6} {}", step.id, step.title));
        AppError::refused(format!("{} has no step `{}`; its steps are:", template.pin(), short(typed))).details(known)
    })
}

/// The answer of `docket check`; nothing typed is a tick.
pub(super) fn answer(job: &str, step: &Step, typed: &str) -> Result<Value, AppError> {
    let wrong = |expected: String| {
        let what = match typed {
            "" => format!("step {} needs an answer: {}", step.id, step.title),
            typed => format!("`{}` is no answer to step {}: {}", short(typed), step.id, step.title),
        };
        AppError::refused(what).hint(expected)
    };
    match &step.answer {
        AnswerType::Bool { .. } | AnswerType::None => {
            yes_or_no(typed).map(Value::Bool).ok_or_else(|| wrong("answer yes or no".into()))
        }
        AnswerType::Choice { options, .. } => {
            let found = options.iter().find(|option| option.eq_ignore_ascii_case(typed));
            let expected = || wrong(format!("answer one of: {}", options.join(", ")));
            found.cloned().map(Value::String).ok_or_else(expected)
        }
        AnswerType::Text if typed.trim().is_empty() => Err(wrong("write something".into())),
        AnswerType::Text => Ok(Value::String(typed.to_owned())),
        AnswerType::Reading { unit, .. } => Err(AppError::refused(format!("step {} is a reading", step.id))
            .hint(format!("docket read {job} {} VALUE {unit}", step.id))),
        AnswerType::Photo => Err(AppError::refused(format!("step {} is a photo", step.id))
            .hint(format!("docket photo {job} FILE --step {}", step.id))),
        AnswerType::Signature { role } => Err(AppError::refused(format!("step {} is a signature", step.id))
            .hint(format!("docket sign {job} --role {role} --name NAME"))),
    }
}

/// The value of `docket read`: the canonical decimal and the step's unit.
pub(super) fn reading(job: &str, step: &Step, value: &str, given: &str) -> Result<(String, String), AppError> {
    let AnswerType::Reading { unit: wanted, .. } = &step.answer else {
        return Err(AppError::refused(format!("step {} is not a reading: {}", step.id, step.title))
            .hint(format!("docket check {job} {} ANSWER", step.id)));
    };
    if !same_unit(wanted, given) {
        let symbol = unit::symbol(wanted).unwrap_or(wanted);
        return Err(AppError::refused(format!(
            "step {} is measured in {wanted} ({symbol}), not in `{}`",
            step.id,
            short(given)
        ))
        .hint(format!("convert the value: docket read {job} {} VALUE {wanted}", step.id)));
    }
    let plain = value.trim();
    match plain.parse::<Decimal>() {
        Ok(_) => Ok((plain.to_owned(), wanted.clone())),
        Err(bad) => Err(AppError::refused(bad.to_string()).hint("write the number with a point, as in 0.35")),
    }
}

fn same_unit(wanted: &str, given: &str) -> bool {
    wanted.eq_ignore_ascii_case(given) || unit::symbol(wanted).is_some_and(|symbol| symbol == given)
}

fn yes_or_no(typed: &str) -> Option<bool> {
    match typed.to_ascii_lowercase().as_str() {
        "" | "yes" | "y" | "true" | "ok" | "done" => Some(true),
        "no" | "n" | "false" => Some(false),
        _ => None,
    }
}

fn short(typed: &str) -> String {
    typed.chars().take(60).collect()
}
