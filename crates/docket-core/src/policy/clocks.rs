//! `[clocks]`: how long things may take (D-H4). All numbers are minutes or days; all optional.

use super::error::PolicyError;
use super::read::Table;

/// Limits of D-H4.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Clocks {
    /// Minutes after the agreed time (or window) at which an arrival still counts as on time.
    pub arrive_tolerance_min: Option<i64>,
    /// Minutes for an installation.
    pub installation_min: Option<i64>,
    /// Minutes for a repair.
    pub repair_min: Option<i64>,
    /// The limits hold for each appliance: two appliances take twice as long.
    pub per_appliance: bool,
    /// Days after a completed visit within which no other visit may be needed.
    pub first_time_fix_days: Option<i64>,
    /// Minutes within which arrivals of different people are one visit.
    pub crew_window_min: i64,
}

const MOST_MINUTES: i64 = 60 * 24 * 366;

impl Clocks {
    /// Minutes that a kind of job may take for one appliance; `None` = no limit.
    pub fn limit_min(&self, kind: &str) -> Option<i64> {
        match kind {
            "installation" => self.installation_min,
            "repair" => self.repair_min,
            _ => None,
        }
    }
}

pub(super) fn read(root: &Table<'_>) -> Result<Clocks, PolicyError> {
    let Some(table) = root.opt_table("clocks")? else {
        return Ok(Clocks { crew_window_min: 120, per_appliance: true, ..Clocks::default() });
    };
    table.only(&[
        "basis",
        "arrive_tolerance_min",
        "installation_min",
        "repair_min",
        "per_appliance",
        "first_time_fix_days",
        "crew_window_min",
    ])?;
    // The one basis there is; the key says so in the file, and leaves room for others.
    if let Some(basis) = table.opt_text("basis")?
        && basis.value != "arrival"
    {
        let what = format!("unknown basis \"{}\"", basis.value);
        return Err(table.source.error(&basis.span, what, "the work's clock starts at the \"arrival\""));
    }
    Ok(Clocks {
        arrive_tolerance_min: table.opt_int("arrive_tolerance_min", 0..=MOST_MINUTES)?,
        installation_min: table.opt_int("installation_min", 1..=MOST_MINUTES)?,
        repair_min: table.opt_int("repair_min", 1..=MOST_MINUTES)?,
        per_appliance: table.flag("per_appliance", true)?,
        first_time_fix_days: table.opt_int("first_time_fix_days", 1..=3660)?,
        crew_window_min: table.opt_int("crew_window_min", 0..=1440)?.unwrap_or(120),
    })
}
