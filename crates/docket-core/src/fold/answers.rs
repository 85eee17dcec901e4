//! Answers to steps, put into cells: one for each visit, step and appliance.
//!
//! Within a cell a device's later answer takes the place of its earlier one. Different devices with different values
//! contradict each other: an issue, and until it is settled all of them count, the worst first.

use serde_json::Value;

use super::corrections::{self, Fixes};
use super::issues::{Issues, choice};
use super::order::Item;
use super::visits::Visits;
use crate::decimal::Decimal;
use crate::issue::IssueKind;
use crate::kind;
use crate::policy::{AnswerType, Step, Template};
use crate::view::{Answer, Effect, StepStatus, StrayAnswer};

/// The answers of one visit to one step for one appliance; never empty.
pub(super) struct Cell<'i, 'a> {
    pub(super) visit: Option<usize>,
    /// Index into the template's steps.
    pub(super) step: usize,
    /// From 1; 0 = the whole visit.
    pub(super) appliance: u32,
    pub(super) answers: Vec<(&'i Item<'a>, Answer<'a>)>,
}

impl Cell<'_, '_> {
    pub(super) fn worst(&self) -> StepStatus {
        self.answers.iter().map(|(_, answer)| answer.status).max().unwrap_or(StepStatus::Missing)
    }

    /// The answer made first.
    pub(super) fn first(&self) -> Option<&(&Item<'_>, Answer<'_>)> {
        self.answers.iter().min_by_key(|(_, answer)| answer.place)
    }
}

/// Sorted by visit, step, appliance.
pub(super) struct Answers<'i, 'a> {
    pub(super) cells: Vec<Cell<'i, 'a>>,
    pub(super) stray: Vec<StrayAnswer<'a>>,
}

impl<'i, 'a> Answers<'i, 'a> {
    pub(super) fn of(
        items: &'i [Item<'a>],
        visits: &Visits<'i, 'a>,
        template: Option<&'a Template>,
        fixes: &Fixes,
        issues: &mut Issues,
    ) -> Self {
        let (mut found, mut stray) = (Vec::new(), Vec::new());
        let answering = |item: &&Item<'_>| {
            item.applied() && matches!(item.kind(), kind::STEP | kind::READING | kind::PHOTO | kind::SIGNED)
        };
        for item in items.iter().filter(answering) {
            let step = template.and_then(|template| find_step(template, item));
            match (step, item.fact.str("step")) {
                (Some((index, step)), _) => {
                    let visit = visits.of_fact(item);
                    let place = corrections::first_place(items, fixes, item);
                    found.push(((visit, index, appliance(step, item)), item, answer(item, step, visit, place, fixes)));
                }
                (None, Some(step)) => stray.push(StrayAnswer { fact: item.id(), step }),
                (None, None) => {}
            }
        }
        found.sort_by_key(|(key, item, _)| (*key, item.pos));
        let mut cells: Vec<Cell<'i, 'a>> = Vec::new();
        for ((visit, step, appliance), item, answer) in found {
            match cells.last_mut() {
                Some(cell) if (cell.visit, cell.step, cell.appliance) == (visit, step, appliance) => {
                    cell.answers.push((item, answer));
                }
                _ => cells.push(Cell { visit, step, appliance, answers: vec![(item, answer)] }),
            }
        }
        for cell in &mut cells {
            if let Some(step) = template.and_then(|template| template.steps.get(cell.step)) {
                settle(cell, step, issues);
            }
        }
        Self { cells, stray }
    }

    pub(super) fn cell(&self, visit: Option<usize>, step: usize, appliance: u32) -> Option<&Cell<'i, 'a>> {
        let key = (visit, step, appliance);
        let at = self.cells.binary_search_by_key(&key, |cell| (cell.visit, cell.step, cell.appliance));
        at.ok().and_then(|at| self.cells.get(at))
    }
}

