//! `[outlets]`: what an outlet of each level may take (D-H6), how often a job may change hands (D-E13), and which outlets
//! the pack is for (D-E14).

use std::collections::{BTreeMap, BTreeSet};

use super::error::PolicyError;
use super::read::{self, Table};

/// Hand-overs that nobody asks about where the policy says nothing.
const HAND_OVERS: i64 = 2;

/// What the policy says about outlets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutletRules {
    /// Level → the modes of service that its outlets may take (D-H6).
    pub modes: BTreeMap<String, BTreeSet<String>>,
    /// The outlets that the pack is for, by id; empty = all (D-E14: pilot cities first).
    pub only: BTreeSet<String>,
    /// A job with more hand-overs than this was pushed around (D-E13).
    pub hand_overs: u32,
    /// Whether a job that somebody is sent to must have a responsible outlet (D-E13).
    pub required: bool,
    /// Whether a job must have a handler at any time, from the day it comes in (D-E13).
    pub handler: bool,
}

impl Default for OutletRules {
    fn default() -> Self {
        Self {
            modes: BTreeMap::new(),
            only: BTreeSet::new(),
            hand_overs: HAND_OVERS as u32,
            required: false,
            handler: false,
        }
    }
}

impl OutletRules {
    /// Whether an outlet of a level may take a mode of service; `None` = the policy does not know the level.
    pub fn may_take(&self, level: &str, mode: &str) -> Option<bool> {
        self.modes.get(level).map(|modes| modes.contains(mode))
    }

    /// Whether the pack is for this outlet (D-E14). A pack for all is also for jobs that no outlet has yet.
    pub fn is_for(&self, outlet: Option<&str>) -> bool {
        self.only.is_empty() || outlet.is_some_and(|outlet| self.only.contains(outlet))
    }
}

pub(super) fn read(root: &Table<'_>) -> Result<OutletRules, PolicyError> {
    let Some(table) = root.opt_table("outlets")? else { return Ok(OutletRules::default()) };
    table.only(&["level", "only", "hand_overs", "required", "handler"])?;
    Ok(OutletRules {
        modes: modes(&table)?,
        only: table.unique_names("only", "outlet")?,
        hand_overs: table.opt_int("hand_overs", 0..=100)?.unwrap_or(HAND_OVERS) as u32,
        required: table.flag("required", false)?,
        handler: table.flag("handler", false)?,
    })
}

fn modes(table: &Table<'_>) -> Result<BTreeMap<String, BTreeSet<String>>, PolicyError> {
    let Some(levels) = table.opt_table("level")? else { return Ok(BTreeMap::new()) };
    let read = levels.entries().map(|(level, modes)| {
        let listed = modes.texts()?;
        read::unique(table.source, "mode", &listed)?;
        Ok((level.value.to_owned(), read::own(listed)))
    });
    read.collect()
}
