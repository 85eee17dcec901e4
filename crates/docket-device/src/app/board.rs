//! The board: where every order stands (D-H8), by the six stages (D-H12).

use std::collections::BTreeSet;

use docket_core::view::Stage;
use docket_format::DocId;
use rusqlite::types::Value as Sql;
use rusqlite::{Row, params_from_iter};

use super::error::AppError;
use super::session::Session;
use crate::error::StoreError;

/// Which orders.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of this outlet.
    pub outlet: Option<String>,
    /// Of this region: the job's, else its outlet's.
    pub region: Option<String>,
    /// In this stage.
    pub stage: Option<String>,
    /// Closed ones too.
    pub closed: bool,
    /// At most this many in each stage; 0 = all.
    pub limit: u32,
}

/// One order on the board.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Order {
    /// Its stage.
    pub stage: String,
    /// The job's code.
    pub code: String,
    /// The source's number.
    pub number: Option<String>,
    /// Its status.
    pub status: String,
    /// Its kind.
    pub kind: Option<String>,
    /// What it is about.
    pub product: Option<String>,
    /// The responsible outlet.
    pub outlet: Option<String>,
    /// The responsible person there.
    pub handler: Option<String>,
    /// The crew.
    pub crew: String,
    /// The region.
    pub region: Option<String>,
    /// When the request came in.
    pub received_ms: Option<i64>,
    /// The agreed time.
    pub appointment_ms: Option<i64>,
    /// The newest record.
    pub updated_ms: Option<i64>,
}

/// A stage with its orders, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Column {
    /// Which.
    pub stage: &'static str,
    /// How many orders are in it.
    pub count: u64,
    /// The first of them.
    pub orders: Vec<Order>,
}

const FROM: &str = "p_job j LEFT JOIN p_outlet o ON o.outlet = j.outlet";

/// The board's columns, in the order of the stages; those without orders too.
pub fn board(session: &Session, filter: &Filter) -> Result<Vec<Column>, AppError> {
    if let Some(stage) = filter.stage.as_deref().filter(|stage| Stage::ALL.iter().all(|known| known.as_str() != *stage))
    {
        let known: Vec<&str> = Stage::ALL.iter().map(|stage| stage.as_str()).collect();
        return Err(AppError::refused(format!("`{}` is no stage", super::job::short(stage)))
            .hint(format!("one of: {}", known.join(", "))));
    }
    let wanted = |stage: &Stage| {
        filter.stage.as_deref().map_or(filter.closed || *stage != Stage::Upkeep, |named| named == stage.as_str())
    };
    let gone = super::scope::retained(session)?;
    let stages = Stage::ALL.into_iter().filter(wanted);
    stages.map(|stage| column(session, filter, stage, &gone)).collect::<Result<_, StoreError>>().map_err(Into::into)
}

/// One stage; without the orders that this device's person is no longer shown.
fn column(session: &Session, filter: &Filter, stage: Stage, gone: &BTreeSet<DocId>) -> Result<Column, StoreError> {
    let (mut parts, mut values) = (vec!["j.stage = ?".to_owned()], vec![Sql::Text(stage.as_str().to_owned())]);
    for (column, wanted) in [("j.outlet", &filter.outlet), ("coalesce(j.region, o.region)", &filter.region)] {
        if let Some(wanted) = wanted {
            parts.push(format!("{column} = ?"));
            values.push(Sql::Text(wanted.clone()));
        }
    }
    if !gone.is_empty() {
        parts.push(format!("j.id NOT IN ({})", vec!["?"; gone.len()].join(", ")));
        values.extend(gone.iter().map(|doc| Sql::Blob(doc.as_bytes().to_vec())));
    }
    let condition = parts.join(" AND ");
    let limit = if filter.limit == 0 { String::new() } else { format!(" LIMIT {}", filter.limit) };
    let sql = session.store().conn();
    let query = format!(
        "SELECT j.stage, j.code, j.number, j.status, j.kind, j.product, j.outlet, j.handler, j.crew,
                coalesce(j.region, o.region), j.received_ms, j.appointment_ms, j.updated_ms
           FROM {FROM} WHERE {condition}
          ORDER BY coalesce(j.appointment_ms, j.received_ms, j.updated_ms), j.code{limit}"
    );
    let mut statement = sql.prepare(&query)?;
    let orders: Vec<Order> = statement.query_map(params_from_iter(&values), order)?.collect::<Result<_, _>>()?;
    let count = format!("SELECT count(*) FROM {FROM} WHERE {condition}");
    let count = sql.query_row(&count, params_from_iter(&values), |row| row.get::<_, i64>(0))? as u64;
    Ok(Column { stage: stage.as_str(), count, orders })
}

fn order(row: &Row<'_>) -> rusqlite::Result<Order> {
    Ok(Order {
        stage: row.get(0)?,
        code: row.get(1)?,
        number: row.get(2)?,
        status: row.get(3)?,
        kind: row.get(4)?,
        product: row.get(5)?,
        outlet: row.get(6)?,
        handler: row.get(7)?,
        crew: row.get(8)?,
        region: row.get(9)?,
        received_ms: row.get(10)?,
        appointment_ms: row.get(11)?,
        updated_ms: row.get(12)?,
    })
}
