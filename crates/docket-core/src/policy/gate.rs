//! `[[gate]]`: steps that must be passed before the core step (D-H14).

use super::error::PolicyError;
use super::read::{self, Table};
use super::template::Template;

/// Steps that must be passed before the core step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gate {
    /// Its id (`safety`).
    pub id: String,
    /// The kinds of job it guards; for repairs that is the company's choice.
    pub kinds: Vec<String>,
    /// The steps needed.
    pub needs: Vec<String>,
}

pub(super) fn read(root: &Table<'_>, templates: &[Template]) -> Result<Vec<Gate>, PolicyError> {
    let tables = root.catalogue("gate", "id", "gate")?;
    tables.iter().map(|table| read_gate(table, templates)).collect()
}

fn read_gate(table: &Table<'_>, templates: &[Template]) -> Result<Gate, PolicyError> {
    table.only(&["id", "kinds", "needs"])?;
    let (kinds, needs) = (table.need("kinds")?.texts()?, table.need("needs")?.texts()?);
    for kind in &kinds {
        let Some(template) = templates.iter().find(|template| template.kinds.iter().any(|k| k == kind.value)) else {
            let what = format!("no template is for kind \"{}\"", kind.value);
            return Err(table.source.error(&kind.span, what, "a gate guards the core step of a template"));
        };
        for need in &needs {
            let index = template.steps.iter().position(|step| step.id == need.value);
            let Some(index) = index else {
                let what = format!("template \"{}\" has no step \"{}\"", template.id, need.value);
                return Err(table.source.error(&need.span, what, ""));
            };
            if comes_after_core(template, index) {
                let what = format!("step \"{}\" can't be passed before the core step", need.value);
                return Err(table.source.error(&need.span, what, "the template's `order` puts it after"));
            }
        }
    }
    let own = |items: Vec<read::At<&str>>| items.into_iter().map(|item| item.value.to_owned()).collect();
    Ok(Gate { id: table.text("id")?.value.to_owned(), kinds: own(kinds), needs: own(needs) })
}

/// Whether the core step is, or must come before, this one.
fn comes_after_core(template: &Template, index: usize) -> bool {
    let mut earlier = vec![index];
    let mut next = 0;
    while let Some(&step) = earlier.get(next) {
        if template.steps.get(step).is_some_and(|step| step.core) {
            return true;
        }
        for &(before, after) in &template.before {
            if after == step && !earlier.contains(&before) {
                earlier.push(before);
            }
        }
        next += 1;
    }
    false
}