fn find_step<'t>(template: &'t Template, item: &Item<'_>) -> Option<(usize, &'t Step)> {
    let mut steps = template.steps.iter().enumerate();
    if item.kind() == kind::SIGNED {
        let by = item.fact.str("role");
        return steps
            .find(|(_, step)| matches!(&step.answer, AnswerType::Signature { role } if Some(role.as_str()) == by));
    }
    template.find(item.fact.str("step")?)
}

fn appliance(step: &Step, item: &Item<'_>) -> u32 {
    if step.per_appliance { item.fact.int("appliance").unwrap_or(1) as u32 } else { 0 }
}

fn answer<'a>(item: &Item<'a>, step: &Step, visit: Option<usize>, place: u32, fixes: &Fixes) -> Answer<'a> {
    let (value, unit) = (item.fact.body.get("v"), item.fact.str("unit"));
    let status = match (&step.answer, item.kind()) {
        // A signature's digest is compared once all answers are known.
        (AnswerType::Photo, kind::PHOTO) | (AnswerType::Signature { .. }, kind::SIGNED) => StepStatus::Ok,
        // A photo beside a step that asks for something else is welcome, but answers nothing.
        (_, kind::PHOTO | kind::SIGNED) => StepStatus::Missing,
        (AnswerType::Reading { .. }, kind::STEP) => StepStatus::Invalid,
        (answer, _) => answer.judge(value, unit),
    };
    Answer {
        fact: item.id(),
        value: if matches!(item.kind(), kind::PHOTO | kind::SIGNED) { None } else { value },
        unit,
        status,
        person: item.person(),
        at_ms: item.wall(),
        visit,
        corrects: fixes.contains_key(&item.pos),
        place,
    }
}

fn settle(cell: &mut Cell<'_, '_>, step: &Step, issues: &mut Issues) {
    // Photos add up; of anything else a device's last word counts, and of signatures the last one given.
    if matches!(step.answer, AnswerType::Photo) {
        return;
    }
    cell.answers.retain(|(item, _)| item.kind() != kind::PHOTO);
    let mut items: Vec<&Item<'_>> = cell.answers.iter().map(|(item, _)| *item).collect();
    corrections::keep_last_of_each_device(&mut items);
    cell.answers.retain(|(item, _)| item.applied());
    if matches!(step.answer, AnswerType::Signature { .. }) {
        let last = cell.answers.len().saturating_sub(1);
        cell.answers.drain(..last);
        return;
    }
    let Some(((_, first), rest)) = cell.answers.split_first() else { return };
    if rest.iter().all(|(_, other)| same_answer(first, other)) {
        return;
    }
    let facts: Vec<_> = cell.answers.iter().map(|(item, _)| item.id()).collect();
    if issues.covers(IssueKind::CorrectionsDiffer, &facts) {
        return;
    }
    let options = cell.answers.iter().map(|(item, _)| choice(item, corrections::describe(item))).collect();
    let words: Vec<String> = cell.answers.iter().map(|(item, _)| shown(&corrections::describe(item))).collect();
    let which = if cell.appliance == 0 { String::new() } else { format!(" of appliance {}", cell.appliance) };
    let summary = format!("{}{which}: {}", step.id, words.join(" ≠ "));
    let settled = issues.raise(IssueKind::AnswersDiffer, "", facts, options, summary);
    if cell.answers.iter().any(|(item, _)| settled.keeps(item)) {
        cell.answers.retain(|(item, _)| {
            let stays = settled.keeps(item);
            if !stays {
                item.effect.set(Effect::DecidedAgainst);
            }
            stays
        });
    }
}

/// Whether two answers say the same: readings by value (`0.30` is `0.3`), anything else as written.
fn same_answer(a: &Answer<'_>, b: &Answer<'_>) -> bool {
    let decimal = |value: Option<&Value>| value.and_then(Value::as_str).and_then(|text| text.parse::<Decimal>().ok());
    let same = match (decimal(a.value), decimal(b.value)) {
        (Some(a), Some(b)) => a == b,
        _ => a.value == b.value,
    };
    same && a.unit == b.unit
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}
