//! The score card of outlets (D-E5, D-E6, D-E7, D-H18, D-H23).

use rusqlite::Connection;

use super::card::{self, Subject};
use super::metric::{How, Metric};
use super::{Cell, Period, Sheet, Unit, column, rows};
use crate::error::StoreError;

const METRICS: &[Metric] = &[
    Metric {
        id: "jobs",
        title: "Jobs",
        how: How::Count,
        query: "SELECT outlet, 1, count(*) FROM v_job WHERE received_ms >= :from AND received_ms < :until GROUP BY outlet",
    },
    Metric {
        id: "contacted_in_time",
        title: "Contacted in time",
        how: How::Good,
        query: "SELECT j.outlet, count(*), sum(c.verdict = 'met') FROM v_clock c JOIN v_job j USING (job)
                 WHERE c.clock = 'contact' AND c.verdict IN ('met', 'breached')
                   AND c.start_ms >= :from AND c.start_ms < :until GROUP BY j.outlet",
    },
    Metric {
        id: "first_time_fix",
        title: "First-time fix",
        how: How::Good,
        query: "SELECT j.outlet, count(*), sum(c.first_time_fix) FROM v_course c JOIN v_job j USING (job)
                 WHERE c.first_time_fix IS NOT NULL AND c.resolved_ms >= :from AND c.resolved_ms < :until
                 GROUP BY j.outlet",
    },
    Metric {
        id: "repeats",
        title: "Repeat repairs",
        how: How::Bad,
        query: "SELECT outlet, count(*), sum(repeat = 'fault') FROM v_repair
                 WHERE resolved_ms >= :from AND resolved_ms < :until GROUP BY outlet",
    },
    Metric {
        id: "no_fault",
        title: "No fault found",
        how: How::Share,
        query: "SELECT outlet, count(*), sum(no_fault) FROM v_fault WHERE at_ms >= :from AND at_ms < :until GROUP BY outlet",
    },
    Metric {
        id: "misuse",
        title: "Misuse",
        how: How::Share,
        query: "SELECT outlet, count(*), sum(misuse) FROM v_fault WHERE at_ms >= :from AND at_ms < :until GROUP BY outlet",
    },
    Metric {
        id: "repaired_here",
        title: "Repaired without headquarters",
        how: How::Share,
        query: "SELECT r.outlet, count(*), sum(s.job IS NULL) FROM v_repair r
                  LEFT JOIN (SELECT DISTINCT job FROM v_event WHERE kind = 'sent_on') s USING (job)
                 WHERE r.resolved_ms >= :from AND r.resolved_ms < :until GROUP BY r.outlet",
    },
    Metric {
        id: "satisfaction",
        title: "Satisfaction",
        how: How::Mean,
        query: "SELECT outlet, count(*), sum(score) FROM v_callback
                 WHERE score IS NOT NULL AND at_ms >= :from AND at_ms < :until GROUP BY outlet",
    },
    Metric {
        id: "bad_answers",
        title: "Bad answers",
        how: How::Bad,
        query: "SELECT outlet, count(*), sum(bad_answer) FROM v_callback
                 WHERE reached = 1 AND at_ms >= :from AND at_ms < :until GROUP BY outlet",
    },
    Metric {
        id: "complaints",
        title: "Complaints",
        how: How::Count,
        query: "SELECT j.outlet, 1, count(*) FROM v_complaint k JOIN v_job j USING (job)
                 WHERE k.complained_ms >= :from AND k.complained_ms < :until GROUP BY j.outlet",
    },
    Metric {
        id: "inspections",
        title: "Inspections passed",
        how: How::Good,
        query: "SELECT o.outlet, count(*), sum(json_extract(e.body, '$.passed')) FROM v_event e
                  JOIN v_outlet o ON o.doc = e.doc
                 WHERE e.kind = 'inspected' AND e.of = 'outlet' AND e.at_ms >= :from AND e.at_ms < :until
                 GROUP BY o.outlet",
    },
    Metric {
        id: "complete_requests",
        title: "Complete requests",
        how: How::Mean,
        query: "SELECT j.outlet, count(*), sum(c.completeness) FROM v_course c JOIN v_job j USING (job)
                 WHERE c.completeness IS NOT NULL AND j.received_ms >= :from AND j.received_ms < :until
                 GROUP BY j.outlet",
    },
];

/// The outlets, best first; peers are outlets of one level.
pub(super) fn outlets(sql: &Connection, period: Period) -> Result<Sheet, StoreError> {
    let query = "SELECT outlet, name, level, standing FROM v_outlet WHERE outlet IS NOT NULL
                 UNION ALL
                 SELECT DISTINCT outlet, '', '', '' FROM v_job
                  WHERE outlet IS NOT NULL AND outlet NOT IN (SELECT outlet FROM v_outlet WHERE outlet IS NOT NULL)";
    let subjects = rows(sql, query, period, |row| {
        let text = |index: usize| row.get::<_, Option<String>>(index).map(Option::unwrap_or_default);
        let (name, level, standing) = (text(1)?, text(2)?, text(3)?);
        let about = [name, level.clone(), standing].into_iter().map(Cell::Text).collect();
        Ok(Subject { key: row.get(0)?, about, peers: level })
    })?;
    let mut columns = vec![
        column("outlet", "Outlet", Unit::Text),
        column("name", "Name", Unit::Text),
        column("level", "Level", Unit::Text),
        column("standing", "Standing", Unit::Text),
    ];
    columns.extend(card::columns(METRICS));
    Ok(Sheet {
        id: "outlets",
        title: "Outlets",
        rows_of: "D-E5 D-E6 D-E7 D-H18 D-H23",
        columns,
        rows: card::rows(sql, METRICS, subjects, period)?,
        chart: Some("score"),
    })
}
