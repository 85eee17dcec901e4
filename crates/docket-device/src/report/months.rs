//! Month by month: what goes to development and production (D-E15), and how busy the months were.

use rusqlite::Connection;

use super::metric::{Figures, How, Metric, Source};
use super::{Cell, Period, Sheet, Unit, column};
use crate::error::StoreError;

/// Requests, by the month (UTC) in which they came in.
const REQUEST: Source = Source {
    from: "v_job",
    key: "strftime('%Y-%m', received_ms / 1000, 'unixepoch')",
    at: "received_ms",
    only: "TRUE",
};

const METRICS: &[Metric] = &[
    Metric { id: "jobs", title: "Jobs", how: How::Count, source: REQUEST, of: "1", value: "1" },
    Metric { id: "repairs", title: "Repairs", how: How::Count, source: REQUEST, of: "kind = 'repair'", value: "1" },
    Metric {
        id: "resolved",
        title: "Resolved",
        how: How::Count,
        source: REQUEST,
        of: "resolution IS NOT NULL",
        value: "1",
    },
    Metric {
        id: "first_time_fix",
        title: "First-time fix",
        how: How::Share,
        source: REQUEST,
        of: "first_time_fix IS NOT NULL",
        value: "first_time_fix",
    },
    Metric {
        id: "repeats",
        title: "Repeat repairs",
        how: How::Share,
        source: REQUEST,
        of: "kind = 'repair'",
        value: "repeat = 'fault'",
    },
    Metric {
        id: "no_fault",
        title: "No fault found",
        how: How::Share,
        source: REQUEST,
        of: "resolution IS NOT NULL",
        value: "resolution = 'no_fault_found'",
    },
    Metric {
        id: "returns",
        title: "Exchanged or refunded",
        how: How::Share,
        source: REQUEST,
        of: "resolution IS NOT NULL",
        value: "resolution IN ('exchanged', 'refunded')",
    },
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
