//! A known problem: one row for lists; the jobs that show it are counted in the view.

use docket_core::{Record, Site, fold_problem};
use rusqlite::{Connection, params};

use super::customer::newest_ms;
use super::{Policies, Target};
use crate::error::StoreError;

/// Projects a problem.
pub(super) fn project(sql: &Connection, policies: &mut Policies, target: &Target<'_>) -> Result<(), StoreError> {
    let policy = policies.current(sql)?;
    let record = Record { doc: target.doc, facts: target.facts, evidence: target.evidence, site: &Site::NOWHERE };
    let view = fold_problem(&record, &policy);
    super::put_issues(sql, target, &view.registers, &view.issues)?;
    sql.prepare_cached(
        "INSERT OR REPLACE INTO p_problem(doc, id, title, product, model, state, contact, notes, updated_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute(params![
        target.row,
        target.doc.to_string(),
        view.str("title"),
        view.str("product"),
        view.str("model"),
        view.str("state"),
        view.str("contact"),
        view.notes.len() as i64,
        newest_ms(target.facts)
    ])?;
    Ok(())
}
