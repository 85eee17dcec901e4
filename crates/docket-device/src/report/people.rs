//! The score card of technicians (D-E7, D-H18, D-C7, D-C8).

use rusqlite::Connection;

use super::card::{self, Subject};
use super::metric::{How, Metric};
use super::{Cell, Period, Sheet, Unit, column, rows};
use crate::error::StoreError;

const METRICS: &[Metric] = &[
    Metric {
        id: "visits",
        title: "Visits",
        how: How::Count,
        query: "SELECT person, 1, count(*) FROM v_visit
                 WHERE arrived_ms >= :from AND arrived_ms < :until GROUP BY person",
    },
    Metric {
        id: "on_time",
        title: "On time",
        how: How::Good,
        query: "SELECT person, count(*), sum(late_min <= 0) FROM v_visit
                 WHERE late_min IS NOT NULL AND arrived_ms >= :from AND arrived_ms < :until GROUP BY person",
    },
    Metric {
        id: "within_limit",
        title: "Within the time allowed",
        how: How::Good,
        query: "SELECT person, count(*), sum(spent_min <= limit_min) FROM v_visit
                 WHERE outcome = 'completed' AND spent_min IS NOT NULL AND limit_min IS NOT NULL
                   AND arrived_ms >= :from AND arrived_ms < :until GROUP BY person",
    },
    Metric {
        id: "first_time_fix",
        title: "First-time fix",
        how: How::Good,
        query: "SELECT resolved_by, count(*), sum(first_time_fix) FROM v_course
                 WHERE first_time_fix IS NOT NULL AND resolved_ms >= :from AND resolved_ms < :until
                 GROUP BY resolved_by",
    },
    Metric {
        id: "signed",
        title: "Signed by the customer",
        how: How::Good,
        query: "SELECT person, count(*), sum(signed) FROM v_visit
                 WHERE outcome = 'completed' AND arrived_ms >= :from AND arrived_ms < :until GROUP BY person",
    },
    Metric {
        id: "satisfaction",
        title: "Satisfaction",
        how: How::Mean,
        query: "SELECT c.resolved_by, count(*), sum(b.score) FROM v_callback b JOIN v_course c USING (job)
                 WHERE b.score IS NOT NULL AND b.at_ms >= :from AND b.at_ms < :until GROUP BY c.resolved_by",
    },
    Metric {
        id: "bad_answers",
        title: "Bad answers",
        how: How::Bad,
        query: "SELECT c.resolved_by, count(*), sum(b.bad_answer) FROM v_callback b JOIN v_course c USING (job)
                 WHERE b.reached = 1 AND b.at_ms >= :from AND b.at_ms < :until GROUP BY c.resolved_by",
    },
    Metric {
        id: "complaints",
        title: "Complaints",
        how: How::Count,
        query: "SELECT c.resolved_by, 1, count(*) FROM v_complaint k JOIN v_course c USING (job)
                 WHERE k.complained_ms >= :from AND k.complained_ms < :until GROUP BY c.resolved_by",
    },
    Metric {
        id: "rating",
        title: "Rated by supervisors, peers, customers, shoppers",
        how: How::Mean,
        query: "SELECT t.person, count(*), sum(json_extract(e.body, '$.score')) FROM v_event e
                  JOIN v_technician t ON t.job = e.job
                 WHERE e.kind = 'rated' AND e.of = 'technician' AND e.at_ms >= :from AND e.at_ms < :until
                 GROUP BY t.person",
    },
];

/// The technicians, best first; peers are technicians of one grade.
pub(super) fn technicians(sql: &Connection, period: Period) -> Result<Sheet, StoreError> {
    let subjects = rows(sql, "SELECT person, name, outlet, grade FROM v_technician", period, |row| {
        let text = |index: usize| row.get::<_, Option<String>>(index).map(Option::unwrap_or_default);
        let (name, outlet, grade) = (text(1)?, text(2)?, text(3)?);
        let about = [name, outlet, grade.clone()].into_iter().map(Cell::Text).collect();
        Ok(Subject { key: row.get(0)?, about, peers: grade })
    })?;
    let mut columns = vec![
        column("person", "Technician", Unit::Text),
        column("name", "Name", Unit::Text),
        column("outlet", "Outlet", Unit::Text),
        column("grade", "Grade", Unit::Text),
    ];
    columns.extend(card::columns(METRICS));
    Ok(Sheet {
        id: "technicians",
        title: "Technicians",
        rows_of: "D-E7 D-H18 D-C7 D-C8",
        columns,
        rows: card::rows(sql, METRICS, subjects, period)?,
        chart: Some("score"),
    })
}
