//! `[resolution.NAME]`: how a job may end (D-C6), and what follows from it.

use super::error::PolicyError;
use super::read::{Table, Value};

/// How a job, or only a visit of it, may end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolution {
    /// Its id, as a `completed` fact's `resolution` has it.
    pub id: String,
    /// The customer is asked afterwards (D-C2).
    pub call_back: bool,
    /// It counts for the first-time-fix rate (D-H4).
    pub first_time_fix: bool,
    /// Nobody is blamed for it, whatever else was missed (D-H14).
    pub unpenalised: bool,
    /// Which kind of fact states it.
    pub by: StatedBy,
}

/// Which kind of fact states a resolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatedBy {
    /// `completed`, with the resolution's id.
    Completed,
    /// `refused`: because of danger (`refused_unsafe`) or for another reason (`declined` may also be completed).
    Refused,
    /// `cancelled`.
    Cancelled,
    /// `no_access`: ends a visit, never a job (D-K2).
    NoAccess,
}

const BY: [(&str, StatedBy); 4] = [
    ("completed", StatedBy::Completed),
    ("refused", StatedBy::Refused),
    ("cancelled", StatedBy::Cancelled),
    ("no_access", StatedBy::NoAccess),
];

/// What a refusal because of danger makes of a job.
pub const REFUSED_UNSAFE: &str = "refused_unsafe";
/// What any other refusal makes of a job.
pub const DECLINED: &str = "declined";
/// What calling a job off makes of it.
pub const CANCELLED: &str = "cancelled";
/// What a locked door makes of a visit.
pub const NO_ACCESS: &str = "no_access";

pub(super) fn read(root: &Table<'_>) -> Result<Vec<Resolution>, PolicyError> {
    let Some(table) = root.opt_table("resolution")? else { return Ok(Vec::new()) };
    table.entries().map(|(id, value)| read_one(id.value, &value)).collect()
}

fn read_one(id: &str, value: &Value<'_>) -> Result<Resolution, PolicyError> {
    let table = value.table()?;
    table.only(&["call_back", "first_time_fix", "unpenalised", "by"])?;
    let by = match table.opt_text("by")? {
        None => StatedBy::Completed,
        Some(text) => {
            let known = BY.iter().find(|(name, _)| *name == text.value).map(|(_, by)| *by);
            known.ok_or_else(|| {
                let names: Vec<&str> = BY.iter().map(|(name, _)| *name).collect();
                let what = format!("no fact `{}` states a resolution", text.value);
                table.source.error(&text.span, what, format!("expected one of: {}", names.join(", ")))
            })?
        }
    };
    Ok(Resolution {
        id: id.to_owned(),
        call_back: table.flag("call_back", false)?,
        first_time_fix: table.flag("first_time_fix", false)?,
        unpenalised: table.flag("unpenalised", false)?,
        by,
    })
}
