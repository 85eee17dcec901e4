//! Month by month: what goes to development and production (D-E15), and how busy the months were.

use rusqlite::Connection;

use super::metric::rounded;
use super::{Cell, Period, Sheet, Unit, column, rows};
use crate::error::StoreError;

const QUERY: &str = "
    SELECT strftime('%Y-%m', j.received_ms / 1000, 'unixepoch') AS month, count(*), sum(j.kind = 'repair'),
           sum(c.resolution IS NOT NULL), coalesce(sum(c.repeat = 'fault'), 0),
           coalesce(sum(c.first_time_fix IS NOT NULL), 0), coalesce(sum(c.first_time_fix), 0),
           coalesce(sum(c.resolution = 'no_fault_found'), 0),
           coalesce(sum(c.resolution IN ('exchanged', 'refunded')), 0)
      FROM v_job j LEFT JOIN v_course c USING (job)
     WHERE j.received_ms >= :from AND j.received_ms < :until GROUP BY month ORDER BY month";

/// The months of the period, by the day (UTC) on which the request came in.
pub(super) fn months(sql: &Connection, period: Period) -> Result<Sheet, StoreError> {
    let share = |value: i64, of: i64| if of > 0 { Cell::Number(rounded(value * 1_000, of)) } else { Cell::Unknown };
    let rows = rows(sql, QUERY, period, |row| {
        let number = |index: usize| row.get::<_, i64>(index);
        let (jobs, repairs, resolved, repeats) = (number(1)?, number(2)?, number(3)?, number(4)?);
        let (judged, fixed, no_fault, returned) = (number(5)?, number(6)?, number(7)?, number(8)?);
        Ok(vec![
            Cell::Text(row.get(0)?),
            Cell::Number(jobs),
            Cell::Number(repairs),
            Cell::Number(resolved),
            share(fixed, judged),
            share(repeats, repairs),
            share(no_fault, resolved),
            share(returned, resolved),
        ])
    })?;
    Ok(Sheet {
        id: "months",
        title: "Months",
        rows_of: "D-E15 D-E5",
        columns: vec![
            column("month", "Month", Unit::Text),
            column("jobs", "Jobs", Unit::Count),
            column("repairs", "Repairs", Unit::Count),
            column("resolved", "Resolved", Unit::Count),
            column("first_time_fix", "First-time fix", Unit::PerMille),
            column("repeats", "Repeat repairs", Unit::PerMille),
            column("no_fault", "No fault found", Unit::PerMille),
            column("returns", "Exchanged or refunded", Unit::PerMille),
        ],
        rows,
        chart: Some("jobs"),
    })
}
