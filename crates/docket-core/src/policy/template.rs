//! Checklists: the 1 + 5 of a visit as typed steps in a partial order (D-H1), and forms (D-E8).

use core::fmt;

use super::answer::{self, AnswerType};
use super::assemble;
use super::error::PolicyError;
use super::faults::Faults;
use super::mode::Mode;
use super::read::{self, At, Table};
use super::when::{self, Drafted, Known, When};

/// A part of the visit (D-H1), or of a form (D-E2, D-E8).
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
    /// A form's first part: what is wanted, or what happened.
    Collect,
    /// A form's second part: what kind of matter it is.
    Classify,
    /// A form's third part: what is done about it.
    Handle,
    /// A form's fourth part: who was told.
    FeedBack,
    /// A form's last part: is it complete, is it solved for good.
    Summarise,
}

impl Group {
    /// The groups of a visit's checklist.
    pub const VISIT: [Self; 7] = [Self::Card, Self::A, Self::Core, Self::B, Self::C, Self::D, Self::E];

    /// The five parts of a form, outside and inside the company alike (D-E8).
    pub const FORM: [Self; 5] = [Self::Collect, Self::Classify, Self::Handle, Self::FeedBack, Self::Summarise];

    /// The five that surround the work (D-H1), by letter.
    pub const FIVE: [Self; 5] = [Self::A, Self::B, Self::C, Self::D, Self::E];

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
            Self::Collect => "collect",
            Self::Classify => "classify",
            Self::Handle => "handle",
            Self::FeedBack => "feed_back",
            Self::Summarise => "summarise",
        }
    }

    /// The group of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::VISIT.into_iter().chain(Self::FORM).find(|group| group.as_str() == name)
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
    /// In which visits it is asked.
    pub when: When,
    /// What it was called in earlier versions: an answer under such an id is an answer to it.
    pub was: Vec<String>,
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
    /// A form: parts instead of the 1 + 5, and no core step.
    pub form: bool,
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

    /// The step of this id, by its own or an earlier name.
    pub fn step(&self, id: &str) -> Option<&Step> {
        self.find(id).map(|(_, step)| step)
    }

    /// The step of this id with its place in [`Template::steps`].
    pub fn find(&self, id: &str) -> Option<(usize, &Step)> {
        let steps = || self.steps.iter().enumerate();
        steps()
            .find(|(_, step)| step.id == id)
            .or_else(|| steps().find(|(_, step)| step.was.iter().any(|was| was == id)))
    }
}

/// Reads the templates, with the steps that modes add to them.
pub(super) fn read(
    root: &Table<'_>,
    modes: &[(Mode, Table<'_>)],
    known: &Known<'_>,
    faults: &mut Faults,
) -> Vec<Template> {
    let Some(tables) = faults.take(root.tables("template")) else { return Vec::new() };
    let ids: Vec<_> = tables.iter().filter_map(|table| faults.take(table.text("id"))).collect();
    let _ = faults.take(read::unique(root.source, "template", &ids));
    let additions = assemble::of_modes(modes, known, faults);
    let mut kinds = Vec::new();
    let mut templates = Vec::new();
    for table in &tables {
        if let Some(named) = faults.take(table.need("kind").and_then(|kind| kind.texts())) {
            kinds.extend(named);
        }
        templates.extend(assemble::template(table, &additions, known, modes, faults));
    }
    // A second template for a kind could never be chosen.
    let _ = faults.take(read::unique(root.source, "a template for kind", &kinds));
    if faults.is_empty() {
        assemble::unused(&additions, &templates, faults);
    }
    templates
}

const STEP_KEYS: [&str; 10] =
    ["id", "group", "title", "answer", "required", "per_appliance", "core", "safety", "when", "was"];

/// Reads one step; its condition is left to be resolved among its template's steps.
pub(super) fn read_step<'s>(table: &Table<'s>, known: &Known<'_>) -> Result<(Step, Drafted<'s>), PolicyError> {
    table.only(&STEP_KEYS)?;
    let id = table.text("id")?;
    check_id(table, &id)?;
    let group = table.text("group")?;
    let Some(part) = Group::named(group.value) else {
        let known: Vec<_> = Group::VISIT.iter().chain(&Group::FORM).map(|group| group.as_str()).collect();
        let what = format!("unknown group \"{}\"", group.value);
        return Err(table.source.error(&group.span, what, format!("expected one of: {}", known.join(", "))));
    };
    let drafted = when::read(table, known)?;
    let step = Step {
        id: id.value.to_owned(),
        group: part,
        title: table.text("title")?.value.to_owned(),
        answer: answer::read(table)?,
        required: table.flag("required", true)?,
        per_appliance: table.flag("per_appliance", false)?,
        core: table.flag("core", false)?,
        safety: table.flag("safety", false)?,
        when: drafted.when.clone(),
        was: table.texts("was")?.into_iter().map(|was| was.value.to_owned()).collect(),
    };
    if step.core && part != Group::Core {
        return Err(table.source.error(&group.span, "a core step belongs to group \"1\"", ""));
    }
    if step.safety && part != Group::A {
        return Err(table.source.error(&group.span, "a step of the safety test belongs to group \"A\"", ""));
    }
    Ok((step, drafted))
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
