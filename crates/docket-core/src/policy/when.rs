//! `when = { kind = […], product = […], group = […], mode = […], answer = { step = "A1", is = "failed" } }`: in which
//! visits a step is asked (D-H1, D-H5). Whatever is named must hold; of a list, one entry.
//!
//! A condition that can never hold makes its step unreachable: that is a mistake of the file, and refused with its place.

use std::collections::BTreeSet;

use serde_json::Value;

use super::answer::AnswerType;
use super::error::PolicyError;
use super::read::{At, Table};
use super::template::Step;
use crate::view::StepStatus;

/// What a job's registers and its customer say, as far as checklists depend on it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Setting<'a> {
    /// The kind of job (D-H21).
    pub kind: Option<&'a str>,
    /// The product.
    pub product: Option<&'a str>,
    /// The industry (D-H5).
    pub industry: Option<&'a str>,
    /// The customer's group (D-H5).
    pub group: Option<&'a str>,
    /// The service mode (D-H5).
    pub mode: Option<&'a str>,
}

/// When a step is asked. The default is always.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct When {
    /// Kinds of job; empty = any.
    pub kinds: Vec<String>,
    /// Products; empty = any.
    pub products: Vec<String>,
    /// Customer groups; empty = any.
    pub groups: Vec<String>,
    /// Service modes; empty = any.
    pub modes: Vec<String>,
    /// An answer given before.
    pub answer: Option<Earlier>,
}

/// A condition on an earlier answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    /// The step, which stands before.
    pub step: String,
    /// What its answer must be.
    pub is: Expected,
}

/// What an earlier answer must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// Any answer.
    Answered,
    /// One that passes.
    Passed,
    /// One that does not: failed, or out of limits.
    Failed,
    /// One of these.
    OneOf(Vec<Value>),
}

/// Whether a value is one of those named; where none is, anything goes.
pub(super) fn among(named: &[String], value: Option<&str>) -> bool {
    named.is_empty() || value.is_some_and(|value| named.iter().any(|one| one == value))
}

impl When {
    /// Whether everything but the earlier answer holds.
    pub fn fits(&self, setting: &Setting<'_>) -> bool {
        among(&self.kinds, setting.kind)
            && among(&self.products, setting.product)
            && among(&self.groups, setting.group)
            && among(&self.modes, setting.mode)
    }

    fn lists(&self) -> [(&'static str, &[String]); 4] {
        [("kind", &self.kinds), ("product", &self.products), ("group", &self.groups), ("mode", &self.modes)]
    }
}

impl Expected {
    /// Whether the answers that a step has, the worst of which stands like this, meet it.
    pub fn is_met<'v>(&self, worst: StepStatus, mut values: impl Iterator<Item = &'v Value>) -> bool {
        match self {
            Self::Answered => !matches!(worst, StepStatus::Missing),
            Self::Passed => worst == StepStatus::Ok,
            Self::Failed => matches!(worst, StepStatus::Failed | StepStatus::OutOfLimits),
            // Devices that disagree: asking once too often is safer than once too seldom.
            Self::OneOf(wanted) => values.any(|value| wanted.contains(value)),
        }
    }

    /// Whether one answer could meet both.
    fn agrees(&self, other: &Self, answer: &AnswerType) -> bool {
        let status = |value: &Value| answer.judge(Some(value), None);
        match (self, other) {
            (Self::Answered, _) | (_, Self::Answered) | (Self::Passed, Self::Passed) | (Self::Failed, Self::Failed) => {
                true
            }
            (Self::Passed, Self::Failed) | (Self::Failed, Self::Passed) => false,
            (Self::OneOf(a), Self::OneOf(b)) => a.iter().any(|value| b.contains(value)),
            (Self::OneOf(values), one) | (one, Self::OneOf(values)) => {
                values.iter().any(|value| one.is_met(status(value), [value].into_iter()))
            }
        }
    }
}

/// The names that conditions may use. An empty set = the file says nothing about them, so any name goes.
pub(super) struct Known<'k> {
    pub(super) products: BTreeSet<&'k str>,
    pub(super) groups: BTreeSet<&'k str>,
    pub(super) modes: BTreeSet<&'k str>,
}

/// A condition as the file has it: names are checked, the step that it names is not yet.
#[derive(Clone)]
pub(super) struct Drafted<'s> {
    pub(super) when: When,
    /// The step named in `answer`, and its table, for [`resolve`].
    earlier: Option<(At<&'s str>, Table<'s>)>,
    table: Option<Table<'s>>,
}

