//! `[closing]`: what closes a job once the work is done (D-H16), and which answers are bad (D-C2).

use super::error::PolicyError;
use super::read::Table;

/// What closes a job.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Closing {
    /// A call-back that reached the customer turns `done` into `closed` (D-H16).
    pub call_back: bool,
    /// A score below this is a bad answer, as dissatisfied and unsolved always are (D-C2).
    pub bad_score_below: Option<i64>,
}

pub(super) fn read(root: &Table<'_>) -> Result<Closing, PolicyError> {
    let Some(table) = root.opt_table("closing")? else { return Ok(Closing::default()) };
    table.only(&["call_back", "bad_score_below"])?;
    Ok(Closing {
        call_back: table.flag("call_back", false)?,
        bad_score_below: table.opt_int("bad_score_below", 0..=100)?,
    })
}
