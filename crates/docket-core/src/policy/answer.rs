//! What counts as an answer to a step, and which answers pass.

use serde_json::Value;

use super::error::PolicyError;
use super::read::{self, At, Table};
use crate::decimal::Decimal;
use crate::unit;
use crate::view::StepStatus;

/// The answer that a step takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AnswerType {
    /// A measurement in a unit, within limits (both inclusive).
    Reading {
        /// The unit's id, one of [`unit::UNITS`].
        unit: String,
        /// Least value that passes.
        min: Option<Decimal>,
        /// Greatest value that passes.
        max: Option<Decimal>,
    },
    /// One of several texts.
    Choice {
        /// What may be answered.
        options: Vec<String>,
        /// Which of these pass.
        pass: Vec<String>,
    },
    /// Yes or no.
    Bool {
        /// The answer that passes; `None` = both.
        pass: Option<bool>,
    },
    /// Any text that is not blank.
    Text,
    /// A photo.
    Photo,
    /// A signature by somebody in this role (`customer`).
    Signature {
        /// The `role` of the `signed` fact.
        role: String,
    },
    /// Done is all there is to say.
    None,
}

const TYPES: &str = "reading, choice, bool, text, photo, signature, none";

impl AnswerType {
    /// The name used in policies.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Reading { .. } => "reading",
            Self::Choice { .. } => "choice",
            Self::Bool { .. } => "bool",
            Self::Text => "text",
            Self::Photo => "photo",
            Self::Signature { .. } => "signature",
            Self::None => "none",
        }
    }

    /// Whether there is an answer that does not pass.
    pub fn may_fail(&self) -> bool {
        match self {
            Self::Reading { min, max, .. } => min.is_some() || max.is_some(),
            Self::Choice { options, pass } => pass.len() < options.len(),
            Self::Bool { pass } => pass.is_some(),
            Self::None => true,
            Self::Text | Self::Photo | Self::Signature { .. } => false,
        }
    }

    /// How an answer given as a `step` or `reading` fact stands. Photos and signatures are facts of their own.
    pub fn judge(&self, value: Option<&Value>, given_unit: Option<&str>) -> StepStatus {
        match self {
            Self::Reading { unit, min, max } => judge_reading(value, given_unit, unit, *min, *max),
            Self::Choice { options, pass } => match value.and_then(Value::as_str) {
                Some(choice) if pass.iter().any(|good| good == choice) => StepStatus::Ok,
                Some(choice) if options.iter().any(|known| known == choice) => StepStatus::Failed,
                _ => StepStatus::Invalid,
            },
            Self::Bool { pass } => match value.and_then(Value::as_bool) {
                Some(answer) if pass.is_none_or(|good| good == answer) => StepStatus::Ok,
                Some(_) => StepStatus::Failed,
                None => StepStatus::Invalid,
            },
            Self::Text => match value.and_then(Value::as_str) {
                Some(text) if !text.trim().is_empty() => StepStatus::Ok,
                _ => StepStatus::Invalid,
            },
            Self::None => match value {
                // A plain tick may be undone by saying that it was not done.
                Some(Value::Bool(false)) => StepStatus::Failed,
                _ => StepStatus::Ok,
            },
            Self::Photo | Self::Signature { .. } => StepStatus::Invalid,
        }
    }
}

fn judge_reading(
    value: Option<&Value>,
    given: Option<&str>,
    unit: &str,
    min: Option<Decimal>,
    max: Option<Decimal>,
) -> StepStatus {
    let reading = value.and_then(Value::as_str).and_then(|text| text.parse::<Decimal>().ok());
    match reading {
        None => StepStatus::Invalid,
        Some(_) if given != Some(unit) => StepStatus::WrongUnit,
        Some(reading) if min.is_some_and(|min| reading < min) => StepStatus::OutOfLimits,
        Some(reading) if max.is_some_and(|max| reading > max) => StepStatus::OutOfLimits,
        Some(_) => StepStatus::Ok,
    }
}

