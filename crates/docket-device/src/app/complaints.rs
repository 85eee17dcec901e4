//! The list of complaints and their counts by cause (D-C4).

use super::error::AppError;
use super::session::Session;
use crate::error::StoreError;

/// A complaint, and how far it is.
#[derive(Debug, Clone, serde::Serialize)]
pub struct ComplaintRow {
    /// The job's code.
    pub code: String,
    /// The fact that names it.
    pub complaint: String,
    /// Its cause.
    pub cause: String,
    /// What it is about.
    pub about: Option<String>,
    /// The step left out, for one about the 1 + 5.
    pub step: Option<String>,
    /// In words.
    pub text: Option<String>,
    /// `open`, `handled` (the complainant has not been told) or `answered`.
    pub state: String,
    /// What came of it.
    pub result: Option<String>,
    /// When it was made.
    pub complained_ms: Option<i64>,
    /// When the complainant was told.
    pub answered_ms: Option<i64>,
}

/// How often a cause was complained about.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct CauseCount {
    /// The cause.
    pub cause: String,
    /// All complaints.
    pub complaints: i64,
    /// Those whose complainant has not been told the result.
    pub open: i64,
}

/// Complaints, the oldest first; all causes and states where none is named.
pub fn list(session: &Session, cause: Option<&str>, state: Option<&str>) -> Result<Vec<ComplaintRow>, AppError> {
    let run = || -> rusqlite::Result<Vec<ComplaintRow>> {
        let mut statement = session.store().conn().prepare(
            "SELECT code, complaint, cause, about, step, text, state, result, complained_ms, answered_ms FROM v_complaint
              WHERE (?1 IS NULL OR cause = ?1) AND (?2 IS NULL OR state = ?2) ORDER BY complained_ms, complaint",
        )?;
        let rows = statement.query_map((cause, state), |row| {
            Ok(ComplaintRow {
                code: row.get(0)?,
                complaint: row.get(1)?,
                cause: row.get(2)?,
                about: row.get(3)?,
                step: row.get(4)?,
                text: row.get(5)?,
                state: row.get(6)?,
                result: row.get(7)?,
                complained_ms: row.get(8)?,
                answered_ms: row.get(9)?,
            })
        })?;
        rows.collect()
    };
    Ok(run().map_err(StoreError::from)?)
}

/// Counts by cause, the most frequent first.
pub fn causes(session: &Session) -> Result<Vec<CauseCount>, AppError> {
    let run = || -> rusqlite::Result<Vec<CauseCount>> {
        let mut statement = session.store().conn().prepare(
            "SELECT cause, count(*), sum(state <> 'answered') FROM v_complaint GROUP BY cause ORDER BY count(*) DESC, cause",
        )?;
        let rows = statement
            .query_map([], |row| Ok(CauseCount { cause: row.get(0)?, complaints: row.get(1)?, open: row.get(2)? }))?;
        rows.collect()
    };
    Ok(run().map_err(StoreError::from)?)
}
