//! The score card of technicians (D-E7, D-H18, D-C7, D-C8).

use rusqlite::Connection;

use super::card::{self, Subject};
use super::metric::{Figures, How, Metric, Source};
use super::{Cell, Period, Sheet, Unit, column, rows};
use crate::error::StoreError;

/// Visits.
const VISIT: Source = Source { from: "v_visit", key: "person", at: "arrived_ms", only: "TRUE" };
/// Jobs that somebody brought to an end.
const COURSE: Source = Source { from: "v_course", key: "resolved_by", at: "resolved_ms", only: "TRUE" };
/// Customers that were asked.
const CALL_BACK: Source =
    Source { from: "v_callback b JOIN v_course c USING (job)", key: "c.resolved_by", at: "b.at_ms", only: "TRUE" };
/// Surveys.
const SURVEY: Source = Source {
    from: "v_feedback f JOIN v_course c USING (job)",
    key: "c.resolved_by",
    at: "f.at_ms",
    only: "f.source = 'surveyed'",
};
/// Complaints.
const COMPLAINT: Source = Source {
    from: "v_complaint k JOIN v_course c USING (job)",
    key: "c.resolved_by",
    at: "k.complained_ms",
    only: "TRUE",
};
/// Ratings.
const RATING: Source = Source {
    from: "v_event e JOIN v_technician t USING (job)",
    key: "t.person",
    at: "e.at_ms",
    only: "e.kind = 'rated' AND e.of = 'technician'",
};

const METRICS: &[Metric] = &[
    Metric { id: "visits", title: "Visits", how: How::Count, source: VISIT, of: "1", value: "1" },
    Metric {
        id: "on_time",
        title: "On time",
        how: How::Good,
        source: VISIT,
        of: "late_min IS NOT NULL",
        value: "late_min <= 0",
    },
    Metric {
        id: "within_limit",
        title: "Within the time allowed",
        how: How::Good,
        source: VISIT,
        of: "outcome = 'completed' AND spent_min IS NOT NULL AND limit_min IS NOT NULL",
        value: "spent_min <= limit_min",
    },
    Metric {
        id: "first_time_fix",
        title: "First-time fix",
        how: How::Good,
        source: COURSE,
        of: "first_time_fix IS NOT NULL",
        value: "first_time_fix",
    },
    Metric {
        id: "signed",
        title: "Signed by the customer",
        how: How::Good,
        source: VISIT,
        of: "outcome = 'completed'",
        value: "signed",
    },
    Metric {
        id: "satisfaction",
        title: "Satisfaction",
        how: How::Mean,
        source: CALL_BACK,
        of: "b.score IS NOT NULL",
        value: "b.score",
    },
    Metric {
        id: "bad_answers",
        title: "Bad answers",
        how: How::Bad,
        source: CALL_BACK,
        of: "b.reached",
        value: "b.bad_answer",
    },
    Metric {
        id: "surveys",
        title: "Surveys by third parties",
        how: How::Mean,
        source: SURVEY,
        of: "f.relation = 'third_party'",
        value: "f.score",
    },
    Metric {
        id: "own_surveys",
        title: "Own surveys",
        how: How::Told,
        source: SURVEY,
        of: "f.relation = 'own'",
        value: "f.score",
    },
    Metric { id: "complaints", title: "Complaints", how: How::Count, source: COMPLAINT, of: "1", value: "1" },
    Metric {
        id: "rating",
        title: "Rated by supervisors, peers, customers, shoppers",
        how: How::Mean,
        source: RATING,
        of: "1",
        value: "json_extract(e.body, '$.score')",
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
        rows: card::rows(METRICS, subjects, &Figures::read(sql, METRICS, period)?),
        chart: Some("score"),
    })
}
