//! `[dispatch]`: who may be sent (D-H3).

use std::collections::BTreeMap;

use super::error::PolicyError;
use super::read::Table;
use crate::grade::Grade;

/// Difficulty and customer group → least grade; the higher wins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DispatchRules {
    /// Where nothing else is said. Never below C: ungraded people don't go alone (D-H2).
    pub default: Grade,
    /// By the difficulty of the fault.
    pub difficulty: BTreeMap<String, Grade>,
    /// By the customer's group.
    pub group: BTreeMap<String, Grade>,
}

pub(super) fn read(root: &Table<'_>) -> Result<DispatchRules, PolicyError> {
    let nothing = DispatchRules { default: Grade::C, difficulty: BTreeMap::new(), group: BTreeMap::new() };
    let Some(table) = root.opt_table("dispatch")? else { return Ok(nothing) };
    table.only(&["default", "difficulty", "group"])?;
    let default = match table.opt_text("default")? {
        None => Grade::C,
        Some(text) => grade(&table, text.value, &text.span)?,
    };
    Ok(DispatchRules { default, difficulty: grades(&table, "difficulty")?, group: grades(&table, "group")? })
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
