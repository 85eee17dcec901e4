//! `[clocks]`: what counts as one visit. What must happen within what time stands in `[[clock]]`.

use super::error::PolicyError;
use super::read::Table;

/// Times that aren't clocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clocks {
    /// Minutes within which arrivals of different people are one visit.
    pub crew_window_min: i64,
}

pub(super) fn read(root: &Table<'_>) -> Result<Clocks, PolicyError> {
    let window = match root.opt_table("clocks")? {
        None => None,
        Some(table) => {
            table.only(&["crew_window_min"])?;
            table.opt_int("crew_window_min", 0..=1440)?
        }
    };
    Ok(Clocks { crew_window_min: window.unwrap_or(120) })
}
