//! `[parts]`, `[goods]`, `[whole_set]`, `[hold]` and `[sending_on]`: goods and parts that must be there, work that must
//! be looked at, and what belongs in one go (D-H4, D-H9, D-H15, D-H19, D-E5). All optional; what is left out is not
//! judged.

use std::collections::BTreeSet;

use super::error::PolicyError;
use super::read::Table;

/// Spare parts (D-H15).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PartRules {
    /// A part that was fitted must have been received by the outlet.
    pub must_receive: bool,
    /// The customer must be told that the part has come before somebody comes with it (D-K4).
    pub tell_arrival: bool,
}

/// Goods that the installer finds there (D-H4: goods and installer together).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GoodsRules {
    /// Kinds of job for which the goods must be there when somebody arrives.
    pub kinds: BTreeSet<String>,
    /// Whether a visit without any record of the goods' delivery is a finding too.
    pub must_record: bool,
}

/// Whole sets: one report, entry, delivery, dispatch, visit (D-H9).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WholeSetRules {
    /// Customer groups that it holds for.
    pub groups: BTreeSet<String>,
    /// Kinds of job that it holds for; empty = all.
    pub kinds: BTreeSet<String>,
    /// Minutes between the first and the last arrival of one visit.
    pub spread_min: Option<i64>,
    /// The dispatch names a service vehicle.
    pub vehicle: bool,
}

impl WholeSetRules {
    /// Whether a job is a whole set's: of a customer of such a group, or in such a mode.
    pub fn is_for(&self, group: Option<&str>, mode: Option<&str>, kind: Option<&str>) -> bool {
        let among = |set: &BTreeSet<String>, name: Option<&str>| name.is_some_and(|name| set.contains(name));
        (among(&self.groups, group) || among(&self.groups, mode)) && (self.kinds.is_empty() || among(&self.kinds, kind))
    }
}

/// Hold points of project work (D-H19).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HoldRules {
    /// Customer groups whose jobs are project work.
    pub groups: BTreeSet<String>,
    /// Kinds of job that have hold points; empty = all kinds of those groups.
    pub kinds: BTreeSet<String>,
    /// The plan is approved before the core step.
    pub plan: bool,
    /// Concealed works are witnessed by somebody other than the doer.
    pub witness: bool,
    /// Somebody who did none of the work accepts it.
    pub acceptance: bool,
}

/// Sending a unit on (D-E5).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SendingRules {
    /// Where nothing may be sent without a local test that shows the fault.
    pub tested_for: BTreeSet<String>,
}

pub(super) fn parts(root: &Table<'_>) -> Result<PartRules, PolicyError> {
    let Some(table) = root.opt_table("parts")? else { return Ok(PartRules::default()) };
    table.only(&["must_receive", "tell_arrival"])?;
    Ok(PartRules { must_receive: table.flag("must_receive", false)?, tell_arrival: table.flag("tell_arrival", false)? })
}

pub(super) fn goods(root: &Table<'_>) -> Result<GoodsRules, PolicyError> {
    let Some(table) = root.opt_table("goods")? else { return Ok(GoodsRules::default()) };
    table.only(&["kinds", "must_record"])?;
    Ok(GoodsRules { kinds: table.names("kinds")?, must_record: table.flag("must_record", false)? })
}

pub(super) fn whole_set(root: &Table<'_>) -> Result<WholeSetRules, PolicyError> {
    let Some(table) = root.opt_table("whole_set")? else { return Ok(WholeSetRules::default()) };
    table.only(&["groups", "kinds", "spread_min", "vehicle"])?;
    Ok(WholeSetRules {
        groups: table.names("groups")?,
        kinds: table.names("kinds")?,
        spread_min: table.opt_int("spread_min", 0..=1440)?,
        vehicle: table.flag("vehicle", false)?,
    })
}

pub(super) fn hold(root: &Table<'_>) -> Result<HoldRules, PolicyError> {
    let Some(table) = root.opt_table("hold")? else { return Ok(HoldRules::default()) };
    table.only(&["groups", "kinds", "plan", "witness", "acceptance"])?;
    Ok(HoldRules {
        groups: table.names("groups")?,
        kinds: table.names("kinds")?,
        plan: table.flag("plan", false)?,
        witness: table.flag("witness", false)?,
        acceptance: table.flag("acceptance", false)?,
    })
}

pub(super) fn sending(root: &Table<'_>) -> Result<SendingRules, PolicyError> {
    let Some(table) = root.opt_table("sending_on")? else { return Ok(SendingRules::default()) };
    table.only(&["tested_for"])?;
    Ok(SendingRules { tested_for: table.names("tested_for")? })
}
