//! Steps done in an order that the template forbids (D-H1), visit by visit.

use super::answers::{Answers, Cell};
use super::asking::{Asking, Of};
use crate::policy::Template;
use crate::view::OrderBreak;

pub(super) fn fold<'a>(asking: &Asking<'_, '_, 'a>, answers: &Answers<'_, 'a>) -> Vec<OrderBreak<'a>> {
    let template = asking.template;
    let asked = |cell: &Cell<'_, '_>| asking.asks(Of::Visit(cell.visit), cell.step, cell.appliance);
    let mut breaks = Vec::new();
    // Cells are sorted by visit, then step.
    for visit in answers.cells.chunk_by(|a, b| a.visit == b.visit) {
        for &(earlier, later) in &template.before {
            for before in of_step(visit, earlier) {
                for after in meeting(of_step(visit, later), before.appliance) {
                    let wrong = check(template, before, after);
                    // What nobody asked may be done at any time.
                    breaks.extend(wrong.filter(|_| asked(before) && asked(after)));
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

/// Those about the same appliance, or about the whole visit. A step's cells are all of the one or of the other sort.
fn meeting<'c, 'i, 'a>(cells: &'c [Cell<'i, 'a>], appliance: u32) -> &'c [Cell<'i, 'a>] {
    if appliance == 0 || cells.first().is_some_and(|cell| cell.appliance == 0) {
        return cells;
    }
    match cells.binary_search_by_key(&appliance, |cell| cell.appliance) {
        Ok(at) => cells.get(at..=at).unwrap_or_default(),
        Err(_) => &[],
    }
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
