//! Clocks of many jobs, soonest first: answered from the projection, never by loading documents.

use std::ops::ControlFlow;

use docket_core::UnixMs;
use docket_core::clock::{Judged, Settled, Times, judge};
use docket_core::view::ClockVerdict;
use docket_format::DocId;
use rusqlite::types::Value as Sql;
use rusqlite::{Connection, Row, params_from_iter};

use super::error::AppError;
use super::session::Session;
use crate::error::StoreError;

/// One clock in a list. The fields stand in the order of their names: JSON has them so.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ClockRow {
    /// The clock's id in the policy.
    pub clock: String,
    /// The short code.
    pub code: String,
    /// The crew, by staff number.
    pub crew: Vec<String>,
    /// The document's id: a job's, or an outlet's for calls without a job.
    pub doc: String,
    /// When it is due.
    pub due_ms: Option<i64>,
    /// What the times rest on.
    pub evidence: String,
    /// The kind of job.
    pub kind: Option<String>,
    /// The outlet.
    pub outlet: Option<String>,
    /// Since when it is paused.
    pub paused_ms: Option<i64>,
    /// The DOMAIN row.
    pub row: String,
    /// The fact that it is about; none = the job.
    pub scope: Option<String>,
    /// Milliseconds left; negative = overdue.
    pub slack_ms: Option<i64>,
    /// When it started.
    pub start_ms: Option<i64>,
    /// Its state.
    pub state: ClockVerdict,
    /// When it was stopped.
    pub stop_ms: Option<i64>,
    /// The times contradict each other.
    pub suspect: bool,
}

/// Which clocks, as of when, and how many.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The time to judge by, milliseconds since 1970.
    pub as_of_ms: i64,
    /// Of this document only.
    pub doc: Option<DocId>,
    /// Due at most so many milliseconds after `as_of_ms`; what is overdue is, too.
    pub due_within_ms: Option<i64>,
    /// Any of these clocks, by id or DOMAIN row; empty = all.
    pub clocks: Vec<String>,
    /// Of this outlet.
    pub outlet: Option<String>,
    /// Any of these states; empty = those that still tick (running, paused, overdue and not stopped), of one document all.
    pub states: Vec<ClockVerdict>,
    /// At most this many; 0 = all.
    pub limit: u32,
}

/// The state at `?1`, as [`judge`] has it.
const STATE: &str = "CASE WHEN c.verdict = 'quiet' THEN CASE WHEN ?1 < c.due_ms THEN 'running' ELSE 'met' END
      WHEN c.verdict IS NOT NULL THEN c.verdict
      WHEN c.due_ms IS NULL THEN 'not_applicable'
      WHEN min(coalesce(c.paused_ms, ?1), ?1) > c.due_ms THEN 'breached'
      WHEN c.paused_ms <= ?1 THEN 'paused' ELSE 'running' END";

/// The clocks, soonest due first, and how many there are without the limit.
pub fn list(session: &Session, filter: &Filter) -> Result<(Vec<ClockRow>, u64), AppError> {
    Ok(list_in(session.store().conn(), filter)?)
}

/// The same, out of a store's database.
pub fn list_in(sql: &Connection, filter: &Filter) -> Result<(Vec<ClockRow>, u64), StoreError> {
    let mut rows = Vec::new();
    each_in(sql, filter, |row| {
        rows.push(row);
        ControlFlow::Continue(())
    })?;
    if filter.limit == 0 || rows.len() < filter.limit as usize {
        let total = rows.len() as u64;
        return Ok((rows, total));
    }
    let (condition, values) = condition(filter);
    let count = format!("SELECT count(*) FROM p_clock c WHERE {condition}");
    let total = sql.query_row(&count, params_from_iter(&values), |row| row.get::<_, i64>(0))?;
    Ok((rows, total as u64))
}

/// The clocks one by one, soonest due first, until `take` has enough: of what still ticks, without a limit, none is held.
pub fn each(session: &Session, filter: &Filter, take: impl FnMut(ClockRow) -> ControlFlow<()>) -> Result<(), AppError> {
    Ok(each_in(session.store().conn(), filter, take)?)
}

fn each_in(
    sql: &Connection,
    filter: &Filter,
    mut take: impl FnMut(ClockRow) -> ControlFlow<()>,
) -> Result<(), StoreError> {
    let (condition, values) = condition(filter);
    let mut statement = sql.prepare(&query(filter, &condition))?;
    let mut rows = statement.query(params_from_iter(&values))?;
    while let Some(found) = rows.next()? {
        if take(row(found, UnixMs(filter.as_of_ms))?).is_break() {
            break;
        }
    }
    Ok(())
}

