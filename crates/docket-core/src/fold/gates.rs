//! Gates: steps that must be passed before the core step, in the same visit and for the same appliance (D-H14).

use super::answers::Answers;
use super::asking::{Asking, Of};
use super::issues::{Issues, choice};
use super::steps::Deciding;
use crate::issue::IssueKind;
use crate::policy::{Gate, Policy};
use crate::view::{GateState, StepStatus};

pub(super) fn fold<'a>(
    policy: &'a Policy,
    asking: &Asking<'_, '_, 'a>,
    kind: &str,
    answers: &Answers<'_, 'a>,
    deciding: &Deciding,
    issues: &mut Issues,
) -> Vec<GateState<'a>> {
    let template = asking.template;
    let mut states = Vec::new();
    let mut places: Vec<(Option<usize>, u32)> = answers.cells.iter().map(|cell| (cell.visit, cell.appliance)).collect();
    places.extend(deciding.iter().map(|(&appliance, &visit)| (visit, appliance)));
    places.sort_unstable();
    places.dedup();
    for gate in policy.gates_of(kind) {
        for core in template.steps.iter().enumerate().filter(|(_, step)| step.core) {
            let whose = |appliance: u32| (appliance > 0) == core.1.per_appliance;
            for &(visit, appliance) in places.iter().filter(|(_, appliance)| whose(*appliance)) {
                let state = judge(gate, asking, core.0, answers, (visit, appliance));
                if state.is_violated() {
                    raise(&state, core.0, answers, issues);
                }
                states.push(state);
            }
        }
    }
    states
}

fn judge<'a>(
    gate: &'a Gate,
    asking: &Asking<'_, '_, 'a>,
    core: usize,
    answers: &Answers<'_, 'a>,
    (visit, appliance): (Option<usize>, u32),
) -> GateState<'a> {
    let template = asking.template;
    // A core step answered "no" was not done.
    let done = answers.cell(visit, core, appliance).and_then(|cell| {
        let made = cell.answers.iter().filter(|(_, answer)| answer.status == StepStatus::Ok);
        made.min_by_key(|(_, answer)| answer.place)
    });
    let lacking = gate.needs.iter().filter(|need| {
        let Some(index) = template.steps.iter().position(|step| step.id == **need) else { return false };
        let per_appliance = template.steps.get(index).is_some_and(|step| step.per_appliance);
        let at = if per_appliance { appliance } else { 0 };
        if !asking.asks(Of::Visit(visit), index, at) {
            return false;
        }
        let cell = answers.cell(visit, index, at);
        let in_time = |place: u32| done.is_none_or(|(_, core)| place < core.place);
        !cell.is_some_and(|cell| {
            cell.worst() == StepStatus::Ok && cell.first().is_some_and(|(_, answer)| in_time(answer.place))
        })
    });
    let lacking: Vec<&str> = lacking.map(String::as_str).collect();
    GateState {
        gate: &gate.id,
        appliance,
        visit,
        passed: lacking.is_empty(),
        lacking,
        core_fact: done.map(|(item, _)| item.id()),
    }
}

fn raise(state: &GateState<'_>, core: usize, answers: &Answers<'_, '_>, issues: &mut Issues) {
    let Some(core_fact) = state.core_fact else { return };
    let cell = answers.cell(state.visit, core, state.appliance);
    let item = cell.and_then(|cell| cell.answers.iter().find(|(item, _)| item.id() == core_fact));
    let options = item.map(|(item, _)| choice(item, "it stands".into())).into_iter().collect();
    let which = if state.appliance == 0 { String::new() } else { format!(" on appliance {}", state.appliance) };
    let lacking = state.lacking.join(", ");
    let summary = format!("core step done{which} without a passed safety test before it: {lacking}");
    issues.raise(IssueKind::GatePassedUnsafe, state.gate, vec![core_fact], options, summary);
}
