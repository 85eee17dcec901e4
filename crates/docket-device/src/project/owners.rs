//! Who answered for a job at which time (D-E13).

use docket_core::view::JobView;
use docket_format::PersonId;
use rusqlite::Connection;

use super::Target;
use super::rows::{Table, put, row};
use crate::error::StoreError;

const OWNERS: Table = Table {
    name: "p_owner",
    columns: &["pos", "outlet", "handler", "since_ms", "person", "why", "override", "handed_over", "fact"],
    keys: 1,
};

pub(super) fn put_owners(sql: &Connection, target: &Target<'_>, view: &JobView<'_>) -> Result<(), StoreError> {
    let rows = view.owners.iter().enumerate().map(|(pos, owner)| {
        row![
            pos as i64,
            owner.outlet.map(str::to_owned),
            owner.handler.map(str::to_owned),
            owner.since_ms.map(|at| at.0),
            owner.by.as_ref().map(PersonId::to_string),
            owner.why.map(str::to_owned),
            owner.overridden.map(str::to_owned),
            owner.handed_over,
            owner.fact.to_string(),
        ]
    });
    put(sql, &OWNERS, target, rows.collect())
}
