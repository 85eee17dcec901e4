//! The checklist as it stands: for each step and appliance the answers of the visit that counts.
//!
//! A visit is a whole 1 + 5 (D-H1), so answers of different visits are not mixed: an appliance's steps are those of
//! the last visit that worked on it, the steps of the whole visit those of the last visit with any. (Late work: `late`.)

use std::collections::BTreeMap;

use super::answers::{Answers, Cell};
use super::asking::{Asking, Of};
use super::order::Item;
use super::visits::Visits;
use crate::checklist;
use crate::kind;
use crate::policy::AnswerType;
use crate::view::{StepState, StepStatus};

/// For each appliance (0 = the whole visit) that has answers: the visit that counts.
pub(super) type Deciding = BTreeMap<u32, Option<usize>>;

pub(super) fn deciding(answers: &Answers<'_, '_>, visits: &Visits<'_, '_>) -> Deciding {
    let mut deciding = Deciding::new();
    for cell in &answers.cells {
        let visit = deciding.entry(cell.appliance).or_insert(cell.visit);
        if visits.rank(cell.visit) >= visits.rank(*visit) {
            *visit = cell.visit;
        }
    }
    deciding
}

/// Lays out the checklist. `appliances` is the job's count. What is not asked is left out, unless it was answered.
pub(super) fn fold<'a>(
    asking: &Asking<'_, '_, 'a>,
    answers: &Answers<'_, 'a>,
    deciding: &Deciding,
    appliances: u32,
) -> Vec<StepState<'a>> {
    let mut steps = checklist::blank(asking.template, appliances);
    let mut signatures = Vec::new();
    for (index, step) in asking.template.steps.iter().enumerate() {
        let states = steps.iter_mut().filter(|state| state.step == step.id);
        for state in states {
            if !asking.asks(Of::Deciding(deciding), index, state.appliance) {
                state.status = StepStatus::NotAsked;
                state.required = false;
            }
            let Some(visit) = deciding.get(&state.appliance) else { continue };
            let Some(cell) = answers.cell(*visit, index, state.appliance) else { continue };
            state.answers = cell.answers.iter().map(|(_, answer)| answer.clone()).collect();
            if state.status == StepStatus::NotAsked {
                continue;
            }
            state.status = cell.worst();
            if matches!(step.answer, AnswerType::Signature { .. }) {
                signatures.push(cell);
            }
        }
    }
    steps.retain(|state| state.status != StepStatus::NotAsked || !state.answers.is_empty());
    mark_stale(&mut steps, &signatures);
    steps
}

/// A signature over other answers than today's is stale.
fn mark_stale(steps: &mut [StepState<'_>], signatures: &[&Cell<'_, '_>]) {
    if signatures.is_empty() {
        return;
    }
    let today = checklist::answers_digest(steps).to_string();
    let stale = |item: &Item<'_>| item.kind() == kind::SIGNED && item.fact.str("answers") != Some(today.as_str());
    let stale: Vec<_> = signatures.iter().flat_map(|cell| &cell.answers).filter(|(item, _)| stale(item)).collect();
    for state in steps {
        for answer in &mut state.answers {
            if stale.iter().any(|(item, _)| item.id() == answer.fact) {
                answer.status = StepStatus::Stale;
                state.status = StepStatus::Stale;
            }
        }
    }
}
