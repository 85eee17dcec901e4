//! Projections: what the documented views show, made from a document's facts after every write. Dropping them loses
//! nothing.

use docket_format::DocId;
use rusqlite::Connection;

use crate::error::StoreError;
use crate::store::{Store, Tx, docs::DocWork};

/// Version of the code that fills the projections: a store with another one has them made anew when it is opened for
/// writing.
pub(crate) const VERSION: i64 = 1;

/// Makes the projections' tables and views.
pub(crate) fn make_tables(sql: &Connection) -> rusqlite::Result<()> {
    sql.execute_batch(include_str!("../store/projections.sql"))?;
    sql.execute_batch(include_str!("../store/views.sql"))
}

/// The order in which documents are projected.
pub(crate) fn order(work: &DocWork) -> (u8, i64) {
    (1, work.row)
}

/// Projects documents; returns others that must be projected because of it.
pub(crate) fn run(_tx: &mut Tx<'_>, _works: Vec<&mut DocWork>) -> Result<Vec<DocId>, StoreError> {
    Ok(Vec::new())
}

/// Drops all projections and makes them anew; returns the number of documents.
pub(crate) fn rebuild(_store: &mut Store) -> Result<u64, StoreError> {
    Ok(0)
}
