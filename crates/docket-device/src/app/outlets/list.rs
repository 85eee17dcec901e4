//! Outlets in a list: from the projection, never by loading documents.

use rusqlite::types::Value as Sql;
use rusqlite::{Row, params_from_iter};

use crate::app::error::AppError;
use crate::app::session::Session;
use crate::error::StoreError;

/// One outlet.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct OutletRow {
    /// Its id.
    pub outlet: String,
    /// Its name.
    pub name: Option<String>,
    /// Its level (D-H6).
    pub level: Option<String>,
    /// Its standing (D-E6).
    pub standing: Option<String>,
    /// Its region.
    pub region: Option<String>,
    /// Its market tier (D-H15).
    pub market: Option<String>,
    /// Its time zone.
    pub zone: Option<String>,
    /// Degrees north.
    pub lat: Option<String>,
    /// Degrees east.
    pub lon: Option<String>,
    /// The outlet that supervises it (D-E6).
    pub supervised_by: Option<String>,
    /// What inspections found, 0 to 100 (D-H23).
    pub score: Option<u32>,
    /// How many inspections.
    pub inspections: i64,
    /// Calls without a response (D-C3).
    pub unanswered: i64,
}

/// Which outlets.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of this region.
    pub region: Option<String>,
    /// Of this level.
    pub level: Option<String>,
    /// With this standing; `none` = nothing recorded.
    pub standing: Option<String>,
    /// At most this many; 0 = all.
    pub limit: u32,
}

const COLUMNS: &str = "outlet, name, level, standing, region, market, zone, lat, lon, supervised_by, score, \
                       inspections, unanswered";

/// The outlets by id, and how many there are without the limit.
pub fn list(session: &Session, filter: &Filter) -> Result<(Vec<OutletRow>, u64), AppError> {
    let (mut parts, mut values) = (vec!["1"], Vec::new());
    for (condition, wanted) in [
        ("region = ?", &filter.region),
        ("level = ?", &filter.level),
        ("coalesce(standing, 'none') = ?", &filter.standing),
    ] {
        if let Some(wanted) = wanted {
            parts.push(condition);
            values.push(Sql::Text(wanted.clone()));
        }
    }
    let condition = parts.join(" AND ");
    let limit = if filter.limit == 0 { String::new() } else { format!(" LIMIT {}", filter.limit) };
    let run = || -> rusqlite::Result<(Vec<OutletRow>, u64)> {
        let sql = session.store().conn();
        let query = format!("SELECT {COLUMNS} FROM p_outlet WHERE {condition} ORDER BY outlet{limit}");
        let rows = sql.prepare(&query)?.query_map(params_from_iter(&values), row)?.collect::<Result<Vec<_>, _>>()?;
        let count = format!("SELECT count(*) FROM p_outlet WHERE {condition}");
        let total = sql.query_row(&count, params_from_iter(&values), |row| row.get::<_, i64>(0))?;
        Ok((rows, total as u64))
    };
    Ok(run().map_err(StoreError::from)?)
}

fn row(row: &Row<'_>) -> rusqlite::Result<OutletRow> {
    Ok(OutletRow {
        outlet: row.get(0)?,
        name: row.get(1)?,
        level: row.get(2)?,
        standing: row.get(3)?,
        region: row.get(4)?,
        market: row.get(5)?,
        zone: row.get(6)?,
        lat: row.get(7)?,
        lon: row.get(8)?,
        supervised_by: row.get(9)?,
        score: row.get(10)?,
        inspections: row.get(11)?,
        unanswered: row.get(12)?,
    })
}