fn query(filter: &Filter, condition: &str) -> String {
    let columns = "d.doc, substr(d.code, 1, 8), j.kind, coalesce(j.outlet, o.outlet), j.crew, c.clock, c.row, c.scope,
                   c.start_ms, c.due_ms, c.stop_ms, c.paused_ms, c.verdict, c.evidence, c.suspect";
    let more = "LEFT JOIN p_job j ON j.doc = c.doc LEFT JOIN p_outlet o ON o.doc = c.doc";
    // What still ticks is due at some time, and an index has it in that order: only equal times are sorted.
    let order = if ticking(filter) { "c.due_ms" } else { "c.due_ms IS NULL, c.due_ms" };
    if filter.limit == 0 {
        return format!(
            "SELECT {columns} FROM p_clock c CROSS JOIN doc d ON d.id = c.doc {more}
              WHERE {condition} ORDER BY {order}, d.code, c.pos"
        );
    }
    // First only the keys are picked, then the rows are made.
    format!(
        "SELECT {columns}
           FROM (SELECT c.doc AS doc, c.pos AS pos FROM p_clock c WHERE {condition} ORDER BY {order} LIMIT {limit}) picked
           JOIN p_clock c ON c.doc = picked.doc AND c.pos = picked.pos JOIN doc d ON d.id = c.doc {more}
          ORDER BY c.due_ms IS NULL, c.due_ms, d.code, c.pos",
        limit = filter.limit
    )
}

/// Whether only clocks are wanted that wait for somebody.
fn ticking(filter: &Filter) -> bool {
    filter.states.is_empty() && filter.doc.is_none()
}

fn condition(filter: &Filter) -> (String, Vec<Sql>) {
    let mut parts = vec!["?1 IS NOT NULL".to_owned()];
    let mut values = vec![Sql::Integer(filter.as_of_ms)];
    if let Some(doc) = filter.doc {
        parts.push("c.doc = (SELECT id FROM doc WHERE doc = ?)".into());
        values.push(Sql::Blob(doc.as_bytes().to_vec()));
    }
    if !filter.states.is_empty() {
        parts.push(format!("{STATE} IN ({})", marks(filter.states.len())));
        values.extend(filter.states.iter().map(|state| Sql::Text(state.as_str().to_owned())));
    } else if ticking(filter) {
        parts.push("c.verdict IS NULL AND c.due_ms IS NOT NULL".into());
    }
    if let Some(within) = filter.due_within_ms {
        parts.push("c.due_ms <= ?".into());
        values.push(Sql::Integer(filter.as_of_ms.saturating_add(within)));
    }
    if !filter.clocks.is_empty() {
        let marks = marks(filter.clocks.len());
        parts.push(format!("(c.clock IN ({marks}) OR c.row IN ({marks}))"));
        for _ in 0..2 {
            values.extend(filter.clocks.iter().cloned().map(Sql::Text));
        }
    }
    if let Some(outlet) = &filter.outlet {
        parts.push(
            "c.doc IN (SELECT doc FROM p_job WHERE outlet = ? UNION ALL SELECT doc FROM p_outlet WHERE outlet = ?)"
                .into(),
        );
        values.extend([Sql::Text(outlet.clone()), Sql::Text(outlet.clone())]);
    }
    (parts.join(" AND "), values)
}

fn marks(count: usize) -> String {
    vec!["?"; count].join(", ")
}

fn row(row: &Row<'_>, at: UnixMs) -> rusqlite::Result<ClockRow> {
    let ms = |index: usize| row.get::<_, Option<i64>>(index).map(|ms| ms.map(UnixMs));
    let verdict: Option<String> = row.get(12)?;
    let times = Times {
        start_ms: ms(8)?,
        due_ms: ms(9)?,
        stop_ms: ms(10)?,
        paused_ms: ms(11)?,
        settled: verdict.as_deref().and_then(Settled::parse),
    };
    let Judged { state, due_ms, slack_ms } = judge(&times, at);
    let crew: Option<String> = row.get(4)?;
    let crew = crew.unwrap_or_default();
    Ok(ClockRow {
        doc: DocId::from_bytes(row.get(0)?).map(|doc| doc.to_string()).unwrap_or_default(),
        code: row.get(1)?,
        kind: row.get(2)?,
        outlet: row.get(3)?,
        crew: crew.split(',').map(str::trim).filter(|person| !person.is_empty()).map(str::to_owned).collect(),
        clock: row.get(5)?,
        row: row.get(6)?,
        scope: row.get(7)?,
        state,
        start_ms: times.start_ms.map(|at| at.0),
        due_ms: due_ms.map(|at| at.0),
        stop_ms: times.stop_ms.map(|at| at.0),
        paused_ms: times.paused_ms.map(|at| at.0),
        slack_ms,
        evidence: row.get(13)?,
        suspect: row.get(14)?,
    })
}
