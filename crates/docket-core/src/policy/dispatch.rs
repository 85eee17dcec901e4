//! `[dispatch]`: who may be sent (D-H3), and in which order those who may are proposed (D-C5).

use std::collections::BTreeMap;

use super::error::PolicyError;
use super::read::{self, At, Table};
use crate::dispatch::Criterion;
use crate::grade::Grade;

/// Difficulty and customer group → least grade, the higher wins; and what proposals are ranked by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DispatchRules {
    /// Where nothing else is said. Never below C: ungraded people don't go alone (D-H2).
    pub default: Grade,
    /// By the difficulty of the fault.
    pub difficulty: BTreeMap<String, Grade>,
    /// By the customer's group.
    pub group: BTreeMap<String, Grade>,
    /// What proposals are ranked by: the first criterion in which two differ decides.
    pub order: Vec<Criterion>,
    /// Distances that differ by less than this count as equal, kilometres.
    pub step_km: u32,
}

/// Kilometres that make no difference where the policy says nothing.
const STEP_KM: i64 = 5;

impl Default for DispatchRules {
    fn default() -> Self {
        Self {
            default: Grade::C,
            difficulty: BTreeMap::new(),
            group: BTreeMap::new(),
            order: Criterion::ALL.to_vec(),
            step_km: STEP_KM as u32,
        }
    }
}

pub(super) fn read(root: &Table<'_>) -> Result<DispatchRules, PolicyError> {
    let Some(table) = root.opt_table("dispatch")? else { return Ok(DispatchRules::default()) };
    table.only(&["default", "difficulty", "group", "order", "step_km"])?;
    let default = match table.opt_text("default")? {
        None => Grade::C,
        Some(text) => grade(&table, text.value, &text.span)?,
    };
    Ok(DispatchRules {
        default,
        difficulty: grades(&table, "difficulty")?,
        group: grades(&table, "group")?,
        order: order(&table)?,
        step_km: table.opt_int("step_km", 1..=1000)?.unwrap_or(STEP_KM) as u32,
    })
}

/// The criteria named, then the others in their usual order: none is ever left out of the reasons.
fn order(table: &Table<'_>) -> Result<Vec<Criterion>, PolicyError> {
    let named = table.texts("order")?;
    read::unique(table.source, "criterion", &named)?;
    let find = |At { value, span }: &At<&str>| {
        Criterion::ALL.into_iter().find(|known| known.as_str() == *value).ok_or_else(|| {
            let known: Vec<&str> = Criterion::ALL.iter().map(|criterion| criterion.as_str()).collect();
            let hint = format!("expected one of: {}", known.join(", "));
            table.source.error(span, format!("unknown criterion \"{value}\""), hint)
        })
    };
    let mut order = named.iter().map(find).collect::<Result<Vec<_>, _>>()?;
    let rest: Vec<Criterion> = Criterion::ALL.into_iter().filter(|criterion| !order.contains(criterion)).collect();
    order.extend(rest);
    Ok(order)
}

fn grades(table: &Table<'_>, key: &'static str) -> Result<BTreeMap<String, Grade>, PolicyError> {
    let Some(inner) = table.opt_table(key)? else { return Ok(BTreeMap::new()) };
    inner
        .entries()
        .map(|(name, value)| {
            let text = value.text()?;
            Ok((name.value.to_owned(), grade(table, text.value, &text.span)?))
        })
        .collect()
}

fn grade(table: &Table<'_>, text: &str, span: &core::ops::Range<usize>) -> Result<Grade, PolicyError> {
    match text.parse::<Grade>() {
        Ok(Grade::Ungraded) => {
            Err(table.source.error(span, "ungraded people never go alone (D-H2)", "the least grade to send is C"))
        }
        Ok(grade) => Ok(grade),
        Err(bad) => Err(table.source.error(span, bad.to_string(), "")),
    }
}
