//! Month by month: what goes to development and production (D-E15), and how busy the months were.

use rusqlite::Connection;

use super::metric::{Figures, How, Metric, Source, figure};
use super::{Cell, Period, Sheet, Unit, column};
use crate::error::StoreError;

/// Requests, by the month (UTC) in which they came in.
const REQUEST: Source = Source::of("v_job", "strftime('%Y-%m', received_ms / 1000, 'unixepoch')", "received_ms");

const METRICS: &[Metric] = &[
    figure("jobs", "Jobs", How::Count, REQUEST, "1", "1"),
    figure("repairs", "Repairs", How::Count, REQUEST, "kind = 'repair'", "1"),
    figure("resolved", "Resolved", How::Count, REQUEST, "resolution IS NOT NULL", "1"),
    figure("first_time_fix", "First-time fix", How::Share, REQUEST, "first_time_fix IS NOT NULL", "first_time_fix"),
    figure("repeats", "Repeat repairs", How::Share, REQUEST, "kind = 'repair'", "repeat = 'fault'"),
    figure(
        "no_fault",
        "No fault found",
        How::Share,
        REQUEST,
        "resolution IS NOT NULL",
        "resolution = 'no_fault_found'",
    ),
    figure(
        "returns",
        "Exchanged or refunded",
        How::Share,
        REQUEST,
        "resolution IS NOT NULL",
        "resolution IN ('exchanged', 'refunded')",
    ),
];

/// The months of the period.
pub(super) fn months(sql: &Connection, period: Period) -> Result<Sheet, StoreError> {
    let figures = Figures::read(sql, METRICS, period)?;
    let months: Vec<&String> = figures.now.first().into_iter().flat_map(|jobs| jobs.keys()).collect();
    let row = |month: &&String| {
        let cells = METRICS.iter().zip(&figures.now).map(|(metric, values)| metric.cell(values, month));
        std::iter::once(Cell::Text((*month).clone())).chain(cells).collect()
    };
    Ok(Sheet {
        id: "months",
        title: "Months",
        rows_of: "D-E15 D-E5",
        columns: std::iter::once(column("month", "Month", Unit::Text))
            .chain(METRICS.iter().map(Metric::column))
            .collect(),
        rows: months.iter().map(row).collect(),
        chart: Some("jobs"),
    })
}
