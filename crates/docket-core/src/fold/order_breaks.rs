//! Steps done in an order that the template forbids (D-H1), visit by visit.

use super::answers::{Answers, Cell};
use crate::policy::Template;
use crate::view::OrderBreak;

pub(super) fn fold<'a>(template: &'a Template, answers: &Answers<'_, 'a>) -> Vec<OrderBreak<'a>> {
    let mut breaks = Vec::new();
    // Cells are sorted by visit, then step.
    for visit in answers.cells.chunk_by(|a, b| a.visit == b.visit) {
        for &(earlier, later) in &template.before {
            for before in of_step(visit, earlier) {
                for after in of_step(visit, later).iter().filter(|cell| meets(before, cell)) {
                    breaks.extend(check(template, before, after));
                }
            }
        }
    }
    breaks
}

fn of_step<'c, 'i, 'a>(visit: &'c [Cell<'i, 'a>], step: usize) -> &'c [Cell<'i, 'a>] {
    let from = visit.partition_point(|cell| cell.step < step);
    let to = visit.partition_point(|cell| cell.step <= step);
    visit.get(from..to).unwrap_or_default()
}

/// Whether two cells are about the same appliance, or one about the whole visit.
fn meets(a: &Cell<'_, '_>, b: &Cell<'_, '_>) -> bool {
    a.appliance == b.appliance || a.appliance == 0 || b.appliance == 0
}

fn check<'a>(template: &'a Template, before: &Cell<'_, '_>, after: &Cell<'_, '_>) -> Option<OrderBreak<'a>> {
    let ((late, first), (early, second)) = (before.first()?, after.first()?);
    let name = |index: usize| template.steps.get(index).map(|step| step.id.as_str());
    (first.place > second.place).then_some(OrderBreak {
        appliance: before.appliance.max(after.appliance),
        step: name(before.step)?,
        before_step: name(after.step)?,
        fact: late.id(),
        before_fact: early.id(),
        certain: late.device() == early.device(),
    })
}