/// Reads a step's `when`.
pub(super) fn read<'s>(step: &Table<'s>, known: &Known<'_>) -> Result<Drafted<'s>, PolicyError> {
    let Some(table) = step.opt_table("when")? else {
        return Ok(Drafted { when: When::default(), earlier: None, table: None });
    };
    table.only(&["kind", "product", "group", "mode", "answer"])?;
    let when = When {
        kinds: names(&table, "kind", &BTreeSet::new())?,
        products: names(&table, "product", &known.products)?,
        groups: names(&table, "group", &known.groups)?,
        modes: modes(&table, known)?,
        answer: None,
    };
    let earlier = match table.opt_table("answer")? {
        None => None,
        Some(answer) => {
            answer.only(&["step", "is"])?;
            answer.need("is")?;
            Some((answer.text("step")?, answer))
        }
    };
    Ok(Drafted { when, earlier, table: Some(table) })
}

/// Modes are a list of this file alone, so an unknown one is a mistake even where the file has none.
fn modes(table: &Table<'_>, known: &Known<'_>) -> Result<Vec<String>, PolicyError> {
    if let (true, Some(value)) = (known.modes.is_empty(), table.get("mode")) {
        return Err(value.error("the policy has no [[mode]]", ""));
    }
    names(table, "mode", &known.modes)
}

/// A list of names, each known.
pub(super) fn names(table: &Table<'_>, key: &'static str, known: &BTreeSet<&str>) -> Result<Vec<String>, PolicyError> {
    let Some(list) = table.get(key) else { return Ok(Vec::new()) };
    let names = list.texts()?;
    if names.is_empty() {
        return Err(list.error(format!("an empty `{key}` is never met"), "leave it out to mean any"));
    }
    if let Some(stray) = names.iter().find(|name| !known.is_empty() && !known.contains(name.value)) {
        let hint = format!("expected one of: {}", known.iter().copied().collect::<Vec<_>>().join(", "));
        return Err(table.source.error(&stray.span, format!("unknown {key} \"{}\"", stray.value), hint));
    }
    Ok(names.into_iter().map(|name| name.value.to_owned()).collect())
}

impl<'s> Drafted<'s> {
    /// The steps that the condition may look at are those before `index`; `follows` tells whether the order makes one
    /// step come after another.
    pub(super) fn resolve(
        self,
        steps: &[Step],
        index: usize,
        follows: &dyn Fn(usize, usize) -> bool,
    ) -> Result<When, PolicyError> {
        let Self { mut when, earlier, .. } = self;
        let Some((name, table)) = earlier else { return Ok(when) };
        let wrong = |what: String, hint: &str| Err(table.source.error(&name.span, what, hint));
        let Some(at) = steps.iter().position(|step| step.id == name.value) else {
            return wrong(format!("the condition names step \"{}\", which the template does not have", name.value), "");
        };
        let own = steps.get(index).map_or("", |step| step.id.as_str());
        if at >= index {
            let which =
                if at == index { "itself".into() } else { format!("\"{}\", which stands after it", name.value) };
            let what = format!("step \"{own}\" can't be asked: it hangs on {which}");
            return wrong(what, "an answer that a step hangs on must be given before");
        }
        if follows(index, at) {
            let what = format!(
                "step \"{own}\" can't be asked: the order puts \"{}\", which it hangs on, after it",
                name.value
            );
            return wrong(what, "");
        }
        let Some(step) = steps.get(at) else { return Ok(when) };
        when.answer = Some(Earlier { step: step.id.clone(), is: expected(&table, step)? });
        Ok(when)
    }

    /// Where the condition stands.
    pub(super) fn table(&self) -> Option<&Table<'s>> {
        self.table.as_ref()
    }
}

/// `is`: `"answered"`, `"passed"`, `"failed"`, true or false, an option, or a list of those.
fn expected(table: &Table<'_>, step: &Step) -> Result<Expected, PolicyError> {
    let value = table.need("is")?;
    let never = |what: String| Err(value.error(format!("step \"{}\" {what}", step.id), ""));
    if value.is_list() {
        let options = value.texts()?;
        if options.is_empty() {
            return Err(value.error("an empty `is` is never met", ""));
        }
        let AnswerType::Choice { options: known, .. } = &step.answer else {
            return never(format!("takes {}: a list is never met", takes(&step.answer)));
        };
        if let Some(stray) = options.iter().find(|option| !known.iter().any(|one| one == option.value)) {
            return Err(no_option(table, step, known, stray));
        }
        return Ok(Expected::OneOf(options.iter().map(|option| option.value.into()).collect()));
    }
    if value.is_flag() {
        return match step.answer {
            AnswerType::Bool { .. } | AnswerType::None => Ok(Expected::OneOf(vec![Value::Bool(value.flag()?)])),
            _ => never(format!("takes {}, not yes or no", takes(&step.answer))),
        };
    }
    let text = value.text()?;
    match (&step.answer, text.value) {
        (AnswerType::Choice { options, .. }, word) if options.iter().any(|option| option == word) => {
            Ok(Expected::OneOf(vec![word.into()]))
        }
        (_, "answered") => Ok(Expected::Answered),
        (_, "passed") => Ok(Expected::Passed),
        (answer, "failed") if answer.may_fail() => Ok(Expected::Failed),
        (answer, "failed") => never(format!("takes {}: no answer to it fails", takes(answer))),
        (AnswerType::Choice { options, .. }, _) => Err(no_option(table, step, options, &text)),
        (AnswerType::Text, word) => Ok(Expected::OneOf(vec![word.into()])),
        (answer, word) => {
            let what = format!("step \"{}\" takes {}, and \"{word}\" is no answer to it", step.id, takes(answer));
            Err(table.source.error(&text.span, what, "expected \"answered\", \"passed\" or \"failed\""))
        }
    }
}

