//! A document's clocks: their times and what the record settles about them. What time decides is decided where they
//! are read, so that a row changes only when facts arrive.

use docket_core::view::ClockState;
use docket_core::{Record, Site, UnixMs, fold_calls};
use docket_format::FactId;
use rusqlite::Connection;

use super::customer::newest_ms;
use super::rows::{Table, put, row};
use super::{Policies, Target};
use crate::error::StoreError;

const CLOCKS: Table = Table {
    name: "p_clock",
    columns: &[
        "pos",
        "clock",
        "row",
        "scope",
        "start_ms",
        "due_ms",
        "stop_ms",
        "paused_ms",
        "verdict",
        "evidence",
        "suspect",
    ],
    keys: 1,
};

/// Stores a document's clocks.
pub(super) fn put_clocks(sql: &Connection, target: &Target<'_>, clocks: &[ClockState<'_>]) -> Result<(), StoreError> {
    let mut rows = Vec::with_capacity(clocks.len());
    for (pos, clock) in clocks.iter().enumerate() {
        let times = &clock.times;
        rows.push(row![
            pos as i64,
            clock.id.to_owned(),
            clock.row.to_owned(),
            clock.scope.as_ref().map(FactId::to_string),
            times.start_ms.map(|at| at.0),
            times.due_ms.map(|at| at.0),
            times.stop_ms.map(|at| at.0),
            times.paused_ms.map(|at| at.0),
            times.settled.map(|settled| settled.as_str().to_owned()),
            clock.evidence.as_str().to_owned(),
            clock.suspect,
        ]);
    }
    put(sql, &CLOCKS, target, rows)
}

/// Stores the clocks of an outlet's calls (D-C3).
pub(super) fn of_outlet(sql: &Connection, policies: &mut Policies, target: &Target<'_>) -> Result<(), StoreError> {
    let policy = policies.current(sql)?;
    let record = Record { doc: target.doc, facts: target.facts, evidence: target.evidence, site: &Site::NOWHERE };
    let newest = UnixMs(newest_ms(target.facts).unwrap_or(0));
    put_clocks(sql, target, &fold_calls(&record, &policy, newest))
}
