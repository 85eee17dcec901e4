//! `[intake]`: how requests come in, and what a complete one says (D-H7, D-E2).

use super::error::PolicyError;
use super::read::{self, Table};

/// How requests come in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Intake {
    /// Channels by name. An open list: another one is recorded and answered with a warning (D-H7).
    pub channels: Vec<String>,
    /// Minutes between receiving a request and recording it; `None` = no limit.
    pub record_within_min: Option<i64>,
    /// The registers that a complete job has: its completeness is the share of them (D-E2).
    pub complete: Vec<String>,
}

pub(super) fn read(root: &Table<'_>) -> Result<Intake, PolicyError> {
    let Some(table) = root.opt_table("intake")? else { return Ok(Intake::default()) };
    table.only(&["channels", "record_within_min", "complete"])?;
    let list = |key, what| -> Result<Vec<String>, PolicyError> {
        let names = table.texts(key)?;
        read::unique(table.source, what, &names)?;
        Ok(names.into_iter().map(|name| name.value.to_owned()).collect())
    };
    Ok(Intake {
        channels: list("channels", "channel")?,
        record_within_min: table.opt_int("record_within_min", 0..=60 * 24 * 366)?,
        complete: list("complete", "register")?,
    })
}
