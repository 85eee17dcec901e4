//! Puts templates together: their own steps, those that modes add (D-H5), the order, and each step's condition resolved.

use super::error::PolicyError;
use super::faults::Faults;
use super::mode::Mode;
use super::order;
use super::read::{At, Table};
use super::template::{Group, Step, Template, read_step};
use super::when::{self, Drafted, Known};

/// A step that a mode adds to templates.
pub(super) struct Addition<'s> {
    step: Step,
    drafted: Drafted<'s>,
    table: Table<'s>,
}

/// A step of a template under construction, and where it stands in the file.
struct Part<'s> {
    step: Step,
    drafted: Drafted<'s>,
    table: Table<'s>,
}

/// The steps of the modes.
pub(super) fn of_modes<'s>(modes: &[(Mode, Table<'s>)], known: &Known<'_>, faults: &mut Faults) -> Vec<Addition<'s>> {
    let mut additions = Vec::new();
    for (mode, table) in modes {
        for table in faults.take(table.tables("step")).unwrap_or_default() {
            if let Some((step, drafted)) = faults.take(of_mode(mode, &table, known)) {
                additions.push(Addition { step, drafted, table });
            }
        }
    }
    additions
}

fn of_mode<'s>(mode: &Mode, table: &Table<'s>, known: &Known<'_>) -> Result<(Step, Drafted<'s>), PolicyError> {
    let (mut step, drafted) = read_step(table, known)?;
    if step.core {
        return Err(table.error("a mode adds to the work, it is not the work: no core step", ""));
    }
    if let Some(named) = drafted.table().and_then(|table| table.get("mode")) {
        return Err(named.error("a mode's step is asked in that mode", "leave `mode` out"));
    }
    step.when.modes = vec![mode.id.clone()];
    Ok((step, drafted))
}

