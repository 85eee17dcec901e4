//! `[intake]`: how requests come in, and what a complete one says (D-H7, D-E2).

use std::collections::BTreeSet;

use super::error::PolicyError;
use super::read::Table;

/// How requests come in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Intake {
    /// Channels by name. An open list: another one is recorded and answered with a warning (D-H7).
    pub channels: Vec<String>,
    /// Minutes between receiving a request and recording it; `None` = no limit.
    pub record_within_min: Option<i64>,
    /// The registers that a complete job has: its completeness is the share of them (D-E2).
    pub complete: Vec<String>,
    /// Which requests we bring up ourselves, before the customer has to (D-H7).
    pub asked_first: AskedFirst,
}

/// Customers who are asked before they ask: whom, and about what (D-H7: project customers).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AskedFirst {
    /// The customers' groups; empty = nobody is asked first.
    pub groups: BTreeSet<String>,
    /// The kinds of job that can be foreseen; empty = all.
    pub kinds: BTreeSet<String>,
}

impl AskedFirst {
    /// Whether a request of this kind by a customer of this group is ours to bring up.
    pub fn is_for(&self, group: Option<&str>, kind: Option<&str>) -> bool {
        group.is_some_and(|group| self.groups.contains(group))
            && (self.kinds.is_empty() || kind.is_some_and(|kind| self.kinds.contains(kind)))
    }
}

pub(super) fn read(root: &Table<'_>) -> Result<Intake, PolicyError> {
    let Some(table) = root.opt_table("intake")? else { return Ok(Intake::default()) };
    table.only(&["channels", "record_within_min", "complete", "asked_first"])?;
    Ok(Intake {
        channels: table.unique_names("channels", "channel")?,
        record_within_min: table.opt_int("record_within_min", 0..=60 * 24 * 366)?,
        complete: table.unique_names("complete", "register")?,
        asked_first: asked_first(&table)?,
    })
}

fn asked_first(intake: &Table<'_>) -> Result<AskedFirst, PolicyError> {
    let Some(table) = intake.opt_table("asked_first")? else { return Ok(AskedFirst::default()) };
    table.only(&["groups", "kinds"])?;
    table.need("groups")?;
    Ok(AskedFirst { groups: table.unique_names("groups", "group")?, kinds: table.unique_names("kinds", "kind")? })
}