pub(super) fn read(step: &Table<'_>) -> Result<AnswerType, PolicyError> {
    let table = step.need("answer")?.table()?;
    let kind = table.text("type")?;
    match kind.value {
        "reading" => read_reading(&table),
        "choice" => read_choice(&table),
        "bool" => {
            table.only(&["type", "pass"])?;
            Ok(AnswerType::Bool { pass: table.get("pass").map(|pass| pass.flag()).transpose()? })
        }
        "signature" => {
            table.only(&["type", "role"])?;
            Ok(AnswerType::Signature { role: table.text("role")?.value.to_owned() })
        }
        "text" => plain(&table, AnswerType::Text),
        "photo" => plain(&table, AnswerType::Photo),
        "none" => plain(&table, AnswerType::None),
        other => {
            let what = format!("unknown answer type \"{other}\"");
            Err(table.source.error(&kind.span, what, format!("expected one of: {TYPES}")))
        }
    }
}

fn plain(table: &Table<'_>, answer: AnswerType) -> Result<AnswerType, PolicyError> {
    table.only(&["type"]).map(|()| answer)
}

fn read_reading(table: &Table<'_>) -> Result<AnswerType, PolicyError> {
    table.only(&["type", "unit", "min", "max"])?;
    let unit = table.text("unit")?;
    if !unit::is_known(unit.value) {
        let known: Vec<_> = unit::UNITS.iter().map(|(id, _)| *id).collect();
        let what = format!("unknown unit \"{}\"", unit.value);
        return Err(table.source.error(&unit.span, what, format!("expected one of: {}", known.join(", "))));
    }
    let (min, max) = (read_limit(table, "min")?, read_limit(table, "max")?);
    if let (Some(min), Some(max)) = (&min, &max)
        && min.value > max.value
    {
        return Err(table.source.error(&max.span, format!("no reading is from {} to {}", min.value, max.value), ""));
    }
    Ok(AnswerType::Reading { unit: unit.value.to_owned(), min: min.map(|at| at.value), max: max.map(|at| at.value) })
}

fn read_limit(table: &Table<'_>, key: &'static str) -> Result<Option<At<Decimal>>, PolicyError> {
    let Some(text) = table.opt_text(key)? else { return Ok(None) };
    match text.value.parse() {
        Ok(value) => Ok(Some(At { value, span: text.span })),
        Err(bad) => Err(table.source.error(&text.span, format!("{bad}"), "")),
    }
}

fn read_choice(table: &Table<'_>) -> Result<AnswerType, PolicyError> {
    table.only(&["type", "options", "pass"])?;
    let (options, pass) = (table.need("options")?.texts()?, table.need("pass")?.texts()?);
    read::unique(table.source, "option", &options)?;
    if let Some(stray) = pass.iter().find(|good| !options.iter().any(|known| known.value == good.value)) {
        let what = format!("\"{}\" passes but is not an option", stray.value);
        return Err(table.source.error(&stray.span, what, "list it in `options` too"));
    }
    if pass.is_empty() {
        return Err(table.error("no option passes", "name at least one in `pass`"));
    }
    Ok(AnswerType::Choice { options: read::own(options), pass: read::own(pass) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn d_h1_an_answer_is_judged_by_type_unit_and_limit() {
        let earth = AnswerType::Reading { unit: "ohm".into(), min: None, max: Some("4".parse().unwrap()) };
        for (value, unit, expect) in [
            (json!("4.0"), Some("ohm"), StepStatus::Ok),
            (json!("4.01"), Some("ohm"), StepStatus::OutOfLimits),
            (json!("0.5"), Some("megaohm"), StepStatus::WrongUnit),
            (json!("0.5"), None, StepStatus::WrongUnit),
            (json!("low"), Some("ohm"), StepStatus::Invalid),
            (json!(3), Some("ohm"), StepStatus::Invalid),
        ] {
            assert_eq!(earth.judge(Some(&value), unit), expect, "{value} {unit:?}");
        }
        let polarity =
            AnswerType::Choice { options: vec!["right".into(), "swapped".into()], pass: vec!["right".into()] };
        assert_eq!(polarity.judge(Some(&json!("right")), None), StepStatus::Ok);
        assert_eq!(polarity.judge(Some(&json!("swapped")), None), StepStatus::Failed);
        assert_eq!(polarity.judge(Some(&json!("odd")), None), StepStatus::Invalid);
        assert_eq!(AnswerType::Bool { pass: Some(true) }.judge(Some(&json!(false)), None), StepStatus::Failed);
        assert_eq!(AnswerType::Text.judge(Some(&json!("  ")), None), StepStatus::Invalid);
        assert_eq!(AnswerType::None.judge(None, None), StepStatus::Ok);
    }
}