/// An addition that no template takes is never asked.
pub(super) fn unused(additions: &[Addition<'_>], templates: &[Template], faults: &mut Faults) {
    for addition in additions {
        if !templates.iter().any(|template| template.step(&addition.step.id).is_some()) {
            let what = format!("step \"{}\" is never asked: no template takes it", addition.step.id);
            faults.push(addition.table.error(what, "its group or its kinds fit none"));
        }
    }
}

/// Reads one template. `None` where so much is wrong that it can't be judged further.
pub(super) fn template(
    table: &Table<'_>,
    additions: &[Addition<'_>],
    known: &Known<'_>,
    modes: &[(Mode, Table<'_>)],
    faults: &mut Faults,
) -> Option<Template> {
    faults.take(table.only(&["id", "version", "kind", "form", "step", "order", "ordered"]))?;
    let version = faults.take(version(table));
    let id = table.text("id").ok()?.value.to_owned(); // its absence is a fault already
    let kinds: Vec<String> =
        table.need("kind").ok()?.texts().ok()?.into_iter().map(|kind| kind.value.to_owned()).collect();
    let form = faults.take(table.flag("form", false))?;
    let tables = faults.take(table.tables("step"))?;
    let count = tables.len();
    let mut parts: Vec<Part<'_>> = tables
        .into_iter()
        .filter_map(|table| {
            let (step, drafted) = faults.take(read_step(&table, known).and_then(|read| of_form(form, &table, read)))?;
            Some(Part { step, drafted, table })
        })
        .collect();
    let whole = parts.len() == count;
    add(&mut parts, additions, &kinds, form);
    let whole = names(&parts, faults) && whole;
    if whole && !form && !parts.iter().any(|part| part.step.core) {
        faults.push(table.error("the template has no core step", "mark the step of group \"1\" with core = true"));
    }
    // With a step left out, what names it would be reported as well: one fault at a time.
    if !whole {
        return None;
    }
    let mut steps: Vec<Step> = parts.iter().map(|part| part.step.clone()).collect();
    let before = order::read(table, &steps, faults);
    resolve(&mut steps, parts, &before, &kinds, modes, faults);
    Some(Template { id, version: version?, kinds, steps, before, form })
}

fn version(table: &Table<'_>) -> Result<String, PolicyError> {
    let version = table.text("version")?;
    if version.value.contains('@') {
        return Err(table.source.error(&version.span, "a version may not contain `@`", ""));
    }
    Ok(version.value.to_owned())
}

/// A form has a form's parts, a visit's checklist those of the visit.
fn of_form<'s>(form: bool, table: &Table<'s>, read: (Step, Drafted<'s>)) -> Result<(Step, Drafted<'s>), PolicyError> {
    let groups: &[Group] = if form { &Group::FORM } else { &Group::VISIT };
    if groups.contains(&read.0.group) {
        return Ok(read);
    }
    let known: Vec<&str> = groups.iter().map(|group| group.as_str()).collect();
    let what = if form { "a form has no group" } else { "only a form has group" };
    let hint = format!("expected one of: {}", known.join(", "));
    Err(table.source.error(&table.text("group")?.span, format!("{what} \"{}\"", read.0.group), hint))
}

/// Puts in what the modes add for these kinds: each step behind the last of its group.
fn add<'s>(parts: &mut Vec<Part<'s>>, additions: &[Addition<'s>], kinds: &[String], form: bool) {
    let groups: &[Group] = if form { &Group::FORM } else { &Group::VISIT };
    for addition in additions.iter().filter(|addition| groups.contains(&addition.step.group)) {
        let wanted = &addition.step.when.kinds;
        if !wanted.is_empty() && !wanted.iter().any(|kind| kinds.contains(kind)) {
            continue;
        }
        let same = |part: &Part<'_>| part.step.group == addition.step.group;
        let at = match addition.step.group {
            // What the card group has at the end is the customer's signature.
            Group::Card => parts.iter().position(same).map(|at| at + 1),
            _ => parts.iter().rposition(same).map(|at| at + 1),
        };
        // A group that the template lacks comes before the later ones.
        let at = at.or_else(|| parts.iter().position(|part| part.step.group > addition.step.group));
        let Addition { step, drafted, table } = addition;
        let part = Part { step: step.clone(), drafted: drafted.clone(), table: table.clone() };
        parts.insert(at.unwrap_or(parts.len()), part);
    }
}

/// Ids, and ids of earlier versions, name one step each.
fn names(parts: &[Part<'_>], faults: &mut Faults) -> bool {
    let mut seen = std::collections::BTreeSet::new();
    let mut good = true;
    let own: Vec<At<&str>> = parts.iter().filter_map(|part| part.table.text("id").ok()).collect();
    let earlier = parts.iter().flat_map(|part| part.table.texts("was").unwrap_or_default());
    for name in own.into_iter().chain(earlier) {
        if !seen.insert(name.value.to_owned()) {
            let what = format!("step `{}` appears twice", name.value);
            if let Some(part) = parts.first() {
                faults.push(part.table.source.error(&name.span, what, "ids must differ"));
            }
            good = false;
        }
    }
    good
}

fn resolve(
    steps: &mut [Step],
    parts: Vec<Part<'_>>,
    before: &[(usize, usize)],
    kinds: &[String],
    modes: &[(Mode, Table<'_>)],
    faults: &mut Faults,
) {
    let modes: Vec<Mode> = modes.iter().map(|(mode, _)| mode.clone()).collect();
    for (index, part) in parts.into_iter().enumerate() {
        let Part { table, drafted, .. } = part;
        let place = drafted.table().cloned().unwrap_or(table);
        let follows = |earlier: usize, later: usize| order::follows(before, earlier, later);
        let Some(resolved) = faults.take(drafted.resolve(steps, index, &follows)) else { continue };
        if let Some(step) = steps.get_mut(index) {
            // A mode's step has its mode already.
            step.when.answer = resolved.answer;
        }
        if let Some(why) = when::contradiction(steps, index, kinds, &modes) {
            faults.push(place.error(why, ""));
        }
    }
}
