//! `order = [["A", "1"], ["*", "E"]]`: what must come before what (D-H1). A name is a group, a step, or `*` for every
//! group of the template but the card and the other side's.
//!
//! `ordered = ["A"]`: groups whose steps are done as they are listed. The steps of any other group are done as they come.

use super::faults::Faults;
use super::read::{At, Table, Value};
use super::template::{Group, Step};

/// Pairs of indices into `steps`: the first must come before the second.
pub(super) fn read(table: &Table<'_>, steps: &[Step], faults: &mut Faults) -> Vec<(usize, usize)> {
    let mut before: Vec<(usize, usize)> = Vec::new();
    for (pairs, at) in entries(table, steps, faults) {
        let known = before.len();
        before.extend(pairs);
        // The entry that closes a cycle is the one to look at.
        if let Some(path) = cycle(&before, steps.len()) {
            let names: Vec<&str> = path.iter().filter_map(|&step| Some(steps.get(step)?.id.as_str())).collect();
            let first = names.first().copied().unwrap_or_default();
            let what = format!("the order has a cycle: step \"{first}\" would have to come before itself");
            faults.push(at.error(what, format!("{} → {first}", names.join(" → "))));
            before.truncate(known);
        }
    }
    before.sort_unstable();
    before.dedup();
    before
}

type Entry<'s> = (Vec<(usize, usize)>, Value<'s>);

fn entries<'s>(table: &Table<'s>, steps: &[Step], faults: &mut Faults) -> Vec<Entry<'s>> {
    let mut entries = Vec::new();
    for (key, read) in [("ordered", in_group as Reader<'s>), ("order", pair as Reader<'s>)] {
        let Some(list) = table.get(key) else { continue };
        let Some(items) = faults.take(list.items()) else { continue };
        for item in items {
            if let Some(pairs) = faults.take(read(table, item, steps)) {
                entries.push((pairs, item));
            }
        }
    }
    entries
}

type Pairs = Result<Vec<(usize, usize)>, super::error::PolicyError>;
type Reader<'s> = fn(&Table<'s>, Value<'s>, &[Step]) -> Pairs;

fn pair<'s>(table: &Table<'s>, item: Value<'s>, steps: &[Step]) -> Pairs {
    let names = item.texts()?;
    let [first, second] = names.as_slice() else {
        return Err(item.error("an entry of `order` is a pair", "as in [\"A\", \"1\"]"));
    };
    if second.value == "*" {
        return Err(table.source.error(&second.span, "`*` can only come first", "as in [\"*\", \"E\"]"));
    }
    let later = members(table, second, steps, &[])?;
    let mut pairs = Vec::new();
    for &earlier in &members(table, first, steps, &later)? {
        pairs.extend(later.iter().map(|&later| (earlier, later)).filter(|pair| pair.0 != pair.1));
    }
    Ok(pairs)
}

/// Every two steps of the group, not only neighbours: between two that are done, one may be left out.
fn in_group<'s>(table: &Table<'s>, item: Value<'s>, steps: &[Step]) -> Pairs {
    let name = item.text()?;
    if Group::named(name.value).is_none() {
        let what = format!("`ordered` names \"{}\", which is no group", name.value);
        return Err(table.source.error(&name.span, what, "two single steps go into `order`"));
    }
    let members = members(table, &name, steps, &[])?;
    let later = |at: usize| members.iter().skip(at + 1);
    Ok(members.iter().enumerate().flat_map(|(at, &first)| later(at).map(move |&second| (first, second))).collect())
}

fn members(
    table: &Table<'_>,
    name: &At<&str>,
    steps: &[Step],
    but: &[usize],
) -> Result<Vec<usize>, super::error::PolicyError> {
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

/// The steps of a cycle in their order, if there is one.
fn cycle(before: &[(usize, usize)], steps: usize) -> Option<Vec<usize>> {
    // What is left when steps without predecessors are taken away again and again.
    let mut left: Vec<usize> = (0..steps).collect();
    loop {
        let precedes = |step: usize| before.iter().find(|&&(earlier, later)| later == step && left.contains(&earlier));
        let stuck: Vec<usize> = left.iter().copied().filter(|&step| precedes(step).is_some()).collect();
        if stuck.len() == left.len() {
            break;
        }
        left = stuck;
    }
    // Each of those has a predecessor among them: going back long enough ends in the cycle.
    let earlier = |step: usize| before.iter().find(|pair| pair.1 == step && left.contains(&pair.0)).map(|pair| pair.0);
    let mut step = *left.first()?;
    for _ in 0..steps {
        step = earlier(step)?;
    }
    let mut path = vec![step];
    let mut back = earlier(step)?;
    while back != step {
        path.push(back);
        back = earlier(back)?;
    }
    path.reverse();
    // The step listed first leads.
    let lead = path.iter().enumerate().min_by_key(|(_, step)| **step).map_or(0, |(at, _)| at);
    path.rotate_left(lead);
    Some(path)
}

/// Whether the order, through any number of steps, makes `later` come after `earlier`.
pub(super) fn follows(before: &[(usize, usize)], earlier: usize, later: usize) -> bool {
    let mut reached = vec![earlier];
    let mut next = 0;
    while let Some(&step) = reached.get(next) {
        if step == later {
            return true;
        }
        for &(first, second) in before {
            if first == step && !reached.contains(&second) {
                reached.push(second);
            }
        }
        next += 1;
    }
    false
}
