//! `order = [["A", "1"], ["*", "E"]]`: what must come before what (D-H1). A name is a group, a step, or `*` for every
//! group of the 1 + 5 but the other side's.

use super::error::PolicyError;
use super::read::{At, Table};
use super::template::{Group, Step};

pub(super) fn read(table: &Table<'_>, steps: &[Step]) -> Result<Vec<(usize, usize)>, PolicyError> {
    let Some(order) = table.get("order") else { return Ok(Vec::new()) };
    let mut before = Vec::new();
    for pair in order.items()? {
        let names = pair.texts()?;
        let [first, second] = names.as_slice() else {
            return Err(pair.error("an entry of `order` is a pair", "as in [\"A\", \"1\"]"));
        };
        if second.value == "*" {
            return Err(table.source.error(&second.span, "`*` can only come first", "as in [\"*\", \"E\"]"));
        }
        let later = members(table, second, steps, &[])?;
        for &earlier in &members(table, first, steps, &later)? {
            before.extend(later.iter().map(|&later| (earlier, later)).filter(|pair| pair.0 != pair.1));
        }
    }
    before.sort_unstable();
    before.dedup();
    match cycle(&before, steps.len()) {
        None => Ok(before),
        Some(index) => {
            let id = steps.get(index).map_or("", |step| step.id.as_str());
            let what = format!("the order has a cycle: step \"{id}\" would have to come before itself");
            Err(order.error(what, ""))
        }
    }
}

fn members(table: &Table<'_>, name: &At<&str>, steps: &[Step], but: &[usize]) -> Result<Vec<usize>, PolicyError> {
    let matching = |test: &dyn Fn(&Step) -> bool| -> Vec<usize> {
        steps.iter().enumerate().filter(|(_, step)| test(step)).map(|(index, _)| index).collect()
    };
    if name.value == "*" {
        let mut all = matching(&|step| step.group != Group::Card);
        all.retain(|index| !but.contains(index));
        return Ok(all);
    }
    let found = match Group::named(name.value) {
        Some(group) => matching(&|step| step.group == group),
        None => matching(&|step| step.id == name.value),
    };
    if found.is_empty() {
        let what = format!("`order` names \"{}\", but no step has that id or group", name.value);
        return Err(table.source.error(&name.span, what, ""));
    }
    Ok(found)
}

/// A step on a cycle, if there is one: what is left when steps without predecessors are taken away again and again.
fn cycle(before: &[(usize, usize)], steps: usize) -> Option<usize> {
    let mut left: Vec<usize> = (0..steps).collect();
    loop {
        let stuck: Vec<usize> = left
            .iter()
            .copied()
            .filter(|&step| before.iter().any(|&(earlier, later)| later == step && left.contains(&earlier)))
            .collect();
        if stuck.len() == left.len() {
            return left.first().copied();
        }
        left = stuck;
    }
}
