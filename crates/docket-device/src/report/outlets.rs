//! The score card of outlets (D-C8, D-E5, D-E6, D-E7, D-H18, D-H23).

use rusqlite::Connection;

use super::card::{self, Subject};
use super::metric::{Figures, How, Metric, Source};
use super::{Cell, Period, Sheet, Unit, column, rows};
use crate::error::StoreError;

/// Requests.
const JOBS: Source = Source { from: "v_job", key: "outlet", at: "received_ms", only: "TRUE" };
/// Requests that a device worked on.
const INTAKE: Source = Source { from: "v_course", key: "outlet", at: "received_ms", only: "TRUE" };
/// Jobs that came to an end.
const COURSE: Source = Source { from: "v_course", key: "outlet", at: "resolved_ms", only: "TRUE" };
/// First contacts.
const CONTACT: Source = Source {
    from: "v_clock c JOIN v_job j USING (job)",
    key: "j.outlet",
    at: "c.start_ms",
    only: "c.clock = 'contact' AND c.verdict IN ('met', 'breached')",
};
/// Faults that were looked for.
const FAULT: Source = Source { from: "v_fault", key: "outlet", at: "at_ms", only: "TRUE" };
/// Customers that were asked.
const CALL_BACK: Source = Source { from: "v_callback", key: "outlet", at: "at_ms", only: "TRUE" };
/// Surveys.
const SURVEY: Source = Source {
    from: "v_feedback f JOIN v_job j USING (job)",
    key: "j.outlet",
    at: "f.at_ms",
    only: "f.source = 'surveyed'",
};
/// Complaints.
const COMPLAINT: Source =
    Source { from: "v_complaint k JOIN v_job j USING (job)", key: "j.outlet", at: "k.complained_ms", only: "TRUE" };
/// Inspections.
const INSPECTION: Source = Source {
    from: "v_event e JOIN v_outlet o USING (job)",
    key: "o.outlet",
    at: "e.at_ms",
    only: "e.kind = 'inspected' AND e.of = 'outlet'",
};

/// The figures of an outlet, and of those who answer for it.
pub(super) const METRICS: &[Metric] = &[
    Metric { id: "jobs", title: "Jobs", how: How::Count, source: JOBS, of: "1", value: "1" },
    Metric {
        id: "contacted_in_time",
        title: "Contacted in time",
        how: How::Good,
        source: CONTACT,
        of: "1",
        value: "c.verdict = 'met'",
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
        id: "repeats",
        title: "Repeat repairs",
        how: How::Bad,
        source: COURSE,
        of: "kind = 'repair'",
        value: "repeat = 'fault'",
    },
    Metric { id: "no_fault", title: "No fault found", how: How::Share, source: FAULT, of: "1", value: "no_fault" },
    Metric { id: "misuse", title: "Misuse", how: How::Share, source: FAULT, of: "1", value: "misuse" },
    Metric {
        id: "repaired_here",
        title: "Repaired without headquarters",
        how: How::Share,
        source: COURSE,
        of: "kind = 'repair'",
        value: "job NOT IN (SELECT job FROM v_event WHERE kind = 'sent_on')",
    },
    Metric {
        id: "satisfaction",
        title: "Satisfaction",
        how: How::Mean,
        source: CALL_BACK,
        of: "score IS NOT NULL",
        value: "score",
    },
    Metric {
        id: "bad_answers",
        title: "Bad answers",
        how: How::Bad,
        source: CALL_BACK,
        of: "reached",
        value: "bad_answer",
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
        id: "inspections",
        title: "Inspections passed",
        how: How::Good,
        source: INSPECTION,
        of: "1",
        value: "json_extract(e.body, '$.passed')",
    },
    Metric {
        id: "complete_requests",
        title: "Complete requests",
        how: How::Mean,
        source: INTAKE,
        of: "completeness IS NOT NULL",
        value: "completeness",
    },
];

/// The outlets, best first; peers are outlets of one level.
pub(super) fn outlets(sql: &Connection, period: Period, figures: &Figures) -> Result<Sheet, StoreError> {
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
        rows_of: "D-C8 D-E5 D-E6 D-E7 D-H18 D-H23",
        columns,
        rows: card::rows(METRICS, subjects, figures),
        chart: Some("score"),
    })
}
