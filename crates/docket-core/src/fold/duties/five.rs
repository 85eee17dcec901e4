//! The customer's own word on the five, kept apart from the technician's claim (D-H13): where they differ is a sign, one
//! for each letter. Who says nothing of a letter contradicts nobody.

use serde_json::Value;

use super::{Duty, Signs};
use crate::policy::Group;
use crate::view::{Event, StepState, StepStatus};

pub(super) fn judge(duty: &Duty<'_, '_>, signs: &mut Signs) {
    let words: Vec<&Event<'_>> =
        duty.known.events.iter().filter(|event| matches!(event.kind, "confirmed" | "called_back")).collect();
    if words.is_empty() {
        return;
    }
    for part in Group::FIVE {
        let Some(claim) = claim(duty.steps, part) else { continue };
        // What was said before the visit that counts was said of another one.
        let since = claim.visit.and_then(|visit| duty.visits.get(visit)?.arrived_ms());
        let letter = part.as_str();
        let said = words.iter().rev().find_map(|event| {
            let early = event.at_ms.zip(since).is_some_and(|(said, arrived)| said < arrived);
            let yes = event.body.get("five")?.get(letter)?.as_bool().filter(|_| !early)?;
            Some((yes, *event))
        });
        if let Some((yes, event)) = said.filter(|(yes, _)| *yes != claim.done) {
            let word = |done: bool| if done { "done" } else { "not done" };
            let how = if event.kind == "confirmed" { "on the device" } else { "when called back" };
            let detail = format!(
                "{letter}: the technician recorded it as {}, the customer said {how} that it was {}",
                word(claim.done),
                word(yes)
            );
            signs.about(("five_contradicted", "D-H13"), letter, detail, event);
        }
    }
}

/// What the technician's answers say of one of the five.
struct Claim {
    done: bool,
    /// The visit that they belong to.
    visit: Option<usize>,
}

/// Done where all that is required was answered, well or badly: a test that failed was made. Not done where every answer
/// says "no". `None` where the answers say neither: what is missing is a finding of its own.
fn claim(steps: &[StepState<'_>], part: Group) -> Option<Claim> {
    let of_part = || steps.iter().filter(move |step| step.group == part && step.status != StepStatus::NotAsked);
    let visit = of_part().flat_map(|step| &step.answers).filter_map(|answer| answer.visit).max();
    let refused = |step: &StepState<'_>| step.answers.iter().all(|answer| answer.value == Some(&Value::Bool(false)));
    let answered: Vec<_> = of_part().filter(|step| !step.answers.is_empty()).collect();
    if answered.is_empty() {
        return None;
    }
    if answered.iter().all(|step| refused(step)) {
        return Some(Claim { done: false, visit });
    }
    let complete = of_part().filter(|step| step.required).all(|step| step.status != StepStatus::Missing);
    let all = complete && !answered.iter().any(|step| step.required && refused(step));
    all.then_some(Claim { done: true, visit })
}