fn takes(answer: &AnswerType) -> &'static str {
    match answer {
        AnswerType::Reading { .. } => "a reading",
        AnswerType::Choice { .. } => "a choice",
        AnswerType::Bool { .. } => "yes or no",
        AnswerType::Text => "text",
        AnswerType::Photo => "a photo",
        AnswerType::Signature { .. } => "a signature",
        AnswerType::None => "a tick",
    }
}

fn no_option(table: &Table<'_>, step: &Step, options: &[String], found: &At<&str>) -> PolicyError {
    let what = format!("step \"{}\" has no option \"{}\"", step.id, found.value);
    let hint = format!("expected \"answered\", \"passed\", \"failed\" or one of: {}", options.join(", "));
    table.source.error(&found.span, what, hint)
}

/// Why the step at `index` can never be asked: what it needs, and what the steps that it hangs on need, exclude each
/// other, or exclude every job that the template is for.
pub(super) fn contradiction(steps: &[Step], index: usize, kinds: &[String], modes: &[super::Mode]) -> Option<String> {
    let chain = chain(steps, index);
    let id = steps.get(index).map_or("", |step| step.id.as_str());
    let mut left: [Option<BTreeSet<&str>>; 4] = [Some(kinds.iter().map(String::as_str).collect()), None, None, None];
    for step in &chain {
        for ((what, names), left) in step.when.lists().into_iter().zip(&mut left) {
            if names.is_empty() {
                continue;
            }
            let names: BTreeSet<&str> = names.iter().map(String::as_str).collect();
            let both = left.as_ref().map_or_else(|| names.clone(), |left| left & &names);
            if both.is_empty() {
                return Some(match (what, step.id == id) {
                    ("kind", true) => format!("step \"{id}\" is never asked: the template is for {}", kinds.join(", ")),
                    _ => format!(
                        "step \"{id}\" is never asked: no {what} meets its condition and that of \"{}\"",
                        step.id
                    ),
                });
            }
            *left = Some(both);
        }
    }
    let [_, products, groups, named] = &left;
    if let Some(named) = named {
        let possible = |mode: &super::Mode| {
            named.contains(mode.id.as_str())
                && overlap(products.as_ref(), &mode.products)
                && overlap(groups.as_ref(), &mode.groups)
        };
        if !modes.iter().any(possible) {
            return Some(format!("step \"{id}\" is never asked: its modes are not for its groups or products"));
        }
    }
    let conditions: Vec<&Earlier> = chain.iter().filter_map(|step| step.when.answer.as_ref()).collect();
    for (at, first) in conditions.iter().enumerate() {
        let target = steps.iter().find(|step| step.id == first.step)?;
        let others = conditions.iter().skip(at + 1).filter(|other| other.step == first.step);
        if others.into_iter().any(|other| !first.is.agrees(&other.is, &target.answer)) {
            return Some(format!(
                "step \"{id}\" is never asked: no answer to \"{}\" meets all it hangs on",
                first.step
            ));
        }
    }
    None
}

fn overlap(wanted: Option<&BTreeSet<&str>>, of_mode: &[String]) -> bool {
    match wanted {
        Some(wanted) => of_mode.is_empty() || of_mode.iter().any(|name| wanted.contains(name.as_str())),
        None => true,
    }
}

/// The step and those that it hangs on; steps only hang on earlier ones, so this ends.
fn chain(steps: &[Step], index: usize) -> Vec<&Step> {
    let mut chain: Vec<&Step> = steps.get(index).into_iter().collect();
    while let Some(earlier) = chain.last().and_then(|step| step.when.answer.as_ref()) {
        let Some(step) = steps.iter().take(index).find(|step| step.id == earlier.step) else { break };
        if chain.len() > steps.len() {
            break;
        }
        chain.push(step);
    }
    chain
}
