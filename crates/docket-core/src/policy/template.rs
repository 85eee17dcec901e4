//! Checklists: the 1 + 5 of a visit as typed steps in a partial order (D-H1).

use core::fmt;

use super::answer::{self, AnswerType};
use super::error::PolicyError;
use super::order;
use super::read::{self, At, Table};

/// A part of the visit (D-H1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// The notice card and the customer's signature: around the visit, not part of the 1 + 5 (D-H13).
    Card,
    /// Electrical safety test before service.
    A,
    /// The installation or repair itself: the "1".
    Core,
    /// Usage guidance.
    B,
    /// Maintenance of this product after the work.
    C,
    /// Check of the customer's other appliances of the brand.
    D,
    /// Clean-up.
    E,
}

impl Group {
    /// Every group.
    pub const ALL: [Self; 7] = [Self::Card, Self::A, Self::Core, Self::B, Self::C, Self::D, Self::E];

    /// The name used in policies, views and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::A => "A",
            Self::Core => "1",
            Self::B => "B",
            Self::C => "C",
            Self::D => "D",
            Self::E => "E",
        }
    }

    /// The group of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|group| group.as_str() == name)
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl serde::Serialize for Group {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// One step of a checklist.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "four independent flags of the policy file, not a state")]
pub struct Step {
    /// Its id within the template (`A1`).
    pub id: String,
    /// Its part of the visit.
    pub group: Group,
    /// What it says.
    pub title: String,
    /// The answer it takes.
    pub answer: AnswerType,
    /// Whether a complete visit must have it.
    pub required: bool,
    /// Asked for each appliance (D-H9), not once a visit.
    pub per_appliance: bool,
    /// The core of the visit. Group "1" only.
    pub core: bool,
    /// Part of the safety test (D-H14). Group A only.
    pub safety: bool,
}

/// A checklist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// Its id.
    pub id: String,
    /// Its version: with the id, what a job pins (`id@version`).
    pub version: String,
    /// The kinds of job it is for.
    pub kinds: Vec<String>,
    /// Its steps, in the order they are shown.
    pub steps: Vec<Step>,
    /// Pairs of indices into `steps`: the first must come before the second. No cycles.
    pub before: Vec<(usize, usize)>,
}

impl Template {
    /// Whether `id@version` names this template.
    pub fn is_named(&self, name: &str) -> bool {
        name.split_once('@').is_some_and(|(id, version)| id == self.id && version == self.version)
    }

    /// What a job's `template` register says to pin it.
    pub fn pin(&self) -> String {
        format!("{}@{}", self.id, self.version)
    }

    /// The step of this id.
    pub fn step(&self, id: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.id == id)
    }
}

pub(super) fn read(root: &Table<'_>) -> Result<Vec<Template>, PolicyError> {
    let tables = root.tables("template")?;
    let ids = tables.iter().map(|table| table.text("id")).collect::<Result<Vec<_>, _>>()?;
    read::unique(root.source, "template", &ids)?;
    let mut kinds = Vec::new();
    let templates = tables
        .iter()
        .map(|table| {
            let template = read_template(table)?;
            kinds.extend(table.need("kind")?.texts()?);
            Ok(template)
        })
        .collect::<Result<Vec<_>, PolicyError>>()?;
    // A second template for a kind could never be chosen.
    read::unique(root.source, "a template for kind", &kinds)?;
    Ok(templates)
}

fn read_template(table: &Table<'_>) -> Result<Template, PolicyError> {
    table.only(&["id", "version", "kind", "step", "order"])?;
    let tables = table.tables("step")?;
    let ids = tables.iter().map(|step| step.text("id")).collect::<Result<Vec<_>, _>>()?;
    read::unique(table.source, "step", &ids)?;
    let steps = tables.iter().map(read_step).collect::<Result<Vec<_>, _>>()?;
    if !steps.iter().any(|step| step.core) {
        return Err(table.error("the template has no core step", "mark the step of group \"1\" with core = true"));
    }
    let version = table.text("version")?;
    if version.value.contains('@') {
        return Err(table.source.error(&version.span, "a version may not contain `@`", ""));
    }
    Ok(Template {
        id: table.text("id")?.value.to_owned(),
        version: version.value.to_owned(),
        kinds: table.need("kind")?.texts()?.into_iter().map(|kind| kind.value.to_owned()).collect(),
        before: order::read(table, &steps)?,
        steps,
    })
}

const STEP_KEYS: [&str; 8] = ["id", "group", "title", "answer", "required", "per_appliance", "core", "safety"];

fn read_step(table: &Table<'_>) -> Result<Step, PolicyError> {
    table.only(&STEP_KEYS)?;
    let id = table.text("id")?;
    check_id(table, &id)?;
    let group = table.text("group")?;
    let Some(part) = Group::named(group.value) else {
        let known: Vec<_> = Group::ALL.iter().map(|group| group.as_str()).collect();
        let what = format!("unknown group \"{}\"", group.value);
        return Err(table.source.error(&group.span, what, format!("expected one of: {}", known.join(", "))));
    };
    let step = Step {
        id: id.value.to_owned(),
        group: part,
        title: table.text("title")?.value.to_owned(),
        answer: answer::read(table)?,
        required: table.flag("required", true)?,
        per_appliance: table.flag("per_appliance", false)?,
        core: table.flag("core", false)?,
        safety: table.flag("safety", false)?,
    };
    if step.core && part != Group::Core {
        return Err(table.source.error(&group.span, "a core step belongs to group \"1\"", ""));
    }
    if step.safety && part != Group::A {
        return Err(table.source.error(&group.span, "a step of the safety test belongs to group \"A\"", ""));
    }
    Ok(step)
}

fn check_id(table: &Table<'_>, id: &At<&str>) -> Result<(), PolicyError> {
    let plain =
        id.value.len() <= 40 && id.value.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'-' | b'.'));
    if !plain {
        let hint = "use at most 40 letters, digits, `_`, `-` or `.`";
        return Err(table.source.error(&id.span, format!("\"{}\" is no step id", id.value), hint));
    }
    // In `order`, a group's name means the whole group.
    match Group::named(id.value) {
        Some(group) if table.text("group")?.value != group.as_str() => {
            Err(table.source.error(&id.span, format!("step \"{}\" has the name of another group", id.value), ""))
        }
        _ => Ok(()),
    }
}
