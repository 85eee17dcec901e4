//! Complaints counted by cause (D-C4).

use rusqlite::Connection;

use super::{Cell, Period, Sheet, Unit, column, rows};
use crate::error::StoreError;

const QUERY: &str = "
    SELECT coalesce(cause, ''), coalesce(about, ''), count(*), sum(handled_ms IS NOT NULL), sum(answered_ms IS NOT NULL)
      FROM v_complaint WHERE complained_ms >= :from AND complained_ms < :until
     GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2";

/// What customers complained of, most frequent first.
pub(super) fn complaints(sql: &Connection, period: Period) -> Result<Sheet, StoreError> {
    let rows = rows(sql, QUERY, period, |row| {
        let text = |index: usize| row.get::<_, String>(index).map(Cell::Text);
        let number = |index: usize| row.get::<_, i64>(index).map(Cell::Number);
        Ok(vec![text(0)?, text(1)?, number(2)?, number(3)?, number(4)?])
    })?;
    Ok(Sheet {
        id: "complaints",
        title: "Complaints",
        rows_of: "D-C4 D-K1",
        columns: vec![
            column("cause", "Cause", Unit::Text),
            column("about", "About", Unit::Text),
            column("complaints", "Complaints", Unit::Count),
            column("handled", "Handled", Unit::Count),
            column("answered", "Answered", Unit::Count),
        ],
        rows,
        chart: Some("complaints"),
    })
}
