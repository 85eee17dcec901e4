//! What may be published about people and outlets: ratings and penalties that were marked as harmless, nothing else (D-E7).

use rusqlite::Connection;

use super::metric::share;
use super::{Cell, Column, Period, Sheet, Unit, column, rows};
use crate::error::StoreError;

/// Those about whom something may be published; `{who}` gives three columns, `{view}` the view that has them.
const QUERY: &str = "
    SELECT {who}, sum(e.kind = 'rated') AS ratings, coalesce(sum(CASE e.kind WHEN 'rated' THEN json_extract(e.body, '$.score') END), 0) AS points,
           sum(e.kind = 'penalised'), group_concat(DISTINCT json_extract(e.body, '$.about'))
      FROM v_event e JOIN {view} w ON w.job = e.job
     WHERE e.kind IN ('rated', 'penalised') AND json_extract(e.body, '$.publish') = 1
       AND e.at_ms >= :from AND e.at_ms < :until
     GROUP BY 1, 2, 3 ORDER BY points * 1.0 / ratings DESC, 1";

/// The technicians about whom something may be published, best rated first.
pub(super) fn technicians(sql: &Connection, period: Period) -> Result<Sheet, StoreError> {
    let who = [
        column("person", "Technician", Unit::Text),
        column("name", "Name", Unit::Text),
        column("outlet", "Outlet", Unit::Text),
    ];
    let rows = marked(sql, period, "w.person, w.name, w.outlet", "v_technician")?;
    Ok(sheet("technicians_published", "Technicians: what may be published", who, rows))
}

/// The outlets about which something may be published, best rated first.
pub(super) fn outlets(sql: &Connection, period: Period) -> Result<Sheet, StoreError> {
    let who = [
        column("outlet", "Outlet", Unit::Text),
        column("name", "Name", Unit::Text),
        column("level", "Level", Unit::Text),
    ];
    let rows = marked(sql, period, "w.outlet, w.name, w.level", "v_outlet")?;
    Ok(sheet("outlets_published", "Outlets: what may be published", who, rows))
}

fn sheet(id: &'static str, title: &'static str, who: [Column; 3], rows: Vec<Vec<Cell>>) -> Sheet {
    let mut columns = who.to_vec();
    columns.extend([
        column("ratings", "Ratings", Unit::Count),
        column("rating", "Rating", Unit::TenthsOfPoint),
        column("penalties", "Penalties", Unit::Count),
        column("about", "Penalised for", Unit::Text),
    ]);
    Sheet { id, title, rows_of: "D-E7", columns, rows, chart: None }
}

fn marked(sql: &Connection, period: Period, who: &str, view: &str) -> Result<Vec<Vec<Cell>>, StoreError> {
    let query = QUERY.replace("{who}", who).replace("{view}", view);
    rows(sql, &query, period, |row| {
        let text = |index: usize| row.get::<_, Option<String>>(index).map(Option::unwrap_or_default);
        let (ratings, points): (i64, i64) = (row.get(3)?, row.get(4)?);
        Ok(vec![
            Cell::Text(text(0)?),
            Cell::Text(text(1)?),
            Cell::Text(text(2)?),
            Cell::Number(ratings),
            share(points, ratings, 10),
            Cell::Number(row.get(5)?),
            Cell::Text(text(6)?.replace(',', ", ")),
        ])
    })
}
